"""Signatures beside random gene sets that are expressed alike: their scores, or their contrasts."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._apart import apart
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._given import require_design
from marrowsig._sets import index_sets
from marrowsig._view import gene_names, matrix
from marrowsig.methods import get
from marrowsig.pp._draws import draws
from marrowsig.qc._excess import COLUMNS, excess
from marrowsig.qc._matched import percentile
from marrowsig.qc._random_scores import random_scores
from marrowsig.tl._own_lists import named
from marrowsig.tl._score_needs import unmet
from marrowsig.tl.score import score

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature, SignatureSet

FEW, MANY = 200, 999


def null(
    adata: AnnData,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature],
    *,
    design: Design | FormulaDesign | None = None,
    method: str = "singscore",
    layer: str | None = None,
    n_sets: int | None = None,
    exclude: Iterable[str] = (),
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Ask of a score, or of a contrast, whether it is this signature or any.

    Random gene sets matched for size, expression and signs are scored beside each signature. With a design
    they go through its contrasts.

    Parameters
    ----------
    adata
        Samples or cells x genes, as for `ms.tl.score`; it need not have been scored.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.
    design
        With a design, the contrasts of `ms.tl.compare`; without, the score of every row.
    method, layer
        As for `ms.tl.score`; one method.
    n_sets
        Random sets per signature: 2 or more, by default 200; with a design 999 or more, by default 999.
    exclude
        Genes that no random set may hold, e.g. markers of stroma. Those that are not measured do not matter.
    rng
        Seed or generator of the random sets.

    Returns
    -------
    DataFrame
        Without a design, one row per signature and sample: signature, sample, method, score, null_mean,
        null_sd, z ((score - null_mean) / null_sd), percentile (per cent of the random scores below, ties
        counted half). NaN where there is no score, which warns as in `ms.tl.score`.
        With a design, one row per signature, contrast and stratum: signature, method, contrast, stratum,
        estimate, null_median (what random sets do in this contrast), excess (estimate - null_median) with
        its 95 % interval excess_low to excess_high, p_null (two-sided, that a random set lies as far out), p
        (of the model, for no change at all), n_sets. Neither p is adjusted. p_null says that this signature
        is not like random ones: alone, it is no evidence that the score changed, which p is for. NaN where
        a contrast cannot be estimated. Nothing is written.

    Raises
    ------
    InputError
        If the method scores all signatures at once, or there are too few random sets.
    DesignError
        If the samples do not fit the design.

    Warns
    -----
    InputWarning
        If the random sets of a signature all score alike in a row, so that there is no z; or if a signature
        holds so many genes of one expression bin that none are left to draw, so that its row is NaN.

    Notes
    -----
    Each gene of a random set is drawn from the one of 20 bins of mean expression in which the gene that it
    stands for lies, and takes over its weight; the genes of the signature are left out. A place among random
    sets says where a score lies in one sample; it is no test of a difference between samples. Random sets
    that hold genes of another programme that responds make the null wider; name such genes in `exclude`.

    With a design, estimates are not ranked as they are: genes of a signature vary together, random ones do
    not, and the signature would lie outside too often (with three samples an arm and genes that correlate by
    0.1 and 0.2, in 33 and 44 % of simulated studies without any effect, docs/calibration.md). From every
    score the median random score of its sample is taken, and with it what any genes of this expression do
    there: a bias of weakly expressed ones, or the depth of single samples. Then each set's contrast is
    divided by its own standard error.
    p_null = (b + 1) / (n_sets + 1), with b random sets at least as far out. Where a signature
    takes up a sixth of an expression bin, random sets are too much alike (level 0.06 to 0.07 at 0.05).

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:8]))
    >>> ms.qc.null(adata, mine, n_sets=20).shape
    (16, 8)
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> table = ms.qc.null(adata, mine, design=design).set_index("contrast")
    >>> bool(table.loc["co_in_resistant", "excess"] > 0)
    True

    References
    ----------
    Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology 2010,
    doi:10.2202/1544-6115.1585.
    """
    least, usual = (2, FEW) if design is None else (MANY, MANY)
    n_sets = usual if n_sets is None else n_sets
    if n_sets < least:
        why = "have a spread" if design is None else "give a small p"
        msg = f"n_sets={n_sets!r} is too few to {why}. Use e.g. n_sets={usual}."
        raise InputError(msg)
    chosen = get(method)
    if not chosen.alone:
        msg = f"{method} scores all signatures at once, so random ones would change it. Use e.g. 'ulm'."
        raise InputError(msg)
    if design is not None:
        require_design(design)
    with naming_counts(adata):
        plans = None if design is None else design.plans(adata.obs)
    sigs, names = named(adata, signatures), gene_names(adata)
    work, where = apart(adata, layer)
    score(work, sigs, method=method, layer=where)
    own = work.obsm[f"score_{method}"]
    sets, _ = index_sets(sigs, names)
    sets, _ = unmet(sigs, sets, names, matrix(work, where))  # score has told what is not met
    sets = sets.take(own.notna().any(axis=0).to_numpy())
    every = draws(work) if where is None else []
    found = random_scores(
        every or [matrix(work, where)], chosen, sets, names, n_sets=n_sets, rng=np.random.default_rng(rng),
        exclude=_left_out(names, exclude),
    )  # fmt: skip
    random = dict(found)
    _warn_of_exhausted([name for name in sets.names if name not in random], exclude)
    if plans is not None:
        table = excess(plans, own, random)
        table.insert(1, "method", method)
        return table[list(COLUMNS)]
    none = np.full((adata.n_obs, n_sets), np.nan)
    parts = [_frame(name, own[name], random.get(name, none).T, method) for name in own.columns]
    table = pd.concat(parts, ignore_index=True)
    _warn_of_flat(table)
    return table


def _left_out(names: list[str], exclude: Iterable[str]) -> NDArray[np.bool_]:
    """Genes that no random set may hold: those named, and those without a usable name."""
    genes = {exclude} if isinstance(exclude, str) else set(exclude)
    if genes and not genes & set(names):
        msg = f"None of the genes of exclude= is in var_names: {first(sorted(genes))}. Give gene symbols."
        raise InputError(msg)
    return np.array([not g or g != g.strip() or g in genes for g in names])


def _warn_of_exhausted(names: list[str], exclude: Iterable[str]) -> None:
    if names:
        none = isinstance(exclude, tuple) and not exclude
        how = "" if none else ", or a shorter exclude=,"
        msg = (
            f"No random sets can be drawn beside {first(names)}: of the genes measured here that are "
            "expressed alike, most are its own, so there is nothing to compare it with, and its rows are "
            f"NaN. Only data with more genes{how} would change that; other results do not depend on it."
        )
        warnings.warn(msg, InputWarning, stacklevel=3)


def _warn_of_flat(table: pd.DataFrame) -> None:
    flat = table[(table["null_sd"] == 0) & table["score"].notna()]
    if len(flat):
        rows = flat["signature"].value_counts(sort=False)
        told = first(f"{name} ({n} rows)" for name, n in rows.items())
        msg = f"z is NaN where all random sets have the same score: {told}."
        warnings.warn(msg, InputWarning, stacklevel=3)


def _frame(name: str, own: pd.Series, values: NDArray[np.float64], method: str) -> pd.DataFrame:
    scores = own.to_numpy(dtype=np.float64)
    mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sd > 0, (scores - mean) / sd, np.nan)
    table = {
        "signature": name, "sample": own.index.to_numpy(), "method": method, "score": scores,
        "null_mean": mean, "null_sd": sd, "z": z, "percentile": percentile(scores, values),
    }  # fmt: skip
    return pd.DataFrame(table)

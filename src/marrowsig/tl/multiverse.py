"""The same question asked in every way that could be defended."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from marrowsig._counts_layer import naming_counts
from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning, first
from marrowsig._given import require_design
from marrowsig._plan import require_one, warn_unanswered
from marrowsig._readable import as_html
from marrowsig._titles import CONTRASTS, in_words, titles_of
from marrowsig._titles import KEY as TITLES
from marrowsig.tl._multiverse_matrices import methods_for, normalisations_of, normalised
from marrowsig.tl._multiverse_rows import TESTS, specifications, summary
from marrowsig.tl._own_lists import named
from marrowsig.tl._score_options import methods_of
from marrowsig.tl.score import score

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.methods import Method
    from marrowsig.sig import Signature, SignatureSet

AXES = ("emt", "il6", "stat3")
METHODS = ("singscore", "ucell", "ssgsea", "gsva", "zscore", "mean")


class Multiverse(NamedTuple):
    """Every specification, and how far they agree; see `ms.tl.multiverse`."""

    table: pd.DataFrame
    summary: pd.DataFrame

    def __repr__(self) -> str:
        n = self.table.groupby(["contrast", "stratum"], observed=True).ngroups
        return f"<Multiverse: {len(self.table)} estimates of {n} contrasts. Tables: table, summary>"

    def _repr_html_(self) -> str:
        return as_html([repr(self)], self.summary)


def multiverse(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] = AXES,
    methods: str | Iterable[str] = METHODS,
    normalisations: str | Iterable[str] | None = None,
    tests: str | Iterable[str] = TESTS,
    permutations: int = 999,
    alpha: float = 0.05,
) -> Multiverse:
    """Estimate every contrast under all choices of signature, method, normalisation and test.

    Parameters
    ----------
    adata
        Samples x genes: counts, log expression with the counts in `layers["counts"]` (as `ms.pp.lognorm`
        leaves it), or log expression alone. It need not have been scored, and is not changed.
    design
        Which columns of `adata.obs` say what each sample is.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these. All signatures of an axis are
        versions of one claim.
    methods
        Scoring methods; see `ms.methods.table()`.
    normalisations
        Of `"log_cpm"` (log2(CPM + 1)), `"tmm"` (log-CPM with TMM factors), `"as_given"` (X as it is) and
        names of layers. By default those that the data allow and that differ; after `ms.pp.thin`,
        `"as_given"` alone. Methods of ranks are the same for `log_cpm` and `tmm`, and are run once.
    tests
        Of `"ols"` (t of the model), `"welch"` (unequal variances; in pairs of more than two arms the
        contrast's own differences) and `"perm"` (permutations). Where a design does not allow a test (`welch`
        with covariates, `perm` with too few samples), or has it already, there is no row.
    permutations
        The most arrangements of the samples for `"perm"`.
    alpha
        One minus the level of the intervals.

    Returns
    -------
    Multiverse
        `table`, one row per specification and contrast: signature, axis, method, normalisation, test,
        contrast, stratum, estimate (score units), effect (SD units: Hedges' g, or g_z where `effect_name`
        says so), effect_low, effect_high (NaN for `perm`), p (not adjusted), sign, excludes_zero (p < alpha).
        `summary`, one row per axis and contrast (signature ""), then per signature and contrast:
        n_specifications, sign (of most), share_same_sign, share_excludes_zero, median_effect, lowest and
        highest (effects). Nothing is written.

    Raises
    ------
    InputError
        If a test, method, normalisation or number is not known or not possible.
    DesignError
        If the samples answer none of the design's questions.

    Warns
    -----
    InputWarning
        If contrasts cannot be estimated.
    CoverageWarning
        If signatures cannot be scored; they are not in the tables.

    Notes
    -----
    Specifications see the same samples. That they agree says that no single choice made the result, not
    that it is true; a share is no probability, and what all choices share (carry-over, confounding) moves
    all of them. A method counts as often as there are normalisations and tests for it.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> many = ms.tl.multiverse(adata, design, signatures="il6.hallmark", methods=["singscore", "mean"])
    >>> many.summary.query("signature == '' and contrast == 'co_in_resistant'")["share_same_sign"].item()
    1.0

    References
    ----------
    Steegen et al., Perspectives on Psychological Science 2016, doi:10.1177/1745691616658637.
    Simonsohn et al., Nature Human Behaviour 2020, doi:10.1038/s41562-020-0912-z.
    """
    wanted = _tests(tests, permutations, alpha)
    chosen, names = methods_of(methods), normalisations_of(adata, normalisations)
    require_design(design)
    with naming_counts(adata):
        plans = design.plans(adata.obs)
    require_one(plans)
    warn_unanswered(plans)
    sigs = named(adata, signatures)
    scores = _scores(adata, sigs, chosen, names)
    parts = [
        specifications(plan, scores, wanted, alpha=alpha, permutations=permutations)
        for plan in plans
        if plan.model is not None
    ]
    table = pd.concat(parts, ignore_index=True)
    table.attrs[TITLES] = titles_of(sigs)
    table.attrs[CONTRASTS] = in_words(table["contrast"], design)
    return Multiverse(table, summary(table))


def _tests(tests: str | Iterable[str], permutations: int, alpha: float) -> list[str]:
    wanted = [tests] if isinstance(tests, str) else list(dict.fromkeys(tests))
    unknown = [t for t in wanted if t not in TESTS]
    if unknown or not wanted:
        msg = (
            f"No test {first(map(repr, unknown)) or 'was named'}. Use some of {', '.join(map(repr, TESTS))}."
        )
        raise InputError(msg)
    if permutations < 1:
        msg = f"permutations={permutations!r} is below 1. Use e.g. 999, or leave 'perm' out of tests."
        raise InputError(msg)
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
    return wanted


def _scores(adata: AnnData, sigs: SignatureSet, methods: list[Method], names: list[str]) -> pd.DataFrame:
    """Scores of all specifications; columns are (signature, method, normalisation)."""
    from marrowsig._progress import tqdm

    columns: dict[tuple[str, str, str], NDArray[np.float64]] = {}
    for i, name in enumerate(tqdm(names, desc="normalisations", delay=2, leave=False)):
        used = methods_for(name, names, methods)
        work = normalised(adata, name)
        with warnings.catch_warnings():
            for known in (CoverageWarning, GeneWarning, InputWarning) if i else ():  # told once
                warnings.simplefilter("ignore", known)
            if used:
                score(work, sigs, method=[m.name for m in used])
        for m in used:
            frame = work.obsm[f"score_{m.name}"]
            columns |= {(sig, m.name, name): frame[sig].to_numpy() for sig in frame}
    scores = pd.DataFrame({k: v for k, v in columns.items() if np.isfinite(v).any()}, index=adata.obs_names)
    if scores.empty:
        msg = f"None of the signatures {first(sigs.ids)} could be scored. See ms.qc.coverage(adata, ...)."
        raise InputError(msg)
    return scores

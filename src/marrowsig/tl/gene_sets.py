"""Test signatures on their genes, between the arms of a design."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning
from marrowsig._provenance import recall
from marrowsig._sets import id_hint, index_sets
from marrowsig._stats.logcpm import log_cpm
from marrowsig.sig import SignatureSet
from marrowsig.tl._agreement import check_scores, with_scores
from marrowsig.tl._expression import read, warn_of_doubts
from marrowsig.tl._gene_models import Models
from marrowsig.tl._gene_plans import check_alpha, plans_of
from marrowsig.tl._old_names import old_names
from marrowsig.tl._own_lists import named
from marrowsig.tl._rescored import signatures_of
from marrowsig.tl._score_needs import unmet
from marrowsig.tl._score_notes import low_coverage, one_sided, retired
from marrowsig.tl._score_options import check_share
from marrowsig.tl._set_table import Asked, table, too_few

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._stats.ols import Array
    from marrowsig.design import Design
    from marrowsig.sig import Signature
    from marrowsig.tl._expression import Expression


def gene_sets(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None = None,
    layer: str | None = None,
    test: Literal["trend", "voom", "auto"] = "trend",
    min_coverage: float = 0.5,
    min_genes: int = 3,
    n_rotations: int = 9999,
    rng: int | np.random.Generator = 0,
    prerank: bool = False,
    scores: pd.DataFrame | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Ask of every signature and contrast whether its genes change, and more than other genes.

    Three tests on the models of `ms.tl.genes`. The signature test (`estimate`, `p`) is the recommended answer
    to "do these genes change?": a t test of their mean change, each gene in units of the SD that genes
    of its expression have. Roast asks it of the mean of the genes' moderated t by rotations: it weighs genes
    by their own variance too, so that the two differ where few genes, or noisy ones, carry the change. Where
    much of the transcriptome changes, random sets pass both. Camera asks whether these genes change more
    than the others do. `adata` is not changed.

    Roast and camera equal limma's with falling genes turned over and `trend=TRUE` (mroast) or
    `trend.var=TRUE` (camera). Camera takes the correlation between the
    genes from these samples, as limma does for `inter.gene.cor=NA`; limma's own default of 0.01 is not
    offered, since its level was 0.15 to 0.37 in simulated sets of correlated genes (docs/calibration.md).

    Parameters
    ----------
    adata
        Samples (n_obs) x genes (n_vars), counts or log expression; all genes, not only those of signatures.
    design
        Which columns of `adata.obs` say what each sample is.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these; those that were scored by
        default, as `ms.tl.sensitivity` takes them.
    layer
        As for `ms.tl.genes`.
    test
        `"trend"`: all three tests are of log2 CPM (or log expression). `"voom"`: roast and camera take the
        weights of voom, and a row holds tests of two matrices: the signature test stays with log2 CPM, as its
        t needs one variance in all samples. `"auto"` chooses as `ms.tl.genes` does.
    min_coverage
        Share of a signature's genes that must be in `var_names`.
    min_genes
        Genes of a signature that must be left after genes with too few counts or without variation are out.
    n_rotations
        Rotations of roast; its p is at least one over their number plus one.
    rng
        Seed, or generator that draws one.
    prerank
        Add preranked enrichment (gseapy, 1000 permutations of genes), for comparison with other work.
    scores
        Frame of `ms.tl.compare` with one method: what the scores of samples say is put beside.
    alpha
        One minus the level of the intervals, and the bound of `p_adj` for `agree`.

    Returns
    -------
    DataFrame
        One row per stratum, contrast and signature. `n_genes` counts the genes tested, `n_found` those in
        `var_names`. `estimate` is the mean change of these genes, those that should fall with changed sign
        (weighted, where the signature has weights), each in units of the SD that genes of its expression have
        (`scale` "variance trend"), or in log2 units where fewer than 500 genes vary (`scale` "log2 units");
        `unit` says it in words, as in `gene_sets.csv` of a run. `direction` is its sign in words.
        `camera_stat` is camera's t, and `camera_direction` its sign: genes that rise less than the others
        have `direction` "up" and `camera_direction` "down".
        `camera_correlation` is the estimated correlation between the set's genes, which camera used (0 where
        it is negative). `p_adj`, `roast_p_adj` and `camera_p_adj` are Benjamini-Hochberg over the signatures
        of one contrast and stratum, controls by themselves: all that were tested, main ones and lists of your
        own together, so that each list more moves them all. A signature not tested has NaN, and the
        reason in `test`, which also says where rows of one donor are averaged (`ms.tl.genes`). With
        `prerank`: `prerank_nes`, `prerank_p`, `prerank_p_adj` and `prerank_note`. With `scores`:
        `score_method`, `score_estimate`, `score_p_adj`, and `agree`: "same sign, both established", "same
        sign" or "opposite sign". `attrs["models"]` is that of `ms.tl.genes`.

    Raises
    ------
    DesignError
        If the samples do not fit the design, or answer none of its questions.
    InputError
        If the values are neither counts nor log expression, an option is out of range, or `scores` is not of
        this study.

    Warns
    -----
    CoverageWarning
        Once, naming every signature that was not tested, and why.
    GeneWarning
        If genes are missing only because the signature or the matrix has them under an old symbol.
    InputWarning
        If contrasts cannot be estimated, a signature is retired, or the values are logs that were rounded,
        centred or scaled.

    Notes
    -----
    Given the trend of the SD, the signature test is exact for any correlation between the genes of a set.
    Preranked enrichment permutes genes, as if they were independent: with a correlation of 0.1 it calls a
    quarter of unchanged signatures at 0.05 (simulated, three samples per arm).

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> genes = list(adata.var_names[:12])
    >>> mine = ms.sig.Signature("emt.mine", axis="emt", genes=genes)
    >>> result = ms.tl.gene_sets(adata, design, signatures=mine, n_rotations=99)
    >>> result.set_index("contrast").loc["interaction", ["direction", "scale"]].tolist()
    ['up', 'log2 units']

    References
    ----------
    Wu et al., Bioinformatics 2010, doi:10.1093/bioinformatics/btq401 (roast).
    Wu and Smyth, Nucleic Acids Research 2012, doi:10.1093/nar/gks461 (camera).
    Subramanian et al., PNAS 2005, doi:10.1073/pnas.0506580102 (preranked enrichment).
    """
    from marrowsig._progress import tqdm

    check_alpha(alpha)
    check_share(min_coverage)
    _check_number("min_genes", min_genes)
    _check_number("n_rotations", n_rotations)
    if scores is not None:
        check_scores(scores)
    seed = int(rng.integers(2**31)) if isinstance(rng, np.random.Generator) else int(rng)
    sigs = _scored(adata) if signatures is None else named(adata, signatures)
    plans = plans_of(adata, design)
    data = read(adata, layer, test)
    warn_of_doubts(data)
    sets, coverage = index_sets(sigs, data.names)
    sets, lacking = unmet(sigs, sets, data.names, _logs(data))
    met = np.array([sig.id not in lacking for sig in sigs])
    enough = met & ((coverage["found"] > 0) & (coverage["coverage"] >= min_coverage)).to_numpy()
    asked = Asked(
        sets,
        coverage["axis"].tolist(),
        enough,
        lacking,
        float(min_coverage),
        min_genes,
        n_rotations,
        seed,
        prerank,
        alpha,
    )
    models, tables, told = Models(data), [], []
    total = len(sigs) * sum(plan.model is not None for plan in plans)
    with tqdm(total=total, desc="tests of signatures", unit="set", delay=2, leave=False) as bar:
        for plan in plans:
            model = models.of(plan) if plan.model is not None else None
            tables.append(table(plan, model, asked, bar.update))
            if model is not None:
                told.append({"contrast": plan.contrast.name, "stratum": plan.stratum, **model.told()})
    result = pd.concat(tables, ignore_index=True)[asked.columns]
    _warn(adata, sigs, asked, coverage, result)
    result = result if scores is None else with_scores(result, scores, alpha)
    result.attrs |= {"models": told, "alpha": float(alpha)}
    return result


def _logs(data: Expression) -> Array:
    """Log expression, in which a signature may need a gene to vary or take its weights from one."""
    values: Array = data.values  # noqa: PD011 (not a frame)
    return log_cpm(values) if data.counts else values


def _scored(adata: AnnData) -> SignatureSet:
    """Signatures behind the scores, of every method."""
    records = recall(adata, "scores", {})
    if not records:
        msg = "No signature was named, and none was scored. Give signatures=, or run ms.tl.score first."
        raise InputError(msg)
    found = [signatures_of(adata, name, entry["signatures"]["id"], None) for name, entry in records.items()]
    return SignatureSet({id: sig for sigs in found for id, sig in sigs.items()}.values())


def _check_number(name: str, value: int) -> None:
    if isinstance(value, bool) or value != int(value) or value < 1:
        msg = f"{name}={value!r} is not a whole number from 1 on."
        raise InputError(msg)


def _warn(
    adata: AnnData, sigs: SignatureSet, asked: Asked, coverage: pd.DataFrame, result: pd.DataFrame
) -> None:
    """Say what was not tested, for the caller of the verb."""
    names = list(adata.var_names)
    problems = low_coverage(coverage, asked.enough, asked.min_coverage, unmet=asked.lacking)
    problems += [*one_sided(asked.sets, asked.enough), *too_few(result)]
    hint = "" if asked.enough.all() else id_hint(names, adata.obs_names)
    if problems:
        warnings.warn("\n".join([*problems, *([hint] if hint else [])]), CoverageWarning, stacklevel=3)
    for note in old_names(coverage, names, mapped=bool(hint or recall(adata, "genes"))):
        warnings.warn(note, GeneWarning, stacklevel=3)
    for note in retired(sigs):
        warnings.warn(note, InputWarning, stacklevel=3)

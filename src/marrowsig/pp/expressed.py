"""Keep the genes that a study expresses, by one rule for all of its samples."""

from __future__ import annotations

import warnings
from math import ceil
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from scipy.sparse import issparse

from marrowsig import _arms
from marrowsig._counts_layer import has_counts
from marrowsig._errors import DesignError, InputError, InputWarning, count, first
from marrowsig._given import require_design
from marrowsig._kinds import COUNTS
from marrowsig._log import logger
from marrowsig._provenance import recall, record
from marrowsig._repeats import is_formula
from marrowsig._replicates import require_replicates
from marrowsig._stats.expressed import expressed as enough
from marrowsig._stats.expressed import group_size
from marrowsig._view import gene_names, matrix, whole
from marrowsig.pp._on_disk import refuse_file

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

CELLS_PER_SUM = 10
"""From as many on, what `ms.pp.pseudobulk` summed were cells, and not libraries of one sample."""
ARMS, MODEL = "arms", "model matrix"
"""What says how large the smallest group is."""


def expressed(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    min_count: float = 10.0,
    min_total: float = 15.0,
    copy: bool = False,
) -> AnnData | None:
    """Keep the genes that the study expresses, so that ranks are not decided among silent ones.

    A gene stays if its counts per million reach those of `min_count` reads in a library of median size, in as
    many samples as the smallest arm has, and it has `min_total` reads in all. This is the rule of
    `filterByExpr` in edgeR: the same genes (seven designs by edgeR 3.40.2). It asks the whole study, all arms
    and strata together, and not which arm expresses a gene, so it favours no direction of a contrast and no
    sample has genes of its own. Scores then belong to this study: with samples added or left out the genes
    may be others. Of an arm of more than ten samples only 70 % of those beyond ten have to express a gene.

    The bound is `min_count` reads at any depth, as in edgeR, so shallow libraries lose genes that they
    express. Of the 6,834 genes that the demo expresses at 2.8 million counts a sample, 2,454 are kept once it
    is drawn down to 100,000, where 10 reads are 100 counts per million; with `min_count=1, min_total=10` it
    keeps 6,384 of them and 10 others. Below a million counts settle on such bounds before results are seen.

    Parameters
    ----------
    adata
        Samples x genes: counts in `X`, or log expression in `X` and the counts in
        `layers["counts"]`, as `ms.pp.lognorm` leaves it.
    design
        The study's design. Its arms, in each compartment and time, are the groups, as with `group=` of
        `filterByExpr`; of a formula, the smallest group is one over the largest leverage of its model matrix,
        as with `design=`. The two differ where there are pairs: a model with a term for each of four asks 1.6
        samples, two arms of four ask 4. Rows outside of the design are not asked.
    min_count
        Reads in a library of median size.
    min_total
        Reads over all samples of the design.
    copy
        Return a changed copy and leave `adata` as it is.

    Returns
    -------
    AnnData or None
        The copy if `copy`, else nothing. The other genes are gone, from `X` and every layer. Written:
        `uns["marrowsig"]["expressed"]`: genes (before), kept, min_count, min_total, cpm (the bound),
        samples (in how many), rows (that were asked), by ("arms" or "model matrix"). Members of a signature
        that were not kept count as missing in its coverage from then on.

    Raises
    ------
    InputError
        If the rows are sums of cells, there are no counts, or thinned ones, a sample has none, no gene would
        stay, or the matrix is on disk.
    DesignError
        If the samples do not fit the design, or cells are given as samples.

    Warns
    -----
    InputWarning
        If there are scores already: they were made from all genes and stay until scored again.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> ms.pp.expressed(adata, design)
    >>> made = adata.uns["marrowsig"]["expressed"]
    >>> int(made["kept"]) == adata.n_vars < int(made["genes"])
    True

    References
    ----------
    Chen, Lun and Smyth, F1000Research 2016, doi:10.12688/f1000research.8987.2.
    """
    refuse_file(adata, "expressed")
    require_design(design)
    gene_names(adata)
    if recall(adata, "pseudobulk", {}).get("n_cells", 0) >= CELLS_PER_SUM * adata.n_obs:
        msg = (
            "ms.pp.expressed is for bulk samples, and these are sums of cells: the comparison of cells "
            "beside them scores all genes. Score the sums as they are."
        )
        raise InputError(msg)
    if recall(adata, "thin"):
        msg = "The counts were thinned, to a depth of all genes. Run ms.pp.expressed before ms.pp.thin."
        raise InputError(msg)
    rows, groups = _groups(adata, design)
    counts = _counts(adata, group_size(len(rows), **groups))
    counts = counts[rows]
    sizes = counts.sum(axis=1)
    if not (sizes > 0).all():
        empty = adata.obs_names[rows[sizes <= 0]]
        msg = f"{len(empty)} samples have no counts: {first(empty)}. Leave them out first."
        raise InputError(msg)
    kept = enough(counts, min_count=min_count, min_total=min_total, **groups)
    cut = min_count / float(np.median(sizes)) * 1e6
    samples = group_size(len(rows), **groups)
    if not kept.any():
        msg = (
            f"No gene reaches {cut:.2g} counts per million in {samples:.3g} of {len(rows)} samples "
            f"(libraries of {sizes.min():,.0f} to {sizes.max():,.0f} counts). Give a lower min_count."
        )
        raise InputError(msg)
    if recall(adata, "scores"):
        msg = "The scores that are there were made from all genes. Run ms.tl.score again."
        warnings.warn(msg, InputWarning, stacklevel=2)
    n_before = adata.n_vars
    if copy:
        adata = adata[:, kept].copy()
    elif adata.is_view:
        adata._init_as_actual(adata[:, kept].copy())
    else:
        adata._inplace_subset_var(kept)
    made = {
        "genes": n_before, "kept": int(kept.sum()), "min_count": float(min_count),
        "min_total": float(min_total), "cpm": cut, "samples": float(samples), "rows": len(rows),
        "by": MODEL if "design" in groups else ARMS,
    }  # fmt: skip
    record(adata, "expressed", made)
    logger.info(
        "expressed: %d of %d genes have %.2g counts per million in %.3g of %d samples or more",
        made["kept"], n_before, cut, samples, len(rows),
    )  # fmt: skip
    return adata if copy else None


def _counts(adata: AnnData, samples: float) -> NDArray[np.float64]:
    from marrowsig.io._kind import guess_kind, kind_of

    layer = "counts" if has_counts(adata) else None
    kind = guess_kind(adata.layers["counts"])[0] if layer else kind_of(adata)
    if kind not in COUNTS:
        n = max(1, ceil(samples))
        msg = (
            f"Which genes are expressed is asked of counts, but X holds {kind} and layers['counts'] is not "
            "there. Run it on the counts, before or after ms.pp.lognorm. Without counts, choose a bound of "
            f"your own for the whole study, e.g. adata = adata[:, (adata.to_df() > 1).sum() >= {n}].copy(): "
            f"{count(n, 'sample')}, as this rule asks of the design; on arrays the background in place of 1."
        )
        raise InputError(msg)
    values: Any = whole(matrix(adata, layer))
    return np.asarray(values.toarray() if issparse(values) else values, dtype=np.float64)


def _groups(adata: AnnData, design: Design | FormulaDesign) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Rows in the design, and what says how large the smallest group is."""
    if is_formula(design):
        models = [plan.model for plan in design.plans(adata.obs) if plan.model is not None]
        if not models:
            msg = "No contrast of this formula can be estimated. See design.contrasts(adata.obs)."
            raise DesignError(msg)
        model = max(models, key=lambda one: len(one.frame))
        return model.frame["row"].to_numpy(dtype=np.int64), {"design": model.X}
    fields = cast("Design", design)
    arms = _arms.read(fields, adata.obs)
    require_replicates(fields, adata.obs, arms)
    frame = arms.frame
    group = frame.groupby(["stratum", "arm"], sort=False, observed=True).ngroup().to_numpy(dtype=np.int64)
    return frame["row"].to_numpy(dtype=np.int64), {"group": group}

"""Draw the counts of all rows down to one depth."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._cell_types import KEY, SAME
from marrowsig._errors import InputWarning, first
from marrowsig._log import logger
from marrowsig._provenance import as_json, recall, record
from marrowsig._rounded import percent
from marrowsig._stats.thinning import MOST
from marrowsig.pp._draws import DEPTH, every_draw, further_draws
from marrowsig.pp._thin_inputs import checked, counts_of, groups, inside_of, totals, whole
from marrowsig.pp.lognorm import log2_cpm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

    Whole = NDArray[np.int64]

DRAWS = 30
LOST = 4.0
"""Times the counts that are kept, from which on a person is told how much was thrown away."""


def thin(
    adata: AnnData,
    *,
    depth: int | None = None,
    design: Design | FormulaDesign | None = None,
    by: str | Sequence[str] = (),
    layer: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    copy: bool = False,
) -> AnnData | None:
    """Draw the counts of every row, without replacement, down to one depth.

    Scores of weakly expressed genes rise or fall with the number of counts in a row, so that arms of unlike
    depth differ in them without any effect. Rows of one depth do not. What is drawn for a row depends on
    its counts by gene, the depth, `draws` and `seed`: not on its name, other rows, the order of genes, or the
    container, so that the command line and Python draw alike.

    Parameters
    ----------
    adata
        Sums of cells or samples x genes, with counts; X may be log2 CPM that `ms.pp.lognorm` made of them.
    depth
        Counts that every row keeps. Default: those of the shallowest row (of its group).
    design
        Design that will be compared: rows in none of its arms set no depth. Of these, deeper ones are drawn
        to that of the others of their group, and shallower ones stay as they are. One of an arm counts, also
        without a partner, in no contrast. By default every row counts.
    by
        Columns of `adata.obs` that part the rows into groups of one depth each, such as the compartment. With
        `by` the donor, arms are alike within donors only: more is kept, and comparisons between donors or
        lines are not made safe.
    layer
        Layer that holds the counts. Default: `"counts"` where there is one, else X. Of `"same_shares"`, which
        `ms.pp.pseudobulk` draws ten times, `draws` are of all ten; the shares of the sums as they were are
        then taken out of `obsm`.
    draws
        How often rows are drawn. X holds the first draw; `ms.tl.score` gives the mean over all, which keeps
        nearly all that the deeper rows know. Draws are balanced ten by ten, which makes 30 as steady as 100
        apart or more; p still moves by a tenth between seeds, so that one so near the bound decides nothing.
    seed
        Of the random draws; a whole number from 0 on.
    copy
        Return a changed copy and leave `adata` as it is.

    Returns
    -------
    AnnData or None
        The copy if `copy`, else nothing. Written: `X` (counts, or log2(CPM + 1) of these where X was on a log
        scale), the counts before in `layers["counts"]`, where tests of genes (`ms.tl.genes`,
        `ms.tl.gene_sets`) go on to find them, `obs["thinned_to"]`, and `uns["marrowsig"]["thin"]`. Scores
        that were made before are removed.

    Raises
    ------
    InputError
        If the values are not whole counts, a row has none or (of the design) fewer than `depth`, or a column
        is missing.
    DesignError
        If the rows do not fit the design.

    Warns
    -----
    InputWarning
        If the shallowest row costs a group more than three quarters of its counts, or scores were removed.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.thin(adata)
    >>> sorted(set(adata.X.sum(axis=1).astype(int).tolist()))
    [39758]
    >>> int(adata.layers["counts"].sum(axis=1).max())
    111985

    A shallow sample that is not compared costs the others nothing:

    >>> adata = ms.ds.toy()
    >>> adata.obs["culture"] = adata.obs["culture"].astype(str).where(adata.X.sum(axis=1) > 40000, "failed")
    >>> design = ms.Design(culture="culture", line="line")
    >>> ms.pp.thin(adata, design=design)
    >>> sorted(set(adata.obs["thinned_to"].tolist()))[:2]
    [39758, 45721]

    References
    ----------
    Hurlbert SH. Ecology 1971, doi:10.2307/1934145 (rarefaction).
    Schloss PD. mSphere 2024, doi:10.1128/msphere.00354-23 (against other ways to meet unlike effort).
    """
    columns = [by] if isinstance(by, str) else list(by)
    values, where = counts_of(adata, layer)
    group = groups(adata.obs, columns)
    total = totals(values, adata.obs_names)
    inside = inside_of(design, adata.obs)
    target = _depths(total, group.to_numpy(), inside, depth, adata.obs_names)
    if copy:
        adata = adata.copy()
    elif adata.is_view:
        adata._init_as_actual(adata.copy())
    own = adata.obs_names[inside], total[inside], target[inside], group.to_numpy()[inside]
    lost = warn_of_loss(*own, stacklevel=3, designed=design is not None) if depth is None else ""
    made: dict[str, Any] = {} if design is None else {"outside": int((~inside).sum())}
    made |= {"warning": lost, "layer": where, "by": as_json(columns), "seed": whole("seed", seed, 0)}
    thin_to(adata, values, target, made | {"draws": whole("draws", draws, 1)}, inside=inside)
    return adata if copy else None


def _depths(
    total: Whole, group: NDArray[np.object_], inside: NDArray[np.bool_], depth: Any, names: pd.Index
) -> Whole:
    """Return the depth of every row: of those outside the design, what they have where that is less."""
    if depth is not None:
        wanted = np.full(len(total), checked(depth, total[inside], names[inside]))
    else:
        wanted = (
            pd.Series(np.where(inside, total, MOST)).groupby(group).transform("min").to_numpy(dtype=np.int64)
        )
    return np.minimum(wanted, total)


def thin_to(
    adata: AnnData,
    values: Any,
    depth: Whole,
    made: dict[str, Any],
    *,
    inside: NDArray[np.bool_] | None = None,
) -> None:
    """Write rows thinned to `depth` (one each) into X, and record it; `made` has "seed" and "draws".

    What is recorded of depths is of the rows that are `inside` the design, by default of all.
    """
    from marrowsig.io._kind import kind_of

    logged = kind_of(adata) == "log"
    several = [values, *further_draws(adata, made.get("layer")).values()]
    out = every_draw(several, adata.var_names, depth, seed=made["seed"], n=made["draws"])[0].copy()
    _forget_scores(adata)
    adata.layers["counts"] = values
    if made.get("layer") == SAME:
        adata.obsm.pop(KEY, None)
    adata.X = log2_cpm(out, adata.obs_names) if logged else out
    if logged:
        record(adata, "lognorm", {"from": "counts", "formula": "log2(CPM + 1)", "layer": "counts"})
    record(adata, "input", {**recall(adata, "input", {}), "kind": "log" if logged else "counts"})
    adata.obs[DEPTH] = depth
    own = np.ones(len(depth), dtype=bool) if inside is None else inside
    few, most = int(depth[own].min()), int(depth[own].max())
    fold = round(float(values[own].sum(dtype=np.float64) / depth[own].sum()), 3)
    record(adata, "thin", {**made, "least": few, "most": most, "fold": fold})
    logger.info("thin: %d rows have %s counts each; those before are in layers['counts']", len(depth), few)


def warn_of_loss(
    names: pd.Index,
    total: Whole,
    depth: Whole,
    group: NDArray[np.object_],
    *,
    stacklevel: int,
    grouped: bool = False,
    designed: bool = False,
) -> str:
    """Tell of groups that lose more than three quarters of their counts to their shallowest row.

    `grouped` says that rows cannot be grouped otherwise, `designed` that they are
    those of a design. Returns the warnings for the record, a line each.
    """
    told = []
    within = "" if grouped or (group != "").any() else ", or thin within donors (by=)"
    outside = "" if grouped or designed else " design= passes over those outside the design."
    for own in pd.unique(group):
        rows = np.flatnonzero(group == own)
        fold = total[rows].sum() / depth[rows].sum()
        if fold <= LOST:
            continue
        few = rows[np.argmin(total[rows])]
        where = f" ({own})" if own else ""
        msg = (
            f"Thinning brings every row{where} down to {depth[rows].min():,} counts, which leaves "
            f"{percent(1 / fold)} of all counts: the shallowest row, {names[few]}, has {total[few]:,}, the "
            f"median is {int(np.median(total[rows])):,}. Leave shallow rows out first{within}, to "
            f"keep more.{outside}"
        )
        warnings.warn(msg, InputWarning, stacklevel=stacklevel)
        told.append(msg)
    return "\n".join(told)


def _forget_scores(adata: AnnData) -> None:
    """Remove scores of the counts before, which would be taken for those of the thinned ones."""
    methods = list(recall(adata, "scores", {}))
    gone = [key for key in adata.obsm if any(key.startswith(f"score_{m}") for m in methods)]
    if not gone:
        return
    for key in gone:
        del adata.obsm[key]
    record(adata, "scores", {})
    msg = f"Scores of the counts before thinning are removed: {first(gone)}. Run ms.tl.score again."
    warnings.warn(msg, InputWarning, stacklevel=4)

"""Compare the arms of a design in single cells, with donors as the replicates."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputWarning
from marrowsig._readable import as_html
from marrowsig.pp._draws import DEPTH
from marrowsig.tl import _cells_table as rows_of
from marrowsig.tl._cells_depth import LIMIT, ratios, warn_of_cells
from marrowsig.tl._cells_read import check_methods, read, warn_of_thin
from marrowsig.tl._cells_shares import arcsine, given_thresholds, shares, thresholds
from marrowsig.tl._cells_units import groups
from marrowsig.tl._even_depth import check_depth
from marrowsig.tl.compare import compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.tl._cells_read import Cells
    from marrowsig.tl._cells_units import Groups
    from marrowsig.tl.score import Signatures

    Array = NDArray[np.float64]


USUAL = {
    "method": "singscore", "cell_method": "ucell", "depth": "auto", "min_cells": 20, "min_coverage": 0.5,
    "seed": 0,
}  # fmt: skip
"""Defaults of `compare_cells`, beside None; what differs is kept with the table, to make it again."""


@dataclass(frozen=True, eq=False, repr=False)
class CellComparison:
    """What `ms.tl.compare_cells` found: three tidy frames, `table`, `units` and `scores`."""

    table: pd.DataFrame
    units: pd.DataFrame
    scores: pd.DataFrame

    def __repr__(self) -> str:
        used = int((~self.units["dropped"]).sum())
        return f"CellComparison: {len(self.table)} rows from {used} of {len(self.units)} sums of cells"

    def _repr_html_(self) -> str:
        return as_html([repr(self)], self.table)


def compare_cells(
    adata: AnnData,
    design: Design,
    *,
    signatures: Signatures,
    unit: str | list[str] | None = None,
    method: str = "singscore",
    cell_method: str = "ucell",
    layer: str | None = None,
    min_cells: int = 20,
    min_coverage: float = 0.5,
    threshold: Mapping[str, float] | float | None = None,
    depth: int | str | None = "auto",
    seed: int = 0,
    primary: str | list[str] | None = None,
    primary_contrasts: str | list[str] | None = None,
    margin: float | None = None,
    alpha: float = 0.05,
) -> CellComparison:
    """Estimate every contrast of a design from single cells of several donors, by four routes.

    The result to cite is that of the first: counts are summed per unit and arm, brought to log2(CPM + 1),
    scored, and compared as `ms.tl.compare` does. The others check and describe it. The unit (donor,
    independent culture) is the replicate in all of them; no p comes from cells. `adata` is not changed.

    Parameters
    ----------
    adata
        Cells x genes, raw counts: dense, sparse, a view, or backed (read block by block; a view of a file
        is read at once).
    design
        Which columns of `adata.obs` say what each cell is. Arms are `culture`, `line` and `inhibitor`, apart
        by `compartment` and `time`; `pair`, `batch` and `covariates` must be constant within a unit and arm.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.
    unit
        Column, or columns that together name the independent sample; `unit` or `pair` of the design if None.
    method
        Method that scores the sums.
    cell_method
        Method that scores cells, each by itself.
    layer
        Layer of the counts. If None: `"counts"` where there is one, else `X`.
    min_cells
        Units with fewer cells in an arm are dropped from all routes, with a warning that names them.
    min_coverage
        As in `ms.tl.score`.
    threshold
        Score of a cell, by signature or one for all, above which it counts as high; chosen before the data
        were seen. Without one, cells of a unit are held against the mean, over the other units of the
        stratum, of the 95 % quantile among their cells of the reference arm (the base of the first contrast,
        such as `"parental:mono"`), so that no unit sets its own threshold.
    depth
        Counts that every sum is thinned to before it is scored, as by `ms.pp.thin`. `"auto"`: those of the
        smallest sum of the stratum, if that has less than two million counts and another more than 1.25 times
        as many, or if the arms of a contrast differ twofold; `"smallest"`: always those; a number; None:
        never.
    seed
        Of the thinning.
    primary, primary_contrasts
        As in `ms.tl.compare`: the tests that the study is about, a family of their own within each route.
    margin
        As in `ms.tl.compare`, of the scores of sums; the other routes have units of their own, and none.
    alpha
        As in `ms.tl.compare`.

    Returns
    -------
    CellComparison
        `table`: one row per route, stratum, contrast and signature, with the columns of `ms.tl.compare`.
        `route` is "pseudobulk" (to cite); "cell_mean" (mean score of a unit's cells); "cell_share" (share
        of cells above the threshold; `estimate` is a difference of arcsin(sqrt(share)), in radians); and
        "cell_effect" (`estimate` is Cliff's delta, 2 AUROC - 1, of the cells of two arms within a unit, or
        between units where none has both arms, averaged over units; without p; of an interaction, the
        difference of the two). `depth_ratio` is how many times the counts of the contrast's shallowest arm
        its deepest has: per sum, as it was scored, in rows of the pseudobulk, per cell in the others. Beyond
        1.25 the `verdict` on means and shares of cells (and `agree`) is "not judged: depths differ", because
        these depend on depth. `agree` says whether pseudobulk and cell_mean have one sign and which are
        established; `effect_gap` is the effect of cell_mean less that of the pseudobulk, in SD units.

        `units`: one row per unit and arm: unit, arm, stratum, n_cells, n_counts, median_depth (counts per
        cell), thinned_to (counts that the sum was scored on), dropped, reason. `scores`: one row per kept
        unit, arm and signature: the score of the sum, cell_mean, cell_share, threshold.

    Raises
    ------
    DesignError
        If no column names the unit, a design column differs within a unit and arm, several units of an arm
        are samples of one donor, or as in `ms.tl.compare`.
    InputError
        If the values are not counts, cells have none, no unit has `min_cells`, or an option is wrong.

    Warns
    -----
    InputWarning
        If cells have no label (they are left out) or one that the design does not name, units are dropped,
        sums add up several days, samples or batches, thinning costs most of the counts, cells of the arms
        differ in depth, arms are of unlike cell types, or as in `ms.tl.compare`.

    Notes
    -----
    Adjusted p are per route. Means and shares of cell scores depend on the depth of cells: in simulated cells
    without an effect, twice the counts in one arm made 0.18 (three donors) to 0.52 (six) of the means of
    singscore significant at 0.05, and 0.05 of the scores of sums (docs/calibration.md).

    Sums are safer, not safe: rank and mean scores of weakly expressed genes still follow the depth of a sum
    of few counts (emt.hallmark, 1.5 times the counts, 80,000 a sum: 0.10 to 0.24 of singscore contrasts),
    and scatter with it. Thinned to one depth they hold their level and mostly find more.

    Examples
    --------
    >>> import anndata as ad
    >>> import numpy as np
    >>> import marrowsig as ms
    >>> rng = np.random.default_rng(0)
    >>> cells = ad.concat([ms.ds.toy()] * 25, index_unique="-")
    >>> caught = 300 / cells.X.sum(axis=1, keepdims=True)
    >>> cells.X = rng.binomial(cells.X.astype(int), caught).astype(np.float32)
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> found = ms.tl.compare_cells(cells, design, signatures="emt.hallmark", min_coverage=0.3)
    >>> found.table["route"].unique().tolist()
    ['pseudobulk', 'cell_mean', 'cell_share', 'cell_effect']
    >>> int(found.units["n_cells"].sum())
    400

    References
    ----------
    Squair JW et al. Nat Commun 2021, doi:10.1038/s41467-021-25960-2 (cells are not replicates).
    Cliff N. Psychol Bull 1993, doi:10.1037/0033-2909.114.3.494.
    """
    check_methods(method, cell_method)
    check_depth(depth)
    with naming_counts(adata):
        found = groups(adata, design, unit=unit, min_cells=min_cells)
    warn_of_thin(found, min_cells)
    cells = read(
        adata,
        found,
        signatures,
        layer=layer,
        method=method,
        cell_method=cell_method,
        min_coverage=min_coverage,
        depth=depth,
        seed=seed,
    )
    parts = [cells.scores.to_numpy()[found.code == g] for g in found.kept]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # compare gives them again
        plans = found.design.plans(cells.bulk.obs)
    per_unit = _per_unit(found, cells, plans, parts, method, threshold)
    asked = {"primary": primary, "primary_contrasts": primary_contrasts, "alpha": alpha}
    result = _compared(cells.bulk, found, per_unit, method, cell_method, margin, asked)
    attrs = dict(result.attrs)
    result = rows_of.with_effects(result, plans, parts, cell_method)
    units = _units(found, cells, plans)
    kept = units[units.index.isin(cells.bulk.obs_names)]
    of_cells = ratios(plans, kept["median_depth"].to_numpy())
    warn_of_cells(of_cells)
    result = rows_of.with_depth(result, ratios(plans, kept["thinned_to"].to_numpy()), of_cells, LIMIT)
    result = rows_of.with_agreement(result, alpha)
    result = _in_order(result)
    result.attrs |= attrs
    given: dict[str, Any] = {
        "unit": unit,
        "method": method,
        "cell_method": cell_method,
        "layer": layer,
        "depth": depth,
    }
    given |= {"primary": primary, "primary_contrasts": primary_contrasts}
    given |= {"min_cells": min_cells, "min_coverage": min_coverage, "margin": margin, "seed": seed}
    result.attrs["given"] = {name: value for name, value in given.items() if value != USUAL.get(name)}
    return CellComparison(result, units, _tidy(per_unit, kept))


def _per_unit(
    found: Groups,
    cells: Cells,
    plans: list[Plan],
    parts: list[Array],
    method: str,
    threshold: Mapping[str, float] | float | None,
) -> dict[str, pd.DataFrame]:
    """Give what is compared, and the thresholds: frames of kept sums x signatures."""
    names, ids = cells.bulk.obs_names, [str(name) for name in cells.scores.columns]
    given = given_thresholds(threshold, ids)
    limits = thresholds(found.table.iloc[found.kept], parts, plans[0].contrast.half(test=False)[0])
    for j, name in enumerate(ids):
        limits[:, j] = given.get(name, limits[:, j])
    numbers = {
        rows_of.SUM: cells.bulk.obsm[f"score_{method}"].to_numpy(),
        rows_of.MEAN: np.array([part.mean(axis=0) for part in parts]),
        rows_of.SHARE: shares(parts, limits),
        "threshold": limits,
    }
    return {key: pd.DataFrame(values, index=names, columns=ids) for key, values in numbers.items()}


def _compared(
    bulk: AnnData,
    found: Groups,
    per_unit: dict[str, pd.DataFrame],
    method: str,
    cell_method: str,
    margin: float | None,
    asked: dict[str, Any],
) -> pd.DataFrame:
    """Let `ms.tl.compare` do all three routes, so that they cannot differ but in the numbers."""
    mean, share = f"{cell_method}_{rows_of.MEAN}", f"{cell_method}_{rows_of.SHARE}"
    bulk.obsm[f"score_{mean}"] = per_unit[rows_of.MEAN]
    bulk.obsm[f"score_{share}"] = per_unit[rows_of.SHARE].apply(arcsine)
    allowed = None if margin is None else {method: margin}
    result = compare(bulk, found.design, method=[method, mean, share], margin=allowed, **asked)
    routes = {method: rows_of.SUM, mean: rows_of.MEAN, share: rows_of.SHARE}
    result.insert(0, "route", result["method"].map(routes))
    result["method"] = np.where(result["route"] == rows_of.SUM, method, cell_method)
    return result


def _units(found: Groups, cells: Cells, plans: list[Plan]) -> pd.DataFrame:
    """Say of each unit and arm how many cells and counts it has, and why it is not used."""
    table = found.table.copy()
    by_group = pd.Series(cells.depth).groupby(found.code)
    table.insert(4, "n_counts", by_group.sum().to_numpy())
    table.insert(5, "median_depth", by_group.median().to_numpy())
    thinned = cells.bulk.obs[DEPTH] if DEPTH in cells.bulk.obs else pd.Series(dtype=float)
    table.insert(6, DEPTH, thinned.reindex(table.index).fillna(table["n_counts"]))
    used = {name for plan in plans if plan.model is not None for name in plan.model.frame["name"]}
    idle = ~table["dropped"] & ~table.index.isin(list(used))
    table.loc[idle, "reason"] = "in no contrast that can be estimated (no partner, or too few units)"
    table.loc[idle, "dropped"] = True
    return table


def _tidy(per_unit: dict[str, pd.DataFrame], kept: pd.DataFrame) -> pd.DataFrame:
    labels = kept[["unit", "arm", "stratum"]]
    parts = [
        labels.assign(signature=name, **{key: frame[name] for key, frame in per_unit.items()})
        for name in per_unit[rows_of.SUM]
    ]
    return pd.concat(parts, ignore_index=True)


def _in_order(result: pd.DataFrame) -> pd.DataFrame:
    routes = (rows_of.SUM, rows_of.MEAN, rows_of.SHARE, rows_of.EFFECT)
    place = result["route"].map({name: k for k, name in enumerate(routes)})
    return result.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)

"""Single genes: the share that would give their rise by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._check_words import CANNOT, EXPLAINED, MAY_BE, NOTHING, STANDS
from marrowsig._errors import InputError, first
from marrowsig._stats.mixing import PSEUDO
from marrowsig.qc._stroma_limit import share_limits
from marrowsig.qc._stroma_words import ROBUST
from marrowsig.tl._estimates import estimates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig._plan import Plan
    from marrowsig.qc._stroma_filter import Filter
    from marrowsig.qc._stroma_shares import Found
    from marrowsig.qc._stroma_study import Study

COLUMNS = (
    "gene", "contrast", "stratum", "verdict", "estimate", "ci_low", "ci_high", "p", "difference",
    "difference_low", "difference_high", "stroma", "tipping", "tipping_low", "share_low", "share_up", "ratio",
    "movable",
)  # fmt: skip


def gene_rows(
    study: Study, found: Found | None, filters: dict[str, Filter], genes: Iterable[str], alpha: float
) -> pd.DataFrame:
    """One row per contrast, stratum and gene.

    estimate is in log2 units; difference per million; tipping = difference / level in stroma, at the estimate
    and at the limit nearer to zero; ratio = tipping_low / largest upper limit of the share.
    """
    asked = [genes] if isinstance(genes, str) else list(dict.fromkeys(genes))
    place = {gene: i for i, gene in enumerate(study.linear.names)}
    absent = [gene for gene in asked if gene not in place]
    if absent:
        msg = f"genes= names {first(absent)}, which are not in var_names. Give current symbols."
        raise InputError(msg)
    if not asked:
        return pd.DataFrame(columns=list(COLUMNS))
    columns = np.array([place[gene] for gene in asked])
    linear = pd.DataFrame(study.linear.matrix[:, columns], columns=asked)
    parts = [_of_plan(plan, linear, study, found, filters, columns, alpha) for plan in study.plans]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _of_plan(
    plan: Plan,
    linear: pd.DataFrame,
    study: Study,
    found: Found | None,
    filters: dict[str, Filter],
    columns: np.ndarray,
    alpha: float,
) -> pd.DataFrame:
    log = estimates(plan, np.log2(linear + PSEUDO), alpha)
    raw = estimates(plan, linear, alpha)
    table = log[["estimate", "ci_low", "ci_high", "p"]].astype(float)
    table["gene"], table["contrast"], table["stratum"] = (
        list(linear.columns),
        plan.contrast.name,
        plan.stratum,
    )
    for ours, theirs in (("", "estimate"), ("_low", "ci_low"), ("_high", "ci_high")):
        table[f"difference{ours}"] = raw[theirs].astype(float)
    level = np.full(len(columns), np.nan) if study.reference is None else study.reference.high[columns]
    rises = table["difference"] >= 0
    near = np.where(rises, table["difference_low"], table["difference_high"])
    # Carry-over of a gene that stroma lacks cannot raise it, and next to nothing lowers one.
    with np.errstate(divide="ignore", invalid="ignore"):
        table["tipping"] = np.where(rises & (level > 0), table["difference"] / level, np.inf)
        table["tipping_low"] = np.where(rises & (level > 0), np.maximum(near, 0.0) / level, np.inf)
    lost = table["difference"].isna() | np.isnan(level)
    table.loc[lost, ["tipping", "tipping_low"]] = np.nan
    table["stroma"] = level
    table["share_low"] = np.nan if found is None else share_limits(found, study, plan)[1]
    table["share_up"] = np.nan if found is None else found.upper[plan.stratum]
    if not set(study.arm_bases(plan.stratum)) & set(plan.contrast.weights):
        table["share_low"] = table["share_up"] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = table["tipping_low"] / table["share_up"]
    table["movable"] = filters[plan.stratum].dropped[columns]
    table["verdict"] = [_verdict(row, alpha) for row in table.to_dict("records")]
    return table


def _verdict(row: dict[str, float], alpha: float) -> str:
    """Not explained by it if carry-over cannot move the gene, or would need three times the largest share."""
    if not row["p"] < alpha:
        return CANNOT if np.isnan(row["p"]) else NOTHING
    if row["share_up"] == 0:
        return STANDS
    if np.isnan(row["share_up"]) or np.isnan(row["tipping_low"]):
        return CANNOT
    if not row["movable"] or row["ratio"] >= ROBUST:
        return STANDS
    return EXPLAINED if row["share_low"] > 0 and row["tipping"] <= row["share_up"] else MAY_BE

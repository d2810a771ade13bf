"""Ligand, receptors and kinases beside the scores: how much of each there is, and what moved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._stats.expressed import expressed
from marrowsig._stats.fdr import bh
from marrowsig._stats.logcpm import cpm, log_cpm
from marrowsig.tl._estimates import NUMBERS, estimates
from marrowsig.tl._expression import read

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._full_model import Full
    from marrowsig._plan import Plan
    from marrowsig._stats.ols import Array
    from marrowsig.tl._expression import Expression

ROLES = {
    "IL6": "ligand",
    "IL6R": "receptor",
    "IL6ST": "receptor (gp130)",
    "JAK1": "kinase",
    "JAK2": "kinase",
    "STAT3": "transcription factor",
    "SOCS3": "target and brake",
}
GATE = ("IL6R", "IL6ST")
"""Receptors without which cells do not answer IL-6 by themselves."""

OFF = 1.0
"""Mean CPM that no arm reaches if a gene is called not expressed."""

SAME = 1e-9
"""Span, in log2 units, below which values differ by rounding alone."""

UNMEASURED = "not measured"
UNREAD = "not tested: not expressed, with no read in any of these samples"
FEW = "few reads: not expressed in the study"
LOG_CPM = "log2 CPM"
READS = 10
"""Reads in a library of median size whose CPM a gene needs to be called expressed, as in `ms.tl.genes`."""
LEVELS = (
    "gene", "role", "measured", "stratum", "arm", "n", "mean", "sd", "cpm", "detected", "expressed",
    "in_study",
)  # fmt: skip
CONTRASTS = (
    "what", "name", "role", "contrast", "stratum", "test_arm", "base_arm", "estimate", "ci_low", "ci_high",
    "se", "df", "p", "p_adj", "unit", "test",
)  # fmt: skip


def expression_of(adata: AnnData, layer: str | None = None) -> tuple[Expression, pd.DataFrame]:
    """Read all genes, and give log expression (samples x genes): log2 CPM where there are counts."""
    data = read(adata, layer, "auto")
    values = data.values  # noqa: PD011
    values = log_cpm(values) if data.counts else values
    return data, pd.DataFrame(values, index=adata.obs_names, columns=data.names)


def levels(data: Expression, logs: pd.DataFrame, full: list[Full]) -> pd.DataFrame:
    """One row per gene, stratum and arm; of genes that were not measured, one row that says so."""
    place = {gene: j for j, gene in enumerate(data.names)}
    rows = [
        (g, ROLES[g], False, "", "", 0, *([np.nan] * 4), *2 * [UNMEASURED]) for g in ROLES if g not in place
    ]
    for one in full:
        if one.model is None:
            continue
        at, arm = one.model.frame["row"].to_numpy(), one.model.frame["arm"].to_numpy()
        values = data.values[at]  # noqa: PD011
        codes = np.array([one.model.arms.index(name) for name in arm])
        enough = expressed(values, group=codes, min_count=READS) if data.counts else None
        cut = READS / np.median(values.sum(axis=1)) * 1e6 if data.counts else np.nan
        per_million = cpm(values) if data.counts else np.full(values.shape, np.nan)
        for gene in (g for g in ROLES if g in place):
            j = place[gene]
            reads = per_million[:, j]
            whole = "not judged" if enough is None else "yes" if enough[j] else _below(reads, codes)
            for code, name in enumerate(one.model.arms):
                y = logs.to_numpy()[at[codes == code], j]
                seen = float((values[codes == code, j] > 0).mean()) if data.counts else np.nan
                sd = _sd(y)
                mean = float(reads[codes == code].mean())
                told = whole
                if enough is not None and not (enough[j] and mean >= cut):  # a higher mean is never less
                    told = "no" if mean < min(OFF, cut) else "low"  # of deep libraries ten reads are less
                own = (one.stratum, name, len(y), y.mean(), sd, mean, seen, told, whole)
                rows.append((gene, ROLES[gene], True, *own))
    table = pd.DataFrame(rows, columns=list(LEVELS))
    return table.sort_values(
        "gene", key=lambda own: own.map(list(ROLES).index), kind="stable", ignore_index=True
    )


def _sd(y: Array) -> float:
    """SD, which is 0 where the values differ by rounding alone."""
    if len(y) < 2:
        return float("nan")
    return 0.0 if np.ptp(y) < SAME else float(y.std(ddof=1))


def _below(own: Array, codes: NDArray[np.int64]) -> str:
    """Tell a gene that is off from one of which there are too few reads, by its CPM."""
    return "no" if max(own[codes == code].mean() for code in np.unique(codes)) < OFF else "low"


def competence(table: pd.DataFrame, stratum: str) -> str:
    """Say whether the receptors that IL-6 needs are expressed in a stratum."""
    absent = [g for g in GATE if not table.loc[table["gene"] == g, "measured"].all()]
    if absent:
        return f"not known: {' and '.join(absent)} not measured"
    own = table[table["gene"].isin(GATE) & (table["stratum"] == stratum)]
    if own.empty or (own["in_study"] == "not judged").any():
        return "not judged: needs counts"
    silent = [g for g in GATE if (own.loc[own["gene"] == g, "in_study"] == "no").any()]
    if silent:
        return f"{' and '.join(silent)} not expressed"
    low = [g for g in GATE if (own.loc[own["gene"] == g, "in_study"] == "low").any()]
    if low:
        return f"{' and '.join(low)} low, with fewer than ten reads in most samples"
    return f"{' and '.join(GATE)} expressed"


def contrasts(
    plans: list[Plan],
    scores: pd.DataFrame,
    values: pd.DataFrame,
    known: pd.DataFrame,
    *,
    method: str,
    unit: str,
    alpha: float,
) -> pd.DataFrame:
    """Every contrast of the design for the steps and for the genes that were measured, by their levels."""
    genes = values[[g for g in ROLES if g in values]]
    parts = [
        _contrast(plan, frame, what, told, alpha)
        for plan in plans
        for what, frame, told in (("step", scores, f"{method} score"), ("gene", genes, unit))
        if frame.shape[1]
    ]
    table = pd.concat(parts, ignore_index=True)[list(CONTRASTS)]
    few = known.loc[known["in_study"].isin(["no", "low"]), ["gene", "stratum"]]
    few = set(few.itertuples(index=False, name=None))
    at = np.array([key in few for key in zip(table["name"], table["stratum"], strict=True)])
    table.loc[at & table["estimate"].notna(), "test"] += f"; {FEW}"
    return table


def _contrast(plan: Plan, frame: pd.DataFrame, what: str, unit: str, alpha: float) -> pd.DataFrame:
    table = estimates(plan, frame, alpha)
    if what == "gene" and plan.model is not None:
        rows = plan.model.frame[["row", "arm"]]
        compared = rows[rows["arm"].isin(list(plan.counts))]
        at = (compared if len(compared) else rows)["row"].to_numpy()
        still = np.ptp(frame.to_numpy()[at], axis=0) < SAME
        table.loc[still, [name for name in CONTRASTS if name in NUMBERS]] = np.nan
        table.loc[still, "test"] = UNREAD if unit == LOG_CPM else "not tested: the same in all samples"
    table["what"], table["name"], table["unit"] = what, list(frame.columns), unit
    table["role"] = [ROLES.get(name, "") for name in frame.columns]
    table["contrast"], table["stratum"] = plan.contrast.name, plan.stratum
    table["test_arm"], table["base_arm"] = plan.contrast.test, plan.contrast.base
    table["p_adj"] = bh(table["p"].to_numpy())
    return table

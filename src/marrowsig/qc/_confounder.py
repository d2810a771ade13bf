"""What `ms.qc.cycle` and `ms.qc.maturation` share."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _confounders
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputError, InputWarning
from marrowsig._given import require_design
from marrowsig._plan import require_one
from marrowsig._provenance import recall
from marrowsig._view import gene_names
from marrowsig.qc._confounder_correlations import correlations
from marrowsig.qc._confounder_given import given_table
from marrowsig.qc._confounder_result import Confounder
from marrowsig.qc._confounder_verdict import trivial, verdict, why
from marrowsig.tl._estimates import estimates
from marrowsig.tl._own_lists import kept, named
from marrowsig.tl._rescored import can_be_scored_alone, signatures_of
from marrowsig.tl._scored import frames
from marrowsig.tl.sensitivity import sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

    from marrowsig._confounders import Kind
    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design

SHIFTS = (
    "part", "contrast", "stratum", "estimate", "ci_low", "ci_high", "p", "effect", "effect_name",
    "effect_low", "effect_high", "test",
)  # fmt: skip
SHARES = ("signature", "axis", "n_genes", "n_confounded", "share", "genes")
VERDICTS = (
    "signature", "axis", "method", "contrast", "stratum", "estimate", "ci_low", "ci_high", "shift",
    "shift_low", "shift_high", "n_removed", "without", "without_low", "without_high", "adjusted",
    "adjusted_low", "adjusted_high", "se_inflation", "verdict", "sentence",
)  # fmt: skip
KEYS = ["method", "signature", "contrast", "stratum"]


def confounder(
    adata: AnnData,
    kind: Kind,
    design: Design | FormulaDesign | None,
    *,
    signatures: Any,
    method: Any,
    layer: str | None,
    table: pd.DataFrame | None,
    alpha: float,
) -> Confounder:
    """Fill the five tables; those that need a design, or scores, are empty without."""
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
    plain = frozenset[str]()
    scores = _confounders.scores(adata, layer, kind, [plain])[plain]
    lacking = _confounders.lacking(adata, kind)
    if lacking:
        msg = f"Too few genes of {_confounders.WORDS[kind]} are measured for a score: {lacking}."
        warnings.warn(msg, InputWarning, stacklevel=4)
    shares = _shares(adata, kind, signatures)
    shifts = pd.DataFrame(columns=list(SHIFTS))
    verdicts = pd.DataFrame(columns=list(VERDICTS))
    if design is not None:
        shifts = _shifts(adata, design, scores, alpha)
        if not recall(adata, "scores"):
            msg = (
                "There are no scores to judge, so there are no verdicts: run ms.tl.score(adata, signatures) "
                "first. The samples' own scores and their shifts are there."
            )
            warnings.warn(msg, InputWarning, stacklevel=4)
        else:
            if table is None:
                table = _sensitivity(adata, kind, design, signatures, method, alpha)
            else:
                own = None if signatures is None else named(adata, signatures)
                table = given_table(table, kind, own, method, alpha)
            verdicts = verdicts_of(table, kind, shifts)
    along = correlations(adata, kind, design, _scored(adata, signatures, method), alpha)
    return Confounder(scores.rename_axis("sample").reset_index(), shifts, shares, verdicts, along)


def _shifts(adata: AnnData, design: Any, scores: pd.DataFrame, alpha: float) -> pd.DataFrame:
    require_design(design)
    with naming_counts(adata):
        plans = design.plans(adata.obs)
    require_one(plans)
    return shifts_of(plans, scores, alpha)


def shifts_of(plans: Sequence[Plan], scores: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Contrasts of the samples' own scores."""
    parts = []
    for plan in plans:
        table = estimates(plan, scores, alpha)
        table.insert(0, "part", list(scores.columns))
        table["contrast"], table["stratum"] = plan.contrast.name, plan.stratum
        parts.append(table)
    return pd.concat(parts, ignore_index=True)[list(SHIFTS)]


def _shares(adata: AnnData, kind: Kind, signatures: Any) -> pd.DataFrame:
    drop, measured = _confounders.genes(kind), set(gene_names(adata))
    rows = []
    for sig in _asked(adata, signatures):
        own = [g for g in sig.genes if g in measured]
        hits = [g for g in own if g in drop]
        share = len(hits) / len(own) if own else np.nan
        rows.append((sig.id, sig.axis, len(own), len(hits), share, ", ".join(hits)))
    return pd.DataFrame(rows, columns=list(SHARES))


def _asked(adata: AnnData, signatures: Any) -> Any:
    """Give the signatures that were asked for, else those that were scored and whose genes are known."""
    if signatures is not None:
        return named(adata, signatures)
    from marrowsig.sig import load

    entries = recall(adata, "scores", {}).values()
    scored = [id for entry in entries for id in entry["signatures"]["id"]]
    known = {sig.id: sig for sig in load()}
    for entry in entries:
        known |= kept(entry)
    return [known[id] for id in dict.fromkeys(scored) if id in known]


def _sensitivity(
    adata: AnnData, kind: Kind, design: Any, signatures: Any, method: Any, alpha: float
) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the shifts already
        how = {"method": method, "signatures": signatures, "other_genes": False, "alpha": alpha}
        return sensitivity(adata, design, confounders=kind, **how)


def verdicts_of(
    table: pd.DataFrame, kind: Kind, shifts: pd.DataFrame, *, shown: bool = False
) -> pd.DataFrame:
    """Judge rows of `ms.tl.sensitivity` beside the shifts of the confounder."""
    own = shifts[shifts["part"] == kind].set_index(["contrast", "stratum"])
    rows = []
    for _, part in table.groupby(KEYS, sort=False):
        by_kind = {row["kind"]: row for row in part.to_dict("records")}
        rows.append(_row(kind, by_kind, own, shown=shown))
    return pd.DataFrame(rows, columns=list(VERDICTS))


def _scored(adata: AnnData, signatures: Any, method: Any) -> dict[str, Any]:
    """Scores by method with the signatures behind them: those that can be made again without some genes."""
    if not recall(adata, "scores"):
        return {}
    asked = [sig.id for sig in named(adata, signatures)] if signatures is not None else None
    found = {}
    for name, table in frames(adata, method=method, signatures=None).items():
        if not can_be_scored_alone(adata, name):
            continue
        own = table if asked is None else table[[id for id in asked if id in table]]
        known: dict[str, Any] = {}
        for id in map(str, own.columns):
            with suppress(InputError):  # genes that are not known cannot be left out
                known |= signatures_of(adata, name, [id], signatures)
        found[name] = (own, known)
    return found


def _row(kind: Kind, by_kind: dict[str, Any], shifts: pd.DataFrame, *, shown: bool) -> dict[str, Any]:
    main, without, adjusted = (by_kind[name] for name in ("main", f"{kind} genes", f"{kind} score"))
    shift = shifts.loc[(main["contrast"], main["stratum"])]
    row = {name: main[name] for name in ("signature", "axis", *KEYS, "estimate", "ci_low", "ci_high")}
    row |= {"shift": shift["estimate"], "shift_low": shift["ci_low"], "shift_high": shift["ci_high"]}
    for name, other in (("without", without), ("adjusted", adjusted)):
        row |= {name: other["estimate"], f"{name}_low": other["ci_low"], f"{name}_high": other["ci_high"]}
    row |= {"n_removed": without["n_removed"], "se_inflation": adjusted["se_inflation"]}
    known = not np.isnan(row["shift_low"])
    moved = bool(row["shift_low"] > 0 or row["shift_high"] < 0) if known else None
    told = verdict(kind, main=main, without=without, adjusted=adjusted, moved=moved, shown=shown)
    told = trivial(kind, told, int(row["n_removed"]))
    return row | {"verdict": told, "sentence": why(kind, told, row)}

"""IL6 in both partners: a row each, and one for the two together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import BLAST_POOR
from marrowsig._errors import DesignError
from marrowsig.tl._claims_asked import (
    BOTH,
    GENE,
    IL6_UP,
    PARTNER_NEEDS,
    STROMA,
    said_of,
    without_compartment,
)
from marrowsig.tl._claims_checks import checked_gene
from marrowsig.tl._claims_gene import blasts_hold_less, gene_rows, partner_designs
from marrowsig.tl._claims_rules import NOT_ASKED, both
from marrowsig.tl._claims_stroma import needed_of

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.tl._claims_data import Data

    Row = dict[str, Any]

HEAD = {
    "claim": IL6_UP.id,
    "statement": IL6_UP.words,
    "signature": GENE,
    "versions": "",
    "method": "log2",
    "inhibitor": "",
    "agreement": np.nan,
    "n_specifications": 0,
    "n_against": 0,
    "builds_on": "",
    "rise": (),
}

SHARED = ("line", "contrast", "stratum", "n_test", "n_base", "n_pairs", "unit", "family_size")
UNKNOWN = ("estimate", "ci_low", "ci_high", "detectable", "p", "p_adj", "filtered_p_adj")


def partner_rows(
    data: Data, design: Design, genes: pd.DataFrame | None, *, carry_over: bool, alpha: float
) -> list[Row]:
    """IL6 in the leukaemia cells, then in the stroma where that was measured."""
    rows = [
        {
            **HEAD,
            **row,
            "statement": said_of(IL6_UP, resistant=design.resistant, state=data.state(row["stratum"])),
            "compartment": data.compartment(row["stratum"]),
        }
        for row in gene_rows(data.blasts, design, data.plans, genes, alpha)
    ]
    told = [row | checked_gene(row, data.stroma, carry_over=carry_over, none=data.none) for row in rows]
    return told + _of_stroma(data, design, alpha)


def _of_stroma(data: Data, design: Design, alpha: float) -> list[Row]:
    if data.partner is None:
        return []
    try:
        parts = partner_designs(data.partner, design)
    except DesignError:
        return []
    return [row for part in parts for row in _of_part(data, *part, alpha)]


def _of_part(
    data: Data, own: AnnData, design: Design, plans: list[Plan], line: str, alpha: float
) -> list[Row]:
    poor = GENE in own.var_names and blasts_hold_less(data.blasts, own, design)
    verdict = BLAST_POOR if poor else f"blasts hold as much {GENE}"
    told = {"compartment": STROMA, "maturation": "", "stroma": verdict}
    rows = [
        {**HEAD, **row, **told, "filtered_p": row["p"]} for row in gene_rows(own, design, plans, None, alpha)
    ]
    return [{**row, "line": line} for row in rows] if line else rows


def joint(rows: list[Row], data: Data, given: Any, design: Design, *, alpha: float) -> list[Row]:
    """One row per row of the leukaemia cells: both partners, with the larger p."""
    own = [row for row in rows if row["claim"] == IL6_UP.id]
    stroma = [row for row in own if row["compartment"] == STROMA]
    out = []
    for row in (row for row in own if row["compartment"] != STROMA):
        others = [other for other in stroma if _meet(row, other)]
        told = {
            **HEAD,
            **{name: row[name] for name in SHARED},
            "whose": row.get("whose", "cells"),
            **dict.fromkeys(UNKNOWN, np.nan),
            "claim": f"{IL6_UP.id}_in_both",
            "statement": _both_of(data.state(row["stratum"])),
            "compartment": BOTH,
            "stroma": "",
            "maturation": "",
            "test": "",
        }
        if not others:
            out.append({**told, "rule": NOT_ASKED, "verdict": NOT_ASKED, "reason": _why(data, given, design)})
            continue
        pair = [row, others[0]]
        rule = both([one["verdict"] for one in pair])
        reason = ", ".join(f"{one['verdict']} in {one['compartment']}" for one in pair)
        largest = {name: max(one[name] for one in pair) for name in ("p", "p_adj")}
        out.append({**told, **largest, "rule": rule.name, "verdict": rule.verdict, "reason": reason})
    return out


def _both_of(state: str) -> str:
    return f"{GENE} rises in {state} and in stroma" if state else f"{GENE} rises in both partners"


def _meet(row: Row, other: Row) -> bool:
    same = without_compartment(row["stratum"]) == without_compartment(other["stratum"])
    return same and other["line"] in ("", row["line"])


def _why(data: Data, given: Any, design: Design) -> str:
    if data.partner is None:
        return needed_of(given, design, PARTNER_NEEDS)
    return "stroma both alone and in co-culture, two samples each or more, at the same times"

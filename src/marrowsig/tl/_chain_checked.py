"""Whether what an inhibitor took back of a step may be stroma's RNA: from the verdicts of `ms.qc.stroma`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from marrowsig._carry_over import moved
from marrowsig._check_words import DOUBTS, NOTHING, STANDS
from marrowsig.tl._claims_asked import levels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._plan import Plan
    from marrowsig.design import Design

NAMES = ("carry_over", "carry_over_of", "carry_over_why", "carry_over_rise")
NEEDED = {"signature", "axis", "method", "contrast", "stratum", "verdict"}
UNASKED = ("", "", "", "")


class Checked(NamedTuple):
    """Verdict, what it is of, its reason, and stroma's part of the rise, by stratum, line, drug and step."""

    rows: Mapping[tuple[str, str, str, str], tuple[str, str, str, str]]

    def of(self, row: Mapping[str, Any], step: str) -> dict[str, str]:
        """Give the columns of a step of one inhibitor and line; empty where nothing was asked."""
        key = (str(row["stratum"]), str(row["line"]), str(row["inhibitor"]), step)
        return {f"{step}_{name}": text for name, text in zip(NAMES, self.rows.get(key, UNASKED), strict=True)}


def checked(
    stroma: Any,
    recorded: Mapping[str, Any],
    plans: list[Plan],
    design: Design,
    names: Mapping[str, str],
    *,
    method: str,
    alpha: float,
) -> Checked:
    """Look up each reversal, and the rise that it takes back, by the signatures `names` of the steps.

    A step whose own signature was not asked has the verdicts of the others of its axis. What leaves either
    to carry-over comes first.
    """
    source = recorded if stroma is None else {n: getattr(stroma, n, None) for n in ("verdicts", "params")}
    table = source.get("verdicts")
    if table is None or not set(table) >= NEEDED:
        return Checked({})
    own = table[table["method"].eq(method)]
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for row in own.to_dict("records"):
        known.setdefault((str(row["contrast"]), str(row["stratum"])), {})[str(row["signature"])] = row
    rises = {
        (plan.stratum, levels(design, plan.contrast)[0]): plan.contrast.name
        for plan in plans
        if plan.contrast.kind == "induction"
    }
    rows = {}
    for plan in plans:
        if plan.contrast.kind != "reversal":
            continue
        line, drug = levels(design, plan.contrast)
        asked = {"reversal": plan.contrast.name, "induction": rises.get((plan.stratum, line), "")}
        for step, name in names.items():
            ids = {name} & set(own["signature"]) or set(own.loc[own["axis"].eq(step), "signature"])
            found = [
                (part, row)
                for part, contrast in asked.items()
                for id, row in known.get((contrast, plan.stratum), {}).items()
                if id in ids
            ]
            rows[plan.stratum, line, drug, step] = (*_first(found, alpha), _of_rise(found))
    return Checked(rows)


def _first(found: list[tuple[str, dict[str, Any]]], alpha: float) -> tuple[str, str, str]:
    """Give what counts: a doubt, the clearest first, else the verdict on the reversal."""
    from marrowsig.qc._stroma_clause import clause

    for verdict in (*DOUBTS, STANDS, NOTHING):
        for part, row in found:
            if row["verdict"] == verdict and (part == "reversal" or verdict in DOUBTS):
                return verdict, f"{part} of {row['signature']}", clause(row, alpha=alpha)
    return "", "", ""


def _of_rise(found: list[tuple[str, dict[str, Any]]]) -> str:
    """Say how much of the rise as scored is stroma's RNA, where it is more than a tenth of it.

    >>> _of_rise([("induction", {"signature": "emt.mine", "estimate": 0.05, "carried": 0.03})])
    '60 % of the rise of emt.mine'
    >>> _of_rise([("induction", {"signature": "emt.mine", "estimate": 0.05, "carried": 0.003})])
    ''
    """
    parts = {
        row["signature"]: float(row["carried"] / row["estimate"])
        for part, row in found
        if part == "induction" and moved(row) == "larger"
    }
    most = max(parts, key=lambda name: parts[name], default="")
    return f"{100 * parts[most]:.0f} % of the rise of {most}" if most else ""

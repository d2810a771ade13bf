"""One row of a sensitivity table in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from marrowsig._rounded import in_interval, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = Mapping[Any, Any]

PATH = (
    "What the arms themselves change lies on the path: adjusting for it takes that part of their effect "
    "away, so this is no better estimate than the unadjusted one, but another question"
)


def sentence(row: Row, main: Row, alpha: float) -> str:
    """Say what this specification finds, and what became of the main finding."""
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    head = f"{row['signature']} ({row['method']}), {row['contrast']}{where}, {row['specification']}"
    if isnan(row["estimate"]):
        return f"{head}: no estimate; {row['note']}."
    level = f"{100 * (1 - alpha):g} %"
    size = in_interval(row["estimate"], row["ci_low"], row["ci_high"], level)
    if row["specification"] == main["specification"]:
        return f"{head}: {size}, {_zero(row)}."
    if isnan(main["estimate"]):
        return f"{head}: {size}, {_zero(row)}; as is there is no estimate."
    if row["kind"] == "batch" and _no_other(row):
        return (
            f"{head}: {size}, as it was, which is no check: the batch does not vary within what is compared "
            "(a pair), and changes nothing. What may differ by it is the effect itself: culture x batch."
        )
    parts = [
        f"{head}: {size}, against {plain(main['estimate'])} as is{_lost(row)}",
        _became(row, main, alpha),
    ]
    if row["path"]:
        parts += [_cost(row), PATH]
    elif row["kind"] in ("batch", "factor", "covariate"):
        parts.append(_cost(row))
    return f"{'. '.join(parts)}."


def _no_other(row: Row) -> bool:
    return not row["df_lost"] and abs(row["share_left"] - 1) < 1e-9 and abs(row["se_inflation"] - 1) < 1e-9


def _zero(row: Row) -> str:
    if isnan(row["p"]):
        return "not tested"
    return "which excludes zero" if row["excludes_zero"] else "which does not exclude zero"


def _lost(row: Row) -> str:
    if row["kind"] == "expressed" and row["n_removed"]:
        return f"; {row['n_removed']} of its {row['n_genes']} measured genes are not among them"
    if not row["kind"].endswith("genes"):
        return ""
    if not row["n_removed"]:
        return "; the signature has no such gene here"
    return f"; {row['n_removed']} of its {row['n_genes']} measured genes are left out"


def _became(row: Row, main: Row, alpha: float) -> str:
    if isnan(row["p"]) or isnan(main["p"]):
        return "It was not tested"
    same = (row["estimate"] > 0) == (main["estimate"] > 0)
    before, now = main["p"] < alpha, row["p"] < alpha
    sign = "The sign is the same" if same else "The sign is the opposite"
    told = {
        (True, True): "zero is excluded as before",
        (True, False): "zero is no longer excluded",
        (False, True): "zero is excluded, which it was not",
        (False, False): "zero is not excluded, as before",
    }
    return f"{sign}, and {told[before, now]}"


def _cost(row: Row) -> str:
    df, wider = int(row["df_lost"]), row["se_inflation"]
    width = f"{wider:.2f} times" if abs(wider - 1) >= 0.005 else "as wide as before"
    width += " the width" if width.endswith("times") else ""
    count = (
        f"{abs(df) or 'no'} degree{'' if abs(df) == 1 else 's'} of freedom {'is' if abs(df) == 1 else 'are'}"
    )
    return f"The standard error is {width} at equal noise, and {count} {'spent' if df >= 0 else 'gained'}"

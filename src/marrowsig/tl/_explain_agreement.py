"""What methods of one table say of the same contrast, where they do not say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marrowsig.tl._explain_compare import Row


def disagreement(rows: Sequence[Row]) -> list[str]:
    """Sentence for each row whose contrast has another sign or verdict by another method; else empty."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row["p"] == row["p"]:
            alike.setdefault(_question(row), []).append(row)
    return [_told(alike[_question(row)]) if row["p"] == row["p"] else "" for row in rows]


def _question(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(name) or "") for name in ("signature", "contrast", "stratum"))


def _told(rows: list[Row]) -> str:
    verdicts = dict.fromkeys(str(row["verdict"]) for row in rows)
    signs = {row["estimate"] > 0 for row in rows}
    if len(verdicts) == 1 and len(signs) == 1:
        return ""
    if len(verdicts) == 1 and "not established" in verdicts:
        return ""  # the sign of what is not established says nothing
    by = "; ".join(
        f"{verdict} by {', '.join(str(r['method']) for r in rows if str(r['verdict']) == verdict)}"
        for verdict in verdicts
    )
    opposed = len(verdicts - {"not established": None}.keys()) > 1
    what = "sign" if opposed else "verdict" if len(signs) == 1 else "verdict, and in the sign of the estimate"
    return (
        f" Methods differ in {what}: {by}. None of these stands for all: report the method that was chosen "
        "before, with the others beside it. ms.tl.multiverse shows them together, and the page of each "
        "method (docs/methods) says what it measures."
    )

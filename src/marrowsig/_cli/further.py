"""Lines of the terminal on further questions: those that were established, and the names of the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import PREFIX
from marrowsig._check_words import EXPLAINED, MAY_BE
from marrowsig._cli.brief import MANY, brief_claims
from marrowsig._in_brackets import parted
from marrowsig._people import OF_LINE
from marrowsig.tl._claims_rules import CANNOT, CONTRADICTED, SUPPORTED
from marrowsig.tl._claims_stroma import in_short, of_programmes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from marrowsig._cli.taken_back import Fractions

LEFT = {"not supported": "not established", CANNOT: "cannot be told"}
"""What is said of questions that have no line of their own, by verdict."""
FEW = 2
"""Answers of one question that are named; of more it says how many of all."""
LONG = 24
"""Letters of the names of two cells from which on they are "both", where that is all of them."""


def brief_further(
    further: pd.DataFrame, claims: pd.DataFrame, *, head: str, fractions: Fractions | None = None
) -> Iterator[str]:
    """Give `head`, the questions that have an answer as the claims are, and the names of the others.

    Of the head only what stands before its colon, which tells of sizes, where no question has a line.

    A mark of the borderline, and carry-over that explains a difference, are never left to the log.
    """
    rows = further.to_dict("records")
    shown = [row["verdict"] == "not asked" or _stands(row) for row in rows]
    yield f"{head if any(map(_stands, rows)) else head.partition(':')[0]}:"
    yield from brief_claims(further[shown], explained=claims, fractions=fractions)
    left = in_short(further)
    never = further[further["verdict"].eq("not asked")]
    stroma = never["claim"].astype(str).str.startswith(PREFIX).all()
    what = "questions on stroma" if stroma else "further questions"
    unasked = f"{len(never)} {what} could not be asked" if len(left) >= MANY else ""
    if rest := [row for row, there in zip(rows, shown, strict=True) if not there]:
        yield f"{others(rest, rows)}{unasked and f'; {unasked}'} (log.txt)."
    elif unasked:
        yield f"{unasked} (log.txt)."


def others(rest: Sequence[Mapping[Any, Any]], every: Sequence[Mapping[Any, Any]]) -> str:
    """Name questions without a line of their own, by verdict, those that ask the same in one.

    >>> row = {"statement": "EMT rises in stroma in co-culture", "verdict": "not supported"}
    >>> row["sentence"] = "EMT rises in stroma in co-culture (resistant cells): not supported; so."
    >>> others([row], [row])
    '1 not established: EMT rises in stroma in co-culture (resistant)'
    """
    told = []
    for verdict in dict.fromkeys(str(row["verdict"]) for row in rest):
        own = [row for row in rest if row["verdict"] == verdict]
        told.append(f"{len(own)} {LEFT.get(verdict, verdict)}: {'; '.join(_asked(own, every))}")
    return ". ".join(told)


def _stands(row: Mapping[Any, Any]) -> bool:
    """Whether a question has a line of its own."""
    near = isinstance(row.get("borderline"), str) and bool(row["borderline"])
    return near or row["verdict"] in (SUPPORTED, CONTRADICTED) or row.get("stroma") in (EXPLAINED, MAY_BE)


def _asked(own: Sequence[Mapping[Any, Any]], every: Iterable[Mapping[Any, Any]]) -> Iterator[str]:
    """Name questions: programmes of which the same is asked, of the same cells and drugs, stand together."""
    sizes = Counter(str(row["statement"]) for row in every if row["verdict"] != "not asked")
    found: dict[str, list[str]] = {}
    for row in own:
        found.setdefault(str(row["statement"]), []).append(_where(row))
    of = {}
    for statement, where in found.items():
        named = [one for one in where if one]
        whole = len(where) == sizes[statement]
        some = f"all {len(where)}" if whole else f"{len(where)} of {sizes[statement]}"
        names = "; ".join(named)
        both = "both" if whole and len(where) == FEW and len(names) > LONG else names
        of[statement] = f" ({some if len(where) > FEW else both})" if named else ""
    return of_programmes(of)


def _where(row: Mapping[Any, Any]) -> str:
    """Cells, drug and time of a question, as its sentence has them in brackets."""
    where = parted(str(row["sentence"]).split(f": {row['verdict']}", maxsplit=1)[0])[1]
    return OF_LINE.sub("", f"({where})")[1:-1]

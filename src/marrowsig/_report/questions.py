"""Further questions, below the claims: what the study claims of EMT alone, asked of all, and of stroma."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report.elements import Heading, Sentences, Verdicts, Words
from marrowsig.tl._claims_stroma import in_short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part, Verdict

TITLE = "Further questions"
LEAD = (
    "What the study claims of EMT alone is asked here of the IL-6 response and of JAK/STAT3 too, and all "
    "three of the stroma, where it was measured. These are no claims: the rules are the same, {p}, and the p "
    "of the claims stay as they are."
)
OF_STROMA = (
    "Of stroma, 'carry-over' is RNA of leukaemia cells in it, with those grown alone as the reference; the "
    "second size is on the genes that it could not move. Where stroma grown alone belongs to no line, it is "
    "compared with the stroma of each line, and 'more with resistant cells' is the stroma with resistant "
    "less that with parental cells. Stroma has EMT genes switched on: a rise of EMT there says more "
    "of its matrix than of a transition."
)
CAPTION = "The further questions, and what these samples say to each"


def _over(asked: pd.DataFrame) -> str:
    n = int(asked["family_size"].max())
    own = "" if n == len(asked) else " that could be tested"
    return f"p is adjusted by Holm over the {n}{own} by themselves" if n else "none could be tested"


def parts(given: Given, row: Callable[[Mapping[str, Any]], Verdict], level: str) -> list[Part]:
    """Heading, how many, the table, and what could not be asked; nothing where none was asked."""
    found = given.questions
    if found is None:
        return []
    asked = found[found["verdict"] != "not asked"]
    rows = asked.to_dict("records")
    out: list[Part] = [
        Heading(TITLE),
        Words(LEAD.format(p=_over(asked))),
        Verdicts(CAPTION, [row(one) for one in rows], level),
    ]
    if asked["compartment"].eq("stroma").any():
        out.append(Words(OF_STROMA, soft=True))
    rest = in_short(found)
    return [*out, Sentences(rest)] if rest else out

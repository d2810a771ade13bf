"""What a result keeps about carry-over that nobody asked of it, and how that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

CAUTIONS = "cautions"
"""Name in `attrs` of a result: contrast, stratum and sentence, one list each."""
UNASKED = "Whether RNA carried over from the stroma made it is not asked here: ms.qc.stroma"
OF_FORMULA = f"{UNASKED} with ms.Design(culture=...)"
OF_ARMS = f"{UNASKED} needs an arm without stroma"
"""Said where stroma was given, and what is called mono and co are, say, two drugs."""
NOT_ASKED = "not asked"
SHORT = "stromal carry-over not asked"


def once_asked(res: pd.DataFrame) -> pd.DataFrame:
    """Rows of a result beside which carry-over is told, without the sentence that it was not asked."""
    out = res.copy(deep=False)
    kept: list[list[str]] = res.attrs.get(CAUTIONS, [])
    out.attrs = {**res.attrs, CAUTIONS: [one for one in kept if not one[2].startswith(UNASKED)]}
    return out


def sentences(res: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Sentence on carry-over that was not asked, by contrast and stratum."""
    kept = res.attrs.get(CAUTIONS, [])
    return {(str(c), str(s)): str(text) for c, s, text, *_ in kept if str(text).startswith(UNASKED)}


def of_rows(res: pd.DataFrame) -> list[str]:
    """Give "not asked" for each row whose contrast carry-over may have made; no list where none is."""
    left = sentences(res)
    places = zip(res["contrast"].astype(str), res["stratum"].fillna("").astype(str), strict=True)
    found = [NOT_ASKED if place in left else "" for place in places]
    return found if any(found) else []


def left_open(res: pd.DataFrame, row: Mapping[Any, Any]) -> bool:
    """Whether a row of a result is established, and whether carry-over made it was not asked."""
    place = [str(row["contrast"]), str(row.get("stratum") or "")]
    moved = str(row.get("verdict", "")) not in ("", "not established", "not tested")
    kept = res.attrs.get(CAUTIONS, [])
    return moved and any(list(one[:2]) == place and one[2] in (UNASKED, OF_ARMS) for one in kept)


def unfilled(rows: pd.DataFrame, res: pd.DataFrame) -> pd.DataFrame:
    """Mark as `unasked` the rows of a formula's figure that carry-over may have made."""
    left = [place for place, text in sentences(res).items() if text == OF_FORMULA]
    if not left:
        return rows
    places = zip(rows["contrast"].astype(str), rows["stratum"].fillna("").astype(str), strict=True)
    checked = rows["stroma"].notna() if "stroma" in rows else [False] * len(rows)
    return rows.assign(unasked=[p in left and not c for p, c in zip(places, checked, strict=True)])

"""What a claim says of a reversal, beside the rescue of the same samples: its verdict stands first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._as_claimed import ASKED, FURTHER, KEYS, SAID
from marrowsig._report.words import level
from marrowsig._size_to_cite import HELD
from marrowsig.tl._rescue_kept import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

    Row = Mapping[str, Any]


def reversal(row: Row, design: Design | FormulaDesign) -> str:
    """Name the contrast that a row of `ms.tl.rescue` is about; empty for rows of several lines or inhibitors.

    >>> from marrowsig.design import Design
    >>> own = {"kind": "line", "inhibitor": "JAKi", "line": "AraC-R"}
    >>> reversal(own, Design(culture="culture", line="line", inhibitor="drug", resistant="AraC-R"))
    'reversal_JAKi_in_resistant'
    """
    if row["kind"] != "line":
        return ""
    roles = {getattr(design, role, None): f"_in_{role}" for role in ("parental", "resistant")} | {"": ""}
    return f"reversal_{row['inhibitor']}{roles[row['line']]}" if row["line"] in roles else ""


def with_claims(
    table: pd.DataFrame, claims: pd.DataFrame | None, design: Design | FormulaDesign, *, alpha: float
) -> pd.DataFrame:
    """Add as `claim` the verdict of the claim, or the further question, that asks a reversal; else "".

    A sentence begins with it where it ends otherwise than the test that the sentence is about, and names no
    fraction to cite where it is neither supported nor contradicted.
    """
    known: dict[tuple[str, ...], Row] = {}
    if claims is not None and set(KEYS) <= set(claims):
        asked = claims[claims["p_adj"].notna() & claims["verdict"].ne("not asked")].to_dict("records")
        known = {tuple(str(row[k]) for k in KEYS): row for row in asked}
    verdicts, sentences, at = [], [], level(alpha)
    for row in table.to_dict("records"):
        key = (row["method"], reversal(row, design), row["stratum"], row["signature"])
        claim = known.get(key, {}) if key[1] else {}
        verdict, text = str(claim.get("verdict") or ""), str(row["sentence"])
        if verdict and verdict not in HELD:
            text = text.replace(said(row, at, alpha), said(row, at, alpha, held=False))
        if verdict and (verdict in HELD) != (row["reversal_p_adj"] < alpha):
            text = _first(text, row, verdict, ASKED if claim.get("family") == FURTHER else SAID)
        verdicts.append(verdict)
        sentences.append(text)
    out = table.copy()
    out["sentence"] = sentences
    out.insert(list(out).index("verdict") + 1, "claim", verdicts)
    return out


def _first(text: str, row: Row, verdict: str, as_: str) -> str:
    """Put a verdict before what the test of `ms.tl.rescue` says.

    >>> _first("JAKi in R cells: reversed: 36 %.", {"inhibitor": "JAKi"}, "cannot tell", "as a claim")
    'JAKi in R cells: cannot tell as a claim; by this test alone reversed: 36 %.'
    """
    at = text.find(": ", len(str(row["inhibitor"])))
    return f"{text[:at]}: {verdict} {as_}; by this test alone {text[at + 2 :]}" if at > 0 else text

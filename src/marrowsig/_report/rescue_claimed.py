"""What a claim says of a reversal, beside the rescue of the same samples: its verdict stands first."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from marrowsig._as_claimed import ASKED, FAMILY, FURTHER, KEYS, SAID
from marrowsig._p_values import p_equals
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

ADDED = ("claim", "claim_family", "claim_p_adj", "claim_filtered_p_adj")
NOT_HERE = "reversal not established"


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

    Beside it its family and its adjusted p, as scored and on the genes that stroma could not move. Where it
    is supported or contradicted it decides which fraction is cited, and with which p. Where it is neither,
    no fraction is cited, and a sentence begins with it if it ends otherwise than the test of that sentence.
    """
    known: dict[tuple[str, ...], Row] = {}
    if claims is not None and set(KEYS) <= set(claims):
        asked = claims[claims["p_adj"].notna() & claims["verdict"].ne("not asked")].to_dict("records")
        known = {tuple(str(row[k]) for k in KEYS): row for row in asked}
    added, sentences, cite, at = [], [], [], level(alpha)
    for row in table.to_dict("records"):
        key = (row["method"], reversal(row, design), row["stratum"], row["signature"])
        claim = known.get(key, {}) if key[1] else {}
        verdict, text = str(claim.get("verdict") or ""), str(row["sentence"])
        own, size = dict(zip(ADDED, _added(claim), strict=True)), row.get("cite", "")
        if verdict in HELD:
            size, text = _as_held(row | own, text, str(claim.get("cite") or ""), at, alpha)
        elif verdict:
            text = text.replace(said(row, at, alpha), said(row, at, alpha, held=False))
            if row["reversal_p_adj"] < alpha:
                text = _first(text, row, verdict, as_what(own))
        added.append(own)
        sentences.append(text)
        cite.append(size)
    out = table.copy()
    out["sentence"] = sentences
    if "cite" in out:
        out["cite"] = cite
    for name in reversed(ADDED):
        out.insert(list(out).index("verdict") + 1, name, [own[name] for own in added])
    return out


def as_what(row: Row) -> str:
    """Name whose the p of a row of `with_claims` is.

    >>> as_what({"claim_family": "further questions"})
    'as a further question'
    """
    return ASKED if row["claim_family"] == FURTHER else SAID


def as_claimed(rows: pd.DataFrame) -> pd.DataFrame:
    """Let a reversal that a claim or a further question establishes be drawn as such, by its p."""
    out = rows.copy()
    for i, row in rows[rows["claim"].eq("supported")].iterrows():
        if row["verdict"] == NOT_HERE:
            part = " in part" if row["fraction_high"] < 1 else ""
            out.loc[i, "verdict"] = f"reversed{part} {as_what(row)}"
        if row["claim_filtered_p_adj"] == row["claim_filtered_p_adj"]:
            out.loc[i, "filtered_reversal_p_adj"] = row["claim_filtered_p_adj"]
    return out


def _added(claim: Row) -> tuple[str, str, float, float]:
    family = str(claim.get("family") or FAMILY) if claim else ""
    p, kept = (float(claim.get(name, nan)) for name in ("p_adj", "filtered_p_adj"))
    return str(claim.get("verdict") or ""), family, p, kept


def _as_held(row: Row, text: str, cite: str, at: str, alpha: float) -> tuple[str, str]:
    """Let what decided the reversal name the genes and the p of the fraction to cite."""
    scored = said(row, at, alpha)
    row = {**row, "cite": cite or row.get("cite", "")}
    kept, p = row["claim_filtered_p_adj"], row["claim_p_adj"]
    own = p_equals("adjusted p", kept if kept == kept else p)
    text = text.removesuffix(scored) + said(row, at, alpha, own=f"{own} {as_what(row)}")
    if row["reversal_p_adj"] < alpha:
        return row["cite"], text
    here = p_equals("p", row["reversal_p_adj"])
    table = f"in the table of all signatures, adjusted for {row['family_size']}, {here}"
    lead = f"{row['claim']} {as_what(row)}, {p_equals('adjusted p', p)} ({table})"
    other = f"{row['verdict']} after adjustment for {row['family_size']} signatures"
    if row["verdict"] == NOT_HERE and other in text:
        return row["cite"], text.replace(other, lead, 1)
    return row["cite"], _first(text, row, row["claim"], as_what(row))


def _first(text: str, row: Row, verdict: str, as_: str) -> str:
    """Put a verdict before what the test of `ms.tl.rescue` says.

    >>> _first("JAKi in R cells: reversed: 36 %.", {"inhibitor": "JAKi"}, "cannot tell", "as a claim")
    'JAKi in R cells: cannot tell as a claim; by this test alone reversed: 36 %.'
    """
    at = text.find(": ", len(str(row["inhibitor"])))
    return f"{text[:at]}: {verdict} {as_}; by this test alone {text[at + 2 :]}" if at > 0 else text

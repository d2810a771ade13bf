"""Which lines a forest plot has, in which panels, and what it says of those that it leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig.pl._colours import AXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MANY = 40
"""Lines of one contrast above which each stratum has a panel of its own."""
BESIDE = 4
"""Strata that are drawn beside each other unless one is named."""
ROW = 3.2  # millimetres of a signature
PAGE = 230.0  # millimetres that rows and further words may take
AROUND, NOTES = 19.0, 9.0  # millimetres of words of a panel, and of those below all, beyond 10 that are spare


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the label of each line: its signature, and its stratum where there are several."""
    strata = rows["stratum"].fillna("").astype(str) if "stratum" in rows else pd.Series("", index=rows.index)
    several = len(set(strata)) > 1
    return rows.assign(stratum=strata, label=rows["signature"] + (" | " + strata if several else ""))


def by_stratum(parts: Sequence[pd.DataFrame]) -> tuple[list[pd.DataFrame], str]:
    """Split one contrast of many lines into a part for each stratum, and say how many are not drawn."""
    strata = list(dict.fromkeys(parts[0]["stratum"]))
    if len(parts) > 1 or len(strata) < 2 or parts[0]["label"].nunique() <= MANY:
        return list(parts), ""
    shown = strata[:BESIDE]
    told = f"{len(shown)} of {len(strata)} strata: stratum= draws another" if len(strata) > BESIDE else ""
    return [labelled(parts[0][parts[0]["stratum"] == stratum]) for stratum in shown], told


def leading(parts: Sequence[pd.DataFrame], most: int, *, stacked: int = 1) -> tuple[list[pd.DataFrame], str]:
    """Keep so many signatures that there are at most so many lines, and say how to have the others.

    Panels that are stacked share the lines. Those are kept that have the least adjusted p in any panel: the
    first of every axis, then the second; controls come last.
    """
    rows = pd.concat(parts, ignore_index=True)
    lines, known = stacked * rows["label"].nunique(), list(dict.fromkeys(rows["signature"]))
    if lines <= most:
        return list(parts), ""
    n = max(1, most // (stacked * rows.groupby("signature")["label"].nunique().max()))
    least = rows.sort_values("p_adj", kind="stable").drop_duplicates("signature")
    place = least.assign(last=least["axis"] == "control", turn=least.groupby("axis").cumcount())
    kept = set(place.sort_values(["last", "turn"], kind="stable")["signature"].iloc[:n])
    which = "those of least adj. p per axis, controls last"
    told = f"{n} of {len(known)} signatures, {which}: most={lines} draws all"
    return [part[part["signature"].isin(kept)] for part in parts], told


def words_of(stacked: int) -> float:
    """Millimetres that words take above and below the lines of panels below each other."""
    return stacked * AROUND + NOTES


def page_lines(parts: Sequence[pd.DataFrame], stacked: int) -> int:
    """Count the lines that a page holds, less those that name signatures above their strata."""
    lines = (PAGE - words_of(stacked)) / ROW
    each = max(int(part.groupby("signature")["label"].nunique().max()) for part in parts)
    return int(lines if each == 1 else lines * each / (each + 1))


def set_aside(parts: Sequence[pd.DataFrame]) -> tuple[list[str], list[pd.DataFrame]]:
    """Return the lines without an estimate in any panel, and the panels without them.

    Where there is none with an estimate, all stay.
    """
    every = pd.concat(parts)
    known = set(every.loc[every["estimate"].notna(), "label"])
    lost = every[~every["label"].isin(known)].drop_duplicates("label")
    if lost.empty or not known:
        return [], list(parts)
    kept = every[every["label"].isin(known)]
    gone = [s for s in dict.fromkeys(lost["stratum"]) if s and s not in set(kept["stratum"])]
    rest = lost[~lost["stratum"].isin(gone)]
    nowhere = ~rest["signature"].isin(set(kept["signature"]))
    names = [*_short(gone), *dict.fromkeys(rest["signature"].where(nowhere, rest["label"]))]
    return names, [part[part["label"].isin(known)] for part in parts]


def in_order(parts: Sequence[pd.DataFrame]) -> dict[str, str]:
    """Labels of the lines from top to bottom, with their axis: by axis, signature and stratum.

    Signatures come by their mean estimate in the first panel, so that the strata of one stay together.
    """
    rows = pd.concat(parts, ignore_index=True)
    rank = {axis: i for i, axis in enumerate(AXES)}
    size = parts[0].groupby("signature")["estimate"].mean()
    stratum = {name: i for i, name in enumerate(dict.fromkeys(rows["stratum"]))}
    placed = rows.assign(
        _axis=rows["axis"].map(lambda axis: rank.get(axis, len(rank))),
        _size=-rows["signature"].map(size),
        _stratum=rows["stratum"].map(stratum),
    ).sort_values(["_axis", "axis", "_size", "signature", "_stratum"], kind="stable")
    return dict(zip(placed["label"], placed["axis"], strict=True))


def grouped(lines: Mapping[str, str], words: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Give each signature a line of its own above its strata, and return the lines and what stands there.

    >>> grouped({"emt.x | time=3": "emt", "emt.x | time=24": "emt"}, {})[1]
    ['emt.x:', 'time 3', 'time 24']
    """
    placed: dict[str, str] = {}
    shown = []
    for line, axis in lines.items():
        name, _, stratum = line.partition(" | ")
        if name not in placed:
            placed[name] = axis
            shown.append(f"{words.get(name, name)}:")
        placed[line] = axis
        shown.append(stratum_words(stratum, words))
    return placed, shown


def stratum_words(stratum: str, labels: Mapping[str, str], design: object = None) -> str:
    """Write the levels of a stratum, and a bare number after its column, as `design` calls it.

    >>> from marrowsig.design import Design
    >>> stratum_words("compartment=CD45+; time=24", {"CD45+": "blasts"})
    'blasts, time 24'
    >>> stratum_words("time=24", {}, Design(culture="arm", time="hours"))
    'hours 24'
    """
    if stratum in labels:
        return labels[stratum]
    pairs = [part.partition("=")[::2] for part in stratum.split("; ")]
    named = [(getattr(design, column, None) or column, level) for column, level in pairs]
    told = [
        labels.get(level, f"{column} {level}" if re.fullmatch(r"[\d.]+", level) else level or column)
        for column, level in named
    ]
    return ", ".join(told)


def _short(strata: list[str]) -> list[str]:
    """Name the column of strata once: "compartment = B", "T", "NK"."""
    heads = {stratum.partition("=")[0] for stratum in strata}
    if len(heads) > 1 or any(";" in stratum for stratum in strata):
        return strata
    levels = [stratum.partition("=")[2] for stratum in strata]
    return [f"{head} = {levels[0]}" for head in heads] + levels[1:]

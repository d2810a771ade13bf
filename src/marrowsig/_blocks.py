"""Which rows belong together: blocks within a line, and pairs that span two lines.

Whether a pair label that stands in both lines means one donor or two cultures of the same number cannot be
seen. Blocks of pair x line hold the level either way for what happens within lines. Between lines, two rows
of one label are paired on their own arms only, which holds the level too when the label means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marrowsig._contrasts import plain_groups
from marrowsig._errors import count, first, warn_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._contrasts import Contrast
    from marrowsig.design import Design


@dataclass(frozen=True)
class Blocked:
    """Rows for a model; `field` names what makes the blocks in the column `block`, or is empty."""

    frame: pd.DataFrame
    field: str = ""
    note: str = ""
    own_arms: bool = False
    reason: str = ""
    alone: Alone | None = None


@dataclass(frozen=True)
class Alone:
    """Rows of one stratum without a partner: the field and column of pairs, where none is, what they miss."""

    rows: tuple[tuple[str, str, str], ...]
    field: str
    column: str
    where: str
    what: str
    stratum: str


def within_lines(design: Design, frame: pd.DataFrame) -> Blocked:
    """Block by pair, else by a unit that recurs, within each line; rows alone in their block are left out.

    Where nothing can be paired in one stratum `reason` says so, and the other strata are compared.
    """
    field, fault = _field(design, frame)
    if not field:
        return Blocked(frame, own_arms=False, reason=fault)
    column = str(getattr(design, field))
    blocked = frame.assign(block=_label(frame, field))
    single = ~blocked["block"].duplicated(keep=False)
    if single.all():
        return _across(frame, field, column)
    alone = None
    if single.any() and design.culture is not None:
        where, what = "in another arm of their line", "comparisons within lines"
        if design.line is None:
            where, what = "in another arm", "the comparisons"
        alone = _alone(blocked[single], field, column, where, what)
    return Blocked(blocked[~single], field, f"paired by {column!r}{_in_line(frame)}", alone=alone)


def _across(frame: pd.DataFrame, field: str, column: str) -> Blocked:
    if not frame[field].duplicated().any():
        nothing = f", so it pairs nothing: leave {field}= out"
        rest = " of this stratum" if frame["stratum"].iloc[0] else nothing
        return Blocked(frame, reason=f"no level of {column!r} has samples in two arms{rest}")
    return Blocked(frame, own_arms=True, note=f"unpaired (no level of {column!r} spans them)")


def between_lines(design: Design, contrast: Contrast, frame: pd.DataFrame) -> Blocked:
    """Take the contrast's own arms: paired where the levels of pair or unit span them, else unpaired."""
    field, fault = _field(design, frame)
    if not field:
        return Blocked(frame, reason=fault)
    own = frame[frame["arm"].isin(list(contrast.weights))]
    tried = [field for field in ("pair", "unit") if getattr(design, field) is not None]
    for field in tried:
        column = str(getattr(design, field))
        both = own[field].duplicated(keep=False)
        if not both.any():
            continue
        names = own.loc[both, field].unique()
        if len(names) == own[field].nunique() == 1:
            reason = f"{column!r} has one pair ({first(names)}); two are needed"
            return Blocked(own, own_arms=True, reason=reason)
        if len(names) < 2:
            others = count(own[field].nunique() - 1, "level stands", "levels stand")
            reason = (
                f"{column!r} has one pair ({first(names)}), the other {others} in one arm; two are needed"
            )
            return Blocked(own, own_arms=True, reason=reason)
        if both.mean() < 0.5:
            reason = (
                f"{len(names)} of {own[field].nunique()} levels of {column!r} stand in both arms "
                f"({first(names)}), the others in one; name cultures apart that are not one, "
                "or leave out what has no partner"
            )
            return Blocked(own, own_arms=True, reason=reason)
        groups, alone = plain_groups(design), None
        if not both.all():
            where = f"in the other {groups!r}" if groups else "in the other line"
            alone = _alone(own[~both], field, column, where, contrast.name)
        kept = own[both].assign(block=own.loc[both, field])
        return Blocked(kept, field, f"paired by {column!r}", own_arms=True, alone=alone)
    note = f"unpaired (no level of {getattr(design, tried[0])!r} spans them)"
    return Blocked(own, own_arms=True, note=note)


def _alone(gone: pd.DataFrame, field: str, column: str, where: str, what: str) -> Alone:
    rows = tuple((str(r[field]), str(r["name"]), str(r["arm"])) for r in gone.to_dict("records"))
    return Alone(rows, field, column, where, what, str(gone["stratum"].iloc[0]))


def tell_alone(found: Sequence[Alone | None]) -> None:
    """Warn of rows that have no partner: once for all strata of what they are left out of."""
    same: dict[tuple[str, ...], list[Alone]] = {}
    for one in dict.fromkeys(a for a in found if a is not None):
        same.setdefault((one.field, one.column, one.where, one.what), []).append(one)
    for (field, column, where, what), parts in same.items():
        n = sum(len(part.rows) for part in parts)
        named = [f"{unit} ({name}, {arm})" for part in parts for unit, name, arm in part.rows]
        if len(parts) == 1:
            told = f"{f' [{parts[0].stratum}]' if parts[0].stratum else ''}: {first(named)}"
        else:
            each = (f"[{part.stratum}] {first(dict.fromkeys(row[0] for row in part.rows))}" for part in parts)
            told = f" in {len(parts)} strata: {'; '.join(each)}"
        rows = count(n, "row has", "rows have")
        msg = f"{rows} no partner of the same {column!r} {where}, left out of {what}{told}."
        warn_once(msg, of=(field, tuple(named)), stacklevel=5)


def complete(frame: pd.DataFrame, contrast: Contrast) -> int:
    """Count the blocks that hold both arms; of an interaction, in the line that has fewer."""
    return min(holding(frame, contrast))


def holding(frame: pd.DataFrame, contrast: Contrast) -> list[int]:
    """Count the blocks that hold both arms; of an interaction, in each line."""
    return [len(_holding(frame, couple)) for couple in _couples(contrast)]


def counted(frame: pd.DataFrame, contrast: Contrast) -> set[str]:
    """Names of the rows that a contrast counts: of its arms, and where there are blocks of whole pairs."""
    names: set[str] = set()
    for couple in _couples(contrast):
        own = frame[frame["arm"].isin(couple)]
        if "block" in own:
            own = own[own["block"].isin(_holding(own, couple))]
        names.update(own["name"])
    return names


def _couples(contrast: Contrast) -> list[list[str]]:
    """Arms that are compared in one block: an interaction lists resistant co and mono, then parental."""
    arms = list(contrast.weights)
    return [arms] if len(arms) == 2 else [arms[:2], arms[2:]]


def in_both(frame: pd.DataFrame, contrast: Contrast) -> list[list[int]]:
    """Rows of the four arms of an interaction, of each level that holds all of them: pairs in both lines.

    None where they are fewer than three, or no more than half of the levels that have a pair in a line.
    """
    arms = list(contrast.weights)
    if len(arms) != 4 or "line" not in frame:
        return []
    held: dict[str, dict[str, int]] = {}
    for row, (block, line, arm) in enumerate(zip(frame["block"], frame["line"], frame["arm"], strict=True)):
        held.setdefault(str(block).removeprefix(f"{line} | "), {})[arm] = row
    paired = [own for own in held.values() if any(own.keys() >= {*arms[i : i + 2]} for i in (0, 2))]
    both = [[own[arm] for arm in arms] for own in paired if own.keys() >= {*arms}]
    return both if len(both) > max(2, len(paired) / 2) else []


def lacking(frame: pd.DataFrame, contrast: Contrast) -> list[str]:
    """Name the samples of the contrast's arms whose block lacks another of them."""
    found = []
    for couple in _couples(contrast):
        own = frame[frame["arm"].isin(couple)]
        alone = own[own.groupby("block")["arm"].transform("nunique") < len(couple)]
        found += [f"{row['name']} in {row['arm']}" for row in alone.to_dict("records")]
    return found


def _holding(frame: pd.DataFrame, arms: list[str]) -> list[str]:
    held: dict[str, set[str]] = {}
    for block, arm in zip(frame["block"], frame["arm"], strict=True):
        held.setdefault(block, set()).add(arm)
    return [block for block, seen in held.items() if seen.issuperset(arms)]


def _field(design: Design, frame: pd.DataFrame) -> tuple[str, str]:
    """`pair`, else `unit` when its levels recur in several arms, else nothing; and what is wrong with it."""
    if design.pair is not None:
        return "pair", ""
    if design.unit is None or not frame["unit"].duplicated().any():
        return "", ""
    recurring = frame["unit"].duplicated(keep=False)
    if recurring.mean() < 0.5:
        fault = (
            f"few levels of {design.unit!r} have rows in several arms "
            f"({first(frame.loc[recurring, 'unit'].unique())}); most have one. "
            f"give pair={design.unit!r} to keep only what is paired, or leave these rows out"
        )
        return "", fault
    return "unit", ""


def _label(frame: pd.DataFrame, field: str) -> pd.Series:
    return frame["line"] + " | " + frame[field] if "line" in frame else frame[field]


def _in_line(frame: pd.DataFrame) -> str:
    return " within each line" if "line" in frame else ""

"""From the rows of `obs` to arms, strata, blocks and batches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig import _absent_in_mono
from marrowsig._arm_names import join, told
from marrowsig._covariates import is_covariate
from marrowsig._covariates import read as covariates
from marrowsig._errors import DesignError, count, first, near, near_column
from marrowsig._log import logger
from marrowsig._of_no_line import hint, of_no_line
from marrowsig._of_no_line import told as told_empty
from marrowsig._one_spelling import require_one_spelling
from marrowsig._rows_out import leave_out
from marrowsig._third_culture import one_at_a_time
from marrowsig._two_controls import require_one_control

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from marrowsig.design import Design

_PARTS = ("line", "culture", "inhibitor")
MERGED = 0.25
"""Share of empty rows from which on merged cells are thought of."""
SHEET = 100
"""Rows from which on they are cells, of which nobody fills in what is empty."""
_STRATA = ("compartment", "time")
_BLANK = ("", "nan", "<na>")
"""What `astype(str)` makes of missing values."""


@dataclass(frozen=True)
class Arms:
    """The rows in the design.

    `frame` has one row per such sample: `row` (position in obs), `name`, `arm`, `stratum`, and the columns of
    the design's other fields as text, covariates as numbers. `strata` are in the order of their levels.
    """

    frame: pd.DataFrame
    inhibitors: tuple[str, ...]
    notes: tuple[str, ...]
    strata: tuple[str, ...] = ()

    def arm_series(self, index: pd.Index) -> pd.Series:
        """Return the arm per row of obs; NaN outside the design."""
        labels = np.full(len(index), np.nan, dtype=object)
        labels[self.frame["row"].to_numpy()] = self.frame["arm"].to_numpy()
        return pd.Series(labels, index=index, name="arm", dtype=object)


def read(design: Design, obs: pd.DataFrame, *, part: bool = False) -> Arms:
    """Check the columns of `obs` against the design, and label its rows; a `part` may lack levels."""
    _check_columns(design, obs)
    fields = {field: column for field, column in design.columns.items() if not is_covariate(field)}
    text = pd.DataFrame({field: as_text(obs[column]) for field, column in fields.items()})
    text.index = pd.RangeIndex(len(obs))
    names = pd.Series(obs.index.astype(str), index=text.index)
    for field, own in levels(design).items():
        if field != "inhibitor":
            require_one_spelling(fields[field], text[field], field=field, named=own, named_only=True)
    outside = _outside(design, text)
    inside = ~np.any(list(outside.values()), axis=0)
    for field in text:
        own = levels(design).get(field, ())
        require_one_spelling(fields[field], text.loc[inside, field], field=field, named=own)
    if not part:
        _check_levels(design, text, obs)
        require_one_control(design, text[inside])
    _check_missing(design, text[inside], names[inside])
    frame = text[inside].copy()
    frame.insert(0, "row", np.flatnonzero(inside))
    frame.insert(1, "name", names[inside])
    frame = frame.assign(**covariates(design, obs, inside))
    frame["arm"] = _label(design, frame)
    frame["stratum"] = _stratum(frame)
    notes = _outside_notes(design, text, outside)
    for note in notes:
        logger.info("%s", note)
    inhibitors, strata = _inhibitors(design, frame), _strata(design, obs, frame)
    return Arms(frame.reset_index(drop=True), inhibitors, tuple(notes), strata)


def levels(design: Design) -> dict[str, tuple[str, ...]]:
    """Field to the levels that the design names for it."""
    named = {
        "culture": (design.mono, design.co),
        "line": (design.parental, design.resistant),
        "inhibitor": (design.vehicle,),
    }
    return {field: named[field] for field in named if getattr(design, field) is not None}


def words(items: Iterable[str]) -> str:
    """Quote and join levels for a message."""
    return ", ".join(repr(i) for i in items)


def as_text(values: pd.Series) -> pd.Series:
    """Levels as text, whole numbers without a point; what is missing, blank or the text "nan" is None."""
    told = zip(map(level_text, values.astype(object)), values.isna(), strict=True)
    return pd.Series(
        [None if gone or word.strip().lower() in _BLANK else word for word, gone in told],
        dtype=object,
        name=values.name,
    )


def order(labels: Iterable[str]) -> list[str]:
    """Sort labels: numbers by size, then text with the numbers in it by size, so that t2 is before t10."""
    return sorted(labels, key=natural)


def natural(label: str) -> tuple[bool, list[str | float], str]:
    """Return what `order` sorts a label by.

    >>> order(["t10", "12", "t2", "3", "0.5 h", "0.25 h"])
    ['3', '12', '0.25 h', '0.5 h', 't2', 't10']
    """
    try:
        return False, ["", float(label)], label
    except ValueError:
        parts = re.split(r"(\d+(?:\.\d+)?)", label)
        return True, [float(part) if i % 2 else part for i, part in enumerate(parts)], label


def in_order(column: pd.Series, *, chosen: bool = False) -> list[str]:
    """Levels of a column of obs as text: ordered categories as they are ordered, others by `order`.

    With `chosen`, so are categories that are not called ordered, unless they stand as software sorts them.
    """
    if isinstance(column.dtype, pd.CategoricalDtype) and (
        column.cat.ordered or (chosen and _by_hand(column.cat.categories))
    ):
        seen = set(column.dropna())
        named = [level_text(level) for level in column.cat.categories if level in seen]
        return [level for level in named if level.strip()]
    return order(as_text(column).dropna().unique())


def _by_hand(categories: pd.Index) -> bool:
    """Whether categories stand in another order than their alphabet, or that of numbers in them."""
    named = list(map(level_text, categories))
    return named not in (sorted(named), sorted(named, key=str.casefold), order(named))


def level_text(value: object) -> str:
    """One level as text, a whole number without a point."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _check_columns(design: Design, obs: pd.DataFrame) -> None:
    if not isinstance(obs, pd.DataFrame):
        msg = f"The design is checked against a table of samples, not {type(obs).__name__}. Pass adata.obs."
        raise DesignError(msg)
    absent = {field: column for field, column in design.columns.items() if column not in obs.columns}
    if absent:
        asked = ", ".join(f"{column!r} ({field})" for field, column in absent.items())
        meant = "".join(near_column(column, obs.columns) for column in list(absent.values())[:3])
        msg = f"obs has no column {asked}.{meant} Available columns: {first(obs.columns, 20) or 'none'}."
        raise DesignError(msg)
    doubled = [c for c in design.columns.values() if isinstance(obs[c], pd.DataFrame)]
    if doubled:
        msg = f"obs has several columns called {words(doubled)}. Rename one of them."
        raise DesignError(msg)


def _check_levels(design: Design, text: pd.DataFrame, obs: pd.DataFrame) -> None:
    wrong = []
    for field, wanted in levels(design).items():
        seen = text[field].value_counts()
        absent = [level for level in wanted if level not in seen.index]
        counts = first((f"{level!r} ({n})" for level, n in seen.items()), 10) or "none"
        column = getattr(design, field)
        if absent:
            rest = [level for level in seen.index if level not in wanted]
            meant = "".join(one_at_a_time(level, rest) or near(level, rest) for level in absent)
            wrong.append(
                f"Column {column!r} has no {words(absent)} in these {len(text)} rows.{meant} "
                f"Levels seen: {counts}. {_blanks(design, field, text[field], absent)}"
                f"{_remedy(design, field, absent, obs, one=len(seen) == 1)}"
            )
        elif field == "inhibitor" and len(seen) == 1:
            wrong.append(
                f"Column {column!r} has {design.vehicle!r} in every row ({len(text)}): no inhibitor arm. "
                f"Rows that had a drug must carry its name there instead of {design.vehicle!r}, or they are "
                "taken for untreated ones: correct the sheet. Was no sample given a drug? Leave "
                "inhibitor= out."
            )
    if wrong:
        raise DesignError("\n".join(wrong))


def _blanks(design: Design, field: str, column: pd.Series, absent: list[str]) -> str:
    """Say that the untreated rows may be those that were left empty."""
    empty = int(column.isna().sum())
    if field != "inhibitor" or not empty or design.vehicle not in absent:
        return ""
    told = count(empty, "cell is empty", "cells are empty")
    return f"{told}: write {design.vehicle!r} there if no inhibitor was given. "


def _remedy(design: Design, field: str, absent: list[str], obs: pd.DataFrame, *, one: bool) -> str:
    """Say what to do; of `one` level in all rows no name of another helps."""
    if one and field in ("culture", "line"):
        out = ", or leave line= out" if field == "line" and design.culture is not None else ""
        return (
            f"That is one arm, with nothing to compare it with: add the rows of the other{out}, "
            "or keep its rows when you take a subset."
        )
    from marrowsig._joined_levels import recoded

    args = {"culture": ("mono", "co"), "line": ("parental", "resistant"), "inhibitor": ("vehicle",)}[field]
    lacking = [arg for arg in args if getattr(design, arg) in absent]
    asked = " and ".join(f"{arg}=" for arg in lacking)
    fields = type(design).__dataclass_fields__
    named = [arg for arg in lacking if getattr(design, arg) != fields[arg].default]
    if field == "inhibitor" and not named:
        return f"Name the level of untreated samples with {asked}."
    if not named:
        if field == "culture" and len(lacking) > 1 and (told := recoded(design, obs)):
            return told
        return f"Name the {'levels' if len(lacking) > 1 else 'level'} with {asked}."
    given = " and ".join(f"{arg}=" for arg in named)
    return f"Give {given} a level that is seen, or keep its rows when you take a subset."


def _outside(design: Design, text: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Field to the rows with a level that the design does not name; missing values are judged later."""
    found = {}
    for field, wanted in levels(design).items():
        if field != "inhibitor":
            found[field] = (text[field].notna() & ~text[field].isin(wanted)).to_numpy()
            if field == "line":
                found[field] |= of_no_line(design, text) & text[field].isna().to_numpy()
    return found


def _outside_notes(design: Design, text: pd.DataFrame, outside: dict[str, NDArray[np.bool_]]) -> list[str]:
    notes = []
    for field, other in outside.items():
        if other.any():
            counts = [f"{level!r} ({n})" for level, n in text.loc[other, field].value_counts().items()]
            empty = other & text[field].isna().to_numpy()
            counts += [told_empty(text, empty)] if empty.any() else []
            where = f"{getattr(design, field)!r} is {first(counts)}"
            notes.append(f"{count(int(other.sum()), 'row lies', 'rows lie')} outside the design: {where}")
    return notes


def _check_missing(design: Design, text: pd.DataFrame, names: pd.Series) -> None:
    for field in text.columns:
        column, missing = design.columns[field], text[field].isna()
        grown = field.startswith(("pair", "unit", "batch"))
        known = _absent_in_mono.entries(text[field]) if grown else text[field]
        mono = _absent_in_mono.where(design, known, text.get("culture"))
        if mono and not field.startswith(("inhibitor", "line")):
            role, blocks = (
                re.sub(r"\d+$", "", field),
                [f for f in ("pair", "unit") if f in text and f != field],
            )
            rows = text[[f for f in (*_PARTS, *_STRATA, *blocks) if f in text]]
            held = design.columns[blocks[0]] if blocks else ""
            raise DesignError(_absent_in_mono.refusal(column, role, text[field], mono, rows, held))
        if missing.any():
            fill = "Fill it in, or leave" if len(text) < SHEET else "Leave"
            msg = (
                f"Column {column!r} ({field}) is empty in {int(missing.sum())} of {len(text)} rows: "
                f"{first(names[missing])}.{hint(design, text, field)} {fill} these rows out: "
                f"{leave_out(names[missing])}."
            )
            if MERGED <= missing.mean() < 1 and len(text) < SHEET:
                msg += " Cells that were merged in a spreadsheet keep the first value only: fill it down."
            if field == "inhibitor":
                msg += (
                    f" Untreated rows need the word {design.vehicle!r} (readers may turn 'None' into empty)."
                )
            raise DesignError(msg)
    if text.empty:
        msg = f"No row is in the design: none combines the levels of {first(design.columns.values())}."
        raise DesignError(msg)


def _label(design: Design, frame: pd.DataFrame) -> pd.Series:
    parts = {field: frame[field] if field in frame else pd.Series("", index=frame.index) for field in _PARTS}
    treated = parts["inhibitor"].where(parts["inhibitor"] != design.vehicle, "")
    for field in ("line", "culture"):
        known = {level: told(design, field, level) for level in parts[field].unique()}
        parts[field] = parts[field].map(known)
    triples = zip(parts["line"], parts["culture"], treated, strict=True)
    return pd.Series([join(*triple) for triple in triples], index=frame.index, dtype=object)


def _stratum(frame: pd.DataFrame) -> pd.Series:
    used = [field for field in _STRATA if field in frame]
    label = pd.Series("", index=frame.index, dtype=object)
    for field in used:
        label = label + ("; " if field != used[0] else "") + field + "=" + frame[field]
    return label


def _strata(design: Design, obs: pd.DataFrame, frame: pd.DataFrame) -> tuple[str, ...]:
    """Labels of the strata, those of the first field together, in the order of the levels."""
    labels = frame["stratum"].unique()
    if len(labels) == 1:
        return (str(labels[0]),)
    places = {field: in_order(obs[getattr(design, field)]) for field in _STRATA if field in frame}
    seen = frame.drop_duplicates("stratum").set_index("stratum")

    def place(label: str) -> list[int]:
        return [places[field].index(seen.loc[label, field]) for field in places]

    return tuple(sorted(seen.index, key=place))


def _inhibitors(design: Design, frame: pd.DataFrame) -> tuple[str, ...]:
    if design.inhibitor is None:
        return ()
    return tuple(order(set(frame["inhibitor"]) - {design.vehicle}))

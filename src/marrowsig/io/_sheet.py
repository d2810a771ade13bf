"""Read a sample sheet and join it to the samples of a matrix."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import InputError, InputWarning, count, first
from marrowsig._workbook import located
from marrowsig.io._content import content
from marrowsig.io._delimiter import layout
from marrowsig.io._names import alike, less_ending, respell, same_letters, told_alike
from marrowsig.io._sheet_cells import SEPARATOR, stripped, typed
from marrowsig.io._sheet_match import SHOWN, Match
from marrowsig.io._title_row import refuse_title_row

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection
    from pathlib import Path

    import numpy as np
    from anndata import AnnData

    from marrowsig.io._found import Found


SKIPPED = "skipped"
"""What a sheet knows of rows above the names of its columns, and of repairs."""
_ANOTHER = (
    " If the matrix holds stroma grown alone, which the sheet does not list, add rows for it to the sheet, "
    "such as 'MSC alone' in the column of the culture, and give stroma='COLUMN=MSC alone'; or save it as a "
    "table of its own and give that as stroma=."
)
MANY = 10
"""Samples above which none is left out by name."""
_USUAL = re.compile(r"sample([ ._-]?(id|name))?s?|id|name", re.IGNORECASE)
"""Columns that are called as those of samples are: named where several fit, preferred to names of files."""


class LackingError(InputError):
    """The sheet names samples that the matrix lacks; `sheet` (indexed by name) has all, `lacking` these."""

    def __init__(self, message: str, sheet: pd.DataFrame, lacking: list[str]) -> None:
        super().__init__(message)
        self.sheet, self.lacking = sheet, lacking


def read_sheet(samples: str | os.PathLike[str] | pd.DataFrame) -> pd.DataFrame:
    """Sample sheet with one row a sample, cells as written; the index of a frame becomes a column.

    Raises
    ------
    InputError
        If it has no rows or repeats a column name.
    """
    if isinstance(samples, pd.DataFrame):
        sheet, name = samples.copy(), "The sample sheet"
        if not isinstance(sheet.index, pd.RangeIndex):
            label = sheet.index.name
            sheet.insert(0, "sample_id" if label is None or label in sheet else label, sheet.index)
        sheet = sheet.reset_index(drop=True)
    else:
        place = located(samples, second=True)
        name = place.name
        sheet = _parse(place)
    skipped = sheet.attrs.get(SKIPPED, ())
    sheet.columns = pd.Index([str(c).strip() for c in sheet.columns], dtype=object)
    if sheet.empty:
        msg = f"{name} lists no samples."
        raise InputError(msg)
    if not sheet.columns.is_unique:
        msg = f"{name} repeats a column: {first(sheet.columns[sheet.columns.duplicated()])}. Rename one."
        raise InputError(msg)
    parted = sheet.attrs.get(SEPARATOR)
    sheet, repaired = stripped(sheet)
    sheet.attrs |= {SKIPPED: (*skipped, *repaired), SEPARATOR: parted}
    return sheet


def known_ids(sheet: pd.DataFrame, sheet_key: str | None) -> frozenset[str]:
    """Return everything in the sheet that could be a sample's name."""
    columns = [sheet_key] if sheet_key in sheet.columns else list(sheet.columns)
    return frozenset(_text(v) for c in columns for v in sheet[c].dropna())


def join(
    found: Found, sheet: pd.DataFrame, *, sheet_key: str | None, leave_out: Collection[str] = ()
) -> AnnData:
    """Add the sheet's columns to `obs`; samples without a row are dropped with a warning.

    Samples to `leave_out` may be in the sheet alone, or in the matrix alone.

    Raises
    ------
    InputError
        If no column fits, ids repeat, or the sheet names samples that the matrix lacks.
    """
    adata = found.adata
    found.decisions += sheet.attrs.get(SKIPPED, ())
    match = _match(sheet, adata, sheet_key)
    ids = sheet[match.column].map(_text)
    matched = set(match.pairs.values())
    absent = ids.isin(list(leave_out)) & ~ids.isin(matched)
    found.absent = list(ids[absent])
    sheet, ids = sheet[~absent], ids[~absent]
    if (ids == "").any():
        msg = f"{int((ids == '').sum())} rows of the sample sheet have no sample name in {match.column!r}."
        raise InputError(msg)
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        msg = (
            f"The sample sheet names {count(len(twice), 'sample')} twice in {match.column!r}: "
            f"{first(twice)}. Keep one row for each."
        )
        raise InputError(msg)
    lacking = [i for i in ids if i not in matched]
    if lacking:
        are = "is" if len(lacking) == 1 else "are"
        meant = alike(lacking, _free(adata, match))
        msg = (
            f"{len(lacking)} of {count(len(ids), 'sample')} of the sheet {are} not in the matrix: "
            f"{first(lacking, SHOWN)}. "
            f"{_left_over(adata, match)} "
            f"Correct the names, or {_or_leave_out([i for i in lacking if i not in meant] or lacking)}."
            f"{told_alike(meant, match.column)}"
        )
        raise LackingError(msg, typed(sheet)[0].set_axis(ids.to_list()), lacking)
    own = adata.obs[match.obs_column].map(_text) if match.obs_column else adata.obs_names.to_series()
    wanted = own.map(match.pairs)
    keep = wanted.notna().to_numpy()
    if not keep.all():
        found.absent += [name for name in own[~keep].unique() if name in leave_out]
        gone = [name for name in own[~keep].unique() if name not in leave_out]
        what = count(len(gone), "sample")
        are = "are" if match.obs_column or len(gone) > 1 else "is"
        what = f"cells of {what}" if match.obs_column else what
        text = f"{what} without a row in the sample sheet {are} dropped: {first(gone)}."
        found.warnings += [(text, InputWarning)] if gone else []
        adata = adata[keep].copy()
    if told := match.told():
        found.warnings.append((told, InputWarning))
    place = f"obs column {match.obs_column!r}" if match.obs_column else "sample names"
    found.decisions.append(f"sheet column {match.column!r} matched to {place} {match.way}")
    cells, read = typed(sheet, names=match.column)
    found.decisions += read
    rows = cells.assign(**{match.column: ids}).set_index(match.column, drop=False).loc[wanted[keep]]
    _add(adata, rows, match, found.decisions)
    return adata


def _or_leave_out(lacking: list[str]) -> str:
    """Offer to leave samples out by name, of many by their rows."""
    if len(lacking) > MANY:
        return "remove these rows from the sheet"
    return f"leave {'it' if len(lacking) == 1 else 'them'} out: leave_out={lacking!r}"


def _parse(path: Path) -> pd.DataFrame:
    data = content(path, fill=True)
    plan = layout(data, path.name)
    sheet = pd.read_csv(
        BytesIO(data), sep=r"\s+" if plan.separator == " " else plan.separator, dtype=str, index_col=False,
        header=None, names=[h or f"column_{i + 1}" for i, h in enumerate(plan.header)], skiprows=plan.skip,
        skip_blank_lines=True,
    ).dropna(how="all")  # fmt: skip
    refuse_title_row(plan.header, sheet, path.name)
    sheet.attrs[SKIPPED] = tuple(f"{path.name}: {text}" for text in plan.titles)
    sheet.attrs[SEPARATOR] = plan.separator
    return sheet


def _match(sheet: pd.DataFrame, adata: AnnData, sheet_key: str | None) -> Match:
    if sheet_key is not None and sheet_key not in sheet.columns:
        msg = f"The sample sheet has no column {sheet_key!r}. Its columns: {first(sheet.columns)}."
        raise InputError(msg)
    columns = [sheet_key] if sheet_key is not None else list(sheet.columns)
    names = adata.obs_names.to_series()
    best = _only(sheet, [(_candidate(column, sheet, names, ""), names) for column in columns])
    best = _less_of_files(best, sheet, names, columns)
    if not best.pairs:
        best = _match_obs(sheet, adata, columns)
    for way in (less_ending, same_letters):
        if not best.pairs:
            best = _only(sheet, [(_candidate(column, sheet, names, "", way), names) for column in columns])
    if not best.pairs:
        msg = (
            f"No column of the sample sheet ({first(columns)}) names the samples of the matrix "
            f"({first(adata.obs_names)}). Sheet: {first(sheet[columns[0]])}. Add a column with the matrix's "
            f"names, and name it with sheet_key= if there are several."
            f"{_looking_alike(sheet, columns, adata) or _ANOTHER}"
        )
        raise InputError(msg)
    _, rest = same_letters(_filled(sheet, best.column), _own(adata, best), best.pairs)
    return replace(best, pairs=best.pairs | rest, rest=rest)


def _less_of_files(best: Match, sheet: pd.DataFrame, names: pd.Series, columns: list[str]) -> Match:
    """Prefer the column of samples that gives each name the same row as one with names of files does."""
    if not best.of_files:
        return best
    for column in (c for c in columns if c != best.column and _USUAL.fullmatch(c)):
        for way in (respell, less_ending):
            other = _candidate(column, sheet, names, "", way)
            if not other.of_files and _rows(sheet, other, names) == _rows(sheet, best, names):
                return replace(other, besides=best.column)
    return best


def _filled(sheet: pd.DataFrame, column: str) -> list[str]:
    return list(sheet[column].dropna().map(_text))


def _looking_alike(sheet: pd.DataFrame, columns: list[str], adata: AnnData) -> str:
    """Say which names of a column look like samples of the matrix, of the column with most of them."""
    found = {c: alike(_filled(sheet, c), map(str, adata.obs_names)) for c in columns}
    column = max(found, key=lambda c: len(found[c]))
    return told_alike(found[column], column)


def _match_obs(sheet: pd.DataFrame, adata: AnnData, columns: list[str]) -> Match:
    """Match a sheet with one row per sample to a column of the cells' annotation."""
    text = [c for c in adata.obs if adata.obs[c].nunique() <= max(2 * len(sheet), 50)]
    own = {c: adata.obs[c].map(_text) for c in text}
    return _only(sheet, [(_candidate(k, sheet, own[c], c), own[c]) for k in columns for c in text])


def _candidate(
    column: str, sheet: pd.DataFrame, names: pd.Series, own: str, way: Callable[..., Any] = respell
) -> Match:
    spelling, pairs = way(_filled(sheet, column), [str(n) for n in names.unique()])
    return Match(column, spelling, pairs, own)


def _only(sheet: pd.DataFrame, tried: list[tuple[Match, pd.Series]]) -> Match:
    """Return the match that finds most names; refuse if as good a one gives other rows to the samples."""
    most = max((len(match.pairs) for match, _ in tried), default=0)
    if most == 0:
        return Match()
    best = [(match, names) for match, names in tried if len(match.pairs) == most]
    # A column of one name in the sheet and in obs says more than values that happen to coincide.
    best = [(m, n) for m, n in best if m.obs_column == m.column] or best
    chosen, names = best[0]
    for other, others in best[1:]:
        if _rows(sheet, other, others) != _rows(sheet, chosen, names):
            raise InputError(_ambiguous(chosen, other))
    return chosen


def _rows(sheet: pd.DataFrame, match: Match, names: pd.Series) -> list[tuple[int, ...]]:
    """Sheet rows of each sample or cell."""
    places: dict[str, tuple[int, ...]] = {}
    for row, key in enumerate(sheet[match.column].map(_text)):
        places[key] = (*places.get(key, ()), row)
    return [places.get(match.pairs.get(str(name), ""), ()) for name in names]


def _ambiguous(one: Match, other: Match) -> str:
    if one.column == other.column:
        return (
            f"Sheet column {one.column!r} fits the obs columns {one.obs_column!r} and {other.obs_column!r}, "
            "differently. Give it the name of the obs column that holds the samples."
        )
    usual = [c for c in (one.column, other.column) if _USUAL.fullmatch(c)]
    return (
        f"The sheet columns {one.column!r} and {other.column!r} both name the samples, differently. "
        f"Say which one holds the names: sheet_key={(usual or [one.column])[0]!r}."
    )


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _left_over(adata: AnnData, match: Match) -> str:
    free = _free(adata, match)
    n = len(_own(adata, match))
    return (
        f"The matrix has: {first(free)}." if free else f"Each of the {n} in the matrix has a row of its own."
    )


def _free(adata: AnnData, match: Match) -> list[str]:
    return [name for name in _own(adata, match) if name not in match.pairs]


def _own(adata: AnnData, match: Match) -> list[str]:
    own = adata.obs[match.obs_column].map(_text).unique() if match.obs_column else adata.obs_names
    return [str(name) for name in own]


def _add(adata: AnnData, rows: pd.DataFrame, match: Match, decisions: list[str]) -> None:
    """Write the columns; of two with one name, a cell keeps the file's, a bulk sample the sheet's."""
    if not match.obs_column:
        adata.obs_names = pd.Index(rows.index, dtype=str)
        rows = rows.drop(columns=match.column)
    for column in rows.columns:
        values = rows[column].to_numpy()
        name = str(column).replace("/", "_")
        if name != column:  # a slash in a key would be a folder in h5ad and zarr
            decisions.append(f"sheet column {str(column)!r} is called {name!r} here")
        if name in adata.obs and not _same(adata.obs[name], values):
            loser = "sheet" if match.obs_column else "file"
            other = f"{name}_{loser}"
            decisions.append(f"{name!r} is in the file and in the sheet: {other!r} keeps the {loser}'s")
            if match.obs_column:
                name = other
            else:
                adata.obs[other] = adata.obs[name]
        elif name in adata.obs:
            continue
        adata.obs[name] = pd.Series(values, index=adata.obs.index)


def _same(own: pd.Series, values: np.ndarray) -> bool:
    return [_text(v) for v in own] == [_text(v) for v in values]

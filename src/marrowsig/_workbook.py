"""A sheet of an Excel workbook as the text of a table, or a refusal that names its cells."""

from __future__ import annotations

import csv
import re
import warnings
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from marrowsig._errors import InputError, InputWarning, count, first, near
from marrowsig._workbook_cells import Cells, is_filled, look, shape
from marrowsig._workbook_place import split

if TYPE_CHECKING:
    import os

_ZIP = b"PK\x03\x04"
_NUMBER = re.compile(r"\s*[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*")
_PADDED = re.compile(r"0{2,}")
_BLANKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
AS_CSV = (
    "save each sheet as its own csv (File > Save As > CSV UTF-8) and give the matrix first, the sheet of "
    "samples second: marrowsig run counts.csv samples.csv, or ms.io.read('counts.csv', samples='samples.csv')"
)
EXTRA = "pip install 'marrowsig[excel]'"


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are an Excel workbook of 2007 and later."""
    if not data.startswith(_ZIP):
        return False
    try:
        with ZipFile(BytesIO(data)) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except BadZipFile:
        return False


def located(place: str | os.PathLike[str], *, second: bool = False) -> Path:
    """Return `place` with the sheet that is taken where it is a workbook, any other as it is.

    `second` says that it lists the samples of another file, so one sheet is asked for.

    Raises
    ------
    InputError
        If several sheets hold something and none is named, or the named one is not there.
    """
    file, sheet = split(place)
    if not file.is_file():
        return Path(place)
    with file.open("rb") as handle:
        if handle.read(4) != _ZIP:
            return _only_a_file(file, sheet)
    data = file.read_bytes()
    if not is_workbook(data):
        return _only_a_file(file, sheet)
    book = _opened(data, file.name)
    return file.with_name(f"{file.name}#{_chosen(book, data, sheet, file.name, second=second).title}")


def sheets(file: Path) -> list[str]:
    """Names of the sheets of a workbook; none of any other file."""
    data = file.read_bytes()
    return [sheet.title for sheet in _opened(data, file.name).worksheets] if is_workbook(data) else []


def sheet_text(data: bytes, place: Path, notes: list[str], *, fill: bool) -> bytes:
    """Write the cells of one sheet as text between tabs, in UTF-8.

    Values of formulas are those that the workbook keeps; dates become year-month-day. Rows and columns that
    are hidden are read, with a warning. With `fill`, as for a sample sheet, cells that are merged downwards
    all get the value; else they are refused.

    Raises
    ------
    InputError
        If openpyxl is absent, no one sheet is named, or cells hold errors, formulas without a value or, but
        for `fill`, are merged downwards.
    """
    file, sheet = split(place)
    book = _opened(data, file.name)
    chosen = _chosen(book, data, sheet, file.name)
    name = f"{file.name}#{chosen.title}"
    about = look(_xml(chosen, data))
    if about.uncomputed:
        n = count(len(about.uncomputed), "formula has no value", "formulas have no values")
        msg = (
            f"{name}: {n} in the file ({first(about.uncomputed)}): a program wrote it, and no spreadsheet "
            "computed it. Open it in Excel or LibreOffice, save it, and read it again."
        )
        raise InputError(msg)
    rows = _rows(chosen, name)
    _merge(rows, about, name, fill=fill)
    top, left = _trim(rows, name)
    _tell_hidden(about, (top, left), rows, name)
    texts = sum(
        isinstance(cell, str) and _NUMBER.fullmatch(cell) is not None for row in rows[1:] for cell in row[1:]
    )
    if texts:
        notes.append(f"{count(texts, 'number')} stored as text, read as such")
    unseen = [s.title for s in book.worksheets if s.sheet_state != "visible" and s is not chosen]
    if unseen:
        notes.append(f"hidden sheets were not read: {first(unseen)}")
    out = StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(
        [_text(cell) for cell in row] for row in rows
    )
    return out.getvalue().encode("utf-8")


def _only_a_file(file: Path, sheet: str) -> Path:
    if sheet:
        msg = f"{file.name} is no Excel workbook (.xlsx), so it has no sheet {sheet!r}."
        raise InputError(msg)
    return file


def _opened(data: bytes, name: str) -> Any:
    try:
        import openpyxl
    except ImportError as error:
        msg = f"{name} is an Excel workbook, which takes openpyxl to read: {EXTRA}. Or, in Excel, {AS_CSV}."
        raise InputError(msg) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that no table needs
            return openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    except Exception as error:
        msg = f"{name} cannot be read as a workbook ({type(error).__name__}). Save it again in Excel."
        raise InputError(msg) from error


def _xml(sheet: Any, data: bytes) -> bytes:
    with ZipFile(BytesIO(data)) as packed:
        return packed.read(sheet._worksheet_path)


def _chosen(book: Any, data: bytes, asked: str, name: str, *, second: bool = False) -> Any:
    """Return the sheet that is asked for, or the only visible one that holds something."""
    if asked:
        for sheet in book.worksheets:
            if sheet.title.strip().lower() == asked.strip().lower():
                return sheet
        meant = near(asked, [sheet.title for sheet in book.worksheets])
        msg = f"{name} has no sheet {asked!r}.{meant} {_listed(data, book.worksheets, name, second=second)}"
        raise InputError(msg)
    filled = [s for s in book.worksheets if s.sheet_state == "visible" and is_filled(_xml(s, data))]
    if len(filled) == 1:
        return filled[0]
    if filled:
        msg = f"{name} holds {len(filled)} sheets: {_listed(data, filled, name, second=second)}"
        raise InputError(msg)
    hidden = [s for s in book.worksheets if is_filled(_xml(s, data))]
    if hidden:
        told = _listed(data, hidden, name, second=second)
        msg = f"{name}: all sheets that hold something are hidden. {told}"
        raise InputError(msg)
    msg = f"{name} is empty: none of its {count(len(book.worksheets), 'sheet')} holds a value."
    raise InputError(msg)


def _listed(data: bytes, sheets: list[Any], name: str, *, second: bool) -> str:
    seen = []
    sizes: list[int] = []
    for sheet in sheets:
        xml = _xml(sheet, data)
        hidden = "" if sheet.sheet_state == "visible" else ", hidden"
        size = shape(xml)
        sizes.append(size[0] * size[1] if size else 0)
        of = f"{size[0]} rows x {size[1]} columns" if size else "filled" if is_filled(xml) else "empty"
        seen.append(f"{sheet.title!r} ({of}{hidden})")
    if second:
        most = _most_described(sheets)
        return (
            f"{first(seen, 10)}. Name the sheet that lists the samples after the file, in the place of "
            f"{name!r}: "
            f"'{name}#{'SHEET' if most is None else most.title}'."
        )
    matrix = sheets[sizes.index(max(sizes))] if max(sizes) else None
    samples = None if matrix is None else _of_samples(matrix, sheets)
    one = f"{name}#{'COUNTS' if matrix is None else matrix.title}"
    two = f"{name}#{'SAMPLES' if samples is None else samples.title}"
    return (
        f"{first(seen, 10)}. Name the sheet after the file: '{one}' '{two}' on the command line, or "
        f"ms.io.read('{one}', samples='{two}')."
    )


def _of_samples(matrix: Any, sheets: list[Any]) -> Any:
    """Return the sheet with most names of the columns of `matrix` one below the other; None without any."""
    named = {str(cell) for row in _begin(matrix, 10) for cell in row[1:] if isinstance(cell, str)}
    most, found = 1, None
    for sheet in sheets:
        if sheet is not matrix:
            n = sum(any(str(cell) in named for cell in row) for row in _begin(sheet, 500))
            most, found = (n, sheet) if n > most else (most, found)
    return found


def _most_described(sheets: list[Any]) -> Any:
    """Return the sheet with most columns of words, as a list of samples has; None if two do."""
    found = []
    for sheet in sheets:
        body = list(zip(*list(_begin(sheet, 100))[1:], strict=False))
        found.append(sum(2 * sum(isinstance(cell, str) for cell in column) > len(column) for column in body))
    best = [sheet for sheet, n in zip(sheets, found, strict=True) if n == max(found)]
    return best[0] if len(best) == 1 else None


def _begin(sheet: Any, n: int) -> Any:
    sheet.reset_dimensions()
    return sheet.iter_rows(max_row=n, values_only=True)


def _rows(sheet: Any, name: str) -> list[list[Any]]:
    """Values of all cells, as many in each row; dates as dates, numbers shown with zeros in front as text."""
    from marrowsig._progress import steps

    sheet.reset_dimensions()  # what a program noted there need not be true
    rows: list[list[Any]] = []
    wrong: list[str] = []
    for row in steps(sheet.iter_rows(), progress=True, desc=f"Reading {name}", unit=" rows", delay=1):
        values = []
        for cell in row:
            value = cell.value
            if value is not None and cell.data_type == "e":
                wrong.append(f"{cell.coordinate}: {value}")
            elif isinstance(value, int) and not isinstance(value, bool):
                shown = str(cell.number_format)
                value = f"{value:0{len(shown)}d}" if _PADDED.fullmatch(shown) else value
            values.append(value)
        rows.append(values)
    if wrong:
        msg = (
            f"{name}: {count(len(wrong), 'cell holds an error', 'cells hold errors')} in place of a value "
            f"({first(wrong)}). Correct the formulas, or empty these cells, and save the workbook."
        )
        raise InputError(msg)
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[None] * (width - len(row))] for row in rows]


def _merge(rows: list[list[Any]], about: Cells, name: str, *, fill: bool) -> None:
    """Fill cells that are merged downwards, or refuse them; what is merged sideways keeps one value."""
    down = {ref: box for ref, box in about.merged.items() if box[2] > box[0] and box[0] < len(rows)}
    down = {ref: box for ref, box in down.items() if rows[box[0]][min(box[1], len(rows[0]) - 1)] is not None}
    if not down:
        return
    start = next(i for i, row in enumerate(rows) if any(_is_there(cell) for cell in row))
    if not fill or any(box[0] <= start for box in down.values()):
        what = "table" if fill else "matrix"
        msg = (
            f"{name}: cells are merged ({first(down)}), and a {what} has one row with names and one value in "
            "each cell. In Excel, select the sheet, choose Home > Merge & Center > Unmerge Cells, fill in "
            "what is empty then, and save."
        )
        raise InputError(msg)
    for top, left, bottom, right in down.values():
        for i in range(top, min(bottom, len(rows) - 1) + 1):
            for j in range(left, min(right, len(rows[0]) - 1) + 1):
                rows[i][j] = rows[top][left]
    text = f"{name}: merged cells ({first(down)}) were read as if each held the value that is shown."
    warnings.warn(text, InputWarning, stacklevel=5)


def _trim(rows: list[list[Any]], name: str) -> tuple[int, int]:
    """Take empty rows and columns off at all four sides; return how many at the top and at the left."""
    there = [[_is_there(cell) for cell in row] for row in rows]
    filled = [i for i, row in enumerate(there) if any(row)]
    if not filled:
        msg = f"{name} is empty: no cell holds a value."
        raise InputError(msg)
    columns = [j for j in range(len(rows[0])) if any(row[j] for row in there)]
    rows[:] = [row[columns[0] : columns[-1] + 1] for row in rows[filled[0] : filled[-1] + 1]]
    return filled[0], columns[0]


def _tell_hidden(about: Cells, corner: tuple[int, int], rows: list[list[Any]], name: str) -> None:
    top, left = corner
    lines = [i + 1 for i in about.hidden_rows if top <= i < top + len(rows)]
    columns = [c for c in about.hidden_columns if left <= c < left + len(rows[0])]
    from openpyxl.utils import get_column_letter

    told = [f"{count(len(lines), 'row')} ({first(lines)})"] if lines else []
    if columns:
        told.append(f"{count(len(columns), 'column')} ({first(get_column_letter(c + 1) for c in columns)})")
    if told:
        text = (
            f"{name}: {' and '.join(told)} hidden in Excel, by hand or by a filter, were read like all "
            "others. Delete them there if they are not to count."
        )
        warnings.warn(text, InputWarning, stacklevel=5)


def _is_there(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else _BLANKS.sub(" ", str(cell))

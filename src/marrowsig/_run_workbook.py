"""The tables of a run as the sheets of one Excel workbook, for a supplement."""

from __future__ import annotations

import math
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from marrowsig._errors import InputError, first
from marrowsig._manifest import changed_since, copied, of_run, renew
from marrowsig._progress import steps
from marrowsig._run_tables import read_table
from marrowsig.io._together import together

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from os import PathLike

    import pandas as pd
    from openpyxl import Workbook

NAME = "tables.xlsx"
LONG = "gene_tests.csv.gz"
HOLDS = {
    "claims": "claim: verdict, reason, sizes with intervals, adjusted p",
    "questions": "further question, with a family of its own",
    "table": "contrast and signature: the few columns that one reads, three digits",
    "contrasts": "contrast and signature: every column",
    "rescue": "signature, line and inhibitor: rise, reversal, fraction reversed",
    "claim_genes": "gene of a claim: change, part of the size to cite, carry-over",
    "scores": "sample, signature and method, beside the columns of the sample sheet",
    "stroma": "signature and contrast: what stroma's RNA gives, and the same without the genes it could move",
    "stroma_shares": "sample: share of stroma's RNA with its interval",
    "stroma_share_contrasts": "two co-cultures: difference of these shares",
    "leukaemia_shares": "sample of stroma: share of leukaemia RNA",
    "stroma_genes": "gene left out, and why",
    "coverage": "signature: genes listed, found, missing",
    "genes": "gene that is called otherwise here",
    "design": "model and sample: the model matrices",
    "design_weights": "contrast: its weights",
    "gene_sets": "main signature and contrast: tests on its genes",
    "null": "signature and contrast: excess over random signatures",
    "sensitivity": "contrast and specification: without genes of the cell cycle or of maturation",
    "maturation": "signature and contrast: verdict on maturation",
    "maturation_correlations": "signature: correlation with maturation",
    "multiverse_summary": "axis or signature, and contrast: how many ways of scoring agree",
    "multiverse": "way of scoring: its effect",
    "chain": "stratum: verdict on IL-6, STAT3 and EMT",
    "chain_links": "link: partial correlation within arms",
    "chain_steps": "step: the genes that stand for it",
    "chain_inhibitors": "line and inhibitor: what is taken back of STAT3 and EMT",
    "chain_contrasts": "step or gene, and contrast: its difference",
    "chain_genes": "gene and arm: its mean, and whether it is expressed",
    "cells": "signature, contrast and route: the same asked of means and shares of single cells",
    "cells_units": "sum of cells: how many cells it holds",
    "cells_scores": "sum and signature: scores of the cells",
}
"""Tables by the names of their files, in the order of the sheets, and what a row of each is about."""
SCORES = "sample: a column for each signature"
KEPT = "sample: the same scores on the genes that stroma could not move"
SMALL, LARGE, WIDEST = 1e-3, 1e4, 60
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_TIME = b"1980-01-01T00:00:00Z"  # without the time, the same tables give the same file


def write_workbook(
    folder: str | PathLike[str], out: str | PathLike[str] | None = None, *, progress: bool = False
) -> tuple[Path, list[str]]:
    """Write the tables of the run in `folder` as one workbook; return its path, and what there is to say.

    Into `tables.xlsx` of that folder, or to `out`. Tests of every gene stay in their own file.
    """
    place = Path(folder)
    found = of_run(place, ["contrasts.csv"])
    names = _in_order(name.removesuffix(".csv") for name in found["files"] if _is_table(name))
    if moved := changed_since(place, [f"{name}.csv" for name in names]):
        again = f": {found['command']}" if found.get("command") else "."
        msg = f"Not as the run wrote it into {str(place)!r}: {first(moved)}. Run again{again}"
        raise InputError(msg)
    target = _target(place, out)
    book, lengths = _new_book(), {}
    about = book.create_sheet("about")
    for name in steps(names, progress=progress, desc="sheets"):
        frame = read_table(place / f"{name}.csv")
        lengths[name] = len(frame)
        _fill(book.create_sheet(_sheet(name)), frame)
    _tell(about, found, lengths, whole=LONG not in found["files"])
    data = BytesIO()
    book.save(data)
    told: list[str] = []
    with together(target.parent) as part:
        (part.new / target.name).write_bytes(_timeless(data.getvalue()))
        if target == place / NAME:
            told = copied(place, [NAME])
            renew(part)
    return target, told


def _target(place: Path, out: str | PathLike[str] | None) -> Path:
    target = place / NAME if out is None else Path(out)
    if target.suffix.lower() != ".xlsx":
        msg = f"{target.name} is no name of a workbook. End it in .xlsx, such as {target.stem}.xlsx."
        raise InputError(msg)
    return place / NAME if target.resolve() == (place / NAME).resolve() else target


def _is_table(name: str) -> bool:
    return name.endswith(".csv") and "/" not in name


def _in_order(names: Iterable[str]) -> list[str]:
    """Put the tables that one reads first, then scores by method, then the others by name."""
    known = list(HOLDS)
    place = {name: (known.index(name), "") if name in HOLDS else (len(known), name) for name in names}
    scores = known.index("scores")
    place |= {name: (scores, name) for name in place if name.startswith("scores")}
    return sorted(place, key=place.__getitem__)


def _new_book() -> Workbook:
    try:
        from openpyxl import Workbook
    except ImportError as error:
        msg = "A workbook takes openpyxl to write: pip install 'marrowsig[excel]'."
        raise InputError(msg) from error
    return Workbook(write_only=True)


def _sheet(name: str) -> str:
    return name[:31]  # Excel takes no longer names


def _fill(sheet: Any, frame: pd.DataFrame) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    columns = [str(name) for name in frame]
    rows = [list(row) for row in frame.itertuples(index=False, name=None)]
    for place, name in enumerate(columns):
        width = max([len(name), *(len(_shown(row[place])) for row in rows[:200])])
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(width + 2, WIDEST)
    sheet.append(_heads(sheet, columns))
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(columns), 1))}{len(rows) + 1}"


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _heads(sheet: Any, names: Iterable[str]) -> list[Any]:
    from openpyxl.styles import Font

    cells = [_cell(sheet, name) for name in names]
    for cell in cells:
        cell.font = Font(bold=True)
    return cells


def _cell(sheet: Any, value: Any) -> Any:
    """Make a cell: numbers in full and shown in few digits, words as words also where they begin with `=`."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, _UNWRITABLE.sub("", value)[:32767] or None)
        if cell.value is not None:
            cell.data_type = "s"
        return cell
    if not isinstance(value, float):
        return WriteOnlyCell(sheet, value)
    if not math.isfinite(value):
        return WriteOnlyCell(sheet, None if math.isnan(value) else str(value))
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = "0.0000" if value == 0 or SMALL <= abs(value) < LARGE else "0.00E+00"
    return cell


def _tell(sheet: Any, found: Mapping[str, Any], lengths: Mapping[str, int], *, whole: bool) -> None:
    """Fill the first sheet: what made the tables, and what each of them holds."""
    for letter, width in zip("ABC", (28, 10, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append(_heads(sheet, [f"Tables of a run of marrowsig {found.get('marrowsig', '')}".rstrip()]))
    for line in (f"Command: {found['command']}" if found.get("command") else "", *_remarks(whole=whole)):
        if line:
            sheet.append([_cell(sheet, line)])
    sheet.append([])
    sheet.append(_heads(sheet, ["sheet", "rows", "one row per"]))
    for name, rows in lengths.items():
        sheet.append([_cell(sheet, value) for value in (_sheet(name), rows, _holds(name, lengths))])


def _remarks(*, whole: bool) -> Iterator[str]:
    yield "Numbers are in full and shown in few digits. An empty cell of numbers is one that there is not."
    yield "What each column says: docs/howto/report.md of marrowsig, 'The tables'."
    if not whole:
        yield f"Tests of every gene are too many rows for a sheet that one reads: {LONG} beside it."


def _holds(name: str, names: Collection[str]) -> str:
    if name in HOLDS:
        return HOLDS[name]
    if name.startswith("scores_") and name in names:
        return KEPT if name.endswith("_kept") else SCORES
    return ""


def _timeless(data: bytes) -> bytes:
    """Write the workbook again without the time at which it was made."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            held = _DATES.sub(rb"\g<1>" + _TIME, old.read(name))
            new.writestr(ZipInfo(name), held, ZIP_DEFLATED)
    return out.getvalue()

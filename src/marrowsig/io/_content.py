"""The bytes of a text file, unpacked and in UTF-8, or a refusal that says what the file is instead."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from marrowsig._errors import InputError
from marrowsig._unpack import gunzip
from marrowsig._workbook import AS_CSV, is_workbook, sheet_text
from marrowsig._workbook_place import file_of

if TYPE_CHECKING:
    from pathlib import Path

_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
_OTHER = {
    b"PK\x03\x04": f"a zip archive, and no Excel workbook (.xlsx). Unpack it; of another workbook, {AS_CSV}",
    b"\xd0\xcf\x11\xe0": (
        f"an old Excel workbook (.xls), or one with a password. In Excel, save it as .xlsx, or {AS_CSV}"
    ),
    b"BZh": "packed with bzip2. Unpack it first",
    b"\xfd7zXZ": "packed with xz. Unpack it first",
    b"RDX": "an R object. Write the matrix with write.csv in R",
    b"%PDF": "a PDF. Get the table itself",
}
HDF5 = b"\x89HDF\r\n\x1a\n"


def content(path: Path, notes: list[str] | None = None, *, fill: bool = False) -> bytes:
    """Read a plain or gzipped text file, or one sheet of a workbook, whole.

    What was decided of a workbook is added to `notes`; with `fill` its merged cells all get their value.

    Raises
    ------
    InputError
        If the file is absent, empty, cut off, packed otherwise, binary, or a web page, or a workbook that
        cannot be read.
    """
    raw = _packed(file_of(path))
    data = _unpack(raw, path) if raw[:2] == b"\x1f\x8b" else raw
    if is_workbook(data):
        return sheet_text(data, path, [] if notes is None else notes, fill=fill)
    if path.name.startswith("~$"):
        msg = f"{path.name} is Excel's lock file: take the file without ~$, {path.name.removeprefix('~$')}."
        raise InputError(msg)
    for magic, words in _OTHER.items():
        if data.startswith(magic):
            msg = f"{path.name} is {words}."
            raise InputError(msg)
    data = _utf8(data, path)
    _refuse_page(data, path)
    return data


def is_hdf5(path: Path) -> bool:
    """Whether the file starts as HDF5 files do."""
    with path.open("rb") as handle:
        return handle.read(8) == HDF5


def _packed(path: Path) -> bytes:
    if not path.is_file():
        msg = f"There is no file {str(path)!r}."
        raise InputError(msg)
    raw = path.read_bytes()
    if not raw.strip():
        msg = f"{path.name} is empty ({len(raw)} bytes). Download or export it again."
        raise InputError(msg)
    return raw


def _unpack(raw: bytes, path: Path) -> bytes:
    data = gunzip(raw, path.name)
    if not data.strip():
        msg = f"{path.name} is empty once unpacked. Download or export it again."
        raise InputError(msg)
    return data


def _utf8(data: bytes, path: Path) -> bytes:
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return _decoded(data, encoding, path)
    if b"\x00" in data[:4096]:
        msg = f"{path.name} is binary, not a table of text. Readable: {READABLE}."
        raise InputError(msg)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _western(data).encode("utf-8")
    return data


def _western(data: bytes) -> str:
    """Read what spreadsheets save as plain csv: Windows-1252, or Latin-1 where that has no such letter."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _decoded(data: bytes, encoding: str, path: Path) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        msg = f"{path.name} is marked as {encoding} text and is none: {error}. Export it again."
        raise InputError(msg) from error


def _refuse_page(data: bytes, path: Path) -> None:
    start = data[:500].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        msg = f"{path.name} is a web page, not data. Download the file itself."
        raise InputError(msg)


READABLE = (
    "csv, tsv and txt tables (plain or gz), sheets of Excel workbooks (.xlsx), RSEM genes.results, GCT, "
    "GEO series matrix, h5ad, zarr, 10x h5, 10x matrix folders, and folders with one file of counts a sample"
)

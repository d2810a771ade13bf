"""Read a Matrix Market file of one entry a line, after its head was checked against its size."""

from __future__ import annotations

from io import BytesIO

from scipy import sparse
from scipy.io import mmread

from marrowsig._errors import InputError

_FIELDS = (b"integer", b"real", b"double", b"unsigned-integer")
_LARGEST = 2**31 - 2


def read_entries(data: bytes, name: str) -> sparse.csc_matrix:
    """Return the matrix (n_rows, n_columns).

    Raises
    ------
    InputError
        If head and entries do not agree, or an entry lies outside.
    """
    _check_head(data, name)
    try:
        matrix = sparse.csc_matrix(mmread(BytesIO(data), spmatrix=False))
    except (ValueError, OverflowError, EOFError, IndexError) as error:
        msg = f"{name} is no complete Matrix Market file: {error}"
        raise InputError(msg) from error
    return matrix


def _check_head(data: bytes, name: str) -> None:
    """Refuse sizes that the file cannot have before anybody makes room for them."""
    first, _, rest = data.partition(b"\n")
    words = first.lower().split()
    if (
        len(words) != 5
        or words[:3] != [b"%%matrixmarket", b"matrix", b"coordinate"]
        or words[3] not in _FIELDS
    ):
        msg = (
            f"{name} is no Matrix Market file of entries: its first line is {first[:60]!r}. "
            "Readable are 'matrix coordinate' with integer or real values."
        )
        raise InputError(msg)
    while rest.startswith(b"%") or (rest[:1] in b"\r\n" and rest):
        rest = rest.partition(b"\n")[2]
    line, _, body = rest.partition(b"\n")
    try:
        rows, columns, entries = (int(word) for word in line.split())
    except ValueError as error:
        msg = f"{name} does not state rows, columns and entries: {line[:60]!r}."
        raise InputError(msg) from error
    if not (0 <= rows <= _LARGEST and 0 <= columns <= _LARGEST) or entries < 0:
        msg = f"{name} states {rows} rows, {columns} columns and {entries} entries, which cannot be."
        raise InputError(msg)
    lines = body.count(b"\n") + (not body.endswith(b"\n") and bool(body.strip()))
    if lines < entries:
        msg = f"{name} is no complete Matrix Market file: {entries:,} entries stated, {lines:,} lines there."
        raise InputError(msg)

"""Read GCT 1.2 and 1.3."""

from __future__ import annotations

import csv
from io import BytesIO

import numpy as np
import pandas as pd

from marrowsig._errors import InputError
from marrowsig.io._annotation import numbers
from marrowsig.io._found import GENES_BY_SAMPLES, Found, assemble, frame, whole_rows


def is_gct(data: bytes) -> bool:
    """Whether the file starts with a GCT version line."""
    return data.startswith((b"#1.2", b"#1.3"))


def read_gct(data: bytes, name: str) -> Found:
    """Read a GCT file; descriptions and row annotation go to `var`, column annotation to `obs`.

    Raises
    ------
    InputError
        If the table does not have the size that its second line states.
    """
    version = data[1:4].decode()
    rows, columns, about_rows, about_columns = _sizes(data, version, name)
    cells = _cells(data, name)
    wide, high = cells.shape[1] - 1 - about_rows, cells.shape[0] - 1 - about_columns
    if (high, wide) != (rows, columns):
        msg = (
            f"{name}: line 2 states {rows} rows x {columns} samples, the table has {high} x {wide}. "
            "The file is cut off or was edited; get it again, or correct line 2."
        )
        raise InputError(msg)
    samples = cells.iloc[0, 1 + about_rows :].tolist()
    body = cells.iloc[1 + about_columns :, 1 + about_rows :].reset_index(drop=True)
    genes = cells.iloc[1 + about_columns :, 0].tolist()
    values = numbers(_as_numbers(body), genes, samples, name)
    var = {cells.iloc[0, i]: cells.iloc[1 + about_columns :, i].tolist() for i in range(1, 1 + about_rows)}
    obs = {cells.iloc[i, 0]: cells.iloc[i, 1 + about_rows :].tolist() for i in range(1, 1 + about_columns)}
    return Found(
        assemble(np.ascontiguousarray(values.T), frame(samples, _typed(obs)), frame(genes, _typed(var))),
        f"gct {version}",
        GENES_BY_SAMPLES,
        decisions=[f"GCT {version}, {about_rows} annotation columns, {about_columns} annotation rows"],
    )


def _cells(data: bytes, name: str) -> pd.DataFrame:
    """Every cell below line 2 as text. As many columns as the widest line of the first ones has."""
    with whole_rows(name):
        return pd.read_csv(
            BytesIO(data),
            sep="\t",
            header=None,
            skiprows=2,
            dtype=str,
            quoting=csv.QUOTE_NONE,
            keep_default_na=False,
            index_col=False,
            low_memory=False,
        )


def _sizes(data: bytes, version: str, name: str) -> tuple[int, int, int, int]:
    line = ([*data.split(b"\n", 2), b""])[1].decode().strip()
    try:
        sizes = [int(n) for n in line.split()]
    except ValueError:
        sizes = []
    if len(sizes) != (2 if version == "1.2" else 4) or min(sizes) < 0:
        msg = f"{name}: line 2 of a GCT {version} file states its size; {line[:60]!r} does not."
        raise InputError(msg)
    return (sizes[0], sizes[1], 1, 0) if version == "1.2" else (sizes[0], sizes[1], sizes[2], sizes[3])


def _as_numbers(body: pd.DataFrame) -> pd.DataFrame:
    empty = body.isin(["", "NA", "na", "NaN", "nan", "N/A", "null"])
    filled = body.mask(empty)
    return filled.apply(lambda column: pd.to_numeric(column, errors="coerce") if _clean(column) else column)


def _clean(column: pd.Series) -> bool:
    return bool((pd.to_numeric(column, errors="coerce").isna() == column.isna()).all())


def _typed(columns: dict[str, list[str]]) -> dict[str, list[str] | np.ndarray]:
    typed: dict[str, list[str] | np.ndarray] = {}
    for key, cells in columns.items():
        as_numbers = pd.to_numeric(pd.Series(cells), errors="coerce")
        typed[key] = cells if as_numbers.isna().any() else as_numbers.to_numpy()
    return typed

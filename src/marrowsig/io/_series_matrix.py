"""Read GEO series matrix files: values, and what GEO knows of each sample."""

from __future__ import annotations

import csv
import re
from io import BytesIO

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, InputWarning
from marrowsig.io._annotation import numbers
from marrowsig.io._found import GENES_BY_SAMPLES, Found, assemble, frame, whole_rows
from marrowsig.io._guarded import guard, unguard

_BEGIN, _END = b"!series_matrix_table_begin", b"!series_matrix_table_end"
_KEPT = {
    "title": "title",
    "geo_accession": "geo_accession",
    "source_name_ch1": "source_name",
    "organism_ch1": "organism",
    "platform_id": "platform",
    "description": "description",
}


def is_series_matrix(data: bytes) -> bool:
    """Whether the first lines are those of a GEO series matrix."""
    return b"!Series_title" in data[:5000] or b"!Sample_title" in data[:20000]


def read_series_matrix(data: bytes, name: str) -> Found:
    """Read values (probes x samples) and sample annotation.

    Raises
    ------
    InputError
        If the table is cut off, or the file has no values (as for most RNA-seq series).
    """
    begin, end = data.find(_BEGIN), data.find(_END)
    if begin < 0 or end < 0:
        mark = (_BEGIN if begin < 0 else _END).decode()
        msg = f"{name} has no {mark} line, so its table is cut off. Download it again."
        raise InputError(msg)
    notes = _sample_lines(data[:begin])
    cells = _cells(data[data.find(b"\n", begin) + 1 : end], name)
    samples = [str(c).strip() for c in cells.columns[1:]]
    probes = unguard(cells.iloc[:, 0]).tolist()
    values = numbers(cells.iloc[:, 1:], probes, samples, name)
    found = Found(
        assemble(np.ascontiguousarray(values.T), _obs(notes, samples), frame(probes)),
        "series_matrix",
        GENES_BY_SAMPLES,
        decisions=[f"GEO series matrix, {len(probes)} rows"],
    )
    stated = {c for _, line in notes if _ == "data_row_count" for c in line if c.strip()}
    if stated and stated != {str(len(probes))}:
        found.warnings.append(
            (
                (
                    f"{name}: !Sample_data_row_count states {', '.join(sorted(stated))} rows, the table has "
                    f"{len(probes)}. The file was cut or filtered; download it again if that was not meant."
                ),
                InputWarning,
            )
        )
    return found


def read_samples(data: bytes, name: str) -> pd.DataFrame:
    """Sample annotation (n_samples, n_columns) by GSM, also of a series matrix without values.

    Raises
    ------
    InputError
        If the file names no samples.
    """
    begin = data.find(_BEGIN)
    if begin < 0 or data.find(_END) < 0:
        msg = f"{name} is cut off: its table does not begin and end. Download it again."
        raise InputError(msg)
    notes = _sample_lines(data[:begin])
    samples = next((line for key, line in notes if key == "geo_accession"), [])
    if not samples or len(set(samples)) < len(samples):
        msg = f"{name} names no samples, or one twice: {len(samples)} in its !Sample_geo_accession line."
        raise InputError(msg)
    return _obs(notes, samples)


def _sample_lines(head: bytes) -> list[tuple[str, list[str]]]:
    """Every `!Sample_...` line as its name and one cell per sample."""
    lines = [line for line in head.decode("utf-8").split("\n") if line.startswith("!Sample_")]
    rows = csv.reader(lines, delimiter="\t")
    return [(row[0].removeprefix("!Sample_"), [c.strip() for c in row[1:]]) for row in rows]


def _cells(body: bytes, name: str) -> pd.DataFrame:
    with whole_rows(name):
        cells = pd.read_csv(
            BytesIO(body), sep="\t", converters={0: guard}, low_memory=False, index_col=False,
            na_values=["null", "NULL"],
        )  # fmt: skip
    if cells.shape[0] == 0 or cells.shape[1] < 2:
        msg = (
            f"{name} holds no values, only sample annotation: for RNA-seq GEO keeps the counts in the "
            "supplementary files of the series. Read that file, with this one's samples as the sample sheet."
        )
        raise InputError(msg)
    return cells


def _obs(notes: list[tuple[str, list[str]]], samples: list[str]) -> pd.DataFrame:
    columns: dict[str, list[str]] = {}
    order = next((line for key, line in notes if key == "geo_accession"), samples)
    for key, line in notes:
        if len(line) != len(order):
            continue
        if key.startswith("characteristics_ch"):
            _add_characteristics(columns, line, channel="_ch2" if key.endswith("ch2") else "")
        elif key in _KEPT and any(line):
            columns[_KEPT[key]] = line
    table = frame(order, columns)
    return table.reindex(samples).fillna("") if set(samples) != set(order) else table.loc[samples]


def _add_characteristics(columns: dict[str, list[str]], line: list[str], *, channel: str = "") -> None:
    """`tissue: marrow` -> column `tissue`; one line may carry different keys for different samples."""
    for place, cell in enumerate(line):
        if not cell:
            continue
        key, mark, value = cell.partition(":")
        key = re.sub(r"[^a-z0-9]+", "_", key.strip().lower()).strip("_") if mark else "characteristics"
        key = f"{key}_characteristic" if key in _KEPT.values() else key or "characteristics"
        column = columns.setdefault(key + channel, [""] * len(line))
        text = value.strip() if mark else cell
        if text not in column[place].split("; "):  # the same line is often given twice
            column[place] = f"{column[place]}; {text}" if column[place] else text

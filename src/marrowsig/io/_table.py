"""Read csv, tsv and txt tables, genes in rows or in columns."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, count, first
from marrowsig.io._annotation import (
    describes_genes,
    is_count_up,
    is_text,
    may_describe_genes,
    normal,
    numbers,
)
from marrowsig.io._delimiter import Layout, layout
from marrowsig.io._found import GENES_BY_SAMPLES, SAMPLES_BY_GENES, Found, assemble, frame, whole_rows
from marrowsig.io._guarded import guard, unguard
from marrowsig.io._not_numbers import refuse_marked
from marrowsig.io._orientation import orient
from marrowsig.io._title_row import refuse_title_row

NOT_GENES = ("__", "N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous")
_ID_NAMES = (
    "geneid",
    "gene",
    "ensemblgeneid",
    "ensemblid",
    "ensembl",
    "genesymbol",
    "symbol",
    "genename",
    "id",
)


def read_table(
    data: bytes,
    name: str,
    *,
    known: frozenset[str] = frozenset(),
    orientation: str | None = None,
    gene_column: str | None = None,
) -> Found:
    """Read one delimited table.

    Parameters
    ----------
    data
        The file as UTF-8 text.
    name
        File name, for messages.
    known
        Sample ids of the sample sheet, empty without one.
    orientation, gene_column
        What the caller said.

    Raises
    ------
    InputError
        If it is no matrix of numbers with a name for every row and column.
    """
    plan = layout(data, name)
    cells = parse(data, plan, name)
    refuse_title_row(plan.header, cells, name)
    header = list(plan.header)
    notes = list(plan.decisions)
    cells, header = _drop_empty(cells, header, notes)
    texts = [
        i for i, dtype in enumerate(cells.dtypes) if dtype.kind not in "iuf" and is_text(cells.iloc[:, i])
    ]
    key = _id_place(cells, header, texts, gene_column, name)
    refuse_marked(cells, header, [i for i in texts if i != key], name)
    skipped: set[int] = set()
    if key != 0:
        again = parse(data, plan, name, text=int(cells.columns[key]))  # a gene called NA must stay one
        cells, _ = _drop_empty(again, list(plan.header), [])
        if is_count_up(cells.iloc[:, 0]):
            notes.append("first column is only a row number: left out")
            skipped = {0}
        texts = sorted({0, *texts})
    described = [i for i in texts if i != key and i not in skipped and header[i] not in known]
    matrix = [i for i in range(len(header)) if i != key and i not in described and i not in skipped]
    if not matrix:
        msg = f"{name} is not a matrix: none of its {len(header)} columns holds numbers ({first(header)})."
        raise InputError(msg)
    rows = [str(v) for v in cells.iloc[:, key]]
    columns = [header[i] for i in matrix]
    way, why = orient(rows, columns, known=known, asked=orientation, name=name, corner=header[key])
    notes.append(f"{way.replace('_', ' ')}: {why}")
    if way == GENES_BY_SAMPLES:
        like = [i for i in matrix if header[i] not in known and may_describe_genes(header[i])]
        named = [i for i in like if describes_genes(header[i], cells.iloc[:, i])]
        if len(named) == len(matrix):
            msg = f"{name} is not a matrix: its columns describe genes ({first(header[i] for i in named)})."
            raise InputError(msg)
        described, matrix = sorted(described + named), [i for i in matrix if i not in named]
    if described:
        n_values, left = len(matrix), first(header[i] for i in described)
        total = count(n_values + len(described), "column")
        notes.append(
            f"{n_values} of {total} hold values, the others describe rows and are not scored: {left}"
        )
    return _build(cells, header, key, matrix, described, way, notes, name)


def parse(data: bytes, plan: Layout, name: str, *, text: int = 0) -> pd.DataFrame:
    """Read all cells; column `text` as text, the others as numbers where they are."""
    with whole_rows(name):
        cells = pd.read_csv(
            BytesIO(data),
            sep=r"\s+" if plan.separator == " " else plan.separator,
            header=None,
            names=range(len(plan.header)),
            index_col=False,
            skiprows=plan.skip,
            decimal=plan.decimal,
            converters={0: guard, text: guard},
            low_memory=False,
        )
    for column in {0, text}:
        cells[column] = unguard(cells[column])
    return cells


def _drop_empty(cells: pd.DataFrame, header: list[str], notes: list[str]) -> tuple[pd.DataFrame, list[str]]:
    keep = [i for i, h in enumerate(header) if i == 0 or h.strip() or cells.iloc[:, i].notna().any()]
    if len(keep) < len(header):
        notes.append(f"{len(header) - len(keep)} empty columns left out")
    padded = [header[i] for i in keep if header[i] != header[i].strip()]
    if padded:
        blanks = count(
            len(padded), "column name had blanks at its ends", "column names had blanks at their ends"
        )
        notes.append(f"{blanks}, taken off: {first(map(repr, padded))}")
    cells = cells.iloc[:, keep]
    blank = (cells[0].str.strip() == "") & cells.iloc[:, 1:].isna().all(axis=1)
    if blank.any():
        notes.append(f"{int(blank.sum())} empty rows left out")
        cells = cells.loc[~blank]
    return cells.reset_index(drop=True), [header[i].strip() for i in keep]


def _id_place(
    cells: pd.DataFrame, header: list[str], texts: list[int], gene_column: str | None, name: str
) -> int:
    if gene_column is not None:
        if gene_column not in header:
            msg = f"{name} has no column {gene_column!r}. Its columns: {first(header)}."
            raise InputError(msg)
        return header.index(gene_column)
    if header[0] not in {"", "Unnamed: 0", "X"} or not texts or not is_count_up(cells.iloc[:, 0]):
        return 0
    named = {normal(header[i]): i for i in reversed(texts)}
    return next((named[n] for n in _ID_NAMES if n in named), texts[0])


def _build(
    cells: pd.DataFrame,
    header: list[str],
    key: int,
    matrix: list[int],
    described: list[int],
    way: str,
    notes: list[str],
    name: str,
) -> Found:
    written = cells.iloc[:, key].astype(str)
    ids = written.str.strip()
    if (padded := written[written != ids]).size:
        what = "gene name" if way == GENES_BY_SAMPLES else "sample name"
        blanks = count(len(padded), f"{what} had blanks at its ends", f"{what}s had blanks at their ends")
        notes.append(f"{blanks}, taken off: {first(map(repr, padded))}")
    extra = (
        ids.str.startswith(NOT_GENES) if way == GENES_BY_SAMPLES else pd.Series(data=False, index=ids.index)
    )
    if extra.any():
        notes.append(f"{int(extra.sum())} rows are counting summaries, not genes: {first(ids[extra])}")
        cells, ids = cells.loc[~extra], ids[~extra]
    unnamed = [i + 1 for i in matrix if not header[i]]
    if unnamed:
        msg = (
            f"{name}: {len(unnamed)} columns have values but no name (column {first(unnamed)}). "
            "Name them in the header."
        )
        if len(unnamed) > len(matrix) / 3:
            msg += " If commas mark decimals as well as columns, save it with semicolons or tabs as columns."
            msg += " If a title or a comment stands above the header, delete that row."
        raise InputError(msg)
    columns = [header[i] for i in matrix]
    rows = ids.tolist()
    values = numbers(cells.iloc[:, matrix], rows, columns, name)
    about = frame(rows, {header[i] or f"column_{i + 1}": cells.iloc[:, i].to_numpy() for i in described})
    if way == SAMPLES_BY_GENES:
        return Found(assemble(values, about, frame(columns)), "table", way, decisions=notes)
    _require_names(rows, name)
    return Found(
        assemble(np.ascontiguousarray(values.T), frame(columns), about), "table", way, decisions=notes
    )


def _require_names(rows: list[str], name: str) -> None:
    blank = [i + 1 for i, row in enumerate(rows) if not row]
    if blank:
        msg = f"{name}: {len(blank)} rows with values have no gene name (data row {first(blank)})."
        raise InputError(msg)

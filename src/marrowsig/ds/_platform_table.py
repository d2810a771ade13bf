"""Read the table of a platform from GEO's annotation and SOFT files."""

from __future__ import annotations

import csv
import re
from io import BytesIO
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.io._annotation import normal
from marrowsig.io._content import content

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN, _END = b"!platform_table_begin", b"!platform_table_end"
# In this order: symbols, then numbers and ids that map_genes reads as well.
_COLUMNS = (
    "genesymbol", "symbol", "genesymbols", "hgncsymbol", "officialsymbol", "ilmngene", "geneassignment",
    "geneid", "entrezgeneid", "entrezgene", "entrezid", "ensemblgeneid", "ensemblid", "ensembl",
)  # fmt: skip
_NONE = {"", "---", "NA", "N/A", "null", "NULL", "None", "-"}


def read_platform(path: Path, platform: str) -> pd.DataFrame:
    """Table of `platform` (n_probes, n_columns), every cell as text; first column probe ids.

    Raises
    ------
    InputError
        If the file has no such table, or it is cut off.
    """
    data = content(path)
    block = _block(data, platform)
    begin, end = block.find(_BEGIN), block.find(_END)
    if begin < 0:
        msg = f"{path.name} holds no table of {platform}."
        raise InputError(msg)
    if end < 0:
        msg = f"{path.name}: the table of {platform} does not end; it is cut off. Download it again."
        raise InputError(msg)
    body = block[block.find(b"\n", begin) + 1 : end]
    try:
        table = pd.read_csv(
            BytesIO(body), sep="\t", dtype=str, keep_default_na=False, quoting=csv.QUOTE_NONE, index_col=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        msg = f"{path.name}: the table of {platform} cannot be read: {error}"
        raise InputError(msg) from error
    if table.empty:
        msg = f"{path.name}: the table of {platform} has no rows."
        raise InputError(msg)
    return table.rename(columns=str.strip)


def genes_by_probe(table: pd.DataFrame, platform: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """Probe to its genes, none or several included; and the column that names them.

    Raises
    ------
    InputError
        If no column names genes.
    """
    plain = {normal(str(c)): str(c) for c in reversed(list(table.columns[1:]))}
    for wanted in _COLUMNS:
        if wanted not in plain:
            continue
        column = plain[wanted]
        split = _assigned if wanted == "geneassignment" else _listed
        genes = {
            str(probe).strip(): split(cell)
            for probe, cell in zip(table.iloc[:, 0], table[column], strict=True)
        }
        if any(genes.values()):
            return genes, column
    msg = f"no column of {platform} names genes ({first(table.columns, 8)})"
    raise InputError(msg)


def _block(data: bytes, platform: str) -> bytes:
    """Part of a family file that is about this platform; the whole of a file about one."""
    starts = [m.start() for m in re.finditer(rb"^\^PLATFORM\b", data, re.MULTILINE)]
    if len(starts) < 2 and not starts:
        return data
    for start in starts:
        line = data[start : data.find(b"\n", start)]
        if line.split(b"=")[-1].strip() == platform.encode():
            return data[start:]
    return b""


def _listed(cell: str) -> tuple[str, ...]:
    """`DDR1 /// MIR4640` -> both."""
    return _unique(re.split(r"///|;|\|", cell))


def _assigned(cell: str) -> tuple[str, ...]:
    """`NM_1 // DDR1 // discoidin ... /// NM_2 // DDR1 // ...` -> `DDR1`."""
    parts = [entry.split(" // ") for entry in cell.split(" /// ")]
    return _unique([part[1] for part in parts if len(part) > 1])


def _unique(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.strip() for n in names if n.strip() not in _NONE))

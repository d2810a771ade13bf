"""Which side of a table carries the genes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first
from marrowsig._genes import table
from marrowsig.io._annotation import is_named, normal
from marrowsig.io._found import GENES_BY_SAMPLES, SAMPLES_BY_GENES
from marrowsig.io._names import mangle, one_sign, stem

if TYPE_CHECKING:
    from collections.abc import Sequence

_ID = re.compile(r"ENS[A-Z]*[GT]R?\d{11}(?:\.\d+)?.*|.+_at|ILMN_\d+|A_\d\d_P\d+")
_LOOKED_AT = 500
_BY_CHANCE = 0.01
CHOICES = (GENES_BY_SAMPLES, SAMPLES_BY_GENES)


def orient(
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    known: frozenset[str],
    asked: str | None,
    name: str,
    corner: str = "",
) -> tuple[str, str]:
    """Orientation and the reason for it.

    Parameters
    ----------
    rows, columns
        Names of rows and of numeric columns.
    known
        Sample ids that a sample sheet names, empty without one.
    asked
        What the caller said; it wins.
    name
        File name, for the message.
    corner
        Heading of the column that names the rows.

    Raises
    ------
    InputError
        If nothing tells the two apart.
    """
    if asked is not None:
        if asked not in CHOICES:
            msg = f"orientation={asked!r} is unknown. Use {' or '.join(map(repr, CHOICES))}."
            raise InputError(msg)
        return asked, "as asked"
    in_rows, in_columns = _hits(rows, known), _hits(columns, known)
    share = max(in_rows / max(1, len(rows)), in_columns / max(1, len(columns)))
    if in_rows != in_columns and share >= _BY_CHANCE:  # an arm called IL13 names no sample among the genes
        return _pick(in_columns > in_rows), f"{max(in_rows, in_columns)} names are in the sample sheet"
    row_genes, column_genes = _gene_share(rows), _gene_share(columns)
    if abs(row_genes - column_genes) >= 0.2:
        return _pick(row_genes > column_genes), f"{max(row_genes, column_genes):.0%} of the names are genes"
    if is_named(corner) or normal(corner) in {"gene", "genes", "probe", "probeid", "idref"}:
        return GENES_BY_SAMPLES, f"the row names are headed {corner!r}"
    if normal(corner) in {"sample", "samples", "sampleid", "samplename", "cell", "barcode"}:
        return SAMPLES_BY_GENES, f"the row names are headed {corner!r}"
    if max(len(rows), len(columns)) >= 2 * min(len(rows), len(columns)):
        return _pick(len(rows) > len(columns)), "the longer side is taken for genes"
    msg = (
        f"{name}: rows ({first(rows, 3)}) and columns ({first(columns, 3)}) both may be genes. "
        f"Say orientation={CHOICES[0]!r} or {CHOICES[1]!r}."
    )
    raise InputError(msg)


def _pick(genes_in_rows: bool) -> str:  # noqa: FBT001
    return GENES_BY_SAMPLES if genes_in_rows else SAMPLES_BY_GENES


def _hits(names: Sequence[str], known: frozenset[str]) -> int:
    if not known:
        return 0
    spelled = known | {mangle(k) for k in known} | {one_sign(k) for k in known}
    return sum(1 for n in names if not spelled.isdisjoint((n, mangle(n), one_sign(n), stem(n))))


def _gene_share(names: Sequence[str]) -> float:
    some = names[:: max(1, len(names) // _LOOKED_AT)]
    genes = table()
    symbol = genes.approved | genes.previous.keys() | genes.mouse.keys()
    return sum(1 for n in some if n in symbol or _ID.fullmatch(n)) / max(1, len(some))

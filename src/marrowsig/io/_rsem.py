"""Read RSEM genes.results: one sample a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first
from marrowsig.io._delimiter import layout
from marrowsig.io._found import GENES_BY_SAMPLES, Found, assemble, frame
from marrowsig.io._table import parse

if TYPE_CHECKING:
    from pathlib import Path
from typing import Any

_COLUMNS = {"expected_counts": "expected_count", "tpm": "TPM", "fpkm": "FPKM"}


def is_rsem(data: bytes) -> bool:
    """Whether the first line is that of RSEM's gene (or isoform) results."""
    top = data.split(b"\n", 1)[0]
    return b"expected_count" in top and b"TPM" in top and b"effective_length" in top


def read_rsem(data: bytes, path: Path, *, kind: str | None) -> Found:
    """Read one of RSEM's three values for every gene; `kind` says which, `expected_counts` if not said.

    Raises
    ------
    InputError
        If `kind` is no value of RSEM, or the file lists transcripts instead of genes.
    """
    plan = layout(data, path.name)
    cells = parse(data, plan, path.name)
    header = list(plan.header)
    if header[0] != "gene_id":
        msg = f"{path.name} lists {header[0]}, not genes. Read the genes.results file instead."
        raise InputError(msg)
    kind = kind or "expected_counts"
    if kind not in _COLUMNS:
        msg = f"RSEM results hold {first(map(repr, _COLUMNS))}; kind={kind!r} is none of these."
        raise InputError(msg)
    sample = (
        path.name.split(".genes.results")[0].split(".")[0] if ".genes.results" in path.name else path.stem
    )
    values = cells[header.index(_COLUMNS[kind])].to_numpy(dtype=float, copy=True)[None, :]
    var: dict[str, Any] = {
        h: cells[header.index(h)].to_numpy() for h in ("length", "effective_length") if h in header
    }
    notes = [f"column {_COLUMNS[kind]} of {first(header[4:])}", f"one sample, named {sample} after the file"]
    return Found(
        assemble(values, frame([sample]), frame(cells[0], var)),
        "rsem",
        GENES_BY_SAMPLES,
        kind,
        decisions=notes,
    )

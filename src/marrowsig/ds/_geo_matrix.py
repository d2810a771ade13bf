"""Values and samples of a series matrix; probes become genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError
from marrowsig.ds._geo_platform import to_genes
from marrowsig.io import read
from marrowsig.io._content import content
from marrowsig.io._series_matrix import is_series_matrix, read_samples

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from marrowsig.ds._geo_note import Options, Sources

_BEGIN, _END = b"!series_matrix_table_begin", b"!series_matrix_table_end"


def look(path: Path) -> tuple[pd.DataFrame, bool]:
    """Return samples (n_samples, n_columns) by GSM, and whether there are values; RNA-seq has none."""
    data = content(path)
    if not is_series_matrix(data):
        msg = f"{path.name} is no GEO series matrix: it names no samples. Download it again."
        raise InputError(msg)
    samples = read_samples(data, path.name)
    begin = data.find(_BEGIN)
    return samples, data[begin : data.find(_END, begin)].strip().count(b"\n") > 1


def read_matrix(path: Path, accession: str, sources: Sources, *, probes: str, options: Options) -> AnnData:
    """Read the values, with probes made genes unless `probes` is "keep"."""
    adata = read(path, kind=options["kind"], missing=options["missing"])
    sources.decisions.append(f"values of the series matrix {path.name}")
    if probes == "keep":
        sources.decisions.append("probes kept")
        return adata
    platforms = sorted(set(adata.obs["platform"].astype(str))) if "platform" in adata.obs else []
    if len(platforms) != 1:
        msg = (
            f"{path.name} names {len(platforms)} platforms; probes are made genes by the table of one. "
            "Use probes='keep'."
        )
        raise InputError(msg)
    return to_genes(adata, platforms[0], accession, sources, rule=probes)

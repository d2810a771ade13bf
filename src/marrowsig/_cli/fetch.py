"""`marrowsig fetch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from marrowsig._cli.grouped import Short
from marrowsig._cli.options import OUT_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData


EXAMPLES = """\
marrowsig fetch GSE48558
marrowsig fetch GSE48558 -o study.h5ad"""


@click.command(cls=Short, epilog=EXAMPLES, short_help="Load a GEO series and propose a design.")
@click.argument("accession")
@click.option("--file", metavar="NAME", help="Supplementary file to read, where there are several.")
@click.option("--platform", metavar="GPL", help="Platform, for a series of several.")
@click.option("--out", "-o", type=OUT_FILE, help="Also write the matrix with its samples as h5ad.")
def fetch(accession: str, *, file: str | None, platform: str | None, out: Path | None) -> None:
    """Download a GEO series into the cache, say what was found, and propose a design.

    The design is printed to be read and changed; nothing is assigned.
    """
    from marrowsig import ds
    from marrowsig._cli import read
    from marrowsig._run import collected

    files = ds.geo_files(accession)
    for row in files.to_dict("records"):
        size = "" if row["bytes"] != row["bytes"] or row["bytes"] is None else f", {_size(row['bytes'])}"
        click.echo(f"{row['name']}: {row['holds']} (route {row['route']!r}{size})")
    with collected() as notes:
        adata = ds.geo(accession, file=file, platform=platform)
    tell(adata)
    if out is not None:
        from marrowsig.io._atomic import atomic

        read.folder_of(out)
        with atomic(out) as part:
            adata.write_h5ad(part)
        click.echo(f"Written: {out}")
    read.warn(notes())


def tell(adata: AnnData) -> None:
    """Print what was read, the samples' columns, and the proposal."""
    from marrowsig import ds
    from marrowsig._cli.design import describe
    from marrowsig._provenance import recall

    source, read = recall(adata, "source", {}), recall(adata, "input", {})
    click.echo(
        f"Read {source.get('accession', '')}: {adata.n_obs} samples x {adata.n_vars:,} genes, "
        f"{read.get('kind', 'values')}, by route {source.get('route', '')!r}. {source.get('decisions', '')}"
    )
    click.echo(describe(adata.obs))
    click.echo(repr(ds.suggest_design(adata)))


def _size(n: float) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e5 else f"{n / 1e3:.0f} kB"

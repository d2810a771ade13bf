"""Which of the places where a series may keep its values is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.ds._geo_listing import Entry, computed_counts, matrices, supplements
from marrowsig.ds._geo_matrix import look, read_matrix
from marrowsig.ds._geo_ncbi import read_computed
from marrowsig.ds._geo_place import FILES, series_file, stub
from marrowsig.ds._geo_table import read_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anndata import AnnData

    from marrowsig.ds._geo_note import Options, Sources


def take(
    accession: str,
    sources: Sources,
    *,
    route: str,
    file: str | None,
    platform: str | None,
    probes: str,
    samples: Mapping[str, str] | None,
    options: Options,
) -> tuple[AnnData, str]:
    """Read the series, and say by which route."""
    found = _matrices(accession, sources, platform)
    seen = {name: look(path) for name, path in found.items()}
    with_values = [name for name, (_, values) in seen.items() if values]
    if route == "matrix" or (route == "auto" and with_values):
        name = _one(accession, {n: len(seen[n][0]) for n in with_values or found})
        return read_matrix(found[name], accession, sources, probes=probes, options=options), "matrix"
    obs = pd.concat([samples for samples, _ in seen.values()]).fillna("")
    obs = obs[~obs.index.duplicated()]
    if route in ("auto", "ncbi"):
        counts, genes = computed_counts(accession)
        if counts:
            sources.decisions.append("raw counts that NCBI computed from the reads")
            return read_computed(accession, counts, genes, obs, sources, options=options), "ncbi"
        if route == "ncbi":
            msg = f"{accession}: NCBI offers no computed counts. Leave route out, or use route='files'."
            raise InputError(msg)
        sources.decisions.append("the series matrix has no values and NCBI offers no computed counts")
    adata = read_tables(
        accession, supplements(accession), file, obs, sources, samples=samples, options=options
    )
    return adata, "files"


def _matrices(accession: str, sources: Sources, platform: str | None) -> dict[str, Path]:
    """Platform ("" where there is one) to the series matrix."""
    entries = matrices(accession)
    if not entries:
        name = f"{accession}_series_matrix.txt.gz"
        entries = [Entry(name, -1, series_file(accession, "matrix", name))]
    named = {_platform(e.name): e for e in entries}
    if platform is not None:
        wanted = platform.strip().upper()
        if wanted in named:
            named = {wanted: named[wanted]}
        elif set(named) != {""}:
            msg = f"{accession} has no platform {platform!r}. It has: {first(sorted(named))}."
            raise InputError(msg)
    found = {name: sources.get(entry.remote) for name, entry in named.items()}
    if platform is not None and set(found) == {""}:
        only = set(look(found[""])[0].get("platform", pd.Series(dtype=str)))
        if platform.strip().upper() not in only:
            msg = f"{accession} has no platform {platform!r}. It has: {first(sorted(only))}."
            raise InputError(msg)
    return found


def _platform(name: str) -> str:
    parts = name.removesuffix("_series_matrix.txt.gz").split("-")
    return parts[1] if len(parts) > 1 else ""


def _one(accession: str, found: dict[str, int]) -> str:
    """Return the only platform; `found` holds the number of samples of each."""
    if len(found) == 1:
        return next(iter(found))
    sizes = ", ".join(f"{name} ({n} samples)" for name, n in found.items())
    msg = (
        f"{accession} was measured on {len(found)} platforms: {sizes}. Name one, for they cannot be mixed: "
        f"ms.ds.geo({accession!r}, platform={next(iter(found))!r}). "
        f"All are in {FILES}/geo/series/{stub(accession)}/matrix/."
    )
    raise InputError(msg)

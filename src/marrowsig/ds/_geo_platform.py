"""Probes of an array to genes, by the table of its platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._combine import combine, groups_of, strongest
from marrowsig._download import AbsentError
from marrowsig._errors import InputError
from marrowsig._provenance import recall, record
from marrowsig.ds._geo_place import platform_annotation, series_file, web
from marrowsig.ds._platform_table import genes_by_probe, read_platform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

    from marrowsig._download import Remote
    from marrowsig.ds._geo_note import Sources


def to_genes(adata: AnnData, platform: str, accession: str, sources: Sources, *, rule: str) -> AnnData:
    """Return (n_samples, n_genes): probes of no or several genes dropped, several of one gene combined."""
    table = _table(platform, accession, sources)
    genes, column = genes_by_probe(table, platform)
    listed = [genes.get(str(probe), ()) for probe in adata.var_names]
    unknown = sum(str(probe) not in genes for probe in adata.var_names)
    keep = np.array([len(names) == 1 for names in listed], dtype=bool)
    if not keep.any():
        msg = (
            f"None of the {adata.n_vars} probes leads to one gene by column {column!r} of {platform} "
            f"({unknown} are not in its table). Use probes='keep' and name the genes yourself."
        )
        raise InputError(msg)
    several = sum(len(names) > 1 for names in listed)
    out = _combined(adata[:, keep].copy(), [names[0] for names in listed if len(names) == 1], rule)
    words = "the probe with the highest mean" if rule == "max" else "the mean of its probes"
    sources.decisions.append(
        f"{platform}, column {column!r}: {adata.n_vars} probes to {out.n_vars} genes; "
        f"{adata.n_vars - int(keep.sum()) - several} probes of no gene and {several} of several dropped; "
        f"a gene with several probes has {words}"
    )
    record(out, "input", recall(out, "input") | {"n_var": out.n_vars})
    return out


def _combined(adata: AnnData, genes: list[str], rule: str) -> AnnData:
    import anndata as ad

    groups = groups_of(genes)
    kept = strongest(adata.X, groups)
    var = adata.var.iloc[kept].copy()
    var["probe"] = adata.var_names[kept].astype(str)
    var["n_probes"] = [group.size for group in groups]
    var.index = pd.Index([genes[group[0]] for group in groups], dtype=str)
    values = np.ascontiguousarray(combine(adata.X, groups, rule=rule, kept=kept))
    return ad.AnnData(values, obs=adata.obs.copy(), var=var, uns=adata.uns)


def _table(platform: str, accession: str, sources: Sources) -> pd.DataFrame:
    """Table of the platform that names genes: by GEO's annotation, else by the submitter's table."""
    missing = []
    for remote in _places(platform, accession):
        try:
            path = sources.get(remote)
        except AbsentError:
            missing.append(remote.url)
            continue
        try:
            table = read_platform(path, platform)
            genes_by_probe(table, platform)
        except InputError as error:
            missing.append(f"{remote.url} ({error})")
            continue
        return table
    msg = (
        f"No table of {platform} names genes: {'; '.join(missing)}. Use probes='keep', and name the genes by "
        "the annotation of the maker."
    )
    raise InputError(msg)


def _places(platform: str, accession: str) -> Iterator[Remote]:
    yield platform_annotation(platform, accession)
    asked = f"/geo/query/acc.cgi?targ=self&acc={platform}&form=text&view=full"
    yield web(asked, f"geo/platforms/{platform}.soft", accession)
    yield series_file(accession, "soft", f"{accession}_family.soft.gz")

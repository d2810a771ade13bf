"""Raw counts that NCBI computed for a series, with its names of the genes."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._download import DownloadError
from marrowsig._errors import InputError, InputWarning, first
from marrowsig.io import read

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.ds._geo_listing import Entry
    from marrowsig.ds._geo_note import Options, Sources


def read_computed(
    accession: str,
    counts: list[Entry],
    genes: list[Entry],
    obs: pd.DataFrame,
    sources: Sources,
    *,
    options: Options,
) -> AnnData:
    """Read counts (n_samples, n_genes); symbols name the genes, `var["entrez_id"]` holds NCBI's ids."""
    if len(counts) > 1:
        msg = (
            f"{accession}: NCBI computed counts on {len(counts)} genomes: {first(e.name for e in counts)}. "
            "Download the one you want and read it with ms.io.read."
        )
        raise InputError(msg)
    path = sources.get(counts[0].remote)
    adata = read(path, kind="counts", orientation="genes_by_samples", missing=options["missing"])
    strange = [n for n in adata.obs_names if n not in obs.index]
    if strange:
        msg = f"{path.name} has columns that are no samples of {accession}: {first(strange)}."
        raise InputError(msg)
    absent = [gsm for gsm in obs.index if gsm not in adata.obs_names]
    if absent:
        text = f"{accession}: NCBI has no counts for {len(absent)} of {len(obs)} samples: {first(absent)}."
        warnings.warn(text, InputWarning, stacklevel=5)
    adata.obs = obs.loc[adata.obs_names].copy()
    _name(adata, path.name, genes, sources)
    return adata


def _name(adata: AnnData, name: str, genes: list[Entry], sources: Sources) -> None:
    adata.var["entrez_id"] = adata.var_names.astype(str)
    genome = re.sub(r".*_raw_counts_(.+)_NCBI\.tsv\.gz", r"\1", name)
    table = next((e for e in genes if f".{genome}.annot" in e.name), None)
    if table is None:
        sources.decisions.append("genes named by Entrez id, since the page names no annotation")
        return
    try:
        path = sources.get(table.remote)
    except DownloadError as error:
        sources.decisions.append(f"genes named by Entrez id: {error}")
        return
    known = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, quoting=3)
    if not {"GeneID", "Symbol"} <= set(known):
        sources.decisions.append(f"genes named by Entrez id: {path.name} has no columns GeneID and Symbol")
        return
    known = known.drop_duplicates("GeneID").set_index("GeneID")
    symbols = known["Symbol"].reindex(adata.var_names)
    if "EnsemblGeneID" in known:
        adata.var["ensembl_id"] = known["EnsemblGeneID"].reindex(adata.var_names).fillna("").to_numpy()
    adata.var_names = [
        s if isinstance(s, str) and s else i for s, i in zip(symbols, adata.var_names, strict=True)
    ]
    sources.decisions.append(
        f"symbols by {path.name} for {int(symbols.notna().sum())} of {adata.n_vars} genes"
    )

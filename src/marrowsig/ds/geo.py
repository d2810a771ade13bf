"""Read a study from GEO by its accession."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from marrowsig._errors import InputError
from marrowsig._log import logger
from marrowsig._provenance import record
from marrowsig.ds._geo_note import Sources
from marrowsig.ds._geo_place import series
from marrowsig.ds._geo_route import take

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

ROUTES = ("auto", "matrix", "ncbi", "files")
PROBES = ("max", "mean", "keep")


def geo(
    accession: str,
    *,
    route: Literal["auto", "matrix", "ncbi", "files"] = "auto",
    file: str | None = None,
    platform: str | None = None,
    probes: Literal["max", "mean", "keep"] = "max",
    samples: Mapping[str, str] | None = None,
    kind: str | None = None,
    genome: str | None = None,
    orientation: Literal["genes_by_samples", "samples_by_genes"] | None = None,
    gene_column: str | None = None,
    missing: Literal["refuse", "drop"] = "refuse",
) -> AnnData:
    """Read a GEO series: values, and titles and characteristics of its samples.

    "auto" takes the first of these that the series has: the values of its series matrix (arrays), the raw
    counts that NCBI computed from the reads, its one supplementary table. Which it was is recorded and
    logged. `ms.ds.geo_files` lists what there is.

    Files come over https from NCBI alone, whole or not at all. They stay in the cache, the folder that the
    variable `MARROWSIG_CACHE` names; with `MARROWSIG_OFFLINE` set nothing else is used. `MARROWSIG_MIRROR`
    names a server of your own that holds `<mirror>/<host>/<path>`.

    Parameters
    ----------
    accession
        Accession of the series, as in "GSE48558".
    route
        "matrix", "ncbi" (counts computed by NCBI) or "files" (supplementary) insist on one.
    file
        Name of the supplementary file to read, or a pattern of names inside the archive of a series
        (`"*_counts.txt.gz"`), whose tables are joined. Implies `route="files"`. Unsaid, the one table of
        highest rank by name is read: counts, expected counts, TPM, FPKM, normalised, unknown; several of one
        rank are refused, with their names. A workbook is read where there is no other table; of several
        sheets, `"GSE1_counts.xlsx#Counts"` names one.
    platform
        Accession of the platform, as in "GPL6244", for a series of several.
    probes
        What becomes of an array's probes, by the annotation of its platform: those of no gene or of several
        are dropped, and of several probes of a gene "max" keeps the one with the highest mean, "mean" takes
        the mean of all. "keep" leaves probes.
    samples
        Name of a column of a supplementary table to the title or GSM of its sample, where they do not agree.
    kind, genome, orientation, gene_column, missing
        As in `ms.io.read`.

    Returns
    -------
    AnnData
        (n_samples, n_genes) as GEO has the values. `obs` is named by GSM and holds `title`, `source_name` and
        one column a characteristic. `var["probe"]` and `var["n_probes"]` tell of probes. In
        `uns["marrowsig"]`, `"source"` holds accession, route, decisions and files (url, bytes, sha256, time),
        `"input"` what `ms.io.read` found. Gene names are those of the source: call `ms.pp.map_genes` next.

    Raises
    ------
    InputError
        If a choice has to be made, or a file is not what it should be; says what to type.
    DownloadError
        If a file cannot be had.

    Warns
    -----
    InputWarning
        If samples have no values, or columns of a table are matched to no sample.

    Notes
    -----
    Counts by NCBI: https://www.ncbi.nlm.nih.gov/geo/info/rnaseqcounts.html

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.geo("GSE48558")  # doctest: +SKIP
    >>> adata.obs["source_name"].value_counts()  # doctest: +SKIP
    >>> ms.ds.geo("GSE48558", route="fastq")
    Traceback (most recent call last):
    ...
    marrowsig._errors.InputError: route='fastq' is unknown. Use one of 'auto', 'matrix', 'ncbi', 'files'.
    """
    for name, value, allowed in (("route", route, ROUTES), ("probes", probes, PROBES)):
        if value not in allowed:
            msg = f"{name}={value!r} is unknown. Use one of {', '.join(map(repr, allowed))}."
            raise InputError(msg)
    if file is not None and route not in ("auto", "files"):
        msg = f"file={file!r} is a supplementary file, but route={route!r} reads none. Leave one out."
        raise InputError(msg)
    known, sources = series(accession), Sources()
    adata, taken = take(
        known,
        sources,
        route="files" if file else route,
        file=file,
        platform=platform,
        probes=probes,
        samples=samples,
        options={
            "kind": kind,
            "genome": genome,
            "orientation": orientation,
            "gene_column": gene_column,
            "missing": missing,
        },
    )
    note = sources.note(archive="GEO", accession=known, route=taken)
    record(adata, "source", note)
    logger.info("%s: %d x %d by route %r. %s", known, adata.n_obs, adata.n_vars, taken, note["decisions"])
    return adata

"""Read a cohort of patients from files that the user has downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError
from marrowsig._log import logger
from marrowsig._provenance import record
from marrowsig.ds._cohort_beataml import read_beataml
from marrowsig.ds._cohort_files import COHORTS, find
from marrowsig.ds._cohort_tcga import read_tcga
from marrowsig.ds._cohort_vangalen import read_vangalen

if TYPE_CHECKING:
    import os

    from anndata import AnnData


def read_cohort(name: str, folder: str | os.PathLike[str], *, file: str | None = None) -> AnnData:
    """Read TCGA-LAML, Beat AML 2 or van Galen 2019 in the files of their owners. Nothing is downloaded.

    Parameters
    ----------
    name
        "tcga_laml": the read-count or RPKM matrix of its paper (`laml.rnaseq.179_v1.0_gaf2.0_*`),
        `TCGA-LAML.star_counts.tsv` or `.htseq_counts.tsv` of the GDC hub of Xena, or
        `data_mrna_seq_v2_rsem.txt` of cBioPortal; beside it, `data_clinical_patient.txt`.
        "beataml2": `beataml_waves1to4_counts_dbgap.txt`; beside it, `beataml_wv1to4_clinical.xlsx` and
        `beataml_waves1to4_sample_mapping.xlsx` (read with `marrowsig[excel]`; .csv or .txt serve as well).
        "vangalen2019": `GSM*_<sample>.dem.txt.gz`; beside them, `*.anno.txt.gz`. All packed or not.
    folder
        Where the files lie.
    file
        Which file with values to read (or a pattern, of van Galen's), where several are there. By default the
        first in the order above: counts before RPKM.

    Returns
    -------
    AnnData
        Samples or cells x genes. `obs["donor"]` holds the patient; further columns are those of the owners
        (Beat AML: `rna_control` says which are healthy). Genes are named by Entrez id (TCGA, paper and
        cBioPortal), Ensembl id (Xena, Beat AML) or symbol; call `ms.pp.map_genes` next. In
        `uns["marrowsig"]`, `"input"` holds the kind of the values, `"cohort"` title, files, terms and DOI.

    Raises
    ------
    InputError
        If the files are not there (says who publishes them, and on which terms), or have another layout.

    Examples
    --------
    >>> import marrowsig as ms
    >>> cohort = ms.ds.read_cohort("beataml2", "downloads/beataml")  # doctest: +SKIP
    >>> ms.ds.read_cohort("beataml2", "no such folder")
    Traceback (most recent call last):
    ...
    marrowsig._errors.InputError: There is no folder 'no such folder'. Beat AML, waves 1 to 4 is published ...
    """
    if name not in COHORTS:
        msg = f"{name!r} is not a known cohort. Use one of {', '.join(map(repr, COHORTS))}."
        raise InputError(msg)
    cohort = COHORTS[name]
    paths, more = find(cohort, folder, file)
    if name == "vangalen2019":
        adata, kind, notes = read_vangalen(paths)
    elif len(paths) > 1:
        msg = f"{len(paths)} files fit: {', '.join(p.name for p in paths)}. Say which: file=."
        raise InputError(msg)
    else:
        adata, kind, notes = (read_tcga if name == "tcga_laml" else read_beataml)(paths[0], more)
    used = ", ".join(p.name for p in paths[:3]) + (", ..." if len(paths) > 3 else "")
    said = "; ".join(notes)
    sizes = {"n_obs": adata.n_obs, "n_var": adata.n_vars}
    way = {"format": f"cohort {name}", "file": used, "orientation": "genes_by_samples"}
    record(adata, "input", {"kind": kind, **way, **sizes, "decisions": said})
    facts = {"name": name, "title": cohort.title, "files": used, "where": cohort.where, "terms": cohort.terms}
    record(adata, "cohort", facts | {"doi": cohort.doi})
    logger.info("%s: %d x %d from %s. %s. Terms: %s", cohort.title, *sizes.values(), used, said, cohort.terms)
    return adata

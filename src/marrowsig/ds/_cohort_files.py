"""Files of the cohorts that `ms.ds.read_cohort` knows: their names, who publishes them, on which terms."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._workbook import sheets
from marrowsig.io._content import content

if TYPE_CHECKING:
    import os


@dataclass(frozen=True)
class Cohort:
    """One cohort. `tables` are patterns of files with expression, the best first; `more` may lie beside."""

    name: str
    title: str
    tables: tuple[str, ...]
    more: tuple[str, ...]
    where: str
    terms: str
    doi: str


COHORTS = {
    c.name: c
    for c in (
        Cohort(
            "tcga_laml",
            "TCGA-LAML",
            (
                "laml.rnaseq.*_read_count_matrix.txt.tcgaID.txt*",
                "TCGA-LAML.star_counts.tsv*",
                "TCGA-LAML.htseq_counts.tsv*",
                "laml.rnaseq.*_rpkm_matrix.txt.tcgaID.txt*",
                "data_mrna_seq_v2_rsem.txt*",
            ),
            ("data_clinical_patient.txt",),
            "https://gdc.cancer.gov/about-data/publications/laml_2012 (laml.rnaseq.*), the GDC hub of "
            "https://xenabrowser.net (TCGA-LAML.*), or https://www.cbioportal.org, study "
            "laml_tcga_pan_can_atlas_2018 (data_*)",
            "open-access data of the GDC: https://gdc.cancer.gov/access-data/data-access-policies",
            "10.1056/NEJMoa1301689",
        ),
        Cohort(
            "beataml2",
            "Beat AML, waves 1 to 4",
            ("beataml_waves1to4_counts_dbgap.txt*",),
            ("beataml_wv1to4_clinical.*", "beataml_waves1to4_sample_mapping.*"),
            "https://biodev.github.io/BeatAML2/ (files in github.com/biodev/beataml2.0_data)",
            "those stated at https://biodev.github.io/BeatAML2/",
            "10.1016/j.ccell.2022.07.002",
        ),
        Cohort(
            "vangalen2019",
            "van Galen 2019 (GSE116256)",
            ("*.dem.txt*",),
            ("*.anno.txt*",),
            "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE116256 (GSE116256_RAW.tar, unpacked)",
            "those of GEO, and of the authors",
            "10.1016/j.cell.2019.01.031",
        ),
    )
}


def find(
    cohort: Cohort, folder: str | os.PathLike[str], file: str | None
) -> tuple[list[Path], dict[str, Path]]:
    """Files with values that go together, and by pattern those beside them.

    Raises
    ------
    InputError
        If there is no folder, or no file with values in it.
    """
    place = Path(folder)
    if not place.is_dir():
        msg = f"There is no folder {str(folder)!r}. {_get(cohort)}"
        raise InputError(msg)
    names = sorted(f.name for f in place.iterdir() if f.is_file())
    wanted = (file,) if file else cohort.tables
    for pattern in wanted:
        found = [n for n in names if fnmatch.fnmatchcase(n, pattern)]
        if found:
            return [place / n for n in found], {
                more: place / near[0] for more in cohort.more if (near := fnmatch.filter(names, more))
            }
    what = f"no {file!r}" if file else f"none of {', '.join(cohort.tables)}"
    msg = f"{place.name} holds {what}; it holds {first(names) or 'nothing'}. {_get(cohort)}"
    raise InputError(msg)


def _get(cohort: Cohort) -> str:
    return f"{cohort.title} is published at {cohort.where}. Terms: {cohort.terms}."


def table(path: Path, *, needed: tuple[str, ...], text: bool = False) -> pd.DataFrame:
    """Tab-separated table, or sheet of a workbook, with the columns `needed`; `text` leaves all as written.

    Raises
    ------
    InputError
        If it is damaged, or has other columns.
    """
    separator = "," if path.name.lower().removesuffix(".gz").endswith(".csv") else "\t"
    asked = {"keep_default_na": False, "na_values": [""], "dtype": str if text else None}
    try:
        found = pd.read_csv(BytesIO(content(_placed(path))), sep=separator, low_memory=False, **asked)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        msg = f"{path.name} is no complete table: {error}. Download it again."
        raise InputError(msg) from error
    lost = [c for c in needed if c not in found]
    if lost:
        msg = (
            f"{path.name} has no column {first(map(repr, lost))}, so it is another file or release. "
            f"It has {first(found.columns)}."
        )
        raise InputError(msg)
    return found


def _placed(path: Path) -> Path:
    """Name the sheet `summary` of a workbook that has one among others."""
    names = sheets(path)
    if not names and path.suffix.lower() == ".xlsx":
        msg = f"{path.name} is no Excel workbook, whatever its name says. Download it again."
        raise InputError(msg)
    return path.with_name(f"{path.name}#summary") if len(names) > 1 and "summary" in names else path

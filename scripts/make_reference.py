"""Make the distribution of scores over a cohort that you have downloaded, for ms.tl.percentile.

python scripts/make_reference.py beataml2 downloads/beataml beataml2.json.gz --signatures emt il6 stat3

Reads the files of the cohort's owners (ms.ds.read_cohort says which), brings genes to approved symbols,
leaves out healthy controls, takes one row a patient (at diagnosis where known, else the first), and scores.
Cells of van Galen 2019 are summed for each patient at day 0. The file holds scores and patients' codes, no
expression; the terms of the cohort's owners hold for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import marrowsig as ms

if TYPE_CHECKING:
    from anndata import AnnData

DIAGNOSIS = "diseaseStageAtSpecimenCollection"


def patients(name: str, cohort: AnnData) -> AnnData:
    """One row a patient; healthy donors and cell lines left out."""
    if name == "vangalen2019":
        cells = cohort[cohort.obs["donor"].str.startswith("AML") & (cohort.obs["day"] == "0")].copy()
        return ms.pp.pseudobulk(cells, unit="donor")
    if name == "beataml2":
        if not {"donor", "rna_control"} <= set(cohort.obs):
            msg = "The clinical table and the sample mapping are needed to tell patients from controls."
            raise SystemExit(msg)
        controls = cohort.obs["rna_control"].str.startswith("Healthy") | (cohort.obs["donor"] == "")
        cohort = cohort[~controls]
        if DIAGNOSIS in cohort.obs:
            later = cohort.obs[DIAGNOSIS] != "Initial Diagnosis"
            cohort = cohort[later.sort_values(kind="stable").index]
    return cohort[~cohort.obs["donor"].duplicated()].copy()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cohort", choices=["beataml2", "tcga_laml", "vangalen2019"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--signatures", nargs="+", default=["emt", "il6", "stat3"])
    parser.add_argument("--method", default="singscore")
    parser.add_argument("--file", help="which file with values, where several are there")
    parser.add_argument("--genes", type=Path, help="text file of symbols, one a line: score over these alone")
    args = parser.parse_args()
    whole = ms.ds.read_cohort(args.cohort, args.folder, file=args.file)
    cohort = patients(args.cohort, whole)
    ms.pp.map_genes(cohort)
    genes = args.genes.read_text().split() if args.genes else None
    known = ms.tl.reference(cohort, args.signatures, name=args.cohort, method=args.method, genes=genes)
    known.write(args.out)
    print(f"{known}, of {whole.n_obs} rows in the cohort. Terms: {known.source['terms']}")


if __name__ == "__main__":
    main()

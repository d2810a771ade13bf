"""Make data/evidence/ from the two evidence tables and the three stroma lists of the catalogue.

    python scripts/make_evidence.py ../shared/reference/genesets/_evidence

`DERIVED_emt_haematopoietic_evidence.tsv` holds the expression of every gene of the EMT lists in sorted blood
cells (Human Protein Atlas, Monaco data) and in K562; `DERIVED_bm_stroma_blood_absent.tsv` the marrow-stroma
genes that no sorted population expresses. Rules:

1. A gene that only the second table knows has its class from the same definition: below 1 pTPM in all 29
   populations and in a stromal list it is `contamination_prone_strict`, or `K562_only` if K562 expresses it.
   The script stops if this rule and the first table disagree on a gene that both hold.
2. A gene of the stroma lists without a measurement has the class `no_data` and its flags.
3. Symbols are current HGNC symbols; the script stops at any other.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from marrowsig._genes import table
from marrowsig.sig import load

ROOT = Path(__file__).resolve().parents[1]
FLAGS = {
    "hay_stroma": "control.hay2018_stroma",
    "core_matrisome": "control.naba2012_core_matrisome",
    "estimate_stromal": "control.estimate_stromal",
}
NUMBERS = {
    "progenitor_ptpm": "hpa_progenitor_pTPM",
    "monocyte_ptpm": "hpa_max_monocyte_pTPM",
    "myeloid_ptpm": "hpa_max_pTPM_6_myeloid_progenitor",
    "myeloid_cell": "hpa_max_myeloid_cell",
    "blood_ptpm": "hpa_max_pTPM_29_purified",
    "blood_cell": "hpa_max_cell",
    "pbmc_ptpm": "hpa_total_PBMC_pTPM",
    "k562": "k562_mean_GSE270332",
}
COLUMNS = ("gene", "class", *NUMBERS, *FLAGS, "blood_absent_stroma")
Row = dict[str, str]


def read_tsv(path: Path) -> dict[str, Row]:
    with path.open(encoding="utf-8", newline="") as f:
        return {row["symbol"]: row for row in csv.DictReader(f, delimiter="\t")}


def blood_absent_class(row: Row) -> str:
    return "K562_only" if row["k562_mean_GSE270332"] else "contamination_prone_strict"


def rows(folder: Path) -> dict[str, Row]:
    measured = read_tsv(folder / "DERIVED_emt_haematopoietic_evidence.tsv")
    absent = read_tsv(folder / "DERIVED_bm_stroma_blood_absent.tsv")
    lists = {flag: set(load(id)[id].genes) for flag, id in FLAGS.items()}
    known = table().approved
    found: dict[str, Row] = {}
    for gene in sorted(measured.keys() | absent.keys() | set.union(*lists.values())):
        row = measured.get(gene) or absent.get(gene) or {}
        label = measured[gene]["class"] if gene in measured else "no_data"
        if gene in absent:
            by_rule = blood_absent_class(absent[gene])
            if gene in measured and by_rule != label:
                msg = f"{gene}: the tables disagree: {label} and {by_rule}"
                raise SystemExit(msg)
            label = by_rule
        if gene not in known and gene in measured.keys() | absent.keys():
            msg = f"{gene} is not a current HGNC symbol"
            raise SystemExit(msg)
        found[gene] = {
            "gene": gene,
            "class": "no_data" if label == "no_HPA_data" else label,
            **{ours: row.get(theirs, "") for ours, theirs in NUMBERS.items()},
            **{flag: str(int(gene in genes)) for flag, genes in lists.items()},
            "blood_absent_stroma": str(int(gene in absent)),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("evidence", type=Path, help="folder with the two tables")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "evidence" / "marrow.tsv")
    args = parser.parse_args()
    made = rows(args.evidence)
    lines = ["\t".join(COLUMNS), *("\t".join(row[c] for c in COLUMNS) for row in made.values())]
    args.out.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    data = sum(row["class"] != "no_data" for row in made.values())
    sys.stdout.write(f"{len(made)} genes, {data} with a class\n")


if __name__ == "__main__":
    main()

"""Make the table of mouse Ensembl ids that marrowsig ships.

python scripts/make_mouse_ensembl.py genes.csv orthologs_mouse.tsv.gz --release 100

`genes.csv` is an export of Ensembl genes of mouse: columns id, gene_name, Chromosome and Entrez, several
rows a gene where it has several Entrez ids. The orthologue table has mouse_symbol and mouse_entrez. A mouse
symbol gets the one gene on a chromosome (no patch) that has its name or its Entrez id; where name and
Entrez id lead to different genes, or to several, it gets none.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter, defaultdict
from pathlib import Path
from runpy import run_path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "data" / "genes"
CHROMOSOMES = {*map(str, range(1, 20)), "X", "Y", "MT"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("genes", type=Path)
    parser.add_argument("orthologs", type=Path)
    parser.add_argument("--release", required=True)
    args = parser.parse_args()
    named, numbered, names = defaultdict(set), defaultdict(set), {}
    with args.genes.open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["Chromosome"] in CHROMOSOMES:
                named[row["gene_name"]].add(row["id"])
                names[row["id"]] = row["gene_name"]
                if row["Entrez"]:
                    numbered[row["Entrez"].removesuffix(".0")].add(row["id"])
    found = []
    with gzip.open(args.orthologs, "rt", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            by_name, by_number = named[row["mouse_symbol"]], numbered[row["mouse_entrez"]]
            both = by_name & by_number if by_name and by_number else by_name | by_number
            if len(both) == 1:
                found.append((*both, row["mouse_symbol"]))
    once = Counter(gene for gene, _ in found)
    kept = sorted((gene, symbol) for gene, symbol in found if once[gene] == 1)
    lines = ["ensembl\tmouse_symbol\tname_then"]
    lines += [f"{gene}\t{symbol}\t{'' if names[gene] == symbol else names[gene]}" for gene, symbol in kept]
    run_path(str(HERE / "make_gene_table.py"))["write"](OUT / f"mouse_ensembl-{args.release}.tsv.gz", lines)


if __name__ == "__main__":
    main()

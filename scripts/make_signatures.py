"""Write signatures/<axis>/<name>.toml from a folder of published gene lists and the recipes beside this file.

    python scripts/make_signatures.py ../shared/reference/genesets ../shared/reference/genes/hgnc.tsv.gz

Every list NAME.tsv holds `symbol` and `weight` (blank = 1); INDEX.tsv says where it was taken from; the rows
of `_evidence/SYMBOL_UPDATES.tsv` say which current symbol a source symbol has. Rules:

1. An update that names an approved symbol is applied; the source symbol stays in the row as `source`.
2. A symbol without an update and not approved is looked up without regard to case among approved and previous
   symbols (C6ORF48); it is used if exactly one gene answers.
3. What is left stays, under the name of the source, with `status = "unmapped"`.
4. Two source symbols of one gene make one row if their weights agree, and stop the script if they do not.
5. Symbols of another species than human are taken as they are.
6. A list whose `confidence` in INDEX.tsv is not "verified exact" becomes a draft.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import hashlib
import sys
import tomllib
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from marrowsig.sig._toml import dumps, from_doc
from marrowsig.sig._words import SCHEMA, UNMAPPED

ROOT = Path(__file__).resolve().parents[1]
RECIPES = Path(__file__).with_name("signature_recipes.toml")
NEAR = 0.8  # Jaccard index above which two signatures must name each other
Row = dict[str, Any]


@dataclass(frozen=True)
class Genes:
    """What HGNC knows."""

    ensembl_of: dict[str, str]
    folded: dict[str, set[str]]

    def rescue(self, symbol: str) -> str | None:
        """Return the one gene that `symbol` means when case is ignored, or nothing."""
        found = self.folded.get(symbol.casefold(), set())
        return next(iter(found)) if len(found) == 1 else None


def read_tsv(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def read_hgnc(path: Path) -> Genes:
    folded: dict[str, set[str]] = {}
    rows = read_tsv(path)
    for row in rows:
        for name in (row["symbol"], *filter(None, row["prev_symbols"].split("|"))):
            folded.setdefault(name.casefold(), set()).add(row["symbol"])
    return Genes({r["symbol"]: r["ensembl_gene_id"] for r in rows}, folded)


def read_updates(path: Path) -> dict[str, dict[str, str]]:
    updates: dict[str, dict[str, str]] = {}
    for row in read_tsv(path):
        if row["current_symbol"]:
            updates.setdefault(row["set"], {})[row["source_symbol"]] = row["current_symbol"]
    return updates


def current(symbol: str, updates: dict[str, str], genes: Genes) -> str | None:
    candidate = updates.get(symbol, symbol)
    return candidate if candidate in genes.ensembl_of else genes.rescue(symbol)


def gene_rows(path: Path, updates: dict[str, str], genes: Genes | None) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for line in read_tsv(path):
        source, weight = line["symbol"], float(line["weight"] or 1)
        if genes is None:
            rows[source] = {"w": weight}
            continue
        now = current(source, updates, genes)
        row: Row = {"w": weight}
        if now is None:
            row |= {"source": source, "status": UNMAPPED}
        else:
            row |= {"id": genes.ensembl_of[now]} if genes.ensembl_of[now] else {}
            row |= {"source": source} if now != source else {}
        symbol = now or source
        if symbol in rows:
            row = joined(symbol, rows[symbol], row)
        rows[symbol] = row
    return rows


def joined(symbol: str, one: Row, two: Row) -> Row:
    if one["w"] != two["w"]:
        msg = f"{symbol}: two source symbols with weights {one['w']} and {two['w']}"
        raise SystemExit(msg)
    names = sorted({one.get("source", symbol), two.get("source", symbol)})
    return one | {"source": "|".join(names)}


USE = ("kind", "tier", "role", "expect", "small", "requires", "weights", "not_scored", "caution")


def memberships(notes: str) -> dict[str, str]:
    """Read from the notes of an assembled panel in which lists each of its genes stands."""
    said = notes.partition("Membership in collected sets: ")[2]
    pairs = [part.split(":") for part in said.split("; ") if ":" in part]
    return {
        gene: "in none of the lists" if lists == "none" else f"in {lists.replace('+', ', ')}"
        for gene, lists in pairs
    }


def document(id: str, recipe: Row, index: dict[str, str], sha256: str, rows: dict[str, Row]) -> Row:
    kept = ("doi", "licence", "cite", "attribution", "note")
    source: Row = {k: recipe[k] for k in kept if k in recipe}
    source["where"] = recipe.get("where", f"{index['source_name']}, {index['source_version']}")
    source["obtained"] = index["obtained_from"]
    source["retrieved"] = dt.date.fromisoformat(str(recipe["retrieved"]))
    source["sha256"] = sha256
    source["redistribute"] = True
    order = (*kept[:1], "where", "obtained", "retrieved", "sha256", "licence", "redistribute", *kept[2:])
    use = {k: recipe[k] for k in USE if k in recipe}
    why = recipe.get("why", memberships(index["notes"]))
    for gene in why:
        rows[gene]["why"] = why[gene]
    return {
        "schema": SCHEMA,
        "id": id,
        "title": recipe["title"],
        "axis": id.partition(".")[0],
        "species": index["species"],
        "status": "curated" if index["confidence"] == "verified exact" else "draft",
        "source": {k: source[k] for k in order if k in source},
        "context": recipe.get("context", {}),
        "use": use,
        "genes": rows,
    }


def name_near_duplicates(docs: dict[str, Row]) -> None:
    for a, b in combinations(docs, 2):
        one, two = set(docs[a]["genes"]), set(docs[b]["genes"])
        if len(one & two) / len(one | two) > NEAR:
            docs[a]["use"].setdefault("overlaps", []).append(b)
            docs[b]["use"].setdefault("overlaps", []).append(a)


def build(folder: Path, hgnc: Path) -> dict[str, Row]:
    book = tomllib.loads(RECIPES.read_text(encoding="utf-8"))
    genes = read_hgnc(hgnc)
    updates = read_updates(folder / "_evidence" / "SYMBOL_UPDATES.tsv")
    index = {row["name"]: row for row in read_tsv(folder / "INDEX.tsv")}
    docs = {}
    for own in book["signature"]:
        recipe = {"retrieved": book["retrieved"]} | book["family"].get(own.get("family", ""), {}) | own
        name = recipe["from"]
        path = folder / f"{name}.tsv"
        human = index[name]["species"] == "human"
        rows = gene_rows(path, updates.get(name, {}), genes if human else None)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        docs[recipe["id"]] = document(recipe["id"], recipe, index[name], sha256, rows)
    name_near_duplicates(docs)
    return docs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("genesets", type=Path, help="folder with INDEX.tsv, NAME.tsv and _evidence/")
    parser.add_argument("hgnc", type=Path, help="hgnc.tsv.gz: symbol, prev_symbols, ensembl_gene_id")
    parser.add_argument("--out", type=Path, default=ROOT / "signatures")
    args = parser.parse_args()
    docs = build(args.genesets, args.hgnc)
    for id, doc in docs.items():
        from_doc(doc, id)  # refuse to write what the package would refuse to read
        axis, _, name = id.partition(".")
        (args.out / axis).mkdir(parents=True, exist_ok=True)
        text = dumps({k: v for k, v in doc.items() if v != {}})
        (args.out / axis / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")
    lost = [f"{id}: {g}" for id, doc in docs.items() for g, r in doc["genes"].items() if r.get("status")]
    sys.stdout.write(
        f"{len(docs)} signatures; {len(lost)} genes unmapped\n" + "".join(f"  {x}\n" for x in lost)
    )


if __name__ == "__main__":
    main()

"""Write docs/catalogue.md: what became of every list that was considered, and why.

python scripts/make_catalogue.py ../shared/reference/genesets
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# What became of every list

Written by `scripts/make_catalogue.py`: one row for each gene list that was considered for the catalogue.
Shipped lists are in `signatures/`; *main* ones are what an axis gives, *extra* ones load by id
(see "Which are scored" in
[signatures/README.md](../signatures/README.md)). A list that its licence keeps out is a recipe:
`ms.sig.fetch(name)` obtains it from its owner after you accepted the licence. "Draft" says that the list was
read from a single copy, or that its copy is damaged or not the canonical form.

"""


STANDS_IN = {
    "progeny_jak_stat_top500": "the full model was not at hand; 100 genes are here, and decoupler has all",
    "vangalen2019_malignant_signatures": "in its place: the recipes zeng2022.*, from the same cells",
    "alvarez2005_stat3": "MSigDB holds no list of that name",
    "carmichael2020_snai1_aml": "the paper gives no gene table",
}


def rows(folder: Path) -> list[tuple[str, str, str, str, str]]:
    """List, outcome, kind, licence and reason of every row of INDEX.tsv."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as handle:
        index = list(csv.DictReader(handle, delimiter="\t"))
    shipped = by_list()
    book = tomllib.loads((ROOT / "data" / "recipes.toml").read_text(encoding="utf-8"))
    return [_row(entry, shipped, book) for entry in index]


def by_list() -> dict[str, dict]:
    """Shipped signatures by the list that they were made from."""
    recipes = tomllib.loads((ROOT / "scripts" / "signature_recipes.toml").read_text(encoding="utf-8"))
    found = {}
    for recipe in recipes["signature"]:
        axis, _, name = recipe["id"].partition(".")
        path = ROOT / "signatures" / axis / f"{name}.toml"
        found[recipe["from"]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def _row(entry: dict[str, str], shipped: dict[str, dict], book: dict) -> tuple[str, str, str, str, str]:
    name = entry["name"]
    if name in shipped:
        doc = shipped[name]
        tier = f"{doc['use']['tier']}{', draft' if doc['status'] == 'draft' else ''}"
        why = [doc["source"].get("note", ""), doc["use"].get("not_scored", ""), doc["use"].get("caution", "")]
        return (
            name, f"`{doc['id']}` ({tier})", doc["use"]["kind"], doc["source"]["licence"],
            "; ".join(filter(None, why)) or "its licence allows it",
        )  # fmt: skip
    fetched = {k: r for k, r in book["recipe"].items() if r["from"] == name}
    if fetched:
        source = book["source"][next(iter(fetched.values()))["source"]]
        how = ", ".join(f"`{k}`" for k in fetched)
        kind = next(iter(fetched.values()))["kind"]
        return name, f"recipe {how}", kind, source["licence"], source["terms"]
    if entry["confidence"] == "missing":
        return (
            name,
            "not obtained",
            "",
            "",
            STANDS_IN.get(name, "no public file that a program can read was found"),
        )
    msg = f"{name} is neither shipped nor a recipe. Add it to signature_recipes.toml or data/recipes.toml."
    raise SystemExit(msg)


def text(folder: Path) -> str:
    """Write the page."""
    listed = rows(folder)
    counts = {
        "shipped": sum(r[1].startswith("`") for r in listed),
        "recipes": sum(r[1].startswith("recipe") for r in listed),
        "not obtained": sum(r[1] == "not obtained" for r in listed),
    }
    said = ", ".join(f"{n} {what}" for what, n in counts.items())
    lines = ["| list | what became of it | kind | licence | why, and what to know |", "|---|---|---|---|---|"]
    lines += [
        "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in row) + " |" for row in listed
    ]
    return f"{HEAD}{len(listed)} rows: {said}.\n\n" + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("genesets", type=Path, help="folder with INDEX.tsv")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "catalogue.md")
    args = parser.parse_args()
    args.out.write_text(text(args.genesets), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

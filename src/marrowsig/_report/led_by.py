"""The genes that lead a supported claim, and which of them speak of the cell cycle or of maturation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._claim_genes import OF, leading
from marrowsig._errors import first
from marrowsig._gene_scale import change, change_of_il6
from marrowsig._report import frames, words
from marrowsig._report.elements import Fold, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from marrowsig._report.elements import Given, Part

    Row = Mapping[str, Any]
    Told = tuple[str, dict[str, str]]

FILE, MOST, RISES = "claim_genes.csv", 5, " rises in co-culture"
PART = 0.05
"""Of a size: what genes without a test of their own carry is told from here on."""
MUCH = 0.25
"""From here on it is told wherever the size is."""
FEW = 3
KEYS = ("claim", "compartment", "line", "inhibitor", "stratum")
SAID = dict(zip(OF, ("of the cell cycle", "of maturing myeloid cells"), strict=True))
NOTE = (
    "Of the genes that the size to cite is of, those that moved most in the direction of the claim, with p "
    f"below 0.05 of their own (moderated t, not adjusted). {FILE}, in the folder of a run, has every gene of "
    "every claim: what it adds to the size, whether it was tested, whether stroma could move it, and its "
    "level in the cells grown alone and in stroma. Genes too low to be tested by themselves count in a size "
    f"all the same; what they carry of one is told from {100 * PART:.0f} % on."
)
COLUMNS: dict[str, frames.Show] = {
    "p": "p",
    "mean log expression": lambda row: words.numbers(float(row["mean_log2_expression"]))[0],
    "of the size": lambda row: f"{100 * row['share']:.0f} %",
    "also a gene of": "gene_of",
}


def of_claims(table: pd.DataFrame | None, most: int = MOST) -> dict[tuple[str, ...], list[Row]]:
    """Genes that lead each supported claim, by the claim."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in [] if table is None else leading(table, most).to_dict("records"):
        found.setdefault(key(row), []).append({str(k): v for k, v in row.items()})
    return found


def key(row: Row) -> tuple[str, ...]:
    """Give what tells a claim from others."""
    return tuple(text if isinstance(text := row.get(name), str) else "" for name in KEYS)


def named(rows: Iterable[Row]) -> str:
    """Name genes; of a claim on EMT, say which of them are of the cell cycle or of maturation.

    >>> row = {"claim": "emt_up", "gene": "MCM7", "gene_of": "cell cycle"}
    >>> named([row, {**row, "gene": "ECM2", "gene_of": ""}])
    'MCM7, ECM2 (MCM7 of the cell cycle)'
    >>> named([{**row, "claim": "stat3_up"}])
    'MCM7'
    """
    every = list(rows)
    genes = ", ".join(str(row["gene"]) for row in every)
    told = []
    for what, says in SAID.items():
        own = [str(r["gene"]) for r in every if r["gene_of"] == what and str(r["claim"]).startswith("emt")]
        told += [f"{words.listing(own)} {says}"] if own else []
    return f"{genes} ({'; '.join(told)})" if told else genes


def untested(table: pd.DataFrame | None) -> dict[tuple[str, ...], str]:
    """Say of each supported claim how much of its size genes carry that are too low to be tested.

    Nothing where that is less than `PART`.
    """
    found = ((key(rows[0]), *_part(rows)) for rows in _untested(table))
    return {claim: _carry(part, names) for claim, part, names in found if abs(part) >= PART}


def _carry(part: float, names: str) -> str:
    """Say what these genes carry of a size, or take off it where they go the other way.

    >>> _carry(0.51, "LAMA1")
    '51 % of the size is of genes too low to be tested (LAMA1)'
    >>> _carry(-0.13, "SH2D2A")
    '13 % of the size is taken off it by genes too low to be tested (SH2D2A)'
    """
    if part < 0:
        return f"{-100 * part:.0f} % of the size is taken off it by genes too low to be tested ({names})"
    return f"{100 * part:.0f} % of the size is of genes too low to be tested ({names})"


def hanging(table: pd.DataFrame | None, ids: Sequence[str] | None = None) -> str:
    """Name in a line the supported claims, on `ids`, whose size is to a quarter and more of such genes."""
    told = []
    for rows in _untested(table):
        if ids is not None and rows[0]["signature"] not in ids:
            continue
        part, row, names = _part(rows)[0], rows[0], [str(row["gene"]) for row in rows]
        if part >= MUCH:
            more = [one for one in _text(row, "stratum").split("; ") if not one.startswith("compartment=")]
            of = filter(None, [_text(row, "line"), _text(row, "inhibitor"), *more])
            named = words.listing([*names[:FEW], *([f"{len(names) - FEW} more"] if len(names) > FEW else [])])
            told.append(f"{', '.join([str(row['statement']), *of])}: {100 * part:.0f} % of it ({named})")
    lead = "Much of a size rests on genes with too few reads to be tested by themselves"
    return f"{lead}. {'; '.join(told)}." if told else ""


def untested_parts(table: pd.DataFrame | None) -> dict[tuple[str, ...], str]:
    """Write for each supported claim the share of its size that is of such genes, where there are any."""
    parts = ((key(rows[0]), _part(rows)[0]) for rows in _untested(table))
    return {claim: f"{100 * part:.0f} %" for claim, part in parts if part == part}


def _untested(table: pd.DataFrame | None) -> list[list[Row]]:
    """Rows of the genes of each supported claim that have no test of their own, those that add most first."""
    if table is None or "tested" not in table:
        return []
    own = table[table["verdict"].eq("supported") & table["adds"].notna() & ~table["tested"].astype(bool)]
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in own.to_dict("records"):
        found.setdefault(key(row), []).append({str(k): v for k, v in row.items()})
    return [sorted(rows, key=lambda row: -abs(row["share"])) for rows in found.values()]


def _part(rows: list[Row]) -> tuple[float, str]:
    return sum(float(row["share"]) for row in rows), first([str(row["gene"]) for row in rows], FEW)


def led_by(given: Given) -> Callable[[Row], Told]:
    """Give of a claim the sentence that names its leading genes, and these with their changes by name."""
    found = of_claims(given.extras.get("claim_genes"))
    low = untested(given.extras.get("claim_genes"))
    what = _change(given)

    def told(row: Row) -> Told:
        own = found.get(key(row), [])
        more = f"{low[key(row)]}." if key(row) in low else ""
        if not own:
            return more, {}
        sizes = ", ".join(f"{r['gene']} {words.numbers(float(r['log2_change']))[0]}" for r in own)
        said = " ".join(filter(None, [f"Led by {named(own)}.", more]))
        return said, {f"genes that lead it, {what}": sizes}

    return told


def fold(given: Given, label: Callable[[dict[str, Any]], str]) -> list[Part]:
    """List the leading genes of all supported claims; nothing where there are none."""
    table: pd.DataFrame | None = given.extras.get("claim_genes")
    if table is None or (shown := leading(table)).empty or given.judged is None:
        return []
    names = {key(row): label({str(k): v for k, v in row.items()}) for row in given.judged.to_dict("records")}
    shown = shown.assign(**{"claim shown": [names.get(key(r), r["claim"]) for r in shown.to_dict("records")]})
    head = f"{_change(given)} [95 % CI]"
    columns = {"claim": "claim shown", "gene": "gene", head: frames.span("log2_change"), **COLUMNS}
    caption = "Genes that lead the supported claims and further questions"
    return [Fold(caption, [Words(NOTE, soft=True), frames.table(caption, shown, columns)])]


def _change(given: Given) -> str:
    """Say what the changes of genes are, by the tests of every gene, or of IL6."""
    genes = given.extras.get("genes")
    if genes is not None:
        return change(genes["test"].dropna().unique())
    return ("" if given.claims is None else change_of_il6(given.claims)) or change([])


def briefly(table: pd.DataFrame | None, most: int = 3) -> str:
    """Name the genes that lead each rise in co-culture that is supported, in a line."""
    found: dict[str, list[tuple[str, list[Row]]]] = {}
    for own in of_claims(table, most).values():
        row = own[0]
        if str(row["statement"]).endswith(RISES):
            what = str(row["statement"]).removesuffix(RISES)
            more = [part for part in _text(row, "stratum").split("; ") if not part.startswith("compartment=")]
            cells = ", ".join(filter(None, [_text(row, "line") or _text(row, "compartment"), *more]))
            found.setdefault(what, []).append((cells, own))
    told = []
    for what, groups in found.items():
        alike = {named(own) for _, own in groups}
        if len(alike) == 1:
            told.append(f"{what} {alike.pop()}")
            continue
        told.append(f"{what} {', '.join(f'{named(own)} [{cells}]' for cells, own in groups)}")
    return f"Genes that lead the rises ({FILE}): {'; '.join(told)}." if told else ""


def _text(row: Row, name: str) -> str:
    return text if isinstance(text := row.get(name), str) else ""

"""Why a claim has its verdict, in two or three lines; the whole of it stands behind a line that opens it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._carry_over import BLAST_POOR, RULED_OUT, moved, of_stroma, on_kept_genes
from marrowsig._check_words import STANDS
from marrowsig._report import words
from marrowsig.tl._claims_border import UNCOMPARED, not_yet_said
from marrowsig.tl._claims_null import HELD, as_much
from marrowsig.tl._claims_size import hidden, no_part, switched
from marrowsig.tl._claims_words import agreed, as_counted, of_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    Row = Mapping[str, Any]

WAYS = re.compile(r"\d+ of \d+ ways of scoring, where (\d+) are needed")
EDGE = re.compile(r" \(borderline(: [^()]*)?\)")
BY = re.compile(r"(?P<name>\S+) (?:[<>] )?(?P<p>[\d.]+)(?P<turned> the other way)?")
"""One method of `by_method`; its p is never rounded across alpha."""
CARRIED = {
    STANDS: "not carry-over",
    RULED_OUT: "carry-over said to be impossible",
    BLAST_POOR: "carry-over could only lower it",
}


def why(row: Row, alpha: float) -> str:
    """Say what decided, what stroma gives of a size, and in a word what else speaks against the verdict."""
    note = str(row.get("note") or "")
    note = note.partition(":")[0] if "not expressed" in note else note
    told = (_decided(row, alpha), as_much(row, alpha), *_besides(row, alpha), note)
    return " ".join(f"{text[:1].upper()}{text[1:]}{_stop(text)}" for text in told if text)


def _stop(text: str) -> str:
    return "" if text.endswith("?") else "."


def _decided(row: Row, alpha: float) -> str:
    edge = _edge(row)
    if row["rule"] == "not established":
        return f"{words.p_phrase(float(row['p_adj']))}, not below {alpha:g}{edge}"
    if row["rule"] not in HELD:
        return f"{EDGE.sub('', str(row['reason']))}{edge}"
    way = "opposite to the claim; " if row["rule"] == "opposite" else ""
    ripe = str(row["maturation"])
    ways = f"{agreed(row)} ways of scoring{as_counted(row)} agree" if row["n_specifications"] else ""
    parts = [f"{way}{ways}", f"{CARRIED.get(str(row['stroma']), '')}{of_first(row)}"]
    parts += ["not maturation" if ripe.startswith("not explained") else f"maturation: {ripe}" if ripe else ""]
    types = str(row.get("cell_types") or "")
    shares = "shares of cell types"
    parts += [f"not {shares}" if types.startswith("not explained") else f"{shares}: {types}" if types else ""]
    return f"{', '.join(part for part in parts if part)}{edge}"


def _edge(row: Row) -> str:
    """Say in brackets, in short, why a claim is borderline; nothing where it is not."""
    told = not_yet_said(row).removesuffix(UNCOMPARED).replace("adjusted p = ", "adj. p ")
    told = told.replace(" without the genes that carry-over could move", " on the genes left")
    told = WAYS.sub(r"\1 ways are needed", told)  # how many agree stands before it
    return f" ({told})" if told else ""


def _besides(row: Row, alpha: float) -> Iterator[str]:
    """Say what stroma does to the size that is not cited, and which other tests of the question differ."""
    way = moved(row) if on_kept_genes(row) and row["rule"] in HELD else ""
    rna = "leukaemia RNA" if of_stroma(row) else "stroma"
    if way == "larger":
        part = f"{100 * row['carried'] / row['estimate']:.0f} % of the size as scored is from {rna}"
        yield f"{part}{no_part(row)}"
    elif way:
        yield f"{rna} makes the size as scored smaller"
    elif row["rule"] in HELD and (since := switched(row)):
        yield f"size to cite on fewer genes, {since}"
    elif row["verdict"] == "not supported" and hidden(row):
        whose = "" if of_stroma(row) else "'s RNA"
        gives = f"{row['carried']:.2g}".replace("-", words.MINUS)
        yield f"{rna}{whose} works against the change as scored ({gives})"
    held = row["p_adj"] < alpha
    n, of = int(row.get("n_established", 0)), int(row.get("n_methods", 0))
    lone, genes = (float(row.get(name, float("nan"))) for name in ("p_welch", "genes_p"))
    said = [_methods(row, alpha, held=held)] if 0 < n < of else []
    both = row.get("n_both", 0) > 0
    name = "the pairs alone" if row["n_pairs"] else "Welch's test"
    name = "one number per pair in both lines" if both else name
    said += [name] if (held and lone >= alpha) or (both and not held and lone < alpha) else []
    left, left_p = (float(row.get(f"filtered_{one}", float("nan"))) for one in ("p_welch", "p_adj"))
    said += [f"{name} on the genes left"] if held and not lone >= alpha and left_p < alpha <= left else []
    turned = not held and float(row.get("genes_estimate", float("nan"))) * row["estimate"] < 0
    by_genes = f"the test of its genes{', the other way' if turned else ''}"
    said += [by_genes] if genes == genes and held != (genes < alpha) else []
    if said:
        yield f"{'not established' if held else 'established'} by {words.listing(said)}"


def _methods(row: Row, alpha: float, *, held: bool) -> str:
    """Count the methods that say otherwise, and name them."""
    n, of = int(row["n_established"]), int(row["n_methods"])
    found = [BY.fullmatch(part) for part in str(row.get("by_method") or "").split(", ")]
    names = [m["name"] for m in found if m and (m["turned"] is None and float(m["p"]) < alpha) != held]
    told = f"{of - n if held else n} of {of} methods"
    return f"{told} ({words.listing(names)})" if len(names) == (of - n if held else n) else told

"""Whether what a signature file states is so: genes, source, licence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._gene_ids import LEVELS, resolve_each
from marrowsig.sig._words import DOI, ENSEMBL, FACTS, LICENCES, MIN_GENES, PERMISSION, UNMAPPED

if TYPE_CHECKING:
    from marrowsig._genes import GeneTable

Problem = tuple[str, str]
DOI_FORM = "write the bare form, e.g. 10.1111/cas.15855"


def gene_problems(doc: dict[str, Any], table: GeneTable) -> list[Problem]:
    """Symbols against HGNC, Ensembl ids against symbols, number of genes. Other species are not looked up."""
    genes = {g: r for g, r in _dict(doc, "genes").items() if isinstance(r, dict)}
    found: list[Problem] = []
    if doc.get("species") == "human":
        found += [p for symbol, row in genes.items() for p in _one_gene(symbol, row, table)]
    if 0 < len(genes) < MIN_GENES and _dict(doc, "use").get("small") is not True:
        found.append(("genes", f"only {len(genes)} genes; if that is meant, write small = true under [use]"))
    return found


def unstated(doc: dict[str, Any]) -> list[Problem]:
    """Genes of a file that HGNC does not know, and of which nobody has said that the source has them so."""
    rows = {g: row for g, row in _dict(doc, "genes").items() if isinstance(row, dict)}
    lost = [g for g, row in rows.items() if row.get("status") == UNMAPPED and not row.get("source")]
    what = "is 'unmapped': no known symbol, perhaps a slip; if the source has it, add source ="
    return [(f"genes.{gene}.status", f'{what} "{gene}"') for gene in lost]


def _one_gene(symbol: str, row: dict[str, Any], table: GeneTable) -> list[Problem]:
    key, id, found = f"genes.{symbol}", row.get("id"), []
    known = symbol in table.approved
    if row.get("status") == UNMAPPED:
        if known:
            found.append((f"{key}.status", "is 'unmapped', yet HGNC knows the symbol"))
    elif not known and "w" in row:  # a row without w is the half of a dotted symbol, reported as such
        found.append((key, _hint(symbol, table)))
    if not isinstance(id, str):
        return found
    if not ENSEMBL.fullmatch(id):
        found.append((f"{key}.id", f"{id!r} is not a human Ensembl gene id"))
    elif known and id in table.ensembl and table.ensembl[id] != symbol:
        found.append((f"{key}.id", f"{id} is {table.ensembl[id]}, not {symbol}"))
    elif symbol in table.ensembl_of and id != table.ensembl_of[symbol]:
        found.append((f"{key}.id", f"is {id}; HGNC has {table.ensembl_of[symbol]}"))
    return found


def _hint(symbol: str, table: GeneTable) -> str:
    now = table.previous.get(symbol, ()) or table.alias.get(symbol, ())
    if not now and (call := resolve_each([symbol], "symbol", table)[0]).status in LEVELS:
        now = (call.name,)
    if now:
        return f'not an approved HGNC symbol; now {" or ".join(now)}; keep the old one as source = "{symbol}"'
    if "date" in call.status:
        return f"not a symbol but a {call.note}; write the gene that is meant"
    return 'not an approved HGNC symbol; if the source lists it so, add status = "unmapped"'


def source_problems(doc: dict[str, Any], cited: set[str], *, published: bool) -> list[Problem]:
    """DOI, origin, licence and citation. `published` asks for all that a shipped file needs."""
    source = _dict(doc, "source")
    found: list[Problem] = []
    doi, licence, cite = (source.get(k) for k in ("doi", "licence", "cite"))
    if doi is not None and not (isinstance(doi, str) and DOI.fullmatch(doi)):
        found.append(("source.doi", f"{doi!r} is not a DOI; {DOI_FORM}"))
    if not source.get("where") and not doi:
        found.append(("source.where", "nothing says where the list is from; give where or doi"))
    if licence is not None or published:
        found += _licence(licence, source)
    if cite is None and published:
        found.append(("source.cite", "no citation key; add the paper to references.bib and name its key"))
    elif cite is not None and cite not in cited:
        found.append(("source.cite", f"{cite!r} is not a key in references.bib"))
    return found


def _licence(licence: object, source: dict[str, Any]) -> list[Problem]:
    if licence is None:
        return [("source.licence", f"is missing; use one of {', '.join(LICENCES)}")]
    if licence == FACTS and not source.get("note"):
        return [("source.note", f"{FACTS} needs a note: which published list, and why it is taken as facts")]
    if licence in LICENCES or (isinstance(licence, str) and PERMISSION.fullmatch(licence)):
        return []
    if source.get("redistribute") is False and isinstance(licence, str) and licence:
        return []  # nothing of it is here, so any licence may be named
    allowed = ", ".join(LICENCES)
    message = f"{licence!r} does not let the list be shipped; use one of {allowed}, 'permission: who, when', "
    return [("source.licence", f"{message}or redistribute = false and no genes")]


def bib_keys(text: str) -> set[str]:
    """Keys of a BibTeX file."""
    return set(re.findall(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", text, flags=re.MULTILINE))


def _dict(doc: dict[str, Any], key: str) -> dict[str, Any]:
    value = doc.get(key, {})
    return value if isinstance(value, dict) else {}

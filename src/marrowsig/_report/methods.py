"""The methods of this very analysis, ready to paste: text, signatures with hashes, references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._cell_types import at_same_shares
from marrowsig._contrast_sides import bracketed
from marrowsig._nested_pairs import nested
from marrowsig._provenance import in_order, recall
from marrowsig._report import cells_summed, compared, facts, judged, lead, methods_further, words
from marrowsig._report.analysed import analysed, excluded, rows_of
from marrowsig._report.elements import Fold, Paste, Section, Words
from marrowsig._report.lacking import lacking
from marrowsig._report.methods_short import short
from marrowsig._report.references import MARROWSIG, cited
from marrowsig._report.scored_by import details
from marrowsig._report.study import known, scored
from marrowsig._report.thinned import depths
from marrowsig._version import __version__
from marrowsig.design import Design
from marrowsig.sig._cite import QUESTION, TESTS, bibtex, used
from marrowsig.sig._reference import named, reference

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig.sig import Signature

LEAD = (
    "Written from the records of this analysis; it knows the numbers alone, so check it against what you did "
    "in the laboratory. First what a paper needs, with its references; the long version has every option."
)


def section(given: Given) -> Section:
    """Write a paragraph with its references; behind lines the long version, the signatures and BibTeX."""
    brief = short(given)
    keys, notes = used(given.adata)
    papers = {*keys, *brief.keys, *_papers(given)}
    long = [*paragraphs(given), "References. " + " ".join(references(given))]
    listed = Paste("methods-signatures", "list of signatures", signatures(given))
    entries = Paste("methods-bibtex", "BibTeX", [bibtex(papers, notes).strip()], code=True)
    parts: list[Part] = [
        Words(LEAD, soft=True),
        Paste("methods-short", "methods with references", [brief.text, *brief.references]),
        Fold(
            "The long version: every option, model and further analysis",
            [Paste("methods-text", "long version", long)],
        ),
        Fold("Every signature with its source and hash, for a supplement", [listed]),
        Fold("Everything that is cited here as BibTeX", [entries]),
    ]
    return Section("methods", "Methods, ready to paste", parts)


def paragraphs(given: Given) -> list[str]:
    """Write of data, scores, model, further analyses and software."""
    found = [_data(given), _scores(given), _model(given), *methods_further.sentences(given), _software(given)]
    return [text for text in found if text]


def _data(given: Given) -> str:
    adata = given.adata
    read: dict[str, Any] = recall(adata, "input", {})
    logged: dict[str, Any] = recall(adata, "lognorm", {})
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    genes: dict[str, Any] = recall(adata, "genes", {}).get("summary", {})
    kind = words.kind(str(logged.get("from") or read.get("kind", "")))
    drawn = "Simulated data" if read.get("simulated") else "Data"
    file = f" ({read['file']})" if read.get("file") else ""
    size = f"{words.count(adata.n_obs, 'sample')} and {words.count(adata.n_vars, 'gene')}"
    gone = facts.without_values(read)
    left = f"; {words.count(gone, 'gene')} with missing values left out" if gone else ""
    said = [f"{drawn}. The matrix{file} holds {size}{left}; values were {kind}."]
    n, left = analysed(given)
    if left:
        said.append(f"{words.count(n, 'sample')} of these {'was' if n == 1 else 'were'} compared. {left}")
    said += filter(None, [excluded(adata)])
    if genes:
        said.append(
            "Gene names were resolved to current HGNC symbols (Seal et al. 2023): " + facts.names(genes) + "."
        )
    if summed:
        sums = words.count(adata.n_obs, "sum")
        more = f"; {told}" if (told := cells_summed.not_there(adata)) else ""
        mixed = facts.within_sums(adata, rows_of(given))
        said.append(
            f"The counts of {cells_summed.cells(adata)} were added up per "
            f"{cells_summed.per(adata, given.design)} ({sums}{more}){mixed}."
        )
        said += [f"{few[0].upper()}{few[1:]}."] if (few := facts.too_few(summed)) else []
    thin: dict[str, Any] = recall(adata, "thin", {})
    if thin:
        drawn = f"{facts.SAME_SHARES} and" if at_same_shares(adata) else ""
        said.append(
            f"Rows were{drawn} thinned to {words.listing(depths(given))}; scores are means over "
            f"{thin['draws']} draws (seed {thin['seed']})."
        )
    held: dict[str, Any] = recall(adata, "expressed", {})
    if held:
        said.append(
            f"Of {int(held['genes']):,} genes the {int(held['kept']):,} were kept that have "
            f"{held['cpm']:.2g} counts per million in at least {held['samples']:.3g} samples and "
            f"{held['min_total']:g} reads in all (Chen et al. 2016, doi:10.12688/f1000research.8987.2)."
        )
    how = f"taken to {facts.formula(logged)}" if logged else "scored as they were read"
    said.append(f"Values were {how}.")
    return " ".join(said)


def _scores(given: Given) -> str:
    entries: dict[str, Any] = recall(given.adata, "scores", {})
    how = [f"{name} ({cited(name)}{_details(given, entries, name)})" for name in in_order(entries)]
    floor = min(float(facts.params(entry).get("min_coverage", 0)) for entry in entries.values())
    frame = scored(given)
    sigs = known(frame["id"].astype(str))
    n = words.count(len(frame), "signature")
    main = [
        _named(row, sigs.get(str(row["id"]))) for row in frame.to_dict("records") if row["id"] in given.named
    ]
    many = len(how) > 1
    first = f"; {given.method} gives the answer" if many else ""
    were = "were" if len(frame) != 1 else "was"
    return (
        f"Scores. {n} {were} scored by {words.listing(how)}{first}. A signature was "
        f"scored where at least {floor:.0%} of its genes were measured. The main "
        f"{'signatures are' if len(main) != 1 else 'signature is'} {'; '.join(main)}. "
        "All signatures, with sources and hashes, are listed separately."
    )


def _details(given: Given, entries: dict[str, Any], name: str) -> str:
    said = details(name, entries[name], drawn=bool(recall(given.adata, "thin", {})))
    return f"; {said}" if said else ""


def _named(row: dict[str, Any], sig: Signature | None) -> str:
    """One signature with its genes, source and hash."""
    parts = [words.count(int(row["n"]), "gene")]
    same = sig is not None and sig.sha256 == row["sha256"]
    source = sig.source if sig is not None and same else {}
    parts += _origin(source)
    parts += (
        [f"{named(str(source.get('cite', '')))} doi:{source['doi']}".strip()] if source.get("doi") else []
    )
    parts += [] if same else ["not one that comes with marrowsig"]
    return f"{row['id']} ({'; '.join([*parts, 'sha256 ' + str(row['sha256'])[:12]])})"


def _origin(source: dict[str, Any]) -> list[str]:
    """Where the list stands; of a derived one, the lists that it comes from and their papers."""
    ids = list(source.get("derived_from") or [])
    if not ids:
        return [str(source["where"])] if source.get("where") else []
    own = known(ids)
    papers = dict.fromkeys(
        f"{named(str(s.source.get('cite', '')))} doi:{s.source['doi']}".strip()
        for s in own.values()
        if s.source.get("doi")
    )
    return [f"derived by marrowsig from {words.listing(ids)}", *papers]


def signatures(given: Given) -> list[str]:
    """Write every signature in a line."""
    frame = scored(given)
    sigs = known(frame["id"].astype(str))
    return [_named(row, sigs.get(str(row["id"]))) for row in frame.to_dict("records")]


def _model(given: Given) -> str:
    asked = given.contrasts[given.contrasts["estimable"].astype(bool)]
    names = [_contrast(row) for row in asked.to_dict("records")]
    fit = given.main[given.main["estimate"].notna()]
    models = dict.fromkeys(fit["test"].astype(str)) if "test" in fit else {}
    tests = "; ".join(model.removeprefix("linear model ") for model in models)
    units = [u for u in dict.fromkeys(given.main.get("unit", [])) if isinstance(u, str) and u]
    unit = f" The replicate is {words.listing(map(_unit, units))}." if units else ""
    fitted = (
        f"Comparison. Design: {given.design!r}. Contrasts: {'; '.join(names)}. Each contrast of each "
        f"signature was estimated by a linear model ({tests}) and tested by t on the residual degrees of "
        f"freedom, two-sided.{unit} Estimates are differences of scores with {words.level(given.alpha)} "
        "confidence intervals, which are not adjusted."
    )
    bound = (
        f"Up and down are said where the adjusted p is below {given.alpha:g}; what is not established is not "
        "taken for absent; up and down say that a score changed, not that it changed more than other genes. "
        f"Effect sizes are {judged.effects(given.main)}, with noncentral t intervals of the true effect."
    )
    said = [fitted, lead.families(given), bound]
    if isinstance(given.design, Design):
        left = compared.partnerless(given.design, given.adata, map(str, asked["contrast"]))
        said += [f"{left.removeprefix('; ')}."] if left else []
        said += filter(None, [nested(given.design, given.adata.obs)])
    said += [f"{lack}."] if (lack := lacking(given, map(str, asked["contrast"]))) else []
    if "p_perm" in given.main and given.main["p_perm"].notna().any():
        said.append("Permutation p values permute residuals (Freedman and Lane).")
    said += _margin(given.main)
    refused = given.contrasts[~given.contrasts["estimable"].astype(bool)]
    said += [f"{r['contrast']} could not be estimated: {r['reason']}." for r in refused.to_dict("records")]
    return " ".join(said)


def _margin(main: pd.DataFrame) -> list[str]:
    """Say what was asked of differences that are small."""
    asked = main["margin"].dropna().unique() if "margin" in main else []
    return [
        f"Whether a contrast lies within a margin of {margin:g}, declared beforehand, was judged by two "
        "one-sided t tests (Schuirmann), not adjusted."
        for margin in asked
    ]


def _contrast(row: dict[str, Any]) -> str:
    where = f" in {row['stratum']}" if row["stratum"] else ""
    n = re.findall(r": (\d+)(?:, |$)", str(row["n"]))
    sides = " - ".join(bracketed(str(row[k])) for k in ("test", "base"))
    return f"{row['contrast']}{where} = {sides}" + (f" (n = {'/'.join(n)})" if n else "")


def _unit(name: str) -> str:
    return "the row of the matrix" if name == "row" else f"a level of '{name}'"


def _software(given: Given) -> str:
    found = dict(facts.versions())
    rest = [
        f"{name} {found[name]}" for name in found if name != "marrowsig" and found[name] != "not installed"
    ]
    return f"Software. marrowsig {__version__} ({MARROWSIG}); {', '.join(rest)}."


def references(given: Given) -> list[str]:
    """Lines of the papers behind the text: of the statistics that were used, and of the question."""
    return [reference(key) for key in _papers(given)]


def _papers(given: Given) -> list[str]:
    """Keys of these papers."""
    tests = ["bh", "hedges"]
    if "adjustment" in given.main:
        tests += [name for name in ("Holm", "maxT") if given.main["adjustment"].eq(name).any()]
    if "p_perm" in given.main and given.main["p_perm"].notna().any():
        tests.append("permutation")
    if "test" in given.main and given.main["test"].astype(str).str.contains("moderated").any():
        tests.append("limma")
    tests += ["tost"] if _margin(given.main) else []
    tests += methods_further.references(given)
    keys = [TESTS[name.lower()] for name in tests]
    keys += ["Seal2023"] if recall(given.adata, "genes", {}) else []
    return list(dict.fromkeys([*keys, QUESTION]))

"""The methods of an analysis in a paragraph, with the references that it cites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._cell_types import at_same_shares
from marrowsig._provenance import in_order, recall
from marrowsig._report import cells_summed, compared, facts, judged, words
from marrowsig._report.analysed import analysed, excluded, rows_of
from marrowsig._report.cited import Cited, MethodsText
from marrowsig._report.scored_by import details
from marrowsig._report.study import known, scored
from marrowsig._report.thinned import depths
from marrowsig._report.which_list import claims_apart
from marrowsig._version import __version__
from marrowsig.sig._cite import OURS, bibtex, of_lists, of_methods, of_signature, used
from marrowsig.sig._load import everything
from marrowsig.sig._reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from marrowsig._report.elements import Given
    from marrowsig.sig import Signature, SignatureSet

AXES = {
    "emt": "EMT",
    "il6": "the IL-6 response",
    "stat3": "JAK/STAT3 activity",
    "stat1": "the interferon response",
    "control": "controls",
    "other": "other programmes",
}


def short(given: Given) -> MethodsText:
    """Write what the methods section of a paper needs, in complete sentences."""
    cited = Cited()
    said = [
        _data(given, cited),
        *_scores(given, cited),
        *compared.sentences(given),
        *judged.sentences(given, cited),
        *judged.further(given, cited),
        (f"Software: marrowsig {__version__} {cited(OURS)}, Python {dict(facts.versions())['python']}."),
    ]
    listed = tuple(f"[{n}] {reference(key)}" for key, n in cited.keys.items())
    keys, notes = used(given.adata)
    entries = bibtex(keys | set(cited.keys), notes)
    return MethodsText(" ".join(filter(None, said)), listed, entries, tuple(cited.keys))


def _data(given: Given, cited: Cited) -> str:
    adata = given.adata
    read: dict[str, Any] = recall(adata, "input", {})
    logged: dict[str, Any] = recall(adata, "lognorm", {})
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    thin: dict[str, Any] = recall(adata, "thin", {})
    kind = words.kind(str(logged.get("from") or read.get("kind", "")))
    kind = "expression values" if kind == "unknown" else kind
    lanes: dict[str, Any] = recall(adata, "libraries", {})
    used, left = analysed(given)
    if left and (summed or lanes):
        used, left = adata.n_obs, f"{words.count(used, 'sum')} of these were compared; {left}"
    samples, genes = words.count(used, "sample"), words.count(adata.n_vars, "gene")
    held: dict[str, Any] = recall(adata, "expressed", {})
    if held:
        genes += (
            f" (of {int(held['genes']):,}, those with {held['cpm']:.2g} counts per million in "
            f"{held['samples']:.3g} samples or more)"
        )
    if gone := facts.without_values(read):
        genes += f" ({gone:,} with missing values left out)"
    what = f"{kind} of {genes} in {samples} were"
    if summed:
        per = cells_summed.per(adata, given.design)
        what = f"{kind} of {genes} in {cells_summed.cells(adata)}, summed per {per} to {samples}"
        few = "; ".join(filter(None, [facts.too_few(summed), cells_summed.not_there(adata)]))
        what += f"{facts.within_sums(adata, rows_of(given))}{f' ({few})' if few else ''}, were"
    if lanes:
        n, unit = words.count(int(lanes["n_libraries"]), "library", "libraries"), lanes["unit"]
        what = f"{kind} of {genes} in {n}, summed per {unit} and arm to {samples}, were"
    if thin:
        n = f"{words.count(int(thin['draws']), 'draw')}, seed {thin['seed']}"
        what += f"{facts.SAME_SHARES} and" if at_same_shares(adata) else ""
        what += f" thinned to {words.listing(depths(given))} ({n}) and"
    drawn = "simulated " if read.get("simulated") else ""
    how = f"analysed as {facts.formula(logged)}" if logged else "analysed on the scale as read"
    named = f", under current HGNC symbols {cited('Seal2023')}" if recall(adata, "genes", {}) else ""
    text = " ".join(filter(None, [f"{drawn}{what} {how}{named}.", left, excluded(adata)]))
    return text[0].upper() + text[1:]


def _derived(sig: Signature, papers: set[str], shipped: SignatureSet, cited: Cited) -> str:
    """Cite the papers of a list; of a derived one those of its lists, and apart those of other data."""
    parents = len(list(sig.source.get("derived_from") or []))
    if not parents:
        return f" {_in_order(papers, cited)}"
    lists = of_lists(sig, shipped)
    data = papers - lists - {OURS}
    sources = words.count(len(lists), "publication")
    told = f", derived with this package from {parents} lists of {sources} {_in_order(lists, cited)}"
    return f"{told}, and from expression by cell type {_in_order(data, cited)}" if data else told


def _in_order(papers: set[str], cited: Cited) -> str:
    return cited(*sorted(papers, key=str.lower))


def of_axes(names: Iterable[str], cited: Cited, *, same: set[str], genes: Mapping[str, str]) -> str:
    """List signatures by what they are of, with their papers where their genes are the `same` as shipped."""
    shipped = everything()
    by_axis: dict[str, list[str]] = {}
    for name in names:
        papers = of_signature(shipped[name], shipped) if name in same and name in shipped else set()
        size = f" of {genes[name]}" if name in genes else ""
        text = f"{name}{_derived(shipped[name], papers, shipped, cited)}" if papers else ""
        axis = name.split(".")[0]
        by_axis.setdefault(AXES.get(axis, axis), []).append(text or f"{name}, a list of our own{size}")
    return words.listing(f"{axis} ({'; '.join(told)})" for axis, told in by_axis.items())


def _scores(given: Given, cited: Cited) -> list[str]:
    entries: dict[str, Any] = recall(given.adata, "scores", {})
    frame = scored(given).set_index("id")
    shown = [*given.named, *(i for i in claims_apart(given.claims, given.named) if i in frame.index)]
    sigs = known(shown)
    same = {name for name, sig in sigs.items() if sig.sha256 == frame.loc[name, "sha256"]}
    genes = {name: words.count(int(frame.loc[name, "n"]), "gene") for name in shown}
    main = of_axes(shown, cited, same=same, genes=genes)
    rest = len(frame) - len(shown)
    others = f", and {words.count(rest, 'further signature')} of the supplement," if rest else ""
    papers_of = of_methods()
    names = sorted(in_order(entries), key=lambda name: name != given.method)
    drawn, how = bool(recall(given.adata, "thin", {})), []
    for name in names:
        told = details(name, entries[name], drawn=drawn, prose=True)
        paper = f"{name} {cited(papers_of[name])}" if name in papers_of else name
        how.append(f"{paper} ({told})" if told else paper)
    beside = f", beside it by {words.listing(how[1:])}," if how[1:] else ""
    floor = min(float(facts.params(entry).get("min_coverage", 0)) for entry in entries.values())
    text = (
        f"Signatures of {main}{others} were scored by {how[0]}{beside} where at least {floor:.0%} of their "
        "genes were measured."
    )
    return [text]

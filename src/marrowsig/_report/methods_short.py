"""The methods of an analysis in a paragraph, with the references that it cites."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marrowsig._provenance import in_order, recall
from marrowsig._report import compared, facts, words
from marrowsig._report.study import known, scored
from marrowsig._version import __version__
from marrowsig.sig._cite import OURS, TESTS, bibtex, of_methods, of_signature, used
from marrowsig.sig._load import everything
from marrowsig.sig._reference import reference

if TYPE_CHECKING:
    from marrowsig._report.elements import Given

AXES = {
    "emt": "EMT",
    "il6": "the IL-6 response",
    "stat3": "JAK/STAT3 activity",
    "stat1": "the interferon response",
}
EFFECTS = {"hedges_g": "Hedges' g", "d_z": "d_z of pairs"}


@dataclass(frozen=True, eq=False, repr=False)
class MethodsText:
    """A paragraph of methods: `text`, the numbered `references` that it cites, their `keys` and `bibtex`."""

    text: str
    references: tuple[str, ...]
    bibtex: str
    keys: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.text, "", *self.references])

    def _repr_html_(self) -> str:
        lines = "<br>".join(map(html.escape, self.references))
        return f"<p>{html.escape(self.text)}</p><p>{lines}</p>"


class Cited:
    """Numbers papers in the order in which they are cited."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}

    def __call__(self, *keys: str) -> str:
        """Return the numbers of these papers in brackets, runs of them joined."""
        found = sorted({self.keys.setdefault(key, len(self.keys) + 1) for key in keys})
        runs: list[list[int]] = []
        for n in found:
            if runs and n == runs[-1][-1] + 1:
                runs[-1].append(n)
            else:
                runs.append([n])
        return "[" + ", ".join(_run(run) for run in runs) + "]"

    def test(self, *names: str) -> str:
        """Return the numbers of the papers of these statistics."""
        return self(*(TESTS[name] for name in names))


def _run(run: list[int]) -> str:
    return f"{run[0]}\N{EN DASH}{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))


def short(given: Given) -> MethodsText:
    """Write what the methods section of a paper needs, in complete sentences."""
    cited = Cited()
    said = [
        _data(given, cited),
        *_scores(given, cited),
        *compared.sentences(given),
        *_tests(given, cited),
        *_further(given, cited),
        (
            f"Analyses were done with marrowsig {__version__} {cited(OURS)} in Python "
            f"{dict(facts.versions())['python']}."
        ),
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
    samples, genes = words.count(adata.n_obs, "sample"), words.count(adata.n_vars, "gene")
    what = f"{kind} of {genes} in {samples} were"
    if summed:
        cells = words.count(int(summed.get("n_cells", 0)), "cell")
        what = f"{kind} of {genes} in {cells}, summed per {summed.get('unit')} and arm to {samples}, were"
    if thin:
        what += f" thinned to at most {int(thin['most']):,} counts each ({thin['draws']} draws) and"
    drawn = "simulated " if read.get("simulated") else ""
    how = f"analysed as {logged['formula']}" if logged else "analysed on the scale as read"
    named = f", under current HGNC symbols {cited('Seal2023')}" if recall(adata, "genes", {}) else ""
    text = f"{drawn}{what} {how}{named}."
    return text[0].upper() + text[1:]


def _scores(given: Given, cited: Cited) -> list[str]:
    entries: dict[str, Any] = recall(given.adata, "scores", {})
    frame = scored(given).set_index("id")
    shipped = everything()
    own = known(frame.index.to_series().astype(str))
    by_axis: dict[str, list[str]] = {}
    for name in given.named:
        sig = own.get(name)
        papers = of_signature(sig, shipped) if sig and sig.sha256 == frame.loc[name, "sha256"] else set()
        n = words.count(int(frame.loc[name, "n"]), "gene")
        if papers:
            parents = len(list(sig.source.get("derived_from") or [])) if sig else 0
            note = f", derived from {parents} lists" if parents else ""
            text = f"{name}{note} {cited(*sorted(papers, key=str.lower))}"
        else:
            text = f"{name}, a list of our own of {n}"
        axis = name.split(".")[0]
        by_axis.setdefault(AXES.get(axis, axis), []).append(text)
    main = words.listing(f"{axis} ({'; '.join(names)})" for axis, names in by_axis.items())
    rest = len(frame) - len(given.named)
    others = f", and {words.count(rest, 'further signature')} of the supplement," if rest else ""
    papers_of = of_methods()
    names = sorted(in_order(entries), key=lambda name: name != given.method)
    how = [f"{name} {cited(papers_of[name])}" if name in papers_of else name for name in names]
    beside = f" (beside it by {words.listing(how[1:])})" if how[1:] else ""
    floor = min(float(facts.params(entry).get("min_coverage", 0)) for entry in entries.values())
    text = (
        f"Signatures of {main}{others} were scored by {how[0]}{beside} where at least {floor:.0%} of their "
        "genes were measured."
    )
    return [text]


def _tests(given: Given, cited: Cited) -> list[str]:
    main = given.main[given.main["estimate"].notna()]
    if main.empty:
        return []
    own = main[main["adjustment"].ne("BH")] if "adjustment" in main else main.iloc[:0]
    first = "P values"
    if len(own):
        how = str(own["adjustment"].iloc[0])
        size = words.count(int(own["family_size"].iloc[0]), "test")
        asked = words.listing(dict.fromkeys(map(compared.kind, own["contrast"])))
        paper = cited.test({"Holm": "holm"}.get(how, "maxt"))
        first = f"P values of the primary family ({size} of {asked}) were adjusted by {how} {paper}, others"
    bh = f"Benjamini and Hochberg {cited.test('bh')} within a contrast"
    were = "" if len(own) else " were adjusted"
    effects = [EFFECTS.get(str(e), str(e)) for e in dict.fromkeys(main["effect_name"].dropna())]
    g = f", and {words.listing(effects)} {cited.test('hedges')} as effect size" if effects else ""
    said = [
        f"{first}{were} by {bh}; adjusted p below {given.alpha:g} was called established.",
        f"Differences of scores have unadjusted {words.level(given.alpha)} confidence intervals{g}.",
    ]
    if main["test"].astype(str).str.contains("moderated").any():
        said.append(f"Variances were moderated over the signatures {cited.test('limma')}.")
    return said


def _further(given: Given, cited: Cited) -> list[str]:
    """Parts that change how a paper's claims were reached; the long version has all."""
    said, found = [], given.extras
    source = found["stroma"].params["source"] if "stroma" in found else "not estimated"
    if source != "not estimated":
        said.append(
            f"The share of stromal RNA was estimated per sample from {source}, and contrasts were tested "
            "again without the genes that it could move."
        )
    if "claims" in found and found["claims"]["verdict"].ne("not asked").any():
        size = words.count(int(found["claims"]["family_size"].max()), "claim")
        said.append(
            f"Claims followed rules fixed beforehand, with p by Holm {cited.test('holm')} over {size}."
        )
    if "rescue" in found:
        text = f"Fractions reversed by an inhibitor have Fieller intervals {cited.test('fieller')}"
        if found["rescue"]["margin"].notna().any():
            text += f", and full reversal was tested as equivalence {cited.test('tost')}"
        said.append(f"{text}.")
    tested = []
    if "genes" in found:
        told = found["genes"]["test"].astype(str)
        papers = ["limma", *(name.lower() for name in ("voom", "TMM") if told.str.contains(name).any())]
        tested.append(("single genes", f"by moderated t {cited.test(*papers)}"))
    if "gene_sets" in found:
        tested.append(("genes of signatures", f"by roast and camera {cited.test('roast', 'camera')}"))
    if tested:
        (what, how), *rest = tested
        said.append(f"{what.capitalize()} were tested {how}{''.join(f', {w} {h}' for w, h in rest)}.")
    return said

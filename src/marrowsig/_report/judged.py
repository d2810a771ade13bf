"""How differences were judged, as a paper says it: adjustment, intervals, and further analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._report import compared, words

if TYPE_CHECKING:
    from marrowsig._report.cited import Cited
    from marrowsig._report.elements import Given

EFFECTS = {"hedges_g": "Hedges' g", "d_z": "d_z of pairs"}


def sentences(given: Given, cited: Cited) -> list[str]:
    """Say how p values were adjusted, and which intervals and effect sizes stand beside them."""
    main = given.main[given.main["estimate"].notna()]
    if main.empty:
        return []
    own = main[main["adjustment"].ne("BH")] if "adjustment" in main else main.iloc[:0]
    first = "P values"
    if len(own):
        how = str(own["adjustment"].iloc[0])
        size = words.count(int(own["family_size"].iloc[0]), "test")
        asked = words.listing(compared.kinds(own["contrast"], given.design))
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
    margins = main["margin"].dropna().unique() if "margin" in main else []
    if len(margins):
        said.append(
            f"Whether a difference is less than {margins[0]:g} in either direction was judged by two "
            f"one-sided t tests {cited.test('tost')}, not adjusted."
        )
    return said


def further(given: Given, cited: Cited) -> list[str]:
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

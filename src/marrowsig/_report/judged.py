"""How differences were judged, as a paper says it: adjustment, intervals, and further analyses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import said_impossible
from marrowsig._drug_alone import without_drug_alone
from marrowsig._report import words
from marrowsig._report.kinds import by_stratum, in_each, kinds
from marrowsig._report.which_list import claims_apart
from marrowsig._two_cultures import cells
from marrowsig.tl._families import MAIN, is_control

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from marrowsig._report.cited import Cited
    from marrowsig._report.elements import Given

NONE = "no reference of stroma"
EFFECTS = {
    "hedges_g": "Hedges' g",
    "g_z": "g_z of pairs",
    "g_residual": "Hedges' g per residual SD within units",
}


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
        asked = words.listing(kinds(own["contrast"], given.design))
        paper = cited.test({"Holm": "holm"}.get(how, "maxt"))
        each = in_each(own["stratum"])
        first = (
            f"P values of the primary family ({size} of {asked}{each}) were adjusted by {how} {paper}, others"
        )
    bh = f"Benjamini and Hochberg {cited.test('bh')} within a contrast{_over(main)}"
    were = "" if len(own) else " were adjusted"
    of = effects(main)
    g = f", and {of} {cited.test('hedges')} as effect size" if of else ""
    called = (
        f"adjusted p below {given.alpha:g} was called established: the score changed, perhaps no more than "
        f"other genes.{_against_random(given)}"
    )
    said = [
        f"{first}{were} by {bh}; {called}",
        f"Differences have unadjusted {words.level(given.alpha)} confidence intervals{g}.",
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


def effects(rows: pd.DataFrame) -> str:
    """Name the effect sizes of rows of a comparison."""
    found = dict.fromkeys(rows["effect_name"].dropna())
    return words.listing(EFFECTS.get(str(name), str(name)) for name in found)


def _asked_of(given: Given) -> str:
    """Name the lists of the claims where these are not among the main ones."""
    others = claims_apart(given.claims, given.named)
    return f", asked of {words.listing(others)}," if others else ""


UNASKED = (
    "Carry-over of stromal RNA was said to be impossible in these samples, and no verdict or size rests on a "
    "check of it."
)


def further(given: Given, cited: Cited) -> list[str]:
    """Parts that change how a paper's claims were reached; the long version has all."""
    said, found = [], given.extras
    source = found["stroma"].params["source"] if "stroma" in found else "not estimated"
    if source != "not estimated":
        said.append(f"{_stroma(source, found['stroma'].params, given.design)}.")
    if "claims" in found and found["claims"]["verdict"].ne("not asked").any():
        size = words.count(int(found["claims"]["family_size"].max()), "claim")
        said.append(
            f"Claims{_asked_of(given)} followed rules fixed in the package, with p by Holm "
            f"{cited.test('holm')} over {size}{_apart(given)}{_matured(found['claims'])}."
        )
        said += [UNASKED] if said_impossible(found["claims"]) else []
    if "questions" in found and found["questions"]["verdict"].ne("not asked").any():
        size = words.count(int(found["questions"]["family_size"].max()), "further question")
        said.append(f"By the same rules {size} were asked, with p by Holm over these alone.")
    if "rescue" in found:
        text = f"Fractions reversed by an inhibitor have Fieller intervals {cited.test('fieller')}"
        if found["rescue"]["margin"].notna().any():
            text += f", and full reversal was tested as equivalence {cited.test('tost')}"
        said += [f"{text}.", without_drug_alone(given.design, given.adata.obs)]
    tested: list[str] = []
    if "genes" in found:
        told = found["genes"]["test"].astype(str)
        papers = ["limma", *(["voom"] if told.str.contains("voom").any() else [])]
        how = f"moderated t{_prior(told)} {cited.test(*papers)}"
        scaled = f", libraries scaled by TMM {cited.test('tmm')}" if told.str.contains("TMM").any() else ""
        tested.append(f"single genes were tested by {how}{scaled}, with p adjusted alike")
    if "gene_sets" in found:
        told = found["gene_sets"]["test"].astype(str)
        weighed = ", both with voom weights" if told.str.contains("voom").any() else ""
        tested.append(
            f"genes of signatures{'' if tested else ' were tested'} by t of their mean change, each gene "
            f"scaled by the SD expected at its expression, by roast {cited.test('roast')}, and against all "
            f"other genes by camera with estimated correlation {cited.test('camera')}{weighed}"
        )
    if tested:
        text = "; ".join(tested)
        said.append(f"{text[0].upper()}{text[1:]}.")
    return list(filter(None, said))


def _over(main: pd.DataFrame) -> str:
    """Say over how many signatures p values are adjusted that are in no primary family."""
    if "family_size" not in main:
        return ""
    rest = main[main["adjustment"].eq("BH")]
    aside = is_control(rest["signature"])
    sizes = rest.loc[~aside if not aside.all() else aside, "family_size"].astype(int)
    if sizes.empty:
        return ""
    low, high = int(sizes.min()), int(sizes.max())
    n = words.count(high, "signature") if low == high else f"{low} to {words.count(high, 'signature')}"
    beside = ""
    if aside.any() and not aside.all():
        beside = f", {words.count(int(rest.loc[aside, 'family_size'].max()), 'control')}"
    if rest["family"].astype(str).str.contains(MAIN, regex=False).any():
        return f" ({n}{beside}, main {'apart' if beside else 'ones apart'})"
    return f" (over {n}{f'{beside} apart' if beside else ''})"


FILTER = re.compile(r"; where higher, their level in (.+?) counts? for the filter")
AT_LEVEL = r"; genes that are higher in \1 count at that level where genes are left out"
MARKERS = re.compile(r"(\d+(?: to \d+)?) markers(, (?:those of .+ )?found on all strata together)?(?:, .*)?")


def _stroma(source: str, params: Mapping[str, Any], design: Any) -> str:
    """Say from what the shares were estimated, and against which stroma."""
    how = MARKERS.fullmatch(source)
    if how:
        named = params.get("markers_named")
        rule = "named beforehand" if named else f"high in stroma and absent in {cells(design)}"
        source = f"the levels of {how[1]} genes {rule}{how[2] or ''}"
    known = FILTER.sub(AT_LEVEL, str(params.get("reference", "")))
    mean = "the mean profile of " if known[:1].isdigit() else ""
    of = f" The reference of stroma was {mean}{known}." if known and known != NONE else ""
    found = {str(s): f"{100 * share:.2f} %" for s, share in params.get("filter_share", {}).items()}
    shares = by_stratum(found, design)
    could = f" more than {params['fold']:g}-fold at a share of {words.listing(shares)}" if shares else ""
    draws = f" ({params['draws']} bootstrap samples)" if "draws" in params else ""
    return (
        f"The share of stromal RNA was estimated per sample from {source}{draws}.{of} Contrasts were tested "
        f"again without the genes that stromal RNA could move{could}"
    )


def _apart(given: Given) -> str:
    """Name the other family in which p values are adjusted, of the contrasts."""
    main = given.main
    holm = "adjustment" in main and main["adjustment"].eq("Holm").any()
    return " apart from the primary family" if holm else " apart from those of the contrasts"


def _matured(claims: pd.DataFrame) -> str:
    """Say how maturation was ruled out, on which verdicts rest."""
    if "maturation" not in claims or not claims["maturation"].fillna("").ne("").any():
        return ""
    ripe = ", and were checked for maturation (effects without its genes, and adjusted for its score)"
    if "cell_types" not in claims or not claims["cell_types"].fillna("").ne("").any():
        return ripe
    draws = claims["same_shares_draws"].max() if "same_shares_draws" in claims else 0
    mean = f" (means over {int(draws)} draws)" if draws > 1 else " (one random draw)" if draws == 1 else ""
    return f"{ripe} and asked again with the same shares of cell types in all sums of cells{mean}"


def _against_random(given: Given) -> str:
    """Say that it was asked whether a score changed more than random genes, where it was."""
    null = given.extras.get("null")
    n = 0 if null is None else int(null["n_sets"].max())
    if not n:
        return ""
    return (
        " Whether it changed more than they do was asked apart: each main signature was compared with "
        f"{words.count(n, 'random set')} of as many genes of like expression."
    )


def _prior(told: pd.Series) -> str:
    """Name the variance model of the genes' t."""
    voom, trend = (told.str.contains(word).any() for word in ("t: voom", "t: variance trend"))
    kinds = (["voom weights"] if voom else []) + (["a variance trend"] if trend else [])
    return f" with {words.listing(kinds, word='or')}" if kinds else ""

"""Claims: the statements of the study, one row each, with the verdict on these samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._carry_over import APART, apart, of_stroma, on_kept_genes
from marrowsig._drug_named import drugs_apart
from marrowsig._gene_scale import change_of_il6
from marrowsig._in_brackets import once_unasked
from marrowsig._report import address, covaried, frames, partners, questions, stroma, words
from marrowsig._report.by_cell_line import by_cell_line
from marrowsig._report.elements import (
    ONE_GENE,
    Link,
    Pictures,
    Section,
    Sentences,
    Size,
    Verdict,
    Verdicts,
    Words,
)
from marrowsig._report.led_by import fold, led_by
from marrowsig._report.look import look_of
from marrowsig._report.picture import picture
from marrowsig._report.versions import versions
from marrowsig._report.which_list import not_compared
from marrowsig._report.why import why
from marrowsig._sizes import sizes
from marrowsig.pl._overview_key import CITED as ON_KEPT
from marrowsig.pl.claims import label
from marrowsig.tl._claims_asked import GENE, without_compartment
from marrowsig.tl._claims_same_words import matured
from marrowsig.tl._claims_size import to_cite
from marrowsig.tl._claims_words import agreed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig._report.picture import Figure
    from marrowsig.qc._stroma_result import Stroma

READING = (
    "The statements of the co-culture study, held against these samples by rules fixed in the package. "
    "'Supported' asks for an adjusted p below the bound (Holm over all claims), for methods and signature "
    "versions that agree, for a contrast that carried-over stroma cannot have made, and for one that "
    "maturation does not explain. 'Not supported' is no evidence of no change; 'cannot tell' names the check "
    "that failed. Estimates are differences of the score{gene}."
)
ORDER = ("supported", "contradicted", "not supported", "cannot tell")
KEYS = ("signature", "method", "contrast", "stratum")
FALLS = " Of a reversal, the estimate is positive when the score falls."
CAPTION = "The claims, and what these samples say to each"


CITED = (
    "P values in this table are adjusted by Holm over the {n}{kept}; the answer and the figures take those "
    "as scored where they ask the same ('as a claim'){marked}."
)
MARKED = ", but for a p with {mark} in a figure, which is that on these genes"
KEPT = ", and those on the genes that stroma could not move over the {n} asked on such genes"
OTHER_GENES = (
    "A claim needs both p, as scored and on the genes that stroma could not move. Where the RNA of stroma by "
    "itself gives more than a tenth of a size as scored, the size to cite, in bold, is that on these genes, "
    "for every contrast of this signature with stroma in an arm. It is of a score of its own, no part of the "
    "size as scored, and may be larger: compare it with other sizes on these genes only."
)


def _family(asked: pd.DataFrame) -> str:
    n = int(asked["family_size"].max())
    return words.count(n, "claim") if n == len(asked) else f"{n} of {len(asked)} claims with a p of their own"


def _over(asked: pd.DataFrame, *, twice: bool) -> str:
    """Say over how many p is adjusted, and which p stand elsewhere; `twice`: on fewer genes, too."""
    kept = KEPT.format(n=int(asked["filtered_family_size"].max())) if twice else ""
    marked = MARKED.format(mark=ON_KEPT) if twice else ""
    return CITED.format(n=_family(asked), kept=kept, marked=marked)


def against(row: Mapping[str, Any]) -> str:
    """Count methods and versions with the sign of the estimate, and those that speak against it."""
    told = f", {row['n_against']} against" if row["n_against"] else ""
    told += f"; other sign: {row['other_sign']}" if row.get("other_sign") else ""
    of = "" if row["versions"] else " methods, of one list"
    return f"{agreed(row)}{of}{told}" if row["n_specifications"] else ""


def _by_stroma(row: Mapping[str, Any]) -> str:
    carried = float(row.get("carried", float("nan")))
    return f"{words.numbers(carried)[0]} of {words.numbers(row['estimate'])[0]}" if carried == carried else ""


def _genes(row: Mapping[str, Any]) -> str:
    change = float(row.get("genes_estimate", float("nan")))
    if change != change:
        return ""
    unit = "log2" if row["genes_unit"] == "log2" else "SD"
    return f"{words.numbers(change)[0]} {unit}, {words.p_phrase(row['genes_p'], 'p')}, not adjusted"


def _same_shares(row: Mapping[str, Any]) -> str:
    """Cell of the size with the same shares of cell types, and its verdict."""
    if not row.get("cell_types"):
        return ""
    low, high = float(row["same_shares_ci_low"]), float(row["same_shares_ci_high"])
    if low != low:
        return str(row["cell_types"])
    return f"{words.estimate(float(row['same_shares_estimate']), low, high)}: {row['cell_types']}"


MORE: dict[str, frames.Show] = {
    "methods and versions with the sign of the estimate": against,
    APART: apart,
    "stroma by itself, of the estimate as scored": _by_stroma,
    "unadjusted p without pooled variances": lambda row: frames.value("p_welch", row.get("p_welch")),
    "adj. p over the claims by method": lambda row: row.get("by_method", ""),
    "its genes, mean change in SD of genes of such expression, or log2": _genes,
    "p against random sets of genes": lambda row: frames.value("p_null", row.get("p_null")),
    "is it maturation": lambda row: matured(row) if row.get("maturation") else "",
    "with the same shares of cell types": _same_shares,
    "difference found with power 0.8": "detectable",
    "contrast": "contrast",
    "signature or gene, and method": lambda row: f"{row['signature']}, {row['method']}",
    "n": sizes,
}
"""What stands behind the line that opens a claim; empty ones are left out."""


def section(given: Given) -> Section | None:
    """Count of the verdicts, all claims in one figure and one table, and what was not asked."""
    found = given.claims
    if found is None:
        return None
    asked = found[found["verdict"] != "not asked"]
    kept = _kept(given.extras.get("stroma"))
    alpha = float(found.attrs.get("alpha", given.alpha))
    level = words.level(alpha)
    parts: list[Part] = [Words(_count(asked))]
    if adjusted := covaried.line(given):
        parts.append(Words(adjusted))
    if others := not_compared(asked, given.main["signature"].astype(str)):
        parts.append(Words(others))
    lists = versions(given.main)
    rows, in_lines, genes = asked.to_dict("records"), by_cell_line(given, alpha), led_by(given)

    def told(row: Mapping[str, Any]) -> Verdict:
        return _verdict(row, kept, lists, alpha, [in_lines(row), covaried.of_claim(row, given), genes(row)])

    parts.append(Verdicts(CAPTION, [told(row) for row in rows], level))
    table = parts[-1]
    twice = isinstance(table, Verdicts) and table.kept
    parts.append(Words(_over(asked, twice=twice)))
    parts += [Words(OTHER_GENES, soft=True)] if twice else []
    of_gene = f" (of IL6: {il6})" if (il6 := change_of_il6(asked)) else ""
    parts.append(Words(READING.format(gene=of_gene), soft=True))
    if (asked["estimate"].notna() & asked["detectable"].gt(0)).any():
        parts.append(Pictures([_picture(asked, look_of(given).labels)]))
    parts += partners.of_gene(given, asked)
    rest = list(dict.fromkeys(map(once_unasked, found.loc[found["verdict"] == "not asked", "sentence"])))
    if rest:
        parts += [
            Words(f"Not asked of these samples, and what each would need: {len(rest)}"),
            Sentences(rest),
        ]
    parts += questions.parts(given, told, level)
    parts += fold(given, label)
    parts += [] if given.questions is not None else _elsewhere(given.contrasts)
    return Section("claims", "The claims", parts)


def _elsewhere(contrasts: pd.DataFrame) -> list[Part]:
    """Say which questions about IL-6 and STAT3 were tested without being claims, and where."""
    asked = contrasts.loc[contrasts["estimable"].astype(bool), "contrast"].astype(str)
    told, ways = [], [Link("the answer", ["answer"])]
    if asked.str.startswith("interaction").any():
        told.append("whether the IL-6 response or STAT3 rises more in resistant cells")
    if asked.str.startswith("reversal_").any():
        told.append("whether an inhibitor reverses the IL-6 response or STAT3")
        ways.append(Link("did the inhibitor reverse it?", ["rescue"]))
    if not told:
        return []
    return [Words(f"Tested, but no claims: {words.listing(told)}. Where their answers stand:", links=ways)]


def _kept(found: Stroma | None) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """Rows of the stroma guard with a filtered estimate, by signature, method, contrast and stratum."""
    if found is None:
        return {}
    rows = found.verdicts[found.verdicts["filtered_estimate"].notna()].to_dict("records")
    return {tuple(str(row[k]) for k in KEYS): row for row in rows}


def _verdict(
    row: Mapping[str, Any],
    kept: Mapping[tuple[str, ...], Mapping[str, Any]],
    lists: Mapping[tuple[str, str, str], str],
    alpha: float,
    besides: Sequence[tuple[str, dict[str, str]]],
) -> Verdict:
    rna = "leukaemia RNA" if of_stroma(row) else "stroma"
    shown = {name.replace("stroma", rna, 1): frames.cell(row, show) for name, show in MORE.items()}
    own = kept.get(tuple(str(row[k]) for k in KEYS))
    if own is not None:
        shown["genes that stroma could not move"] = f"{own['n_kept']} of {own['n_genes']}"
        shown["stroma's RNA, co-culture of this contrast with most of it"] = (
            f"{stroma.percent('share')(own)}, upper limit {stroma.percent('share_up')(own)}"
        )
        of = f" of {row['stratum']}" if row["stratum"] else ""
        shown["stroma's RNA for which genes were left out"] = (
            f"{stroma.percent('filter_share')(own)}, the most that any co-culture{of} may hold"
        )
    ways = address.behind(row) if row["contrast"] else []
    figure, *others = ways or [Link("figure", [])]
    # IL6 itself has a figure of its own where both partners were asked; else the one of all claims shows it.
    names = [partners.NAME, "claims"] if row["signature"] == GENE else ["claims"]
    ways = [Link(figure.text, [*figure.targets, *map(address.figure, names)]), *others]
    where = without_compartment(row["stratum"])
    where = f" [{where}]" if where else ""
    said = lists.get((str(row["signature"]).partition(".")[0], str(row["contrast"]), str(row["stratum"])), "")
    if said:
        shown["other lists"] = said
    for _, numbers in besides:
        shown |= numbers
    return Verdict(
        id=address.anchor(
            "claim", *(row[k] for k in ("claim", "compartment", "line", "inhibitor", "stratum"))
        ),
        claim=f"{label(dict(row))}{where}",
        verdict=str(row["verdict"]),
        scored=_scored(row),
        kept=_on_kept(row),
        why=" ".join(filter(None, [why(row, alpha), *(text for text, _ in besides)])),
        more=[(name, text) for name, text in shown.items() if text],
        full=str(row["sentence"]),
        links=ways,
    )


def _scored(row: Mapping[str, Any]) -> Size:
    held = row["rule"] in ("all hold", "opposite")
    return Size(
        frames.span("estimate")(row), frames.value("p_adj", row["p_adj"]), held and not on_kept_genes(row)
    )


def _on_kept(row: Mapping[str, Any]) -> Size | None:
    if "filtered_estimate" not in row or not stroma.filtered(row):
        return Size(ONE_GENE, "") if row["signature"] == GENE and row["estimate"] == row["estimate"] else None
    p = frames.value("p_adj", row["filtered_p_adj"])
    late = "which does not count" in str(row["reason"])
    return Size(stroma.filtered(row), f"{p}; that as scored decides" if late else p, to_cite(row))


def _picture(asked: pd.DataFrame, labels: Mapping[str, str]) -> Figure:
    from marrowsig import pl

    drawn = asked[asked["estimate"].notna()]
    said = [
        f"{label(row)}: {row['verdict']}, as scored {frames.span('estimate')(row)}"
        for row in drawn.to_dict("records")
    ]
    alt = f"Estimate with interval and verdict of {len(drawn)} claims. {'; '.join(said)}."
    caption = (
        "Every claim: its change as scored, in multiples of the smallest change that such a study would find "
        "in 8 of 10 repeats (power 0.8, adjusted p), verdict and checks"
    )
    return picture("claims", pl.claims(asked, most=len(asked), labels=labels), alt, caption)


def _count(asked: pd.DataFrame) -> str:
    counts = asked["verdict"].value_counts()
    told = ", ".join(f"{counts[v]} {v}" for v in ORDER if v in counts)
    falls = asked["contrast"].str.startswith("reversal_").any()
    said = f"{len(asked)} claims asked: {told}.{FALLS if falls else ''}"
    return f"{said} {apart}" if (apart := drugs_apart(asked)) else said

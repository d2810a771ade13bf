"""Claims: the statements of the study, one row each, with the verdict on these samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._carry_over import APART, apart
from marrowsig._report import address, frames, stroma, words
from marrowsig._report.elements import Link, Pictures, Section, Sentences, Verdict, Verdicts, Words
from marrowsig._report.figures import picture
from marrowsig.pl.claims import label
from marrowsig.tl._claims_words import agreed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig._report.figures import Figure
    from marrowsig.qc._stroma_result import Stroma

READING = (
    "The statements of the co-culture study, held against these samples by rules that were fixed beforehand. "
    "'Supported' asks for an adjusted p below the bound (Holm over all claims), for methods and signature "
    "versions that agree, for a contrast that carried-over stroma cannot have made, and for one that "
    "maturation does not explain. 'Not supported' is no evidence of no change; 'cannot tell' names the check "
    "that failed. Estimates are differences of the score (log2 for IL6); a reversal is positive when the "
    "score falls."
)
ORDER = ("supported", "contradicted", "not supported", "cannot tell")
KEYS = ("signature", "method", "contrast", "stratum")
CAPTION = "The claims, and what these samples say to each"


CITED = (
    "P values in this table are adjusted by Holm over the {n}: cite the claim's p for a claim. Those of the "
    "answer and of the sections below are adjusted over other tests, which each section names."
)
OTHER_GENES = (
    "Where stroma was examined, the line that opens a claim holds the estimate without the genes that "
    "carry-over could move. It rests on fewer genes than the estimate of the table, so the two sizes are not "
    "to be compared, only their signs and whether zero is excluded."
)


def against(row: Mapping[str, Any]) -> str:
    """Count methods and versions with the sign of the estimate, and those that speak against it."""
    told = f", {row['n_against']} against" if row["n_against"] else ""
    return f"{agreed(row)}{told}" if row["n_specifications"] else ""


MORE: dict[str, frames.Show] = {
    "methods and versions with the sign of the estimate": against,
    APART: lambda row: apart(row["stroma"]),
    "adj. p without the genes that stroma could move": "filtered_p_adj",
    "is it maturation": "maturation",
    "difference found with power 0.8": "detectable",
    "contrast": "contrast",
    "signature or gene, and method": lambda row: f"{row['signature']}, {row['method']}",
    "samples": lambda row: f"{row['n_test']} against {row['n_base']}",
}
"""What stands behind the line that opens a claim; empty ones are left out."""


def section(given: Given) -> Section | None:
    """Count of the verdicts, all claims in one figure and one table, and what was not asked."""
    found = given.claims
    if found is None:
        return None
    asked = found[found["verdict"] != "not asked"]
    kept = _kept(given.extras.get("stroma"))
    level = words.level(float(found.attrs.get("alpha", given.alpha)))
    parts: list[Part] = [Words(_count(asked))]
    parts.append(Verdicts(CAPTION, [_verdict(row, kept) for row in asked.to_dict("records")], level))
    parts.append(Words(CITED.format(n=words.count(int(asked["family_size"].max()), "claim"))))
    parts += [Words(OTHER_GENES, soft=True)] if kept else []
    parts.append(Words(READING, soft=True))
    if (asked["estimate"].notna() & asked["detectable"].gt(0)).any():
        parts.append(Pictures([_picture(asked)]))
    rest = found.loc[found["verdict"] == "not asked", "sentence"].tolist()
    if rest:
        parts += [
            Words(f"Not asked of these samples, and what each would need: {len(rest)}"),
            Sentences(rest),
        ]
    parts += _elsewhere(given.contrasts)
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


def _verdict(row: Mapping[str, Any], kept: Mapping[tuple[str, ...], Mapping[str, Any]]) -> Verdict:
    shown = {name: frames.cell(row, show) for name, show in MORE.items()}
    own = kept.get(tuple(str(row[k]) for k in KEYS))
    if own is not None:
        shown["without the genes that carry-over could move"] = (
            f"{stroma.filtered(own)} on {own['n_kept']} of {own['n_genes']} genes"
        )
        shown["largest estimated share of stroma"] = stroma.percent("share")(own)
    ways = address.behind(row) if row["contrast"] else []
    figure, *others = ways or [Link("figure", [])]
    # IL6 itself has no figure of its own: the one of all claims shows it.
    ways = [Link(figure.text, [*figure.targets, address.figure("claims")]), *others]
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    return Verdict(
        id=address.anchor(
            "claim", *(row[k] for k in ("claim", "compartment", "line", "inhibitor", "stratum"))
        ),
        claim=f"{label(dict(row))}{where}",
        verdict=str(row["verdict"]),
        estimate=frames.span("estimate")(row),
        p=frames.value("p_adj", row["p_adj"]),
        why=str(row["reason"]),
        more=[(name, text) for name, text in shown.items() if text],
        full=str(row["sentence"]),
        links=ways,
    )


def _picture(asked: pd.DataFrame) -> Figure:
    from marrowsig import pl

    drawn = asked[asked["estimate"].notna()]
    said = [
        f"{label(row)}: {row['verdict']}, {frames.span('estimate')(row)}" for row in drawn.to_dict("records")
    ]
    alt = f"Estimate with interval and verdict of {len(drawn)} claims. {'; '.join(said)}."
    caption = "Every claim: estimate over the difference that this design finds, verdict and checks"
    return picture("claims", pl.claims(asked), alt, caption)


def _count(asked: pd.DataFrame) -> str:
    counts = asked["verdict"].value_counts()
    told = ", ".join(f"{counts[v]} {v}" for v in ORDER if v in counts)
    return f"{len(asked)} claims asked: {told}."

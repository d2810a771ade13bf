"""Chain: IL-6, STAT3 and EMT within arms, and what the inhibitors did to them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._contrasts import sides
from marrowsig._report import frames, words
from marrowsig._report.elements import Caution, Fold, Heading, Pictures, Section, Sentences, Words
from marrowsig._report.look import look_of
from marrowsig._report.picture import picture
from marrowsig._rise_word import noted
from marrowsig.pl.claims import label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig._report.picture import Figure
    from marrowsig.tl._chain_result import Chain

POOLED = "Scores that {} correlate over all samples, linked or not."
READING = (
    "What is correlated here is what the design's model leaves of the scores, which share no gene. Such a "
    "link is an association"
)
INHIBITED = (
    "; the evidence for a cause are the inhibitors: 'reversed by' asks for p "
    "adjusted by Benjamini-Hochberg over the three steps, and by Holm over the inhibitors of a line."
)
ALONE = ", and no evidence of a cause."
EXPRESSED = (
    "Expressed, by the mean CPM of the arm: 'yes' from the CPM on that ten reads make in a library of median "
    "size, of genes that are expressed in the study; else 'no' below 1 CPM, or below what those reads make "
    "where that is less; 'low' between. In the study: 'yes' where as many samples, of any arm, as the "
    "smallest arm has reach that CPM; else 'no' where no arm has a mean of 1 CPM, 'low' where one has. The "
    "mean of log2 CPM is taken with two reads added to every gene: judge by the mean CPM."
)
LINKS = {
    "link": "link",
    "stratum": "stratum",
    "given": "given",
    "beyond": "adjusted_for",
    "r [95 % CI]": frames.span("r"),
    "samples": "n",
    "pairs": "n_pairs",
    "levels that pair": "n_units",
    "df": lambda row: "" if row["df"] != row["df"] else f"{row['df']:g}",
    "p": "p",
    "Holm p": "p_adj",
    "verdict": "verdict",
    "found with 80 % power": "detectable",
    "note": "note",
}


def _fraction(step: str) -> Callable[[Mapping[str, Any]], str]:
    """Cell of the fraction of the induction that was reversed, where its set is an interval."""
    shown = frames.span(f"{step}_fraction")
    return lambda row: shown(row) if row[f"{step}_fraction_kind"] == "interval" else "not determined"


def _checked(row: Mapping[str, Any], step: str) -> str:
    """Cell of the verdict on carry-over, and what it is of."""
    verdict, of, held = (str(row.get(f"{step}_carry_over{name}") or "") for name in ("", "_of", "_rise"))
    told = [f"{verdict} ({of})" if verdict else "", f"{held} is stroma's RNA" if held else ""]
    return "; ".join(filter(None, told)) or "not asked"


DRUGS = {
    "inhibitor": "inhibitor",
    "line": "line",
    "stratum": "stratum",
    "verdict": "verdict",
    **{
        f"{word}, fraction reversed [95 % CI]": _fraction(step)
        for step, word in (("stat3", "STAT3"), ("emt", "EMT"))
    },
    **{
        f"{word} {part} [95 % CI]": frames.span(f"{step}_{part}")
        for step, word in (("stat3", "STAT3"), ("emt", "EMT"))
        for part in ("reversal", "residual")
    },
    **{
        f"{word}, carry-over": lambda row, step=step: _checked(row, step)
        for step, word in (("stat3", "STAT3"), ("emt", "EMT"))
    },
    "all inhibitors, STAT3": "stat3_each",
    "all inhibitors, EMT": "emt_each",
}
GENES = {
    "gene": "gene",
    "role": "role",
    "stratum": "stratum",
    "arm": "arm",
    "mean of logs": "mean",
    "SD": "sd",
    "mean CPM": lambda row: frames.value("cpm", row.get("cpm", float("nan"))),
    "n": "n",
    "expressed": "expressed",
    "in the study": "in_study",
}


def _remark(row: Mapping[str, Any]) -> str:
    """Say why there is no difference, or that it is of few reads."""
    from marrowsig.tl._chain_genes import FEW

    test = str(row["test"])
    if row["estimate"] != row["estimate"]:
        return test
    return FEW if test.endswith(FEW) else ""


CHANGES = {
    "gene or step": "name",
    "contrast": "contrast",
    "stratum": "stratum",
    "difference [95 % CI]": frames.span("estimate"),
    "adj. p": "p_adj",
    "unit": "unit",
    "remark": _remark,
}

WORDS = {"il6": "IL-6", "stat3": "STAT3", "emt": "EMT"}
RISES = ("il6_response_up", "stat3_up", "emt_up")
STEPS = {
    "score": "score",
    "name": "name",
    "used for": "used_for",
    "genes measured": "n_measured",
    "left out": "n_removed",
    "used": "n_used",
    "genes left out": "removed",
    "note": "note",
}


def section(given: Given) -> Section | None:
    """Verdict and figure per stratum, links, inhibitors, and the genes of the pathway."""
    found: Chain | None = given.extras.get("chain")
    if found is None:
        return None
    ordered = bool(found.params.get("culture", True))
    parts: list[Part] = [
        Words(_names(found, given)),
        Words(_reading(found, given.design, ordered=ordered), soft=True),
    ]
    for row in found.verdicts.to_dict("records"):
        parts += [Heading(row["stratum"])] if row["stratum"] else []
        parts += [Words(row["sentence"]), Pictures([_picture(found, row, look_of(given).labels)])]
        drugs = found.inhibitors[found.inhibitors["stratum"] == row["stratum"]]
        if len(drugs) and drugs["verdict"].eq("not tested").all():
            names = words.listing(list(dict.fromkeys(drugs["inhibitor"].astype(str))))
            parts.append(Words(f"No reversal by {names} could be estimated here."))
        elif len(drugs):
            parts.append(Sentences(drugs["sentence"].tolist()))
    absent = found.levels.loc[~found.levels["measured"].astype(bool), "gene"]
    if len(absent):
        parts.append(Caution(f"Not measured: {', '.join(absent)}."))
    alpha = float(found.params.get("alpha", 0.05))
    tables = (
        ("Links within arms", found.links, LINKS),
        ("Inhibitors: STAT3 and EMT side by side", found.inhibitors, DRUGS),
        ("Ligand, receptors and kinases in every arm", found.levels, GENES),
        ("What the design did to the steps and to these genes", found.contrasts, CHANGES),
        ("Genes behind the scores, without those that two steps share", found.steps, STEPS),
    )
    parts += [
        Fold(name, [*_above(rows), frames.table(name, rows, shown, alpha=alpha)])
        for name, rows, shown in tables
        if len(rows)
    ]
    parts.append(Fold("What no number here can say", [Sentences(list(found.cautions))]))
    title = "one chain?" if ordered else "do they go together?"
    return Section("chain", f"IL-6, STAT3 and EMT: {title}", parts)


def _reading(found: Chain, design: object, *, ordered: bool) -> str:
    co, mono = sides(design)
    rise = "rise in co-culture" if co == "co-culture" else f"differ between {co} and {mono}"
    rise = rise if ordered else "differ between the arms"
    return f"{POOLED.format(rise)} {READING}{INHIBITED if len(found.inhibitors) else ALONE}"


def _above(rows: pd.DataFrame) -> list[Part]:
    """Say above the levels of genes what is called expressed."""
    judged = "expressed" in rows and not rows["expressed"].isin(["not judged", "not measured"]).all()
    return [Words(EXPRESSED, soft=True)] if judged else []


def _names(found: Chain, given: Given) -> str:
    """Say which signatures stand for the steps, where other sections use others, and what the claims say."""
    steps = found.steps[found.steps["score"].isin(WORDS)].set_index("score")["name"].to_dict()
    told = words.listing(f"{WORDS[step]} is {name}" for step, name in steps.items())
    text = f"Here {told}, without the genes that two steps share."
    emt = [sig for sig in given.named if sig.startswith("emt.") and sig != steps.get("emt")]
    if emt:
        others = ["the claims"] if given.claims is not None else []
        others += ["the section on rescue"] if "rescue" in given.extras else []
        who = words.listing(["The answer", *others])
        what = "estimates and fractions" if "rescue" in given.extras else "estimates"
        use = "use" if others else "uses"
        text += f" {who} {use} {words.listing(emt)} for EMT: {what} differ for that reason."
    claims = given.claims
    if claims is None:
        return text
    own = claims[claims["claim"].isin(RISES) & claims["verdict"].ne("not asked")]
    if own.empty:
        return text
    rest = [f"{label(r)}: {r['verdict']}" for r in own.to_dict("records") if r["verdict"] != "supported"]
    held = f"{len(own) - len(rest)} of {words.count(len(own), 'such claim')} supported"
    return f"{text} Whether the steps rise at all, the claims say: {'; '.join([held, *rest])}."


def _picture(found: Chain, row: dict[str, str], labels: Mapping[str, str]) -> Figure:
    from marrowsig import pl

    where = f" [{row['stratum']}]" if row["stratum"] else ""
    name = f"chain_{row['stratum']}" if row["stratum"] else "chain"
    ax = pl.chain(found, stratum=row["stratum"], labels=labels)
    drugs = f", and the {noted(found.inhibitors)} that was reversed" if len(found.inhibitors) else ""
    return picture(name, ax, row["sentence"], f"Links within arms{drugs}{where}")

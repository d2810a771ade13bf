"""Rescue: what each inhibitor did to the induction in each line, and whether lines differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from marrowsig._carry_over import on_kept_genes
from marrowsig._contrasts import sides
from marrowsig._drug_alone import without_drug_alone
from marrowsig._report import frames, words
from marrowsig._report.adjusted import of_rescue
from marrowsig._report.elements import Caution, Fold, Pictures, Section, Sentences, Words
from marrowsig._report.fractions import fraction, kept
from marrowsig._report.look import look_of
from marrowsig._report.on_cells_alone import on_cells_alone
from marrowsig._report.picture import picture
from marrowsig._report.rescue_claimed import as_claimed, as_what, reversal, with_claims
from marrowsig._report.rescue_tables import TITLES, folds
from marrowsig._rise_word import called, noted, rise
from marrowsig._size_to_cite import HELD
from marrowsig.design import Design
from marrowsig.tl import explain
from marrowsig.tl._rescue_kept import briefly

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.elements import Given, Part
    from marrowsig._report.frames import Show
    from marrowsig._report.look import Look
    from marrowsig._report.picture import Figure

BLAST = "emt.blast"
ON_ALL = "sizes are drawn as scored, fractions on the genes that stroma could not move as triangles"
READING = (
    "Induction is {co} less {alone}, reversal {co} less {co} with the inhibitor "
    "(positive when the score falls), residual with inhibitor less {alone}. The reversal is what is tested; "
    "the fraction, reversal / induction with its Fieller interval, describes it, is not cut off at 0 or 1, "
    "and is not determined where the induction has an unadjusted p of {alpha:g} or more. Full reversal is "
    "said only where the residual is shown to lie within a margin that was declared beforehand, never "
    "because its p is large."
)


def section(given: Given) -> Section | None:
    """Sentences of the main signatures, and all numbers."""
    found: pd.DataFrame | None = given.extras.get("rescue")
    if found is None:
        return None
    alpha = float(found.attrs.get("alpha", given.alpha))
    found = with_claims(found, given.judged, given.design, alpha=alpha)
    main = found[(found["method"] == given.method) & found["signature"].isin(given.named)]
    co, alone = sides(given.design)
    word = rise(given.design)
    reading = called(READING.format(alpha=alpha, co=co, alone=alone), word)
    parts: list[Part] = [Words(reading, soft=True)]
    lacks = without_drug_alone(given.design, given.adata.obs)
    by_itself = on_cells_alone(given.main, given.design, given.named, alpha=given.alpha, full=True)
    parts += [Words(text) for text in (by_itself, lacks) if text]
    short = [briefly(text) for text in main["sentence"]]
    parts += [Caution(CITE)] if short != list(main["sentence"]) else []
    rest: list[Part] = []
    for kind, rows in main.assign(sentence=short).groupby("kind", sort=False):
        silent = () if kind in TITLES else _without_induction(rows)
        own = rows[~rows["stratum"].isin(silent)].to_dict("records")
        said = [f"{row['signature']}: {row['sentence']}" for row in own]
        said += [called(SILENT.format(s), word) for s in silent]
        if kind in TITLES:
            rest.append(Fold(TITLES[kind], [Sentences(said)]))
        else:
            parts.append(Sentences(said))
    parts += [
        *_to_cite(found, main, given),
        *_stricter(main, given),
        Pictures(_pictures(main[main["kind"].eq("line")], given.design, look_of(given))),
        *rest,
    ]
    parts += folds(found, word)
    over = of_rescue(found, given.method)
    cite = "; for a claim or a further question cite its own p" if given.judged is not None else ""
    parts.append(Words(f"P values here are adjusted by {over}{cite}."))
    full = [called(text, word) for text in explain(main)]
    parts.append(Fold("The sentences in full, for a paper", [Sentences(full)]))
    return Section("rescue", "Did the inhibitor reverse it?", parts)


SILENT = (
    "[{}]: the induction was not tested, so that no fraction is determined; what each inhibitor lowered "
    "stands in the answer."
)
CITE = (
    "Part of the induction as scored is RNA of stroma, which no inhibitor takes away: its fraction is too "
    "small. The fraction on the genes that stroma could not move ('genes left') is the one to cite where the "
    "claim or further question that asks the reversal is supported, with its p; where none asks it, where "
    "a reversal is established on these and as scored. Established on these alone it does not count: the "
    "test as scored decides, and neither fraction is cited."
)


def _to_cite(found: pd.DataFrame, main: pd.DataFrame, given: Given) -> list[Part]:
    """Put the fractions side by side where that as scored is not the one to cite."""
    own = main[main["kind"].eq("line")]
    own = own[[on_kept_genes(row) for row in own.to_dict("records")]]
    own = own[own["filtered_induction_p_adj"].lt(given.alpha)] if len(own) else own
    if own.empty:
        return []
    own = own.sort_values("signature", kind="stable")
    at = ["stratum", "line", "inhibitor"]
    rows = found[found["method"].eq(given.method) & found["kind"].eq("line")]
    blast = {tuple(r[k] for k in at): fraction(r) for r in rows.to_dict("records") if r["signature"] == BLAST}
    one = len(set(own["stratum"])) == 1
    shown: dict[str, Show] = {
        "signature": "signature",
        **({} if one else {"stratum": "stratum"}),
        "line": "line",
        "inhibitor": "inhibitor",
        "to cite": lambda row: "yes" if _held(row, given.alpha) else "no",
        "on genes left": lambda row: (
            f"{_with_p(kept(row), row, 'filtered_')}; {row['n_kept']} of {row['n_genes']} genes"
        ),
        "as scored": lambda row: _with_p(fraction(row), row),
        f"by {BLAST}": lambda row: (
            blast.get(tuple(row[k] for k in at), "") if str(row["signature"]).startswith("emt.") else ""
        ),
    }
    where = str(own["stratum"].iloc[0]) if one else ""
    caption = f"Fraction of the {noted(found)} that each inhibitor reverses [95 % Fieller]"
    caption += where and f", {where}"
    table = frames.table(caption, own, shown)
    sizes = ("on genes left", "as scored")
    broken = [replace(c, css="wide" if c.name in sizes else c.css) for c in table.columns]
    return [replace(table, columns=broken)]


def _with_p(text: str, row: Mapping[str, Any], on: str = "") -> str:
    """Put beside a fraction the p of what decides on it."""
    own = row[f"claim_{on}p_adj"] if row["claim"] in HELD else float("nan")
    if own == own:
        return f"{text}; adj. p {words.p_value(own)} {as_what(row)}"
    return f"{text}; adj. p {words.p_value(row[f'{on}reversal_p_adj'])}"


def _without_induction(rows: pd.DataFrame) -> list[str]:
    """Strata of a line in which none of several rises could be tested, so that nothing has a fraction."""
    found = rows.groupby("stratum", sort=False)["induction"].agg(["size", "count"])
    return [str(s) for s, own in found.iterrows() if s and own["size"] > 1 and own["count"] == 0]


def _pictures(rows: pd.DataFrame, design: Design | FormulaDesign, look: Look) -> list[Figure]:
    """One figure for every main signature and stratum: what rose, what fell, and which fraction that is."""
    from marrowsig import pl

    drawn, (raised, base), rows = [], sides(design), as_claimed(rows)
    for (sig, stratum), own in rows.groupby(["signature", "stratum"], sort=False):
        if own["reversal"].isna().all() or own["induction"].isna().all():
            continue
        where = f" [{stratum}]" if stratum else ""
        method = str(own["method"].iloc[0])
        ax = pl.rescue(
            look.sorted(own, ["inhibitor", "line"]), signature=sig, stratum=stratum, method=method,
            design=design, labels=look.labels,
        )  # fmt: skip
        told = " ".join(_told(row) for row in own.to_dict("records"))
        alt = called(f"Induction, reversal and residual of {sig}{where} with intervals. {told}", rise(design))
        name = f"rescue_{sig}_{stratum}" if stratum else f"rescue_{sig}"
        what = f"what {raised} raised" if rise(design) == "induction" else f"{raised} less {base}"
        caption = f"{sig}{where}: {what}, and what each inhibitor took back"
        if any(on_kept_genes(row) for row in own.to_dict("records")):
            caption, alt = f"{caption}; {ON_ALL}", f"{alt} {ON_ALL.capitalize()}."
        drawn.append(picture(name, ax, alt, caption))
    return drawn


def _told(row: Mapping[str, Any]) -> str:
    sizes = ", ".join(f"{part} {frames.span(part)(row)}" for part in ("induction", "reversal", "residual"))
    share = fraction(row)
    arm = f"{row['line']} {row['inhibitor']}".strip()
    return f"{arm}: {sizes}{f', fraction {share}' if share else ''}; {row['verdict']}."


def _held(row: Mapping[str, Any], alpha: float) -> bool:
    """Whether the claim that asks a reversal holds; where none does, it as scored and on the genes left."""
    if row["claim"]:
        return row["claim"] in HELD
    return bool(row["reversal_p_adj"] < alpha and row["filtered_reversal_p_adj"] < alpha)


def _stricter(main: pd.DataFrame, given: Given) -> list[Part]:
    """Name reversals that hold here, and not in the primary family of the study."""
    design = given.design
    if not isinstance(design, Design):
        return []
    own = given.main[given.main["adjustment"].ne("BH")] if "adjustment" in given.main else given.main[:0]
    strict = {(r["contrast"], r["stratum"], r["signature"]): r for r in own.to_dict("records")}
    told = []
    for row in main[main["kind"].eq("line") & main["reversal_p_adj"].lt(given.alpha)].to_dict("records"):
        name = reversal(row, design)
        held = strict.get((name, row["stratum"], row["signature"]))
        if row.get("claim") not in HELD and held is not None and held["p_adj"] >= given.alpha:
            p = words.p_phrase(held["p_adj"], f"{held['adjustment']} p")
            told.append(f"{row['signature']} in {name} ({p} over {held['family_size']})")
    if not told:
        return []
    text = (
        f"Caution: verdicts here adjust for the signatures of one contrast. In the larger primary family a "
        f"reversal is not established for {words.listing(told)}."
    )
    return [Caution(text)]

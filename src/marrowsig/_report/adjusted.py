"""Why one contrast has several adjusted p on a page: what sections asked, of which genes, and over what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._as_claimed import as_claimed
from marrowsig._own_lists import asked_of
from marrowsig._report import frames, words
from marrowsig._report.cells_beside import family
from marrowsig._report.elements import Fold, Words
from marrowsig._report.questions import TITLE
from marrowsig.tl._families import MAIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from marrowsig._report.elements import Given, Part

CAPTION = "Why one contrast may have several adjusted p"
WHY = (
    "Every p of these is two-sided, of the same scores and the same model{apart}. They differ in how many "
    "tests they are adjusted over{left}, so that the smaller p of a section may stand beside 'not "
    "established' in another. A contrast is called established by the answer{claim}; the other sections ask "
    "something else of it, and establish nothing by themselves."
)
APART = {
    "cells": "sums of cells, which are thinned where depths differ",
    "chain": "the chain, which correlates scores",
    "gene_sets": "the gene level, which tests genes",
}
LEFT_OUT = {"stroma": "the check of stroma", "sensitivity": "that of the cell cycle and maturation"}
CLAIM = ", or by the claim that asks it"
FIRST = "Which one to cite: the p of the claim where one asks the contrast ('as a claim'), "
ASKS = "else that of the further question that asks it ('as a further question'), "
REST = (
    "else that of the answer ('as a contrast'); never the smallest of them, and a raw p only beside the "
    "adjusted one. "
)
KEPT = "Beside a size to cite on the genes that stroma could not move, the p that stands with it. "
NAMES = "What each is called in the tables: docs/howto/result_table.md, 'Which p to cite'."
ALL, LEFT = "all genes of the signature", "the genes that carry-over cannot move"
BH = "Benjamini-Hochberg over {} of one contrast"


def parts(given: Given) -> list[Part]:
    """List the sections of this page that adjust p of contrasts; nothing where there is only the answer."""
    first = "The answer ('as a contrast'), and every contrast in numbers"
    first = first if given.claims is not None else first.replace(" ('as a contrast')", "")
    rows = [(first, ALL, _answer(given)), *_others(given)]
    if len(rows) < 2:
        return []
    table = pd.DataFrame(rows, columns=["section", "genes", "adjusted over"])
    told = [Words(_why(given)), *([] if given.claims is None else [Words(_which(given))])]
    return [Fold(CAPTION, [*told, frames.table(CAPTION, table, list(table))])]


def _which(given: Given) -> str:
    """Say which of these p to cite, by the sections that are on the page."""
    asks = ASKS if given.questions is not None else ""
    return f"{FIRST}{asks}{REST}{KEPT if 'stroma' in given.extras else ''}{NAMES}"


def _why(given: Given) -> str:
    """Say why they differ, by the sections that are on the page."""
    own = [name for key, name in LEFT_OUT.items() if key in given.extras]
    if len(own) == 1:
        own = [own[0].replace("that of", "the check of")]
    others = [what for key, what in APART.items() if key in given.extras]
    apart = f", but for {words.listing(others)}" if others else ""
    left = f", and {words.listing(own)} also {'leave' if len(own) > 1 else 'leaves'} genes out" if own else ""
    return WHY.format(apart=apart, left=left, claim="" if given.claims is None else CLAIM)


def _answer(given: Given) -> str:
    main = given.main
    sizes = main[main["adjustment"].eq("BH")] if "adjustment" in main else main[:0]
    first = main[main["adjustment"].ne("BH")] if "adjustment" in main else main[:0]
    rest = BH.format(_families(sizes))
    if first.empty:
        return rest
    row = first.iloc[0]
    size = words.count(int(row["family_size"]), "test")
    neither = given.questions is not None
    asked = "neither a claim nor a further question asks" if neither else "no claim asks"
    asked = "" if given.claims is None else f", to cite where {asked} the same"
    return f"{row['adjustment']} over {size} of the main signatures{asked}; of the others {rest}"


def _families(rows: pd.DataFrame) -> str:
    """Count the signatures of the family that is asked, and of main ones and controls, which stand apart."""
    kinds = pd.Series("signature", index=rows.index)
    kinds[rows["signature"].astype(str).str.startswith("control.")] = "control"
    if "family" in rows:
        kinds[rows["family"].astype(str).str.contains(MAIN, regex=False)] = "main signature"
    sizes = [(rows[kinds == kind], kind) for kind in ("signature", "main signature", "control")]
    told = [words.count(int(of["family_size"].max()), what) for of, what in sizes if len(of)]
    return ", and over ".join(told) or "the signatures"


def of_rescue(found: pd.DataFrame, method: str) -> str:
    """Say over how many signatures the p of reversals are adjusted, those of controls by themselves."""
    return BH.format(_families(found[found["method"].eq(method) & found["family_size"].gt(0)]))


def _others(given: Given) -> list[tuple[str, str, str]]:
    found, claims, stroma = [], given.claims, given.extras.get("stroma")
    if claims is not None and claims["family_size"].max() > 0:
        n = words.count(int(claims["family_size"].max()), "claim")
        both = f"{ALL}, and {LEFT}: both have to pass" if stroma is not None else ALL
        found.append(("The claims ('as a claim')", both, f"Holm over {n}"))
    if (further := given.questions) is not None and further["family_size"].max() > 0:
        n = words.count(int(further["family_size"].max()), "further question")
        both = f"{ALL}, and {LEFT}: both have to pass" if stroma is not None else ALL
        found.append((f"{TITLE} ('as a further question')", both, f"Holm over {n}"))
    if stroma is not None:
        both = f"as scored: {ALL}; filtered: {LEFT}"
        found.append(
            (
                "Is it the blasts at all?",
                both,
                f"Benjamini-Hochberg, within one contrast, over the {asked_of(stroma)}",
            )
        )
    if "rescue" in given.extras:
        found.append(("Did the inhibitor reverse it?", ALL, of_rescue(given.extras["rescue"], given.method)))
    if "chain" in given.extras:
        drugs = "; with an inhibitor, Benjamini-Hochberg over the three steps, and Holm over inhibitors"
        how = f"Holm over the links{drugs if len(given.extras['chain'].inhibitors) else ''}"
        found.append(("IL-6, STAT3 and EMT", "those of each step that no two share", how))
    if "gene_sets" in given.extras:
        own = given.extras["gene_sets"].drop_duplicates("signature")
        sizes = own["signature"].str.startswith("control.")
        each = own.assign(family_size=sizes.map(sizes.value_counts()))
        found.append(("Do the genes say the same?", ALL, BH.format(_families(each))))
    if "cells" in given.extras:
        table = given.extras["cells"].table
        sums = table[table["route"].eq("pseudobulk") & table["p_adj"].notna()]
        found += [
            ("Sums of cells, and single cells", ALL, family(row)) for row in sums.head(1).to_dict("records")
        ]
    if "sensitivity" in given.extras:
        found.append(
            (
                "Is it the cell cycle, or maturation?",
                f"{ALL}, or those not of the confounder",
                "not adjusted",
            )
        )
    return found


def beside(given: Given) -> dict[tuple[str, str, str], Mapping[Any, Any]]:
    """Rows that the answer, or the claim that asks the same, does not call established."""
    main = as_claimed(given.main, given.judged, given.alpha)
    open_ = main[main["p_adj"].ge(given.alpha)].to_dict("records")
    return {(str(r["contrast"]), str(r["stratum"] or ""), str(r["signature"])): r for r in open_}


def open_above(row: Mapping[str, Any], above: Mapping[tuple[str, str, str], Mapping[Any, Any]]) -> str:
    """Say that a contrast is not established by the answer, and by which p; else nothing."""
    held = above.get((str(row["contrast"]), str(row["stratum"] or ""), str(row["signature"])))
    if held is None:
        return ""
    how = {"BH": "Benjamini-Hochberg"}.get(str(held.get("adjustment", "")), str(held.get("adjustment", "")))
    over = f" by {how} over {int(held['family_size'])}" if how and held.get("family_size") else ""
    return f"not established in the answer: {words.p_phrase(float(held['p_adj']))}{over}"

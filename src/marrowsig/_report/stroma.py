"""Stroma: could RNA that was carried over have made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._as_claimed import KEYS
from marrowsig._carry_over import RULED_OUT, of_stroma, said_impossible
from marrowsig._check_words import NOTHING, STANDS
from marrowsig._own_lists import BESIDE, asked_of
from marrowsig._report import address, adjusted, frames, words
from marrowsig._report.elements import Caution, Fold, Section, Sentences, Words
from marrowsig.qc._check_family import OWN, deciding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig.qc._stroma_result import Stroma

READING = (
    "The share of stromal RNA is estimated in every sample from genes that blasts lack. Genes that could "
    "change by more than 1.1-fold if a sample held the most that any co-culture (of its stratum) may hold "
    "are left out, the same in all samples, and the contrast is tested again, two-sided: this filtered "
    "contrast is the test. Its p, and that of the contrast as scored, are adjusted by Benjamini-Hochberg "
    "over the {n}, within one contrast; where a claim or a further question establishes what this does not, "
    "its p decides. 'Not explained by carry-over' is the answer to this one question; a claim asks more, and "
    "whether a contrast is established, the answer says. Subtracting the stroma is shown beside it and "
    "proves nothing. The tipping point is the share that, in one arm and none in the other (of two "
    "co-cultures: with the other as estimated), would give the smallest change that the interval allows: "
    "another question than what carry-over as estimated gives, which may well be in the other direction."
)
DECIDES_NOTHING = (
    "Carry-over was said to be impossible in these samples, so it was not asked of claims or of lists of "
    "your own. What stands here was worked out all the same, with the stroma that was given; no verdict, no "
    "size and no p outside this section rests on it."
)
OTHER_WAY = (
    "Estimated as that of stroma, from genes that stroma lacks, with the leukaemia cells grown alone as the "
    "reference. Claims and further questions about stroma rest on it."
)
OPEN = "open above"
AS_ASKED = "as it was claimed"
OF_CLAIM = "of the claim"
OTHER = (
    " The claim above rests on a check of other signatures, whose adj. p is another: {}. "
    "For one verdict give this check to ms.tl.claims as stroma=."
)


def filtered(row: Mapping[str, Any]) -> str:
    """Write the filtered contrast with its interval."""
    ends = [float(row[f"filtered_{name}"]) for name in ("estimate", "ci_low", "ci_high")]
    return "" if ends[0] != ends[0] else words.estimate(*ends)


def as_asked(alpha: float) -> Any:
    """Cell of the adjusted p on the genes left that decides, where it is that of a claim; else empty."""

    def cell(row: Mapping[str, Any]) -> str:
        p, name = deciding(row, alpha, "filtered_")
        return "" if name == OWN else f"{words.p_value(p)} ({row['asked_as']})"

    return cell


def percent(name: str, digits: int = 2) -> Any:
    """Cell of a share in per cent."""

    def cell(row: Mapping[str, Any]) -> str:
        value = float(row[name])
        if value != value:
            return ""
        return "none suffices" if value == float("inf") else f"{100 * value:.{digits}f} %"

    return cell


SHOWN = {
    "signature": "signature",
    "contrast": "contrast",
    "stratum": "stratum",
    "method": "method",
    "verdict": "verdict",
    "as scored [95 % CI]": frames.span("estimate"),
    "filtered [95 % CI]": filtered,
    "adj. p, filtered": "filtered_p_bh",
    AS_ASKED: as_asked(0.05),
    "genes left": lambda row: f"{row['n_kept']} of {row['n_genes']}",
    "left to carry-over": "left",
    "after subtraction": "subtracted_estimate",
    "with emt.blast": "blast_estimate",
    "tipping point": percent("tipping"),
    "times the share": "tipping_ratio",
    "it rests on": "rests_on",
}
BETWEEN = {
    "arm": "arm",
    "less": "against",
    "stratum": "stratum",
    "points of per cent [95 % CI]": frames.span("estimate"),
    "p": "p",
    "adj. p": "p_adj",
    "n": "n",
}
SHARES = {
    "sample": "sample",
    "arm": "arm",
    "share": percent("share"),
    "from": percent("share_low"),
    "to": percent("share_high"),
    "markers": "n_markers",
    "reading": "reading",
}


def _otherwise(rows: pd.DataFrame, claims: pd.DataFrame | None) -> list[str]:
    """Say where the check that the claim rests on has another verdict: it was adjusted over others."""
    asked = [] if claims is None else [r for r in claims.to_dict("records") if not of_stroma(r)]
    known = {tuple(str(r[k]) for k in KEYS): str(r["stroma"]) for r in asked if r["n_kept"]}
    own = [known.get(tuple(str(r[k]) for k in KEYS), "") for r in rows.to_dict("records")]
    pairs = zip(own, rows["verdict"], strict=True)
    return [OTHER.format(own) if own and own not in (RULED_OUT, verdict) else "" for own, verdict in pairs]


def _sentences(rows: pd.DataFrame) -> list[str]:
    told = []
    for r in rows.to_dict("records"):
        verdict = f"{r['verdict']}; {r[OPEN]}" if r[OPEN] else r["verdict"]
        where = f" [{r['stratum']}]" if r["stratum"] else ""
        told.append(f"{r['signature']}, {r['contrast']}{where}: {verdict}. {r['reason']}{r[OF_CLAIM]}")
    return told


def _verdict(row: Mapping[str, Any]) -> str:
    told = f"{row['verdict']} ({filtered(row)})" if filtered(row) else str(row["verdict"])
    return f"{told}; {row[OPEN]}" if row[OPEN] else told


def section(given: Given) -> Section | None:
    """Shares, verdicts of the main signatures, all numbers, and what to do next time."""
    found: Stroma | None = given.extras.get("stroma")
    if found is None:
        return None
    told = found.verdicts
    own = list(found.params.get(BESIDE, []))
    main = told[told["signature"].isin([*given.named, *own]) & (told["verdict"] != NOTHING)]
    above = adjusted.beside(given)
    main = main.assign(**{OPEN: [adjusted.open_above(row, above) for row in main.to_dict("records")]})
    main = main.assign(**{OF_CLAIM: _otherwise(main, given.judged)})
    doubtful = main["verdict"] != STANDS
    doubts, proofs = (_sentences(rows) for rows in (main[doubtful], main[~doubtful]))
    parts: list[Part] = [
        Words(READING.format(n=asked_of(found)), soft=True),
        Words(found.describe().splitlines()[0]),
    ]
    if said_impossible(given.judged):
        parts.insert(0, Caution(DECIDES_NOTHING))
    if swapped := str(found.params.get("swapped", "")):
        parts.append(Caution(swapped))
    if found.shares["share"].isna().all():
        parts.append(Caution("Without a reference of stroma no contrast can be shown to be the blasts' own."))
    if len(main):
        caption = f"Verdicts on the main signatures{' and on lists of your own' if own else ''}"
        parts.append(frames.grid(caption, main, _verdict, by="signature"))
        parts += [Sentences(doubts)] if doubts else []
        caption = f"Why, of those that carry-over does not explain: {len(proofs)}"
        parts += [Fold(caption, [Sentences(proofs)])] if proofs else []
    else:
        parts.append(Sentences(["No contrast of the main signatures is established as scored."]))
    alpha = float(found.params.get("alpha", 0.05))
    caption = "Contrasts as scored and filtered: every signature and method"
    shown = {**SHOWN, AS_ASKED: as_asked(alpha)}
    parts.append(Fold(caption, [frames.table(caption, told, shown, heads=address.scores, alpha=alpha)]))
    if len(found.share_contrasts):
        caption = "Share of stromal RNA between co-cultures (adj. p: Holm over these rows)"
        parts.append(frames.table(caption, found.share_contrasts, BETWEEN, alpha=alpha))
    caption = "Share of stromal RNA per sample"
    parts.append(Fold(caption, [frames.table(caption, found.shares, SHARES)]))
    if len(found.leukaemia_shares):
        caption = "The other way round: share of leukaemia RNA per sample of stroma"
        table = frames.table(caption, found.leukaemia_shares, SHARES)
        parts.append(Fold(caption, [Words(OTHER_WAY, soft=True), table]))
    parts.append(Fold("How a next experiment avoids the question", [Sentences(list(found.advice))]))
    return Section("stroma", "Is it the blasts at all?", parts)

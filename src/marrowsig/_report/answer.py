"""The claims that a report opens with, and the cautions beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from marrowsig._answered_by import elsewhere
from marrowsig._as_claimed import ASKED, SAID, as_claimed
from marrowsig._carry_over import said_impossible
from marrowsig._contrast_kinds import is_secondary
from marrowsig._contrast_levels import in_levels
from marrowsig._report import address, adjusted, words
from marrowsig._report.carried import carry_over, guard_of, out_of_reach, said_once, unjudged, with_claimed
from marrowsig._report.check_p import says_otherwise
from marrowsig._report.elements import Caution, Claim, Claims, Facts, Fold, Heading, Section, Words
from marrowsig._report.lead import lead, of_formula, reading
from marrowsig._report.own_checked import UNASKED, checked, not_asked
from marrowsig._report.own_pairs import own_pairs
from marrowsig._report.pairing import pairing
from marrowsig._report.stroma import filtered
from marrowsig._report.which_list import lists, own
from marrowsig._unasked import OF_ARMS, OF_FORMULA, once_asked, sentences
from marrowsig.pl._overview_labels import told_stratum
from marrowsig.tl._cautions import by_batch
from marrowsig.tl._claims_size import genes_kept, on_these_genes, to_cite
from marrowsig.tl._explain_null import against_random, place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._report.elements import Given, Part

NO_SAMPLES = "This cannot be answered with these samples"
MANY = 3
"""Contrasts without an answer from which on they stand in a fold."""
BESIDE = "not a main list: p by Benjamini-Hochberg within this contrast"
PRIMARY = {"emt": "emt.hallmark", "il6": "il6.hallmark", "stat3": "stat3.specific"}


@dataclass(frozen=True)
class Block:
    """The answer to one contrast."""

    name: str
    question: str
    arms: str
    claims: list[Claim] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    refused: str = ""
    elsewhere: str = ""
    told: str = ""
    """Its name by the user's levels; empty where it is called so."""

    @property
    def shown(self) -> str:
        """The contrast as people read it."""
        return self.told or self.name


def primary(ids: Sequence[str], claims_on: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """One signature per axis: that of `claims_on` or `PRIMARY` where scored, else the first of the axis."""
    chosen = []
    for axis, preferred in PRIMARY.items():
        of_axis = [i for i in ids if i.startswith(f"{axis}.")]
        named = str((claims_on or {}).get(axis, [""])[0])
        if named in ids:
            chosen.append(named)
        elif of_axis:
            chosen.append(preferred if preferred in of_axis else of_axis[0])
    return chosen or list(ids[:3])


def named(res: pd.DataFrame) -> list[str]:
    """Signatures of the primary family that was declared, else one per axis."""
    ids = list(dict.fromkeys(res["signature"]))
    declared = res.loc[res["adjustment"].ne("BH"), "signature"] if "adjustment" in res else ids[:0]
    chosen = set(declared)
    return [i for i in ids if i in chosen] or primary(ids)


def answers(
    res: pd.DataFrame,
    contrasts: pd.DataFrame,
    coverage: pd.DataFrame,
    *,
    alpha: float = 0.05,
    guard: pd.DataFrame | None = None,
    apart: bool = False,
    claims: pd.DataFrame | None = None,
    null: pd.DataFrame | None = None,
    also: Sequence[str] = (),
    checked: Mapping[tuple[str, str, str], str] | None = None,
    design: object = None,
) -> list[Block]:
    """One block per contrast and stratum, in the order of `contrasts`; a line for each named signature.

    Those of `also`, such as lists of one's own, have theirs below, which says how their p is adjusted.

    `res` holds one method; `contrasts` is what `Design.contrasts` returned; `guard` and `apart` as for
    `carry_over`. A line that a claim of `claims` asks has the claim's p, and its verdict where that is other.
    `null` as in `ms.tl.explain`; `checked` says of a contrast, stratum and signature what checks found.
    By `design`, blocks have their contrast in the user's levels, too.
    """
    main = named(res)
    shown = [*main, *(s for s in also if s not in main)]
    told = verdicts(claims, res)
    lists = [s for s in also if not any(asked[2] == s for asked in told)]
    alone = own_pairs(res, lists, None if said_impossible(claims) else guard, alpha=alpha)
    sizes = _on_kept(None if said_impossible(claims) else guard, claims, res)
    if guard is not None and said_impossible(claims):
        guard = guard[~guard["signature"].isin(list(also))]
    guard = with_claimed(guard, claims)
    unasked = {} if apart or guard is not None else sentences(res)
    res = as_claimed(res, claims, alpha)
    full = _sentences(once_asked(res) if apart or guard is not None else res, null)
    random = {} if null is None else against_random(null)
    whys = reasons(coverage)
    found = dict(by_contrast(res))
    blocks = []
    for asked in contrasts.to_dict("records"):
        contrast, stratum = str(asked["contrast"]), str(asked["stratum"] or "")
        name = f"{contrast}, {stratum}" if stratum else contrast
        rows = found.get((contrast, stratum))
        block = Block(name, str(asked["question"]), f"{asked['test']} against {asked['base']}")
        if (levels := in_levels(contrast, design)) != contrast:
            where = told_stratum(stratum, design) if stratum else ""
            cells = stratum.startswith("compartment=") and "; " not in stratum
            block = replace(block, told=f"{levels}{' in ' if cells else ', '}{where}" if where else levels)
        if not asked["estimable"]:
            asked_else = elsewhere(claims, contrast, stratum, shown)
            blocks.append(replace(block, refused=str(asked["reason"]), elsewhere=asked_else))
        elif rows is not None:
            by_id = rows.set_index("signature", drop=False)
            left = unasked.get((contrast, stratum)) in (OF_FORMULA, OF_ARMS)
            lines = [
                _beside(
                    _claim(by_id.loc[s], whys.get(s, ""), alpha, full.get((contrast, stratum, s), "")),
                    told.get((contrast, stratum, s), ""),
                    "" if by_id.loc[s].get("adjustment") != "BH" or s in main else BESIDE,
                    (
                        (checked or {}).get((contrast, stratum, s)) or (UNASKED if left else ""),
                        sizes.get((contrast, stratum, s), ""),
                    ),
                    random.get(place(by_id.loc[s]), math.nan),
                    alpha,
                    alone.get((contrast, stratum, s), ""),
                )
                for s in shown
                if s in by_id.index
            ]
            lacking = [s for s in main if (checked or {}).get((contrast, stratum, s), "").startswith(UNASKED)]
            cautions = carry_over(rows, alpha=alpha, guard=guard, apart=apart, asked=left, unasked=lacking)
            cautions += _not_induced(by_id, found, stratum, shown, alpha)
            cautions += by_batch(rows, [s for s in shown if s in by_id.index], contrast, stratum)
            blocks.append(replace(block, claims=lines, cautions=cautions))
    return said_once(blocks)


def section(given: Given) -> Section:
    """Write what the study is about first, the other contrasts in a fold."""
    stroma = given.extras.get("stroma")
    guard, shares = guard_of(stroma), None if stroma is None else stroma.shares
    mine = own(list(dict.fromkeys(given.main["signature"])), given.adata)
    apart = out_of_reach(given.design, given.main, given.extras.get("claims"), shares)
    impossible = said_impossible(given.judged)
    idle = {} if apart or impossible else not_asked(guard, given.judged, given.named, given.main)
    blocks = answers(
        given.main,
        given.contrasts,
        given.coverage,
        alpha=given.alpha,
        guard=guard,
        apart=apart,
        claims=given.judged,
        null=given.extras.get("null"),
        also=mine,
        checked=idle
        | checked(
            stroma, given.extras.get("maturation"), mine, given.main, apart=apart, impossible=impossible
        ),
        design=given.design,
    )
    first_parts: list[Part] = []
    rest: list[Part] = []
    aside = [b for b in blocks if is_secondary(b.name)]
    refused = [b for b in blocks if b.refused and b not in aside]
    unanswered = refused if MANY <= len(refused) < len(blocks) - len(aside) else []
    for block in [b for b in blocks if b not in unanswered]:
        (rest if block in aside and len(aside) < len(blocks) else first_parts).extend(_parts(block))
    which = lists(given.adata, [*given.named, *(i for i in mine if i not in given.named)])
    top: list[Part] = [Words(lead(given)), *map(Caution, of_formula(given))]
    parts: list[Part] = [*top, *([Facts(which)] if which else []), *first_parts]
    if rest:
        kinds = words.listing(dict.fromkeys(b.name.split("_")[0] for b in aside))
        parts.append(Fold(f"Further contrasts ({kinds}): {len(aside)}", rest))
    if unanswered:
        why = [part for block in unanswered for part in _parts(block)]
        who = "the design alone" if any(b.elsewhere for b in unanswered) else "these samples"
        parts.append(Fold(f"Contrasts that {who} cannot answer: {len(unanswered)}", why))
    told = {key[2] for key in idle}
    remark = "" if impossible else unjudged(given.main, guard, alpha=given.alpha, told=told)
    parts += [Words(remark, soft=True)] if remark else []
    paired = pairing(given)
    parts += [Words(paired, soft=True)] if paired else []
    return Section("answer", "The answer", [*parts, Words(reading(given), soft=True), *adjusted.parts(given)])


def verdicts(claims: pd.DataFrame | None, res: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """Verdict of every claim of the method that gives the answer, by contrast, stratum and signature."""
    if claims is None or "method" not in res:
        return {}
    own = claims[claims["method"].eq(str(res["method"].iloc[0])) & claims["verdict"].ne("not asked")]
    return {(r["contrast"], r["stratum"], r["signature"]): r["verdict"] for r in own.to_dict("records")}


def _on_kept(
    guard: pd.DataFrame | None, claims: pd.DataFrame | None, res: pd.DataFrame
) -> dict[tuple[str, str, str], str]:
    """Size of every contrast that is not shown as scored, by contrast, stratum and signature; claims last."""
    tables = [t for t in (guard, claims) if t is not None and {"cite", "filtered_estimate"} <= set(t)]
    if "method" not in res:
        return {}
    own = [row for t in tables for row in t[t["method"].eq(str(res["method"].iloc[0]))].to_dict("records")]
    return {(r["contrast"], r["stratum"], r["signature"]): _size(r) for r in own if on_these_genes(r)}


def _size(row: Mapping[str, Any]) -> str:
    if "rule" in row and to_cite(row):
        return f"size to cite: {filtered(row)} on {genes_kept(row)}"
    return f"{filtered(row)} on {genes_kept(row)}; the p is as scored"


def _beside(
    line: Claim,
    verdict: str,
    family: str = "",
    moved: Sequence[str] = (),
    p_null: float = math.nan,
    alpha: float = 0.05,
    alone: str = "",
) -> Claim:
    """Add the verdict of the claim where that is another, and what else has to be seen where a score moved.

    That is what the checks say, the size where the one as scored is not cited, and whether random sets of
    genes moved as much; `alone` is said of what did not move, too.
    """
    held = line.css != "open"
    said = [line.note, otherwise(verdict, established=held, as_=line.text), family, *(moved if held else ())]
    if held and p_null >= alpha:
        said.append(f"random sets of genes moved as much, {words.p_phrase(p_null, 'p')}")
    said.append(alone)
    return replace(line, note="; ".join(part for part in said if part))


def otherwise(verdict: str, *, established: bool, as_: str = "") -> str:
    """Name the verdict of a claim that ends otherwise than what is said beside it, else nothing.

    `as_` is the line that it stands beside, which names further questions as such.
    """
    same = not verdict or (verdict in ("supported", "contradicted")) == established
    what = ASKED if ASKED in as_ else SAID
    return "" if same else f"{what}: {verdict}"


def _parts(block: Block) -> list[Part]:
    told = all(arm in block.question for arm in block.arms.split(" against "))
    name = f"{block.told} ({block.name})" if block.told else block.name
    aside = name if told else f"{name}: {block.arms}"
    parts: list[Part] = [Heading(block.question, aside)]
    if block.refused:
        what = "The design alone cannot answer this" if block.elsewhere else NO_SAMPLES
        parts.append(Words(f"{what}: {block.refused}.{block.elsewhere}"))
    if block.claims:
        parts.append(Claims(block.claims))
    return [*parts, *map(Caution, block.cautions)]


def by_contrast(res: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of each contrast and stratum, in the order in which they come; no stratum is an empty text."""
    strata = res["stratum"].astype(object).where(res["stratum"].notna(), "").astype(str)
    grouped = res.groupby([res["contrast"].astype(str), strata.rename("_stratum")], sort=False, observed=True)
    return [((str(c), str(s)), rows) for (c, s), rows in grouped]


def reasons(coverage: pd.DataFrame) -> dict[str, str]:
    """Why a signature may have no estimate: how few of its genes were measured."""
    return {
        str(row["signature"]): f"{row['found']} of {row['listed']} genes measured"
        for _, row in coverage.iterrows()
    }


def _not_induced(
    rows: pd.DataFrame, found: Any, stratum: str, shown: Sequence[str], alpha: float
) -> list[str]:
    """Say where an inhibitor lowers what co-culture was not shown to raise: no reversal can be claimed."""
    contrast = str(rows["contrast"].iloc[0])
    if not contrast.startswith("reversal_"):
        return []
    role = contrast.rsplit("_in_", 1)[-1]
    induction = found.get((f"co_in_{role}", stratum), found.get(("co_vs_mono", stratum)))
    if induction is None:
        return []
    moved = {s: words.direction(r, alpha) for s, r in _rows(induction)}
    lowered = [s for s in shown if s in rows.index and words.direction(rows.loc[s], alpha) == "up"]
    told = []
    for untested, what in (
        (False, "a rise of {} was not established without the inhibitor"),
        (True, "whether {} rose without the inhibitor could not be tested"),
    ):
        idle = [s for s in lowered if moved.get(s) != "up"]
        idle = [s for s in idle if (moved.get(s, words.NOT_ESTIMATED) == words.NOT_ESTIMATED) == untested]
        if idle:
            told.append(what.format(words.listing(idle)))
    return [f"Caution: {'; '.join(told)}, so a reversal cannot be claimed."] if told else []


def _rows(frame: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    return [(str(row["signature"]), row) for _, row in frame.iterrows()]


def _sentences(res: pd.DataFrame, null: pd.DataFrame | None) -> dict[tuple[str, str, str], str]:
    """Sentence of every row by contrast, stratum and signature; of an older table none."""
    from marrowsig.tl import explain
    from marrowsig.tl._explain_compare import NEEDED

    if not set(NEEDED) <= set(res):
        return {}
    strata = res["stratum"].fillna("").astype(str)
    keys = zip(res["contrast"].astype(str), strata, res["signature"].astype(str), strict=True)
    return dict(zip(keys, explain(res, null=null), strict=True))


def _claim(row: Any, why: str, alpha: float, full: str) -> Claim:
    found = words.direction(row, alpha)
    css = found if found in {"up", "down"} else "open"
    notes = (words.against_expectation(row, alpha), says_otherwise(row, alpha, held=css != "open"))
    note = "; ".join(filter(None, notes))
    links = address.behind(row) if "method" in row and found != words.NOT_ESTIMATED else []
    return Claim(str(row["signature"]), words.claim(row, alpha=alpha, why=why), css, note, full, links)

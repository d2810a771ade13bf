"""Lines of the terminal: the answer to each contrast, and what its numbers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._gene_scale import change_of_il6

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from marrowsig._report.answer import Block
    from marrowsig._report.elements import Claim

SMALLEST = "< 0.0001"
"""The p of a further question that needs no mention of its own."""
RANKS = "only differences between samples and arms matter, not the sign of a score"
UNITS = {
    "singscore": f"the mean rank of the genes, 0 where they lie in the middle of all genes: {RANKS}",
    "ucell": f"from 0 (genes not among the highest) to 1: {RANKS}",
    "aucell": f"from 0 to 1: {RANKS}",
    "ssgsea": f"of enrichment: {RANKS}",
    "mean": "a mean of log2 expression: a difference of 1 is a doubling",
    "zscore": "standard deviations over these samples, which change with the samples",
}
"""What a unit of the score is, by method."""


def told_answers(
    blocks: Sequence[Block], *, head: str, methods: Iterable[str], further: bool = False
) -> Iterator[str]:
    """Give what the study is about first, line by line; of further contrasts, how many there are.

    With `further` a line follows for each change of these that is established.
    """
    from marrowsig._report.words import count

    shown = main_blocks(blocks)
    method = next(iter(methods))
    yield head
    if method in UNITS:
        yield f"  (a score of {method} is {UNITS[method]})"
    for block in shown:
        name = f"{block.told}; {block.name} in the tables" if block.told else block.name
        yield f"{block.question} ({name}: {block.arms})"
        if block.refused:
            yield f"  cannot be answered: {block.refused}"
        for claim in block.claims:
            yield f"  {claim.signature}: {plain(claim)}"
        yield from (f"  {caution}" for caution in block.cautions)
    if len(shown) < len(blocks):
        more = count(len(blocks) - len(shown), "further contrast is", "further contrasts are")
        rest = [b for b in blocks if b not in shown]
        names = ", ".join(dict.fromkeys(b.name.split("_")[0] for b in rest))
        held = [(b, claim) for b in rest for claim in b.claims if claim.css != "open"] if further else []
        end = ". Established of these:" if held else "."
        yield f"{more} in the report and the tables ({names}){end}"
        yield from (f"  {block.shown}, {claim.signature}: {plain(claim)}" for block, claim in held)


def main_blocks(blocks: Sequence[Block]) -> Sequence[Block]:
    """Answers to what the study is about; all of them where it is about none."""
    from marrowsig._contrast_kinds import is_secondary

    return [b for b in blocks if not is_secondary(b.name)] or blocks


def plain(claim: Claim) -> str:
    """Text and note of an answer; not every terminal knows the true minus sign."""
    from marrowsig._report.words import MINUS

    return f"{claim.text}{f' ({claim.note})' if claim.note else ''}".replace(MINUS, "-")


def left_out(missing: dict[str, str]) -> list[str]:
    """Give the parts that are not there with their reasons, those of one reason in one line."""
    reasons: dict[str, list[str]] = {}
    for name, why in missing.items():
        reasons.setdefault(why, []).append(name)
    return [f"{', '.join(names)}: {why}" for why, names in reasons.items()]


def of_questions(questions: Any, *, short: bool = False) -> str:
    """Say what the further questions are, and over what their p are adjusted."""
    size, over = int(questions["family_size"].max()), "is p, of one question"
    if size > 1:
        some = size < questions["verdict"].ne("not asked").sum()
        over = f"by Holm over the {size} that could be tested" if some else f"by Holm over these {size}"
    if short:
        return f"Further questions, no claims: size; adj. p {over}, {SMALLEST} where none is given"
    return (
        "Further questions (no claims: what the study claims of EMT alone, asked of the IL-6 response and of "
        "JAK/STAT3, and all three of stroma; "
        f"{f'adj. p {over}: p_adj in questions.csv' if size else 'none could be tested'}):"
    )


def of_claims(claims: Any, scored: Iterable[str], shown: Iterable[str], *, short: bool = False) -> str:
    """Say where the claims' p are from, and which of their lists were not `scored`, or are not `shown`.

    A `short` one stands above lines of verdict, p and size.
    """
    size = int(claims["family_size"].max())
    if not size:
        return "Claims: none could be tested:"
    some = size < claims["verdict"].ne("not asked").sum()
    tested = f"{size} claims that could be tested" if some else f"{size} claims"
    told = f"Claims (adj. p by Holm over the {tested}: p_adj in claims.csv"
    kept = claims["filtered_estimate"].notna().any() if "filtered_estimate" in claims else False
    told += ", of sizes on fewer genes filtered_p_adj; these are on a scale of their own)" if kept else ")"
    if short:
        method = next(iter(claims.loc[claims["estimate"].notna(), "method"]), "score")
        gene = f" (of IL6: {il6})" if (il6 := change_of_il6(claims)) else ""
        over = f"{size} tested" if some else f"{size}"
        told = f"Claims: verdict, adj. p (Holm, {over}), {method} size{gene} [95 % interval]"
    own = list(dict.fromkeys(claims.loc[claims["estimate"].notna(), "signature"].astype(str)))
    lists = [name for name in own if "." in name]
    known = set(scored)
    if lists and not set(lists) & known:
        told += f"; asked of lists of the package ({', '.join(lists)}), not of yours: see --claims-on"
    elif other := [name for name in lists if name not in shown]:
        unscored = not {*other} & known
        why = (
            "--signatures does not name" if unscored else "--primary leaves out of the contrasts shown below"
        )
        told += f"; asked of {', '.join(other)}, which {why}"
    return f"{told}:"

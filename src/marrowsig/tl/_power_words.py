"""What a plan's numbers say, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._arm_names import within
from marrowsig._contrast_kinds import inhibitor_of
from marrowsig._contrasts import cells_of, said, says_yes, spelled
from marrowsig._errors import first
from marrowsig.tl._claims_asked import CLAIMS, QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig.design import Design

    Row = Mapping[str, Any]

NOUN = {
    "induction": "an induction",
    "interaction": "an interaction",
    "reversal": "a reversal",
    "resistance": "a difference between the lines",
    "residual": "a rest",
    "drug": "a fall in cells alone",
}


def percent(value: float, goal: float = 1.0) -> str:
    """Whole percents, with one digit near the ends; what is below 100 %, or the goal, is not called so.

    >>> [percent(value) for value in (0.5, 0.9967, 0.99976, 1.0, 0.0002, 0.0)]
    ['50', '99.7', 'over 99.9', '100', 'under 0.1', '0']
    >>> [percent(value, 0.8) for value in (0.7949, 0.7951, 0.8)]
    ['79', 'just under 80', '80']
    """
    share = 100 * value
    if value < goal < 1 and percent(value) == percent(goal):
        return f"just under {percent(goal)}"
    if 99.95 <= share < 100 or 0 < share < 0.05:
        return "over 99.9" if share > 50 else "under 0.1"
    return f"{share:.0f}" if 1 <= share <= 99 or share == 0 or share >= 100 else f"{share:.1f}"


ITS_ROWS = "give its rows alone as data="


def pooled(strata: Sequence[tuple[str, float, int]]) -> str:
    """Say that an SD is that of several strata together, and what each has.

    >>> pooled([("time=2", 0.01, 4), ("time=24", 0.02, 3)])[:83]
    'The SD is pooled over 2 strata by their degrees of freedom: time=2 0.01 (4 df), tim'
    """
    each = first((f"{name} {sd:.3g} ({df} df)" for name, sd, df in strata), 8)
    return (
        f"The SD is pooled over {len(strata)} strata by their degrees of freedom: {each}. To plan for one of "
        f"them, {ITS_ROWS}."
    )


FEW = (
    "Do not plan patients with 3: {pairs}patients differ more than cultures of a line, and one lost library "
    "leaves 2."
)
FEW_PAIRS = "3 pairs tell their spread by 2 degrees of freedom, "
OF_A_RUN = "data=contrasts, claims=claims of a run"
SAME_GENES = (
    "The SD is of the score as scored, so sizes have to be as well: those on the genes that stroma could not "
    f"move are on another scale, and need the SD on these genes ({OF_A_RUN})."
)
AS_CLAIM = (
    "As a claim: p below alpha / {n}, what Holm asks of the first of {n} claims, those of a run with these "
    "arms (IL6 in stroma, if asked, is one more); the others ask less. It asks the score as scored and on "
    "the genes that stroma could not move{both}. Its other conditions are not simulated."
)
PLAN_BOTH = ": plan for both, and take the larger n"
AS_QUESTION = (
    "As a further question: p below alpha / {n}, of {n} further questions of a run with these arms (of "
    "stroma more, if asked). It needs a rise that is supported, and as claims do asks both scores{both}."
)
OF_ALL = "As one of {n} {of}, as scored"
OF_KEPT = "On these genes alone, at the level of {n} {of}"
NOT_ALONE = " ({one} has to pass as scored, too: plan both, and take the larger n)"
"""A claim is asked in two ways, of which a plan has one."""
ONE = {CLAIMS: "a claim", QUESTIONS: "a further question"}
LOST = "To begin with: {share} % of libraries are taken to be lost{pair}."
CROSSED = (
    "n counts the pairs of each line: where every donor is in both lines, n donors are enough, else 2 n are "
    "needed. A plan, as a claim, takes the answers of both lines for independent, and pairs no lines."
)


def per_line(design: Design) -> bool:
    """Whether pairs are counted in each of two lines."""
    return bool(design.pair and design.line and design.culture)


def replicates(design: Design, n: int | str = "") -> str:
    """Name what is counted, such as "4 pairs per line"."""
    noun = "samples per arm" if design.pair is None else "pairs per line" if per_line(design) else "pairs"
    return f"{n} {noun}".strip()


def asked(row: Row, design: Design) -> str:
    """Name an effect with its size, such as "an induction of 0.05 in resistant cells"."""
    name, where, by = str(row["contrast"]), "", ""
    for role in ("parental", "resistant"):
        if name.endswith(f"_in_{role}"):
            where, name = f" in {cells_of(design, role)}", name.removesuffix(f"_in_{role}")
    for role in ("mono", "co"):
        if name == f"resistance_in_{role}":
            plain = within(str(getattr(design, role)))
            where = f" in {said(design, role)}" if says_yes(design, "culture") else f" {plain}"
    if drug := inhibitor_of(name)[1]:
        by = f" {'by' if row['kind'] == 'reversal' else 'under'} {drug}"
    return f"{NOUN[str(row['kind'])]} of {row['effect']:.3g}{by}{where}"


def sentence(
    row: Row,
    needed: Row,
    design: Design,
    target: float,
    tried: Sequence[int],
    *,
    kept: bool = False,
    both: tuple[Row, Row] | None = None,
) -> str:
    """Say how often an effect is found with so many replicates, and how many it takes.

    Sizes that are `kept` are on the genes that stroma could not move, which is half of what a claim asks;
    the other half are `both` rows as scored. `tried` are the numbers that were simulated, in order.
    """
    with_n = replicates(design, int(row["n"]))
    if row["power"] != row["power"]:
        return f"With {with_n} {asked(row, design)} cannot be tested: {row['test']}."
    interval = f"[{percent(row['power_low'])}, {percent(row['power_high'])}]"
    found = f"is found in {percent(row['power'], target)} % of experiments {interval}"
    goal = f"{percent(target)} % needs"
    text = f"With {with_n} {asked(row, design)} {found}; {goal} {_least(needed, '', tried)}"
    if row["power_claims"] == row["power_claims"]:
        told = (OF_KEPT if kept else OF_ALL).format(n=int(row["n_claims"]), of=row["asked_as"])
        text += (
            f". {told}: {percent(row['power_claims'], target)} %; {goal} {_least(needed, '_claims', tried)}"
        )
        text += NOT_ALONE.format(one=ONE[row["asked_as"]]) if kept and both is None else ""
        if both is not None:
            own, least = both
            text += f". As scored, {asked(own, design)}: {percent(own['power_claims'], target)} %; "
            text += f"{goal} {_least(least, '_claims', tried)}. Both together{_larger(needed, least, tried)}"
    return f"{text}."


def _larger(kept: Row, scored: Row, tried: Sequence[int]) -> str:
    """Say the larger of two numbers: what passes both passes no more often than either."""
    numbers = [row["n_needed_claims"] for row in (kept, scored)]
    if any(number != number for number in numbers):
        return f": more than {tried[-1]}"
    if untried(max(numbers), tried):
        return ": at least the larger of the two"
    larger = kept if numbers[0] >= numbers[1] else scored
    return f": at least {_least(larger, '_claims', tried).replace(' or fewer: the', ', the')}"


def _least(needed: Row, which: str, tried: Sequence[int]) -> str:
    """Name the least number of replicates, and how many to begin with."""
    enough, begin = needed[f"n_needed{which}"], needed[f"n_start{which}"]
    if enough != enough:
        return f"more than {tried[-1]}"
    least = f"{int(enough)}" + (" or fewer: the fewest tried" if enough == tried[0] else "")
    if gap := untried(enough, tried):
        least = f"at most {least} ({gap})"
    return f"{least} ({int(begin)} to begin with)" if begin > enough else least


def untried(enough: float, tried: Sequence[int]) -> str:
    """Say which numbers below one that is enough were not tried; empty where the one below was too few.

    >>> untried(9, [5, 9, 12]), untried(9, [7, 9]), untried(9, [8, 9]), untried(5, [5, 9])
    ('6 to 8 were not tried', '8 was not tried', '', '')
    """
    below = [n for n in tried if n < enough]
    if not below or max(below) + 1 >= enough:
        return ""
    low, high = max(below) + 1, int(enough) - 1
    return f"{low} to {high} were not tried" if low < high else f"{low} was not tried"


def at_most(enough: float, tried: Sequence[int]) -> str:
    """Name a number that is enough, with "at most" where the one below was not tried.

    >>> at_most(5, [5, 9]), at_most(9, [5, 9]), at_most(9, [8, 9])
    ('at most 5', 'at most 9', '9')
    """
    least = enough == min(tried) or untried(enough, tried)
    return f"{'at most ' if least else ''}{enough:.0f}"


def fraction_sentence(row: Row, design: Design) -> str:
    """Say how often the share that an inhibitor reverses could be told."""
    role = "resistant" if row["line"] == design.resistant else "parental"
    where = f" in {cells_of(design, role)}" if row["line"] else ""
    text = (
        f"{row['inhibitor']}{where}, reversing {percent(row['fraction'])} %: with "
        f"{replicates(design, int(row['n']))} a run about one signature establishes a "
        f"reversal in {percent(row['reversed'])} % of experiments, has a finite interval for the fraction in "
        f"{percent(row['determined'])} %, and one that ends below 1 in {percent(row['in_part'])} %"
    )
    if row["fully"] != row["fully"]:
        return f"{text}."
    return f"{text}; it shows the return to within the margin in {percent(row['fully'])} %."


def noisier_sentence(rows: pd.DataFrame, design: Design, spread: Any) -> str:
    """Say what the uncertainty of the SD does to the power of a plan, whose `rows` are of one n."""
    n = replicates(design, int(rows["n"].iloc[0]))
    named = " or ".join(name for name in (CLAIMS, QUESTIONS) if rows["asked_as"].eq(name).any())
    claimed = f" (as contrasts; as {named} it may be less)" if named else ""
    told = ", ".join(
        f"{percent(row['power_noisier'])} % for {spelled(row['contrast'], design)}"
        for row in rows.to_dict("records")
    )
    return (
        f"The SD, of earlier data, has {spread.df} degrees of freedom. At the upper 80 % limit of what that "
        f"leaves open ({spread.noisier:.2f} times as large), a plan of {n} finds {told}{claimed}."
    )

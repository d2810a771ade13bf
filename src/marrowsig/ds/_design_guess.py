"""Guess from the words of a column which arm each sample belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marrowsig._disease_states import early_and_late
from marrowsig._errors import first
from marrowsig._joined_levels import parts_of
from marrowsig._unlike import holds_cells, looks_like
from marrowsig.ds import _design_words as words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import pandas as pd

CONFIDENCE = ("high", "medium", "low")
FREE_TEXT = ("title", "description", "column")


@dataclass
class Guess:
    """One column that may be one field of a design.

    arms    level of the column to arm ("" where no word tells); for a donor, level to donor
    hits    level to the words that told
    why     what lowers the confidence, or ""
    """

    role: str
    column: str
    arms: dict[str, str]
    hits: dict[str, list[str]]
    sizes: dict[str, int]
    confidence: str
    why: str = ""
    chosen: bool = field(default=False)

    @property
    def told(self) -> int:
        """Number of samples with an arm."""
        return sum(n for level, n in self.sizes.items() if self.arms.get(level))


def culture(column: str, values: pd.Series) -> Guess | None:
    """Guess who was grown with stroma and who alone; `MSC` says the first where all others say `mono`."""
    parts = parts_of(values.unique())  # `MSC+rux` is `MSC` and a drug
    plain = {str(level): parts[level].culture if parts else str(level) for level in values.unique()}
    aside = {level for level in plain if stroma_alone(level)}
    if not any(words.seen(words.MONO, level) for level in plain if level not in aside):
        aside = set()  # stroma itself is what was grown with and without the other cells
    rest = [text for level, text in plain.items() if text and level not in aside and not _names_stroma(text)]
    beside_mono = bool(rest) and all(words.seen(words.MONO, level) for level in rest)

    def tell(level: str) -> tuple[str, list[str]]:
        not_co = words.seen(words.MONO, level)
        if level in aside:
            return "", [level]
        rest = level
        for hit in not_co:
            rest = rest.replace(hit, " ")
        co = words.seen(words.CO, rest) or words.seen(words.CO_TOKEN, rest)
        if beside_mono and not co and _names_stroma(plain[level]):
            co = [plain[level].strip()]
        if co and not_co:
            return "", [*co, *not_co]
        return ("co", co) if co else ("mono", not_co) if not_co else ("", [])

    return _two_arms(
        "culture",
        column,
        values,
        tell,
        needed="co",
        other="mono",
        beside=words.MONO_BESIDE,
        kin=_without_stroma,
        aside=aside,
    )


def _names_stroma(level: str) -> bool:
    return words.CO_BESIDE.fullmatch(level.strip()) is not None


def stroma_alone(level: str) -> bool:
    """Whether a level says that stroma was grown alone: `msc_alone`, `stroma only`; never `without MSC`."""
    said = [*words.seen((*words.MONO[1:4], words.ONLY), level)]
    rest = level
    for hit in said:
        rest = rest.replace(hit, " ")
    return bool(said) and words.STROMA_NAME.fullmatch(rest.strip(" ,;:/_-()")) is not None


def line(column: str, values: pd.Series) -> Guess | None:
    """Guess which cells are resistant and which their parents."""
    letters = _by_letter(column, {str(level) for level in values.unique()} - {""})

    def tell(level: str) -> tuple[str, list[str]]:
        if level in letters:
            return letters[level], [level]
        resistant = [
            hit
            for hit in words.seen(words.RESISTANT, level)
            if not words.NO_DRUG.search(level[: level.lower().find(hit.lower())])
        ]
        parental = words.seen(words.PARENTAL, level)
        if resistant and parental:
            return "", [*resistant, *parental]
        return ("resistant", resistant) if resistant else ("parental", parental) if parental else ("", [])

    return _two_arms(
        "line",
        column,
        values,
        tell,
        needed="resistant",
        other="parental",
        beside=words.PARENTAL_BESIDE,
        kin=_parent,
    )


def diagnosis_and_relapse(column: str, values: pd.Series) -> Guess | None:
    """Guess which samples are of diagnosis and which of relapse, in the place of parental and resistant."""
    states = early_and_late(values[values != ""])
    if states is None or column in FREE_TEXT:
        return None
    sizes = {str(level): int(n) for level, n in values[values != ""].value_counts(sort=False).items()}
    arms = {level: "parental" if level == states[0] else "resistant" for level in states}
    why = "diagnosis and relapse in the place of the lines, to ask what is more at relapse"
    why += f"; time={column!r} asks of each alone"
    hits = {level: [level] if level in states else [] for level in sizes}
    return Guess("line", column, {level: arms.get(level, "") for level in sizes}, hits, sizes, "medium", why)


def _by_letter(column: str, levels: set[str]) -> dict[str, str]:
    """Tell `R` from `S`, or `res` from `sens`, where these are all the levels of a column."""
    for resistant, others in words.BY_LETTER.items():
        fit = others if words.BY_LETTER_KEY.search(column) else others & {"s", "sens"}
        rest = {level.lower() for level in levels} - {resistant}
        if len(levels) == 2 and len(rest) == 1 and rest <= fit:
            return {level: "resistant" if level.lower() == resistant else "parental" for level in levels}
    return {}


def inhibitor(column: str, values: pd.Series) -> Guess | None:
    """Guess who was given an inhibitor of JAK, STAT3 or IL-6, and who its vehicle; other drugs are named."""

    def tell(level: str) -> tuple[str, list[str]]:
        drugs, vehicle = words.seen(words.INHIBITOR, level), words.seen(words.VEHICLE, level)
        others = [hit for hit in words.seen(words.OTHER_DRUG, level) if hit not in drugs]
        if others:
            return "", [*drugs, *others]  # a combination is no arm of the inhibitor
        if drugs:
            return _arm(drugs), drugs  # "ruxolitinib in DMSO"
        return ("none", vehicle) if vehicle else ("", [])

    def untreated(level: str, hits: dict[str, list[str]]) -> list[str]:
        """`alone` had no drug where `on MSC` and `on MSC + ruxolitinib` say culture and drug in one."""
        of_drug = {other: found for other, found in hits.items() if found}
        joined = any(_without_stroma(str(base), of_drug) for base in values.unique())
        return ["no drug is named"] if joined and level else []

    found = _two_arms(
        "inhibitor",
        column,
        values,
        tell,
        needed="",
        other="none",
        beside=words.VEHICLE_BESIDE,
        kin=untreated,
    )
    if found is not None and column not in FREE_TEXT:
        _keep_apart(found)
    return found


def _keep_apart(guess: Guess) -> None:
    """Leave two doses, or two inhibitors of one class, an arm each: only what is one treatment is one arm."""
    treatments: dict[str, dict[str, str]] = {}
    for level, arm in guess.arms.items():
        if arm and arm != "none":
            alone = words.treatment_alone(level)
            treatments.setdefault(arm, {}).setdefault(_plain(alone), alone)
    for level, arm in guess.arms.items():
        if len(treatments.get(arm, ())) > 1:
            guess.arms[level] = treatments[arm][_plain(words.treatment_alone(level))]


def compartment(column: str, values: pd.Series) -> Guess | None:
    """Guess which samples are stroma and which leukaemia, where both were measured."""
    markers = holds_cells(set(values.unique()) - {""})
    if not (words.CELL_KEY.search(column) or markers) or column in FREE_TEXT:
        return None

    def tell(level: str) -> tuple[str, list[str]]:
        if markers:
            kind = looks_like(level)
            return kind, [level] if kind else []
        rest = level
        for hit in (*words.seen(words.CO, level), *words.seen(words.MONO, level)):
            rest = rest.replace(hit, " ")
        stroma, blasts = words.seen(words.STROMA, rest), words.seen(words.LEUKAEMIA, rest)
        if stroma and blasts:  # "MSC of an AML patient"
            return "", [*stroma, *blasts]
        return ("stroma", stroma) if stroma else ("leukaemia", blasts) if blasts else ("", [])

    return _two_arms("compartment", column, values, tell, needed="stroma", other="leukaemia", beside=())


def _without_stroma(level: str, hits: dict[str, list[str]]) -> list[str]:
    """`K562` is what `K562 + HS-5` is without its stroma."""
    for other, words_of in hits.items():
        rest = other
        for hit in words_of:
            rest = rest.replace(hit, " ")
        rest = words.DOSE.sub(" ", rest)
        if words_of and _plain(rest) and _plain(rest) == _plain(level):
            return [f"{other} without {words_of[0]}"]
    return []


def _parent(level: str, hits: dict[str, list[str]]) -> list[str]:
    """`HL60` is the parent of `HL60/ADR`: the resistant line is called after it."""
    for other in [name for name, words_of in hits.items() if words_of]:
        if level and re.match(re.escape(level) + r"(?:[^A-Za-z0-9]|(?-i:I?R)\d*$)", other, re.IGNORECASE):
            return [other]
        for line in words.PARENT_OF.findall(other):
            if re.search(rf"(?<![A-Za-z0-9]){re.escape(line)}(?![A-Za-z0-9])", level, re.IGNORECASE):
                return [f"{line} without the mark of {other}"]
    return []


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _arm(drugs: list[str]) -> str:
    return " + ".join(sorted({drug.lower() for drug in drugs}))


def _two_arms(
    role: str,
    column: str,
    values: pd.Series,
    tell: Callable[[str], tuple[str, list[str]]],
    *,
    needed: str,
    other: str,
    beside: tuple[str, ...],
    kin: Callable[[str, dict[str, list[str]]], list[str]] | None = None,
    aside: Collection[str] = (),
) -> Guess | None:
    """Guess only where both arms are there; `beside` holds words that tell `other` beside the first alone.

    Levels `aside` are known to be of neither arm.
    """
    sizes = {str(level): int(n) for level, n in values.value_counts(sort=False).items()}
    told = {level: tell(level) for level in sizes}
    arms = {level: arm for level, (arm, _) in told.items()}
    hits = {level: found for level, (_, found) in told.items()}
    first_arm = {a for a in arms.values() if a and a != other}
    if not first_arm or (needed and needed not in first_arm):
        return None
    weak, called = [], []
    first_hits = {level: hits[level] for level, arm in arms.items() if arm and arm != other}
    for level in [one for one, arm in arms.items() if not arm and not hits[one]]:
        if found := words.seen(beside, level):
            weak.append(level)
        elif kin is not None and (found := kin(level, first_hits)):
            called.append(level)
        if found:
            arms[level], hits[level] = other, found
    if other not in arms.values():
        return None
    unclear = sum(sizes[level] for level, arm in arms.items() if not arm and level not in aside)
    why = []
    if weak:
        why.append(
            f"{weak[0]!r} says {other} only beside the rest" if len(weak) == 1 else f"weak words for {other}"
        )
    if called:
        why.append(f"{called[0]!r} is {other} by its name beside the rest")
    if unclear:
        why.append(f"{unclear} rows are not told by any word, or by two that disagree")
    if column in FREE_TEXT:
        why.append("free text")
    named = first(map(repr, sorted(aside)))
    are = "is" if len(aside) == 1 else "are"
    apart = [f"{named} {are} stroma grown alone: no arm, but to be kept apart, for stroma="] if aside else []
    doubtful = unclear > len(values) / 2 or (weak and column in FREE_TEXT)
    rank = 2 if doubtful else min(len(why), 1)
    return Guess(role, column, arms, hits, sizes, CONFIDENCE[rank], "; ".join([*why, *apart]))

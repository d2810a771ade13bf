"""A design that was guessed: the evidence, and code to read, change and run."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import first
from marrowsig.ds._design_pick import crosses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig.ds._design_guess import Guess

_NOTHING = "No column says who was grown with stroma, or which cells are resistant."
_LEVELS = {
    "culture": {"mono": "mono", "co": "co"},
    "line": {"parental": "parental", "resistant": "resistant"},
    "inhibitor": {"none": "vehicle"},
    "compartment": {},
}


@dataclass(frozen=True, repr=False)
class Proposal:
    """What `ms.ds.suggest_design` found.

    Nothing has been assigned: `code` is text to read and to run by hand.

    Attributes
    ----------
    evidence
        One row a guess and level: `role`, `column`, `level`, `arm`, `n` (rows), `words` (that told),
        `confidence` ("high", "medium", "low"), `why` (what lowers it) and `chosen`.
    code
        Python that recodes what needs it, and ends in `design = ms.Design(...)`; "" without a proposal.
    hints
        Sentences: what may take the place of the lines, and how cells are summed.
    sizes
        Role and arm to "4500 cells of 8 donors", where rows look like cells of donors.
    """

    evidence: pd.DataFrame
    code: str
    hints: tuple[str, ...] = ()
    sizes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is a proposal."""
        return bool(self.code)

    def __repr__(self) -> str:
        if not self.code:
            return "\n".join([_NOTHING, *self.hints]) + self._passed_over()
        lines = ["A guess from words; read it before use. Nothing was assigned."]
        chosen = self.evidence[self.evidence["chosen"]]
        for (role, column), rows in chosen.groupby(["role", "column"], sort=False):
            why = f" ({rows['why'].iloc[0]})" if rows["why"].iloc[0] else ""
            lines.append(f"  {role} from obs[{column!r}], confidence {rows['confidence'].iloc[0]}{why}")
            for arm, group in rows.groupby("arm", sort=False):
                said = first(
                    dict.fromkeys(word for text in group["words"] for word in text.split(" | ") if word)
                )
                size = self.sizes.get((str(role), str(arm)), f"{group['n'].sum()} samples")
                lines.append(
                    f"    {arm or 'not told'}: {size}"
                    + (f", by {said}" if said else "")
                    + f"; {first((repr(level) for level in group['level']), 3)}"
                )
        return "\n".join([*lines, "", self.code, *self.hints]) + self._passed_over()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"

    def _passed_over(self) -> str:
        rest = self.evidence[~self.evidence["chosen"]]
        if rest.empty:
            return ""
        names = [
            f"{role} in obs[{column!r}] ({confidence})"
            for role, column, confidence in rest[["role", "column", "confidence"]]
            .drop_duplicates()
            .to_numpy()
        ]
        return f"\nNot used, see .evidence: {first(names)}"


def evidence_of(found: list[Guess]) -> pd.DataFrame:
    """Every guess, level by level."""
    names = ["role", "column", "level", "arm", "n", "words", "confidence", "why", "chosen"]
    rows = [
        (
            g.role,
            g.column,
            level,
            g.arms.get(level, ""),
            n,
            " | ".join(g.hits.get(level, [])),
            g.confidence,
            g.why,
            g.chosen,
        )
        for g in found
        for level, n in g.sizes.items()
    ]
    return pd.DataFrame(rows, columns=names)


def code_of(found: list[Guess], obs: pd.DataFrame, name: str) -> str:
    """Recoding and the call; "" where nothing is chosen."""
    chosen = {g.role: g for g in found if g.chosen}
    if not chosen:
        return ""
    lines: list[str] = []
    fields: list[str] = []
    for role in ("culture", "line", "inhibitor", "compartment"):
        if role in chosen:
            _add_arm(chosen[role], obs, name, lines, fields)
    if "time" in chosen:
        fields.append(f"time={chosen['time'].column!r}")
    _add_unit(chosen, obs, name, lines, fields)
    return "\n".join([*lines, f"design = ms.Design({', '.join(fields)})"])


def _add_arm(guess: Guess, obs: pd.DataFrame, name: str, lines: list[str], fields: list[str]) -> None:
    told, column = _told(guess), column_of(guess, obs)
    fields.append(f"{guess.role}={column!r}")
    if column == guess.column:
        fields += [
            f"{name_of}={told[arm][0]!r}"
            for arm, name_of in _LEVELS[guess.role].items()
            if arm in told and told[arm][0] != arm
        ]
    else:
        _add_map(name, column, guess, lines)


def _told(guess: Guess) -> dict[str, list[str]]:
    by_arm: dict[str, list[str]] = {}
    for level, arm in guess.arms.items():
        by_arm.setdefault(arm, []).append(level)
    return {arm: levels for arm, levels in by_arm.items() if arm}


def column_of(guess: Guess, obs: pd.DataFrame) -> str:
    """Name the column that the design gets: the one that was read, or a recoded one.

    Levels of no arm do not serve as they are where they would be inhibitors of their own.
    """
    one_each = all(len(levels) == 1 for levels in _told(guess).values())
    if one_each and (guess.role in ("culture", "line") or all(guess.arms.values())):
        return guess.column
    return guess.role if guess.role not in obs else f"{guess.role}_guessed"


def _add_map(name: str, column: str, guess: Guess, lines: list[str]) -> None:
    lines.append(f"{name}.obs[{column!r}] = {name}.obs[{guess.column!r}].astype(str).str.strip().map({{")
    lines += [f"    {level!r}: {arm!r}," for level, arm in guess.arms.items() if arm]
    left = [level for level, arm in guess.arms.items() if not arm]
    if left:
        lines.append(f"    # not told, so left out of the design: {first(map(repr, left))}")
    lines.append("})")


def _add_unit(
    chosen: dict[str, Guess], obs: pd.DataFrame, name: str, lines: list[str], fields: list[str]
) -> None:
    arm = chosen.get("culture") or chosen["line"]
    for role in ("pair", "donor"):
        guess = chosen.get(role)
        if guess is None or (role == "donor" and any(f.startswith("pair=") for f in fields)):
            continue
        recurs = crosses(guess, arm, obs)
        if role == "pair" and not recurs:
            lines.append(
                f"# obs[{guess.column!r}] pairs nothing: none of its levels has samples in both arms"
            )
            continue
        column = guess.column
        if guess.column == "title":
            column = "donor" if "donor" not in obs else "donor_guessed"
            _add_map(name, column, guess, lines)
        fields.append(f"{'pair' if recurs else 'unit'}={column!r}")

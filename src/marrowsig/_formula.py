"""Designs written as a formula: every categorical factor with its levels, reference first."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from marrowsig import _plan, _plan_table
from marrowsig._arms import words
from marrowsig._errors import DesignError
from marrowsig._formula_plan import arms, plans, read
from marrowsig._interactions import of_formula, unasked
from marrowsig._readable import paragraph

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from marrowsig._plan import Plan


@dataclass(frozen=True, kw_only=True, repr=False)
class FormulaDesign:
    """A model formula with named contrasts; made by `ms.Design.from_formula`."""

    formula: str
    levels: Mapping[str, str | list[str]]
    wanted: Mapping[str, Mapping[Any, float]]
    unit: str | None = None
    at: Mapping[str, float] = field(default_factory=dict)
    # A formula names no roles, so verbs that need them say so as they do for a design without these fields.
    culture: ClassVar[None] = None
    line: ClassVar[None] = None
    inhibitor: ClassVar[None] = None
    pair: ClassVar[None] = None

    def __post_init__(self) -> None:
        if not self.wanted:
            msg = "contrasts= is empty: name at least one, such as {'gain': {('co',): 1, ('mono',): -1}}."
            raise DesignError(msg)
        empty = [name for name, named in self.levels.items() if not named]
        if empty:
            msg = f"levels= names no level of {words(empty)}. Give all of them, reference first."
            raise DesignError(msg)

    @property
    def columns(self) -> dict[str, str]:
        """Role to column of `obs`, for the columns in use."""
        from marrowsig._formula_matrix import variables

        used = {name: name for name in variables(self.formula)}
        return used | ({"unit": self.unit} if self.unit is not None else {})

    def check(self, obs: pd.DataFrame) -> None:
        """Raise if none of the contrasts can be estimated with these samples.

        Raises
        ------
        DesignError
            As in `ms.Design.check`.
        """
        _plan.require_one(self.plans(obs))

    def contrasts(self, obs: pd.DataFrame) -> pd.DataFrame:
        """List the contrasts, as `ms.Design.contrasts` does.

        Raises
        ------
        DesignError
            If the columns do not fit the formula. Contrasts that cannot be estimated are listed.
        """
        return _plan_table.as_frame(self.plans(obs))

    def arms(self, obs: pd.DataFrame) -> pd.Series:
        """Levels of the factors that contrasts name, such as `resistant:co`, per row; NaN outside the design.

        Raises
        ------
        DesignError
            If the columns do not fit the formula.
        """
        return arms(self, obs)

    def plans(self, obs: pd.DataFrame) -> list[Plan]:
        """Rows, model matrix and vector of every contrast; what `compare` fits."""
        return plans(self, obs)

    def describe(self, obs: pd.DataFrame) -> str:
        """Write how many samples are in the design, one sentence per contrast, and what is not asked.

        Of pairs that lie in both lines, also that `line:pair` is missing.
        """
        from marrowsig._pairs_in_lines import missing_term

        lines = [f"{len(read(self, obs).data)} of {len(obs)} samples are in the design."]
        lines += [f"- {sentence}" for sentence in self.contrasts(obs)["sentence"]]
        return "\n".join([*lines, *filter(None, [missing_term(self, obs), unasked(self, obs)])])

    def to_dict(self) -> dict[str, Any]:
        """Return what `ms.Design.from_formula` was given."""
        given = {"formula": self.formula, "levels": dict(self.levels), "contrasts": dict(self.wanted)}
        given |= {"unit": self.unit} if self.unit is not None else {}
        return given | ({"at": dict(self.at)} if self.at else {})

    def __repr__(self) -> str:
        unit = f", unit={self.unit!r}" if self.unit is not None else ""
        unit += f", at={dict(self.at)!r}" if self.at else ""
        names = list(self.wanted)
        return (
            f"Design.from_formula({self.formula!r}, levels={dict(self.levels)!r}, contrasts={names!r}{unit})"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(_terms(weights))}</td>"
            f"<td>{html.escape(_question(weights))}</td></tr>"
            for name, weights in self.wanted.items()
        )
        caption = f"<caption>marrowsig design <code>{html.escape(self.formula)}</code></caption>"
        table = f"<table>{caption}<tr><th>contrast</th><th>weights</th><th>question</th></tr>{rows}</table>"
        return table + paragraph(of_formula(self))


def _named(weights: Mapping[Any, float]) -> dict[str, float]:
    return {":".join(key) if isinstance(key, tuple) else str(key): w for key, w in weights.items()}


def _terms(weights: Mapping[Any, float]) -> str:
    return " ".join(f"{w:+g} {name}" for name, w in _named(weights).items())


def _question(weights: Mapping[Any, float]) -> str:
    """Ask in a sentence; the counts follow from samples, in `describe`."""
    named = _named(weights)
    if sorted(named.values()) == [-1, 1]:
        base, test = sorted(named, key=named.__getitem__)
        return f"Does the score rise from {base} to {test}?"
    return f"Does {_terms(weights)} differ from zero?"

"""Words, colours and order of levels that were chosen for the figures of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from marrowsig._arm_names import FIELDS
from marrowsig._errors import DesignError, InputError, first

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.elements import Given
    from marrowsig.design import Design

LONG = 60
"""Letters of a level from which on figures of several factors may have no room for their panels."""


@dataclass(frozen=True)
class Look:
    """What `labels`, `palette` and `order` of `ms.pl` were given, for all levels of a design."""

    labels: dict[str, str] = field(default_factory=dict)
    palette: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    def given(self) -> dict[str, Any]:
        """Arguments that were given, as a call takes them."""
        asked = {"labels": self.labels, "palette": self.palette, "order": list(self.order)}
        return {name: value for name, value in asked.items() if value}

    def of(self, levels: Iterable[str]) -> dict[str, Any]:
        """Arguments for a figure that has these levels alone, which refuses colours and places of others."""
        here = set(map(str, levels))
        palette = {level: colour for level, colour in self.palette.items() if level in here}
        order = [level for level in self.order if level in here]
        return {"labels": self.labels or None, "palette": palette or None, "order": order or None}

    def of_arms(self, adata: AnnData, signature: str, design: Any, method: str) -> dict[str, Any]:
        """Arguments for the scores of a signature, of which an arm may have none."""
        from marrowsig.pl._coloured import of_one_factor
        from marrowsig.pl._levels import levels_of
        from marrowsig.pl._read import by_unit

        if not self.palette and not self.order:
            return self.of([])
        frame = by_unit(adata, signature, design=design, method=method)
        parts = [levels_of(arm) for arm in frame.drop_duplicates("arm").to_dict("records")]
        found = self.of(level for arm in parts for level in arm)
        return found | {"palette": of_one_factor(parts, design, found["palette"] or {}) or None}

    def of_lines(self, design: Design) -> dict[str, Any]:
        """Arguments for a line of each culture, without what was given beside."""
        found = self.of(getattr(design, name) for names in FIELDS.values() for name in names)
        return found | {"palette": self.of([design.parental, design.resistant])["palette"]}

    def of_strips(self, adata: AnnData, design: Any) -> dict[str, Any]:
        """Arguments for samples under strips of their levels, where a column of many levels has none."""
        from marrowsig._arms import as_text
        from marrowsig.pl.heatmap import _of_design

        obs = adata.obs[design.arms(adata.obs).notna().to_numpy()]
        shown = {level for column in _of_design(design, obs) for level in as_text(obs[column])}
        return self.of(levels_in(obs, design)) | {"palette": self.of(shown)["palette"]}

    def sorted(self, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """Rows of a table with the levels of these columns in the order given; others follow in theirs."""
        at = {level: k for k, level in enumerate(self.order)}
        return rows.sort_values(columns, kind="stable", key=lambda own: own.map(at).fillna(len(at)))

    def said(self, without: Iterable[str] = ()) -> str:
        """Say which level each new word is, for a caption; `without` names what its figure does not draw."""
        own = [(level, words) for level, words in self.labels.items() if level not in {*without, words}]
        told = [f"{words} for {level}" for level, words in own]
        return f"Names in the figure: {'; '.join(told)}. " if told else ""


def look_of(given: Given) -> Look:
    """Give what was chosen for this page."""
    found: Look = given.extras.get("look") or Look()
    return found


def too_long(obs: pd.DataFrame, design: Design | FormulaDesign, look: Look | None) -> str:
    """Say which levels, in the words of the figures, are too long for these; empty without.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> design = Design(culture="culture", co="c" * 61)
    >>> obs = pd.DataFrame({"culture": ["mono", "c" * 61]})
    >>> too_long(obs, design, None)[:8], too_long(obs, design, Look({"c" * 61: "MSC"}))
    ('Figures ', '')
    """
    words = (look or Look()).labels
    long = [level for level in levels_in(obs, design) if len(words.get(level, level)) > LONG]
    if not long:
        return ""
    return (
        f"Figures may have no room for levels of more than {LONG} letters, here {first(map(repr, long))}. "
        f"Give each other words for figures: labels={ {long[0]: 'shorter words'}!r}."
    )


def levels_in(obs: pd.DataFrame, design: Design | FormulaDesign) -> list[str]:
    """Levels of the arms that are there, in the order for reading; none of a formula of numbers alone."""
    from marrowsig.pl._levels import levels_of
    from marrowsig.pl._read import labels

    try:
        frame = labels(obs, cast("Design", design))
    except (DesignError, InputError):
        return []
    arms = frame.dropna(subset=["arm"]).drop_duplicates("arm").sort_values("place")
    return list(dict.fromkeys(level for arm in arms.to_dict("records") for level in levels_of(arm)))

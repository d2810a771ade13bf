"""What `ms.tl.power` returns."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marrowsig._contrasts import spelled
from marrowsig.tl import _power_words as words
from marrowsig.tl._claims_asked import CLAIMS, QUESTIONS
from marrowsig.tl._power_answer import answer, beyond
from marrowsig.tl._power_needs import few, planned, to_plan
from marrowsig.tl._power_spread import UNIT
from marrowsig.tl._power_tables import ON_KEPT

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.design import Design
    from marrowsig.tl._power_spread import Spread


@dataclass(frozen=True, eq=False, repr=False)
class Power:
    """How often a planned experiment finds what is looked for; see `ms.tl.power`.

    Attributes
    ----------
    table
        One row per contrast and number of replicates; the table to read.
    fractions
        One row per line, inhibitor and number of replicates: how often the share reversed can be told.
    needed
        One row per contrast with an effect: `n_needed`, the least n asked from which on the power reaches
        the target; `n_start`, how many to begin with where libraries are lost; both also in the family of
        the claims, or of the further questions.
    means
        The arms' means that the effects amount to, those of parental cells grown alone being 0.
    design, spread
        The design, and the standard deviations with their source.
    params
        The rest of what was asked for: target, alpha, runs, seed, version.
    scored
        The same plan as scored, where this one is on the genes that stroma could not move; None else.
    """

    table: pd.DataFrame
    fractions: pd.DataFrame
    needed: pd.DataFrame
    means: pd.Series
    design: Design
    spread: Spread
    params: dict[str, Any] = field(default_factory=dict)
    scored: Power | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the numbers rest on."""
        s, p = self.spread, self.params
        apart = s.paired and (s.between > 0 or self.design.pair is None)
        sd = f"SD within pairs and arms {s.within:.3g}, between pairs {s.between:.3g}"
        told = [f"{sd if apart else f'SD {s.within:.3g}'} ({s.source}; {s.unit})."]
        told += [words.pooled(s.strata)] if s.strata else []
        told += [text for text in (beyond(self.fractions), p.get("as_pilot", "")) if text]
        told += [words.SAME_GENES] if s.unit == UNIT and p["effects_in"] == "score" else []
        if not s.paired and s.df is not None and self.design.pair is not None:
            told.append(
                "The SD holds differences between donors, which pairs would take out: with pairs the power "
                "is this or better."
            )
        told += [words.CROSSED] if words.per_line(self.design) else []
        if few(self):
            told.append(words.FEW.format(pairs=words.FEW_PAIRS if self.design.pair else ""))
        if p["lost"]:
            pair = "; a pair needs both of its own" if self.design.pair else ""
            told.append(words.LOST.format(share=words.percent(p["lost"]), pair=pair))
        family = self.table.loc[self.table["adjustment"] == "Holm"].drop_duplicates("contrast")
        names = ", ".join(spelled(name, self.design) for name in family["contrast"])
        what = (
            "for 1 signature alone: see n_primary" if p["n_primary"] == 1 else f"{p['n_primary']} signatures"
        )
        n = int(family["family_size"].max())
        told.append(
            f"Adjusted by Holm over {n} tests ({names}; {what})." if n > 1 else f"One test ({names}; {what})."
        )
        both = words.PLAN_BOTH if self.scored is None else ""
        for name, text in ((CLAIMS, words.AS_CLAIM), (QUESTIONS, words.AS_QUESTION)):
            sizes = self.table.loc[self.table["asked_as"].eq(name), "n_claims"]
            told += [text.format(n=int(sizes.max()), both=both)] if len(sizes) else []
        told.append(f"{p['runs']} simulated experiments a size, seed {p['rng']}, alpha {p['alpha']:g}.")
        return tuple(told)

    @property
    def primary(self) -> pd.DataFrame:
        """Rows of `needed` that belong to the primary family; what is told and drawn."""
        own = self.table.loc[self.table["adjustment"] == "Holm", "contrast"]
        return self.needed[self.needed["contrast"].isin(own)]

    @property
    def headline(self) -> str:
        """The number to plan, such as "Plan 8 pairs, 10 to begin with"; empty where nothing is asked."""
        return to_plan(self)

    def describe(self, n: int | None = None) -> str:
        """Write how many to plan, a sentence per effect at `n` (by default the fewest), what it rests on.

        What becomes of the power where the SD is larger is told of `n`, or of the number to plan.
        """
        lead = [text for text in (answer(self),) if text]
        return "\n".join([*lead, *self._sentences(n), *(f"- {note}" for note in self.notes)])

    def _sentences(self, n: int | None = None) -> list[str]:
        sizes = self.table["n"].unique()
        at = planned(self) if n is None else n
        n = int(sizes.min()) if n is None else n
        if n not in sizes:
            from marrowsig._errors import InputError

            msg = f"n={n} was not simulated. Simulated: {', '.join(map(str, sizes))}."
            raise InputError(msg)
        needed = self.primary.set_index("contrast").to_dict("index")
        rows = self.table[(self.table["n"] == n) & self.table["contrast"].isin(list(needed))]
        target, tried = self.params["target"], sorted(map(int, sizes))
        told = [
            words.sentence(
                row,
                needed[row["contrast"]],
                self.design,
                target,
                tried,
                kept=self.spread.unit == ON_KEPT,
                both=self._as_scored(str(row["contrast"]), n),
            )
            for row in rows.to_dict("records")
        ]
        drugs = self.fractions[self.fractions["n"] == n] if len(self.fractions) else self.fractions
        told += [
            words.fraction_sentence(row, self.design)
            for row in drugs.to_dict("records")
            if row["fraction"] == row["fraction"]
        ]
        if self.spread.df is not None and len(rows):
            own = self.table[self.table["n"].eq(at) & self.table["contrast"].isin(list(needed))]
            told.append(words.noisier_sentence(own, self.design, self.spread))
        return told

    def _as_scored(self, contrast: str, n: int) -> tuple[words.Row, words.Row] | None:
        """Return the rows of a contrast as scored, of `table` at `n` and of `needed`; None without such."""
        if self.scored is None:
            return None
        table, needed = self.scored.table, self.scored.needed
        own = table[(table["contrast"] == contrast) & (table["n"] == n)]
        least = needed[needed["contrast"] == contrast]
        if own.empty or least.empty:
            return None
        return own.to_dict("records")[0], least.to_dict("records")[0]

    def wide(self, *, claims: bool = False) -> pd.DataFrame:
        """Power in percent, effects x replicates; with `claims`, as a claim where a run makes one of it."""
        rows = self.table[self.table["contrast"].isin(self.primary["contrast"])]
        power = rows["power_claims"].fillna(rows["power"]) if claims else rows["power"]
        grid = rows.assign(power=100 * power).pivot_table(
            index=["contrast", "effect"], columns="n", values="power", sort=False
        )
        return grid.sort_index(axis=1)

    def __repr__(self) -> str:
        tried = sorted(map(int, self.table["n"].unique()))
        told = ", ".join(
            f"{name} {'more' if n != n else words.at_most(n, tried)}"
            for name, n in zip(self.primary["contrast"], self.primary["n_needed"], strict=True)
        )
        of = words.replicates(self.design)
        goal = f"needed for {words.percent(self.params['target'])} %"
        span = f"{tried[0]} to {tried[-1]}" if len(tried) > 1 else f"{tried[0]}"
        return f"<Power: {span} {of}; {goal}: {told}>"

    def _repr_html_(self) -> str:
        text = "".join(f"<p>{html.escape(line)}</p>" for line in self._sentences())
        table = self.wide().reset_index().rename(columns={"n": words.replicates(self.design)})
        grid = table.to_html(index=False, border=0, float_format=lambda v: f"{v:.3g}", na_rep="")
        caption = f"<p>Power in % by number of {html.escape(words.replicates(self.design))}:</p>"
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"{text}{caption}{grid}<ul>{notes}</ul>"

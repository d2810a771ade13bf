"""What `ms.qc.cycle` and `ms.qc.maturation` return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from marrowsig._check_words import NOTHING
from marrowsig._errors import first
from marrowsig._readable import as_html

if TYPE_CHECKING:
    from collections.abc import Mapping


class Confounder(NamedTuple):
    """A confounder in the samples, in the contrasts, in the signatures, and along their scores."""

    scores: pd.DataFrame
    shifts: pd.DataFrame
    shares: pd.DataFrame
    verdicts: pd.DataFrame
    correlations: pd.DataFrame

    def describe(self) -> str:
        """Write whether it shifts, one sentence per effect that is established, and what goes along with it.

        Correlations whose interval holds zero are only counted.
        """
        told = self.verdicts[self.verdicts["verdict"] != NOTHING]
        lines = [*self._shifts(), *told["sentence"]]
        rest = len(self.verdicts) - len(told)
        if rest:
            lines.append(
                f"{rest} further effects are not established: there is none to explain, which does not say "
                f"that {self.scores.columns[-1]} plays no part."
            )
        return "\n".join([*lines, *self._along()])

    def _shifts(self) -> list[str]:
        name = str(self.scores.columns[-1])
        if not len(self.shifts):
            values = self.scores[name].dropna()
            ends = f", {values.min():.3g} to {values.max():.3g}" if len(values) else ""
            return [f"Score of {name} in {len(values)} samples{ends}; no design was given."]
        return [_shift(name, row) for row in self.shifts[self.shifts["part"] == name].to_dict("records")]

    def _along(self) -> list[str]:
        table = self.correlations
        clear = (table["r_low"] > 0) | (table["r_high"] < 0)
        kind = table["signature"].astype(str).str.split(".").str[0]
        last = clear & kind.isin(("control", "other"))
        lines = [*table.loc[clear & ~last, "sentence"], *table.loc[last, "sentence"]]
        for over, rows in table[~clear].groupby("over", sort=False):
            open_, none = rows[rows["r"].notna()], rows[rows["r"].isna()]
            if len(open_):
                names = first(dict.fromkeys(open_["signature"]))
                lines.append(f"The interval {over} holds 0 for {names}: no evidence of no correlation.")
            if len(none):
                notes = none.groupby("note", sort=False)["signature"]
                said = {note: first(dict.fromkeys(names)) for note, names in notes}
                head = f"No correlation {over} can be given for"
                lines += [f"{head} {names}: {note}." for note, names in said.items()]
        return lines

    def __repr__(self) -> str:
        told = self.verdicts["verdict"].value_counts()
        lacks = "the samples were not scored (ms.tl.score)" if len(self.shifts) else "no design was given"
        said = "; ".join(f"{n} {word}" for word, n in told.items()) or f"no verdicts: {lacks}"
        rows = ", ".join(f"{name} {len(table)}" for name, table in self._asdict().items())
        return f"<Confounder: {said}>\nRows: {rows}."

    def _repr_html_(self) -> str:
        tables = (self.verdicts, self.correlations, self.shifts)
        return as_html(repr(self).split("\n"), next((one for one in tables if len(one)), self.shifts))


def _shift(name: str, row: Mapping[Any, Any]) -> str:
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    head = f"Score of {name}, {row['contrast']}{where}"
    if pd.isna(row["estimate"]):
        return f"{head}: no estimate; {row['test']}."
    size = f"{row['estimate']:+.3g} ({row['ci_low']:.3g} to {row['ci_high']:.3g})"
    clear = row["ci_low"] > 0 or row["ci_high"] < 0
    return f"{head}: it shifts by {size}." if clear else f"{head}: a shift is not established, {size}."

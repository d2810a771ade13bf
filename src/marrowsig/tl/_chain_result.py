"""What `ms.tl.chain` returns."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig.tl import _chain_words as words
from marrowsig.tl._chain_genes import competence
from marrowsig.tl._chain_links import AS_IS, BOTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN = (
    "stratum",
    "link",
    "adjusted_for",
    "n",
    "n_pairs",
    "r",
    "r_low",
    "r_high",
    "df",
    "p",
    "p_adj",
    "verdict",
)
VERDICTS = ("stratum", "verdict", "links", "competence", "inhibitors", "sentence")


@dataclass(frozen=True, repr=False)
class Chain:
    """IL-6, STAT3 and EMT beside each other; see `ms.tl.chain`.

    Attributes
    ----------
    verdicts
        One row per stratum: what the evidence allows to be said; the table to read.
    links
        The correlations, one row per stratum, link and what was taken out.
    inhibitors
        One row per stratum, line and inhibitor, the steps side by side.
    levels, contrasts
        Ligand, receptors and kinases per arm; and the contrasts of the design for them and the steps.
    steps, overlap
        What stands for each step, which genes were left out of it, and which are shared.
    scores
        Samples x scores: il6, stat3_apart (for the link with il6), stat3 and emt.
    rescue
        Rows of `ms.tl.rescue` behind `inhibitors`; empty without an inhibitor.
    params
        How it was made: method and its options, hashes of the signatures, alpha, version; `culture` is the
        column of the co-culture, empty for a design without: such correlations make no chain.
    """

    verdicts: pd.DataFrame
    links: pd.DataFrame
    inhibitors: pd.DataFrame
    levels: pd.DataFrame
    contrasts: pd.DataFrame
    steps: pd.DataFrame
    overlap: pd.DataFrame
    scores: pd.DataFrame
    rescue: pd.DataFrame
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What no number here can say; of inhibitors where there are any."""
        return (*words.CAUTIONS, *(words.OF_INHIBITORS if len(self.inhibitors) else ()))

    def describe(self) -> str:
        """Write the steps, what they share, the verdicts, genes that were not measured, and the cautions."""
        lines = [self._steps(), self._shared()]
        told = self.verdicts[["stratum", "sentence"]].itertuples(index=False)
        lines += [f"[{stratum}] {text}" if stratum else text for stratum, text in told]
        lines += [f"- {text}" for text in self.inhibitors["sentence"]]
        absent = self.levels.loc[~self.levels["measured"].astype(bool), "gene"]
        if len(absent):
            lines.append(f"Not measured: {', '.join(absent)}.")
        return "\n".join([*lines, *(f"- {text}" for text in self.cautions)])

    def _steps(self) -> str:
        told = []
        for row in self.steps.to_dict("records"):
            used = (
                "gene" if row["what"] == "gene" else f"{row['n_used']} of {row['n_measured']} measured genes"
            )
            told.append(f"{row['score']} = {row['name']} ({row['note'] or used})")
        return f"Scores ({self.params['method']}): {'; '.join(told)}."

    def _shared(self) -> str:
        told = [f"{r['a']} and {r['b']} {r['shared']}" for r in self.overlap.to_dict("records")]
        return f"Shared genes: {', '.join(told)}; IL6 itself is in no score."

    def __repr__(self) -> str:
        told = [
            f"[{s}] {v}" if s else v for s, v in self.verdicts[["stratum", "verdict"]].itertuples(index=False)
        ]
        return f"<Chain: {'; '.join(told)}>"

    def _repr_html_(self) -> str:
        text = "".join(f"<p>{html.escape(line)}</p>" for line in (self._steps(), *self.verdicts["sentence"]))
        table = self.links[list(SHOWN)].to_html(index=False, float_format=lambda v: f"{v:.3g}", border=0)
        drugs = "".join(f"<li>{html.escape(text)}</li>" for text in self.inhibitors["sentence"])
        return f"{text}{table}<ul>{drugs}</ul>"


def verdicts(
    strata: Iterable[str],
    links: pd.DataFrame,
    levels: pd.DataFrame,
    drugs: pd.DataFrame,
    names: Mapping[str, str],
    alpha: float,
    *,
    ordered: bool = True,
) -> pd.DataFrame:
    """One row per stratum, from the rules of docs/chain.md; `names` are the signatures of the steps.

    Links that are not `ordered`, of a design without co-culture, are no chain.
    """
    rows = []
    for stratum in strata:
        own = links[links["stratum"] == stratum]
        joint = own[own["link"] == BOTH].to_dict("records")
        able = competence(levels, stratum)
        said = words.chain_of_links(joint, able, alpha, ordered=ordered)
        arms = drugs[drugs["stratum"] == stratum].to_dict("records")
        main = own[own["adjusted_for"] == AS_IS].to_dict("records")
        word = words.verdict(said, arms, alpha, able)
        first = _capital(words.named(word, names))
        sentence = f"{first}. {words.links_sentence(main, said, alpha)} Receptors: {able}."
        told = "; ".join(f"{_cell(row)}{row['verdict']}" for row in arms) or "no inhibitor arm"
        rows.append((stratum, word, said, able, told, sentence))
    return pd.DataFrame(rows, columns=list(VERDICTS))


def _cell(row: dict[str, Any]) -> str:
    return f"{row['line']}: " if row["line"] else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

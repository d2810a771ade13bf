"""What `ms.qc.stroma` returns."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from marrowsig._check_words import NOTHING, STANDS
from marrowsig.qc._check_family import as_claimed
from marrowsig.qc._leukaemia_in_stroma import leukaemia_shares
from marrowsig.qc._stroma_words import ADVICE

HEAD = (
    "signature",
    "contrast",
    "stratum",
    "method",
    "verdict",
    "estimate",
    "filtered_estimate",
    "n_kept",
    "n_genes",
)


@dataclass(frozen=True, repr=False)
class Stroma:
    """Whether a signature's change could be RNA of stroma; see `ms.qc.stroma`.

    Attributes
    ----------
    shares
        One row per sample.
    verdicts
        One row per method, contrast, stratum and signature; the table to read.
    versions
        The contrast as scored, filtered, subtracted and with `emt.blast`, one row each.
    dropped
        Every gene that was dropped, one row per stratum: its level in the cells alone (the lowest line) and
        in stroma per million, the change that the filter reckons with in log2 units, why, and which of the
        tested signatures list it (empty for genes of the background).
    genes
        Single genes, where they were asked for.
    params
        What the numbers rest on: reference, markers, shares, pseudo-count, factor.
    filtered
        Method to scores on the genes that are left, samples x signatures; `ms.tl.rescue` takes them.
    share_contrasts
        Whether the share differs between co-cultures: one row for two arms that were grown with stroma and
        that the design compares (lines, with and without an inhibitor). `estimate` is the share of `arm` less
        that of `against` in points of per cent, with its interval, `p`, `p_adj` (Holm over these rows) and
        `n` (pairs, or samples of the smaller arm), from the model of the design on these two arms.
    levels
        What the cells alone and stroma express of the genes of the tested signatures, kept or dropped, per
        million: one row per gene, stratum and line. `alone` is the mean of the samples of the line that grew
        alone, `stroma` that of stroma grown alone or, where higher, from the co-cultures.
    leukaemia_shares
        The other way round: the share of leukaemia RNA in each sample of stroma, by the same columns as
        `shares`, where `as_claimed` was given further questions about stroma; empty otherwise.
    """

    shares: pd.DataFrame
    verdicts: pd.DataFrame
    versions: pd.DataFrame
    dropped: pd.DataFrame
    genes: pd.DataFrame
    params: dict[str, Any] = field(default_factory=dict)
    filtered: dict[str, pd.DataFrame] = field(default_factory=dict)
    share_contrasts: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    leukaemia_shares: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def advice(self) -> tuple[str, ...]:
        """What a next experiment can do so that the question does not arise."""
        return ADVICE

    def as_claimed(self, claims: pd.DataFrame, questions: pd.DataFrame | None = None) -> Stroma:
        """Judge by the adjusted p of `ms.tl.claims` and `ms.tl.questions` where these establish more.

        A claim has its p by Holm over all claims, a contrast of this check by Benjamini and Hochberg over its
        signatures: with few claims the former may be the smaller. Nothing that a claim establishes is then
        "not asked" here, and the size to cite follows.

        Parameters
        ----------
        claims
            What `ms.tl.claims` returned, with this result as `stroma=`.
        questions
            What `ms.tl.questions` returned, the same way.

        Returns
        -------
        Stroma
            The same with three more columns of `verdicts`: `asked_as` ("claim", "further question", or empty
            where neither asks), `claim_p_adj` and `claim_filtered_p_adj`; with `questions` about stroma,
            `leukaemia_shares`, too.

        Examples
        --------
        >>> import marrowsig as ms
        >>> adata, msc = ms.ds.demo(), ms.ds.demo_stroma()
        >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
        >>> found = ms.qc.stroma(adata, design, stroma=msc, signatures="emt.hallmark", method="mean")
        >>> claims = ms.tl.claims(adata, design, stroma=found, methods="mean")
        >>> found.as_claimed(claims).verdicts.set_index("contrast").loc["interaction", "asked_as"]
        'claim'
        """
        asked = [table for table in (claims, questions) if table is not None]
        verdicts = as_claimed(self.verdicts, asked, self.params)
        return replace(self, verdicts=verdicts, leukaemia_shares=leukaemia_shares(questions))

    def describe(self) -> str:
        """Write the share of stroma, then one sentence per contrast that is established, then the advice."""
        lines = [self._shares(), *self._swapped()]
        for row in self.verdicts[self.verdicts["verdict"] != NOTHING].to_dict("records"):
            where = f" [{row['stratum']}]" if row["stratum"] else ""
            rests = (
                f" It rests on {row['rests_on']}."
                if row["verdict"] == STANDS and row["share_up"] != 0
                else ""
            )
            head = f"{row['signature']}, {row['contrast']}{where}, {row['method']}"
            lines.append(f"{head}: {row['verdict']}. {row['reason']}{rests}")
        return "\n".join([*lines, *ADVICE])

    def _shares(self) -> str:
        known = self.shares["share"].notna()
        if not known.any():
            return f"Share of stromal RNA: not known ({self.params['reference']})."
        mean = self.shares[known].groupby("arm")["share"].mean()
        told = ", ".join(f"{arm} {100 * value:.2f} %" for arm, value in mean.items())
        source = f"{self.params['source']}; {self.params['reference']}"
        return f"Share of stromal RNA, mean per arm: {told} ({source})."

    def _swapped(self) -> list[str]:
        return [told] if (told := str(self.params.get("swapped", ""))) else []

    def __repr__(self) -> str:
        counts = self.verdicts["verdict"].value_counts()
        told = ", ".join(f"{n} {word}" for word, n in counts.items())
        return "\n".join([f"<Stroma: {len(self.shares)} samples; {told}>", self._shares(), *self._swapped()])

    def _repr_html_(self) -> str:
        table = self.verdicts[list(HEAD)].to_html(index=False, float_format=lambda v: f"{v:.3g}", border=0)
        advice = "".join(f"<li>{html.escape(line)}</li>" for line in ADVICE)
        head = " ".join([self._shares(), *self._swapped()])
        return f"<p>{html.escape(head)}</p>{table}<p>Next time:</p><ul>{advice}</ul>"

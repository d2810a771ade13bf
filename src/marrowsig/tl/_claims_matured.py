"""Maturation, asked of the size on genes that stroma could not move, where that is the size to cite."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _confounders
from marrowsig._carry_over import AS_SCORED, FILTERED, on_kept_genes
from marrowsig._cell_types import SAME
from marrowsig._check_words import NOTHING, may_be
from marrowsig._confounders import GENES, WORDS
from marrowsig._errors import DesignError, InputError
from marrowsig.qc._confounder import shifts_of, verdicts_of
from marrowsig.tl._design_variants import with_score
from marrowsig.tl._rescored import NEEDS
from marrowsig.tl._sensitivity_rows import rows
from marrowsig.tl._sensitivity_specs import MAIN, Specification

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from marrowsig._confounders import Kind
    from marrowsig._plan import Plan
    from marrowsig.sig import Signature
    from marrowsig.tl._claims_kept import Kept

    Row = dict[str, Any]

KIND: Kind = "maturation"


class Matured:
    """Verdicts by contrast and signature, of one stratum and one size at a time, made when one is asked for.

    The rule is that of `ms.qc.maturation`, but that of these fewer genes a loss has to be shown. The score of
    maturation is of the genes of that size, too, without those of the signature, also where it is asked
    whether it shifts.
    """

    def __init__(self, kept: Kept, alpha: float) -> None:
        self.kept, self.alpha = kept, alpha
        self.tables: dict[tuple[str, str], dict[tuple[str, str], str]] = {}

    def of(self, plan: Plan, signature: str, cite: str = FILTERED) -> str:
        """Give one verdict; empty where too few genes are left."""
        if plan.model is None or (cite == FILTERED and self.kept.data.stroma is None):
            return ""
        if (plan.stratum, cite) not in self.tables:
            try:
                found = self._verdicts(plan.stratum, cite)
            except (DesignError, InputError):  # a result was given that these samples alone would not give
                found = {}
            self.tables[plan.stratum, cite] = found
        return self.tables[plan.stratum, cite].get((plan.contrast.name, signature), "")

    def _verdicts(self, stratum: str, cite: str) -> dict[tuple[str, str], str]:
        data, kept = self.kept.data, self.kept
        plans, names = [plan for plan in data.plans if plan.stratum == stratum], kept.names(stratum, cite)
        scores = kept.scored(names, data.main(), data.method)
        ids = [str(id) for id in scores if np.isfinite(scores[id].to_numpy()).any()]
        sigs = {sig.id: sig for sig in data.main() if sig.id in ids}
        if not sigs:
            return {}
        scores = scores[ids]
        every = frozenset().union(*_confounders.parts(KIND).values()) & frozenset(names)
        held = {id: every & frozenset(sig.genes) for id, sig in sigs.items()}
        distinct = dict.fromkeys(held.values())
        scored = _confounders.scores_by(lambda own: self._singscore(names, own), names, KIND, distinct)
        without = self._without(names, sigs, plans)
        found: dict[tuple[str, str], str] = {}
        n_genes = {id: sum(gene in names for gene in sig.genes) for id, sig in sigs.items()}
        for own in distinct:
            group = [id for id in ids if held[id] == own]
            known = np.isfinite(scored[own][KIND].to_numpy(dtype=np.float64)).any()
            values = scored[own][KIND].to_numpy(dtype=np.float64)
            models = [with_score(plan, values, WORDS[KIND]) for plan in plans] if known else []
            others = [
                replace(without, scores=without.scores[group]),
                Specification(f"adjusted for {WORDS[KIND]}", f"{KIND} score", scores[group], models),
            ]
            main = Specification(MAIN, "main", scores[group], plans)
            asked = rows(main, others, data.method, n_genes, self.alpha)
            shifts = shifts_of(plans, scored[own], self.alpha)
            judged = verdicts_of(asked, KIND, shifts, shown=True)
            keys = zip(judged["contrast"], judged["signature"], strict=True)
            found |= dict(zip(keys, judged["verdict"].astype(str), strict=True))
        return found

    def _without(
        self, genes: Collection[str], sigs: Mapping[str, Signature], plans: list[Plan]
    ) -> Specification:
        """Score what a signature holds beside genes of maturation, of these genes."""
        from marrowsig.sig import Signature, SignatureSet

        drop, names = _confounders.genes(KIND), set(genes)
        cut, gone = [], {}
        for id, sig in sigs.items():
            gone[id] = tuple(gene for gene in sig.genes if gene in drop and gene in names)
            left = {gene: weight for gene, weight in sig.genes.items() if gene not in drop}
            needs = {name: sig.use[name] for name in NEEDS if name in sig.use}
            if left:
                cut.append(Signature(id, axis=sig.axis, genes=left, use={"small": True, **needs}))
        scores = self.kept.scored(names, SignatureSet(cut), self.kept.data.method)
        every = scores.reindex(columns=list(sigs))
        return Specification(f"without {GENES[KIND]} genes", f"{KIND} genes", every, plans, gone=gone)

    def _singscore(self, genes: Collection[str], own: list[Signature]) -> pd.DataFrame:
        from marrowsig.sig import SignatureSet

        if not own:
            return pd.DataFrame(index=range(self.kept.data.blasts.n_obs))
        return self.kept.scored(genes, SignatureSet(own), "singscore")


def settle(rows: list[Row]) -> None:
    """Let the size that is cited answer for shares of cell types, and for maturation.

    `maturation_of` says of which size. What may be maturation as scored stays so: a claim has to hold on all
    genes, too; but where shares of types differ, and an effect is established at the same shares, it is asked
    there.
    """
    for row in rows:
        cite = FILTERED if on_kept_genes(row) else AS_SCORED
        kept, same = str(row.pop("filtered_maturation", "")), row.pop("same", {}).get(cite)
        row["maturation_of"] = AS_SCORED if row["maturation"] else ""
        if same is not None:
            row.update(same.numbers(row))
        if same is not None and same.maturation not in ("", NOTHING):
            row["maturation"], row["maturation_of"] = same.maturation, SAME
        elif kept and cite == FILTERED and not str(row["maturation"]).startswith(may_be(WORDS[KIND])):
            row["maturation"], row["maturation_of"] = kept, FILTERED

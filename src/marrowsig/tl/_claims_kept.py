"""Versions of a signature on genes that stroma could not move: whether they keep the sign of the claim."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import AS_SCORED, FILTERED
from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig.tl._claims_numbers import fitted
from marrowsig.tl._score_options import methods_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet
    from marrowsig.tl._claims_data import Data


class Kept:
    """Scores of all versions by the first method, one table per stratum, made when one is asked for."""

    def __init__(self, data: Data, design: Design) -> None:
        self.data, self.design = data, design
        self.read: Study | None = None
        self.tables: dict[str, pd.DataFrame] = {}

    def of(self, plan: Plan, ids: Sequence[str], estimate: float, alpha: float) -> dict[str, Any]:
        """Name the versions after the first of `ids` that keep the sign at p < alpha, and count those asked.

        A list of which fewer than five genes are left is asked, and does not keep it.
        """
        data, others = self.data, [id for id in ids[1:] if id in self.data.scores[self.data.method]]
        if data.stroma is None or plan.model is None or not others:
            return {"n_others": 0, "others_hold": []}
        try:
            table = self._scores(plan.stratum)
        except (DesignError, InputError):  # a result was given that these samples alone would not give
            return {"n_others": 0, "others_hold": []}
        values = table.reindex(columns=others).to_numpy(dtype=np.float64)
        found, p = fitted(plan, values)
        holds = (np.sign(found) == np.sign(estimate)) & (p < alpha)
        names = [id for id, held in zip(others, holds, strict=True) if held]
        return {"n_others": len(others), "others_hold": names}

    def _scores(self, stratum: str) -> pd.DataFrame:
        from marrowsig.sig import SignatureSet

        if stratum not in self.tables:
            versions = {id for ids in self.data.ids.values() for id in ids[1:]}
            sigs = SignatureSet([sig for sig in self.data.signatures if sig.id in versions])
            self.tables[stratum] = self.scored(self.names(stratum), sigs, self.data.method)
        return self.tables[stratum]

    def names(self, stratum: str, cite: str = FILTERED) -> list[str]:
        """Genes of a size to cite: all, or those that stroma could not move in a stratum."""
        found: Any = self.data.stroma
        names = self._study().linear.names
        if found is None or cite == AS_SCORED:
            return names
        gone = set(found.dropped.loc[found.dropped["stratum"] == stratum, "gene"])
        return [gene for gene in names if gene not in gone]

    def scored(self, genes: Collection[str], sigs: SignatureSet, method: str) -> pd.DataFrame:
        """Scores of all samples on these genes; NaN where fewer than five of a signature are left."""
        from marrowsig.qc._stroma_rows import LEAST_KEPT, Task

        kept = set(genes)
        keep = np.array([gene in kept for gene in self._study().linear.names])
        least = np.full(len(sigs), LEAST_KEPT)
        task = Task(self._study(), sigs, methods_of(method)[0], None, {}, least, 0.05)
        return task.scores(task.scorer(sigs, keep, least))

    def _study(self) -> Study:
        from marrowsig.qc._stroma_study import study

        if self.read is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", InputWarning)  # told by the check of carry-over
                self.read = study(self.data.blasts, self.design, stroma=None, layer=None, scale=None)
        return self.read

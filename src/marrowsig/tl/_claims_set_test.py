"""What the genes of the signature that answers say by themselves, beside its score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError
from marrowsig._sets import index_sets
from marrowsig._stats.signature_test import MIN_GENES
from marrowsig.tl import _set_tests as tests
from marrowsig.tl._expression import read
from marrowsig.tl._gene_models import Models
from marrowsig.tl._set_members import Members
from marrowsig.tl._set_table import UNITS

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._plan import Plan
    from marrowsig.sig import SignatureSet

    Row = dict[str, Any]

LEAST = 3  # genes, as in ms.tl.gene_sets


class SetTest:
    """The signature test of `ms.tl.gene_sets` with what it tests, and the mean log2 change of the genes."""

    def __init__(self, adata: AnnData, sigs: SignatureSet) -> None:
        self.models: Models | None = None
        self._known: dict[tuple[str, str], dict[str, tuple[float, str, float, float]]] = {}
        try:
            data = read(adata, None, "auto")
        except InputError:
            return  # neither counts nor log expression: scores of ranks can be had of these all the same
        self.sets, _ = index_sets(sigs, data.names)
        self.models = Models(data)

    def of(self, plan: Plan, signature: str, alpha: float) -> Row:
        """Give the mean change that is tested, its p, and the mean log2 change; NaN where not tested."""
        key = (plan.contrast.name, plan.stratum)
        if key not in self._known:
            self._known[key] = self._tested(plan, alpha)
        estimate, unit, p, change = self._known[key].get(signature, (np.nan, "", np.nan, np.nan))
        return {"genes_estimate": estimate, "genes_unit": unit, "genes_p": p, "genes_log2_change": change}

    def _tested(self, plan: Plan, alpha: float) -> dict[str, tuple[float, str, float, float]]:
        if self.models is None or plan.model is None:
            return {}
        try:
            model = self.models.of(plan)
            members = Members(self.sets, model)
            members.keep(members.size >= LEAST)
            found = tests.changed(model, plan, members, alpha)
        except (InputError, ValueError):
            return {}
        every = model.c(plan) @ np.linalg.pinv(model.X) @ model.log
        means = [
            float((w * every[at]).sum() / np.abs(w).sum()) if len(at) else np.nan
            for at, w in zip(members.columns, members.weights, strict=True)
        ]
        numbers = zip(map(float, found["estimate"]), map(float, found["p"]), means, strict=True)
        unit = UNITS["log2 units" if model.log.shape[1] < MIN_GENES else "variance trend"]
        rows = [(estimate, unit if p == p else "", p, mean) for estimate, p, mean in numbers]
        return dict(zip(self.sets.names, rows, strict=True))

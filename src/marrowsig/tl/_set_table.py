"""Rows of `ms.tl.gene_sets`: one contrast and stratum, all signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._stats.fdr import bh_apart
from marrowsig._stats.signature_test import MIN_GENES
from marrowsig.tl import _set_tests as tests
from marrowsig.tl._families import is_control
from marrowsig.tl._own_contrasts import of_rows
from marrowsig.tl._prerank import NOTE
from marrowsig.tl._set_members import Members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from marrowsig._kernels.sets import Sets
    from marrowsig._plan import Plan
    from marrowsig.tl._gene_model import GeneModel

COLUMNS = (
    "signature", "axis", "contrast", "stratum", "n_test", "n_base", "n_pairs", "n_listed", "n_found",
    "n_genes", "direction", "estimate", "unit", "ci_low", "ci_high", "se", "df", "stat", "p", "p_adj",
    "scale", "roast_p", "roast_p_adj", "camera_direction", "camera_stat", "camera_p", "camera_p_adj",
    "camera_correlation",
)  # fmt: skip
PRERANK = ("prerank_nes", "prerank_p", "prerank_p_adj", "prerank_note")
PS = ("p", "roast_p", "camera_p", "prerank_p")
WORDS = ("scale", "unit", "direction", "camera_direction", "test")
UNITS = {"variance trend": "SD of genes of such expression, not log2", "log2 units": "log2", "": ""}
"""What one unit of `estimate` is, by `scale`."""
FEW = "fewer than min_genes="


@dataclass(frozen=True)
class Asked:
    """Signatures on the genes of the study, and the options of the tests."""

    sets: Sets
    axes: list[str]
    enough: NDArray[np.bool_]
    """(n_sets,): share of genes measured at least `min_coverage`."""
    lacking: Mapping[str, str]
    """By id, what a signature declares to need and the data do not give."""
    min_coverage: float
    min_genes: int
    n_rotations: int
    seed: int
    prerank: bool
    alpha: float

    @property
    def columns(self) -> list[str]:
        """Columns of the result."""
        return [*COLUMNS, *(PRERANK if self.prerank else ()), "test"]


def table(
    plan: Plan, model: GeneModel | None, asked: Asked, step: Callable[[], object] = int
) -> pd.DataFrame:
    """NaN, with the reason in `test`, where there is no answer; `step` is called after each signature."""
    sets = asked.sets
    out = pd.DataFrame({"signature": list(sets.names), "axis": asked.axes})
    out[[name for name in asked.columns if name not in out]] = np.nan
    out["contrast"], out["stratum"] = plan.contrast.name, plan.stratum
    out["n_test"], out["n_base"] = plan.n(test=True), plan.n(test=False)
    out["n_pairs"] = plan.n_pairs
    out["n_listed"], out["n_found"], out["n_genes"] = sets.listed, sets.found, 0
    for name in WORDS:
        out[name] = ""
    if asked.prerank:
        out["prerank_note"] = NOTE
    if model is None or plan.model is None:
        out["test"] = f"not estimable: {plan.reason}"
        return out
    members = Members(sets, model)
    out["n_genes"] = members.size
    tested = asked.enough & (members.size >= asked.min_genes)
    members.keep(tested)
    words = f"t test of the signature's mean change on {_values(model)}; {plan.model.words}{of_rows(plan)}"
    out["test"] = [words if tested[s] else _why(asked, s, members.size[s]) for s in range(len(sets))]
    if tested.any():
        _fill(out, plan, model, members, asked, step)
        unit = "log2 units" if model.log.shape[1] < MIN_GENES else "variance trend"
        out["scale"] = np.where(tested, unit, "")
        out["unit"] = out["scale"].map(UNITS)
    return out


def too_few(found: pd.DataFrame) -> list[str]:
    """One line per signature that lost its genes to the filter, with the contrasts."""
    lost = found[found["test"].str.contains(FEW, regex=False)]
    return [
        f"{signature}: {rows['n_genes'].min()} of {rows['n_found'].iloc[0]} genes have enough counts and "
        f"vary, too few to be tested -> NaN in {first(dict.fromkeys(rows['contrast']))}"
        for signature, rows in lost.groupby("signature", sort=False)
    ]


def _values(model: GeneModel) -> str:
    if np.isnan(model.fold):
        return "log expression"
    counts = "log2 CPM (filterByExpr, TMM)"
    return counts if model.weights is None else f"{counts}, roast and camera with voom weights"


def _why(asked: Asked, s: int, left: int) -> str:
    if asked.enough[s]:
        return f"not tested: {left} of its genes left, {FEW}{asked.min_genes}"
    if asked.sets.names[s] in asked.lacking:
        return f"not tested: {asked.lacking[asked.sets.names[s]]}"
    share = f"{asked.sets.found[s]} of {asked.sets.listed[s]} genes measured"
    return f"not tested: {share}, below min_coverage={asked.min_coverage:g}"


def _fill(
    out: pd.DataFrame,
    plan: Plan,
    model: GeneModel,
    members: Members,
    asked: Asked,
    step: Callable[[], object],
) -> None:
    try:
        numbers = tests.changed(model, plan, members, asked.alpha)
        turned = tests.Turned(model, plan)
        numbers["roast_p"] = tests.rotated(
            turned, members, n_rotations=asked.n_rotations, seed=asked.seed, step=step
        )
        numbers |= tests.competed(turned, members)
        if asked.prerank:
            numbers["prerank_nes"], numbers["prerank_p"] = tests.preranked(
                model, plan, members, seed=asked.seed
            )
    except ValueError as error:
        msg = f"The signatures cannot be tested for {plan.contrast.name}: {error}."
        raise InputError(msg) from error
    aside = is_control(out["signature"])
    numbers |= {f"{name}_adj": bh_apart(numbers[name], aside) for name in PS if name in numbers}
    for name, values in numbers.items():
        out[name] = values
    for name, of in (("direction", "estimate"), ("camera_direction", "camera_stat")):
        sign = np.sign(np.nan_to_num(numbers[of])).astype(int)
        out[name] = np.array(["", "up", "down"])[sign]

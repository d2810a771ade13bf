"""Claims about sums of cells, asked again with the same shares of cell types in all sums."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from marrowsig import _cell_types
from marrowsig._carry_over import AS_SCORED, FILTERED, on_kept_genes
from marrowsig._cell_types import ASKED, SAME
from marrowsig._check_words import CANNOT, may_be, not_explained
from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig.tl._claims_kept import Kept
from marrowsig.tl._claims_matured import Matured
from marrowsig.tl._composition import change_of_shares
from marrowsig.tl._estimates import estimates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.tl._claims_data import Data

    Row = Mapping[str, Any]

HALF = 0.5
"""A size at the same shares below this part of that to cite has mostly gone."""
NAMED = 3
EACH = 5
"""Draws to one depth of each draw at the same shares: of three, seeds differ twice as much."""
WHAT = "shares of cell types"
STANDS, MAY_BE = not_explained(WHAT), may_be(WHAT)


class Same(NamedTuple):
    """One size at the same shares, what is said of maturation there, and which shares differ how much.

    It is of the mean over so many draws, 0 where nothing is drawn (estimated counts).
    """

    estimate: float
    low: float
    high: float
    p: float
    maturation: str
    moved: str
    alpha: float
    draws: int = 1

    def numbers(self, row: Row) -> dict[str, Any]:
        """Judge the size that is cited, and give the columns of the table."""
        cited = float(row["filtered_estimate" if on_kept_genes(row) else "estimate"])
        stands = self.p < self.alpha and self.estimate * cited > 0
        gone = not stands and self.estimate / cited < HALF if np.isfinite(cited) and cited else False
        return {
            "cell_types": STANDS if stands else MAY_BE if gone else CANNOT,
            "types_moved": self.moved,
            "same_shares_estimate": self.estimate,
            "same_shares_ci_low": self.low,
            "same_shares_ci_high": self.high,
            "same_shares_draws": self.draws,
        }


class SameShares:
    """Both sizes of every contrast whose arms differ in shares of types, worked out when asked for."""

    def __init__(self, data: Data, design: Design, alpha: float) -> None:
        self.data, self.design, self.alpha = data, design, alpha
        self.shares = _cell_types.kept(data.blasts)
        self.kept: Kept | None = None
        self.ripe: Matured | None = None
        self.tables: dict[tuple[str, str], Any] = {}
        self.draws = 0

    def of(self, plan: Plan, signature: str) -> dict[str, Same]:
        """Give the size as scored and that on kept genes; nothing where no share differs by three points."""
        if self.shares is None or not (moved := self._moved(plan)):
            return {}
        found = {}
        for cite in (AS_SCORED, FILTERED):
            numbers = self._numbers(plan, signature, cite)
            ripe = self.ripe.of(numbers[1], signature, cite) if self.ripe and numbers[1] else ""
            found[cite] = Same(*numbers[0], ripe, moved, self.alpha, self.draws)
        return found

    def _moved(self, plan: Plan) -> str:
        _, types, shares = self.shares or ("", [], np.empty((0, 0)))
        change = change_of_shares(plan, shares)
        if not np.abs(change).max(initial=0.0) >= ASKED:
            return ""
        most = [k for k in np.argsort(-np.abs(change), kind="stable")[:NAMED] if abs(change[k]) >= ASKED / 2]
        return ", ".join(f"{types[k]} {100 * change[k]:+.0f}".replace("-", "\N{MINUS SIGN}") for k in most)

    def _numbers(
        self, plan: Plan, signature: str, cite: str
    ) -> tuple[tuple[float, float, float, float], Plan | None]:
        nothing = (np.nan, np.nan, np.nan, np.nan), None
        kept = self._kept()
        if kept is None or (cite == FILTERED and self.data.stroma is None):
            return nothing
        asked = (plan.contrast.name, plan.stratum)
        own = [p for p in kept.data.plans if (p.contrast.name, p.stratum) == asked and p.model is not None]
        if not own:
            return nothing
        key = (plan.stratum, cite)
        if key not in self.tables:
            self.tables[key] = kept.scored(kept.names(plan.stratum, cite), self.data.main(), self.data.method)
        if signature not in self.tables[key]:
            return nothing
        row = estimates(own[0], self.tables[key][[signature]], self.alpha).iloc[0]
        value, low, high, p = (float(row[name]) for name in ("estimate", "ci_low", "ci_high", "p"))
        return (value, low, high, p), own[0]

    def _kept(self) -> Kept | None:
        """Take the sums with the same shares, with their plans; None where there are none."""
        if self.kept is not None or SAME not in self.data.blasts.layers:
            return self.kept
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # of arms and depth: told of the sums as they are
            try:
                same = _sums(self.data.blasts, self.design)
                plans = self.design.plans(same.obs)
            except (DesignError, InputError):
                return None
        self.draws = drawn(same)
        self.kept = Kept(replace(self.data, blasts=same, plans=plans), self.design)
        self.ripe = Matured(self.kept, self.alpha)
        return self.kept


def _sums(blasts: AnnData, design: Design) -> AnnData:
    """Take the layer and its further draws for samples that have it, at an even depth on the log scale."""
    import anndata as ad

    from marrowsig._provenance import record
    from marrowsig.pp import lognorm
    from marrowsig.pp._draws import DEPTH, further_draws
    from marrowsig.pp._same_shares import are_whole
    from marrowsig.pp.thin import thin_to
    from marrowsig.tl._even_depth import AUTO, DRAWS, even

    values = blasts.layers[SAME]
    there: NDArray[np.bool_] = np.asarray(values.sum(axis=1)).ravel() > 0
    x = values[there].copy()
    more = {name: one[there].copy() for name, one in further_draws(blasts, SAME).items()}
    obs = blasts.obs[there].drop(columns=DEPTH, errors="ignore")
    same = ad.AnnData(x, obs=obs, var=blasts.var[[]].copy(), layers={SAME: x.copy(), **more})
    whole = are_whole(x)
    record(same, "input", {"kind": "counts" if whole else "expected_counts"})
    even(same, design, depth=AUTO, seed=0, layer=SAME, draws=EACH * (1 + len(more)) if more else DRAWS)
    if whole and DEPTH not in same.obs:  # scores are means over the draws as they are
        depth = np.asarray(x.sum(axis=1, dtype=np.float64)).ravel().astype(np.int64)
        thin_to(same, x.copy(), depth, {"layer": SAME, "seed": 0, "draws": 1 + len(more)})
    lognorm(same)
    return same


def drawn(same: AnnData) -> int:
    """Count the draws at the same shares over which scores are means; 0 of estimated counts."""
    from marrowsig._provenance import recall
    from marrowsig.pp._draws import further_draws

    return 1 + len(further_draws(same, SAME)) if recall(same, "thin") else 0

"""The same contrasts as scored, without the genes that carry-over could move, and after subtraction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import SignatureError
from marrowsig._stats.fdr import bh_apart
from marrowsig._stats.mixing import PSEUDO, unmixed
from marrowsig._stats.ols import fit
from marrowsig.qc._stroma_covaried import covaried
from marrowsig.qc._stroma_lift import Lift
from marrowsig.qc._stroma_limit import share_limits
from marrowsig.qc._stroma_scores import Scorer
from marrowsig.sig import load
from marrowsig.tl._families import is_control
from marrowsig.tl._own_contrasts import contrast_fit
from marrowsig.tl._unpooled import unpooled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from marrowsig._plan import Plan
    from marrowsig.methods import Method
    from marrowsig.qc._stroma_filter import Filter
    from marrowsig.qc._stroma_shares import Found
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet

    Array = NDArray[np.float64]

LEAST_KEPT = 5
NUMBERS = ["estimate", "ci_low", "ci_high", "p"]
AS_SCORED, FILTERED, SUBTRACTED, BLAST = "as scored", "filtered", "subtracted", "emt.blast"
N_RESTS = 10


@dataclass(frozen=True)
class Task:
    """What is asked of every contrast: with which method, on which list of genes."""

    study: Study
    sigs: SignatureSet
    method: Method
    found: Found | None
    filters: dict[str, Filter]
    least: NDArray[np.int64]
    alpha: float

    def scorer(self, sigs: SignatureSet, keep: NDArray[np.bool_], least: NDArray[np.int64]) -> Scorer:
        """Score `sigs` on some genes."""
        return Scorer.of(self.method, sigs, self.study.linear.names, keep, least)

    def scores(self, scorer: Scorer, draws: list[Array] | None = None) -> pd.DataFrame:
        """Scores of all samples, means over the draws where they were thinned, as `ms.tl.score` has them."""
        place, n = self.study.frame["row"].to_numpy(), len(self.study.linear.matrix)
        frames = [scorer.frame(one, place, n) for one in (self.study.drawn if draws is None else draws)]
        return sum(frames[1:], start=frames[0]) / len(frames)


def rows(task: Task, *, tipping: bool) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Verdict numbers by contrast, stratum and signature; versions of each; scores on the genes left."""
    from marrowsig._progress import tqdm

    study = task.study
    every = task.scorer(task.sigs, np.ones(len(study.linear.names), dtype=bool), task.least)
    plain = task.scores(every)
    others = _others(task, every)
    bar = tqdm(total=len(study.plans), desc="carry-over", unit="contrast", delay=2, leave=False)
    wide, long, left = [], [], []
    for stratum in dict.fromkeys(plan.stratum for plan in study.plans):
        chosen = task.filters[stratum]
        least = np.minimum(LEAST_KEPT, np.maximum(every.found, 1))
        kept = task.scorer(task.sigs, ~chosen.dropped, np.where(every.enough, least, len(study.linear.names)))
        filtered = task.scores(kept)
        left.append(_named(task, filtered, stratum))
        lifts = _lifts(task, stratum, every, kept)
        for plan in (plan for plan in study.plans if plan.stratum == stratum):
            parts = {
                name: _estimates(plan, scores, task.alpha)
                for name, scores in {AS_SCORED: plain, FILTERED: filtered, **others}.items()
            }
            row = _wide(task, plan, parts, every, kept, filtered)
            row = _with_lifts(task, plan, row, lifts, chosen, tipping=tipping)
            wide.append(row.assign(covaried=covaried(plan, row, filtered, task.alpha)))
            long += [_long(plan, name, part, task.method.name) for name, part in parts.items()]
            bar.update()
    bar.close()
    return pd.concat(wide, ignore_index=True), pd.concat(long, ignore_index=True), pd.concat(left)


def _named(task: Task, scores: pd.DataFrame, stratum: str) -> pd.DataFrame:
    """Scores of the samples of a stratum, by their names."""
    own = task.study.frame[task.study.frame["stratum"] == stratum]
    return scores.iloc[own["row"].to_numpy()].set_index(own["name"].astype(str).to_numpy())


def _others(task: Task, every: Scorer) -> dict[str, pd.DataFrame]:
    """Versions for reading beside the test: after subtraction, and of genes that blasts can express."""
    study, out = task.study, {}
    if task.found is not None and study.reference is not None:
        share = np.minimum(task.found.table["share"].to_numpy(), 0.99)
        less = [unmixed(one, study.reference.profile, np.nan_to_num(share)) for one in study.drawn]
        out[SUBTRACTED] = task.scores(every, less)
        out[SUBTRACTED].iloc[study.frame["row"].to_numpy()[np.isnan(share)]] = np.nan
    if "emt" in {sig.axis for sig in task.sigs} and BLAST not in task.sigs:
        try:
            blast = load(BLAST)
        except SignatureError:
            return out
        scorer = task.scorer(blast, every.keep, np.array([LEAST_KEPT]))
        out[BLAST] = task.scores(scorer)
    return out


def _lifts(task: Task, stratum: str, every: Scorer, kept: Scorer) -> tuple[Lift, Lift] | None:
    """Give what carry-over does to both; nothing where there is no reference, or scores depend on others.

    What could still be done to the genes that are kept is worked out with as much more stroma as the markers
    scatter: a reference that fits them badly fits other genes as badly.
    """
    if task.study.reference is None or task.found is None or not task.method.per_obs:
        return None
    if np.isnan(task.found.upper[stratum]):
        return None
    profile = task.study.reference.profile
    high = task.study.reference.high * task.found.factor[stratum]
    return Lift(task.study, every, stratum, profile), Lift(task.study, kept, stratum, high)


def _estimates(plan: Plan, scores: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Numbers of one contrast, one row per signature; NaN where `ms.tl.compare` has none."""
    values = np.full((scores.shape[1], len(NUMBERS)), np.nan)
    if plan.model is not None:
        Y = scores.to_numpy()[plan.model.frame["row"].to_numpy()]
        ok = np.isfinite(Y).all(axis=0)
        if ok.any():
            result = contrast_fit(plan, Y[:, ok])
            values[ok] = np.column_stack([result.estimate, *result.interval(alpha), result.p])
    table = pd.DataFrame(values, columns=NUMBERS)
    table.insert(0, "signature", list(scores.columns))
    return table


def by_own(plan: Plan, scores: pd.DataFrame) -> Array:
    """Two-sided p by the spread of the contrast's own arms or pairs, as `p_welch` of `ms.tl.compare`."""
    p = np.full(scores.shape[1], np.nan)
    if plan.model is not None:
        Y = scores.to_numpy()[plan.model.frame["row"].to_numpy()]
        ok = np.isfinite(Y).all(axis=0)
        p[ok] = unpooled(plan, plan.model, Y[:, ok])[2]
    return p


def _wide(
    task: Task,
    plan: Plan,
    parts: dict[str, pd.DataFrame],
    every: Scorer,
    kept: Scorer,
    filtered: pd.DataFrame,
) -> pd.DataFrame:
    row = parts[AS_SCORED].copy()
    row.insert(1, "axis", [sig.axis for sig in task.sigs])
    row["method"], row["contrast"], row["stratum"] = task.method.name, plan.contrast.name, plan.stratum
    aside = is_control(row["signature"])
    row["p_bh"], row["n_genes"] = bh_apart(row["p"].to_numpy(), aside), every.found
    row["n_kept"] = kept.found
    for name in NUMBERS:
        row[f"filtered_{name}"] = parts[FILTERED][name]
    row["filtered_p_welch"] = by_own(plan, filtered)
    row["filtered_p_bh"] = bh_apart(row["filtered_p"].to_numpy(), aside)
    row["subtracted_estimate"] = parts[SUBTRACTED]["estimate"] if SUBTRACTED in parts else np.nan
    blast = parts[BLAST]["estimate"].iloc[0] if BLAST in parts else np.nan
    row["blast_estimate"] = np.where(row["axis"] == "emt", blast, np.nan)
    row["rests_on"] = _rests_on(task, plan, row, kept)
    return row


def _with_lifts(
    task: Task,
    plan: Plan,
    row: pd.DataFrame,
    lifts: tuple[Lift, Lift] | None,
    chosen: Filter,
    *,
    tipping: bool,
) -> pd.DataFrame:
    found = task.found
    row["share"], row["share_low"], row["share_up"] = np.nan, np.nan, np.nan
    row["filter_share"] = chosen.share
    for name in ("carried", "left", "tipping", "tipping_ratio", "tipping_from"):
        row[name] = np.nan
    grown_in = bool(set(task.study.arm_bases(plan.stratum)) & set(plan.contrast.weights))
    if not grown_in and task.method.per_obs:
        return _alone(row, tipping=tipping)
    if found is not None:
        row["share"], row["share_low"], row["share_up"] = share_limits(found, task.study, plan)
    if lifts is None or plan.model is None or found is None:
        return row
    both, kept = lifts
    sign = np.sign(row["estimate"].fillna(0).to_numpy())
    row["carried"] = both.expected(plan, found.table["share"].to_numpy())
    row["left"] = kept.at_most(plan, chosen.share if grown_in else 0.0, sign)
    if tipping:
        near = np.where(sign > 0, row["ci_low"], row["ci_high"])
        wanted = np.isfinite(near) & (near * sign > 0)  # of any family that p is adjusted over
        target, shares = np.where(wanted, near, 1.0), found.table["share"].to_numpy()
        row["tipping"], held = both.tipping(plan, target, wanted, shares, row["carried"].to_numpy())
        row["tipping_from"] = np.where(row["tipping"].notna(), held, np.nan)
        with np.errstate(divide="ignore"):
            row["tipping_ratio"] = row["tipping"] / row["share_up"]
    return row


def _alone(row: pd.DataFrame, *, tipping: bool) -> pd.DataFrame:
    """Numbers of a contrast none of whose arms was grown with stroma: its share is 0, known or not."""
    row[["share", "share_low", "share_up"]] = 0.0
    row.loc[row["estimate"].notna(), ["carried", "left"]] = 0.0
    if tipping:
        held = row["ci_low"] * row["ci_high"] > 0
        row.loc[held, ["tipping", "tipping_ratio", "tipping_from"]] = np.inf, np.inf, 0.0
    return row


def _rests_on(task: Task, plan: Plan, row: pd.DataFrame, kept: Scorer) -> list[str]:
    """Genes kept that move most in the direction of the filtered contrast."""
    if plan.model is None:
        return [""] * len(row)
    columns = np.flatnonzero(kept.keep)
    used, at = np.unique(kept.sets.idx, return_inverse=True)
    if not used.size:
        return [""] * len(row)
    at_rows = plan.model.frame["row"].to_numpy()
    logs = np.log2(task.study.linear.matrix[at_rows][:, columns[used]] + PSEUDO)
    moved = fit(logs, plan.model.X, plan.model.c(plan.contrast)).estimate[at] * np.sign(kept.sets.weight)
    sign = np.sign(row["filtered_estimate"].fillna(0).to_numpy())
    told = []
    for s, (a, b) in enumerate(zip(kept.sets.ptr, kept.sets.ptr[1:], strict=False)):
        size = moved[a:b] * sign[s]
        best = [i for i in np.argsort(-size, kind="stable")[:N_RESTS] if size[i] > 0]
        told.append(", ".join(kept.names[kept.sets.idx[a + i]] for i in best))
    return told


def _long(plan: Plan, name: str, part: pd.DataFrame, method: str) -> pd.DataFrame:
    return part.assign(contrast=plan.contrast.name, stratum=plan.stratum, method=method, version=name)

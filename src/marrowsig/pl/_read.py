"""What the figures take out of an AnnData: the scores of one method, arm by arm."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _arms, get
from marrowsig._arms import as_text
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import DesignError, InputError, InputWarning, first, near
from marrowsig._formula import FormulaDesign
from marrowsig._formula_plan import arms_in_order
from marrowsig._lines_of_formula import donor_term
from marrowsig._own_co import own_co
from marrowsig._provenance import in_order, recall
from marrowsig._replicates import require_replicates
from marrowsig._signature_ids import signature_ids
from marrowsig._stromal_level import stroma_in
from marrowsig.design import Design
from marrowsig.pl._levels import levels_of, ordered
from marrowsig.pl._strata_order import STRATA, named_of, places_of_strata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData
    from numpy.typing import NDArray

FACTORS = ("line", "culture", "inhibitor")


def one_method(adata: AnnData, method: str | None) -> str:
    """Return the method asked for, or singscore, or else the first by name that was scored."""
    if method is not None:
        return method
    return next(iter(in_order(recall(adata, "scores", {}))), "singscore")


def wide(adata: AnnData, method: str) -> pd.DataFrame:
    """Scores of one method, samples x signatures; raises InputError if there are none."""
    return get.as_adata(adata, method).to_df()


def chosen(frame: pd.DataFrame, signatures: Any, method: str) -> list[str]:
    """Columns of these ids, or of all signatures of these axes, in the order asked for; all for None."""
    known = [str(name) for name in frame.columns]
    if signatures is None:
        return known
    asked = signature_ids(signatures)
    if not asked:
        msg = "No signature was asked for. Name one that was scored."
        raise InputError(msg)
    found = {name: [c for c in known if name in (c, c.split(".")[0])] for name in asked}
    lacking = [name for name, hits in found.items() if not hits]
    if lacking:
        msg = (
            f"Not scored with {method!r}: {first(lacking)}.{near(lacking[0], known)} "
            f"Scored: {first(known, 10)}. Others are scored by ms.tl.score(adata, ...)."
        )
        raise InputError(msg)
    return list(dict.fromkeys(name for hits in found.values() for name in hits))


def of_signature(adata: AnnData, signature: str, method: str) -> pd.Series:
    """Score of one signature per sample."""
    frame = wide(adata, method)
    if signature not in frame:
        msg = (
            f"{signature!r} was not scored with {method!r}. Scored: {first(frame.columns)}. "
            f"Run ms.tl.score(adata, {signature!r}, method={method!r})."
        )
        raise InputError(msg)
    return frame[signature]


def labels(
    obs: pd.DataFrame,
    design: Design,
    *,
    lineless: bool = False,
    part: bool = False,
    only: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Label every row of `obs`: line, culture, inhibitor, stratum, and arm (None outside the design).

    With `lineless`, stroma that belongs to no line has an arm too, without a line. A `part` of a study may
    lack levels of the design. Of the rows that are not in `only` none has an arm.

    Compartments and time points are never pooled: where there are several, they are part of the arm. `place`
    tells where the arm stands for reading: kinds of cells as the categories of their column stand, times and
    levels of a formula in their order, parental before
    resistant, mono before co, vehicle first.
    """
    frame = pd.DataFrame(index=obs.index)
    for name in (*FACTORS, *STRATA):
        column = getattr(design, name, None)
        frame[name] = as_text(obs[column]).to_numpy() if column else ""
    arms = _arms.read(design, obs, part=True).arm_series(obs.index) if part else design.arms(obs)
    arm = arms.to_numpy(dtype=object, copy=True)
    inside = pd.notna(arm)
    if lineless and not isinstance(design, FormulaDesign):
        own = of_no_line(frame, obs, design) & ~inside
        arm[own], inside = frame.loc[own, "culture"], inside | own
        frame.loc[own, ["line", "inhibitor"]] = ["", design.vehicle if design.inhibitor else ""]
    inside = inside if only is None else inside & only
    if not inside.any():
        msg = "No sample belongs to an arm of this design. Run design.check(adata.obs) to see why."
        raise DesignError(msg)
    several = [name for name in STRATA if len(set(frame.loc[inside, name])) > 1]
    frame["stratum"] = [", ".join(map(str, row)) for row in frame[several].to_numpy()] if several else ""
    prefix = frame["stratum"] + " | " if several else pd.Series("", index=obs.index)
    frame["arm"] = [f"{p}{a}" if known else None for p, a, known in zip(prefix, arm, inside, strict=True)]
    order = _in_order(frame, obs, design)
    frame["place"] = frame["arm"].map({name: i for i, name in enumerate(order)})
    return frame


def of_no_line(frame: pd.DataFrame, obs: pd.DataFrame, design: Design) -> NDArray[Any]:
    """Which rows of `labels` are untreated stroma, alone or in co-culture, that is listed with neither line.

    Stroma is a compartment that is called so, or of which no sample of either line was grown alone, and
    some in co-culture. It may have a word of its own for the co-culture.
    """
    if isinstance(design, FormulaDesign) or not (design.compartment and design.culture):
        return np.zeros(len(frame), dtype=bool)
    own = own_co(design, obs)
    lines = frame["line"].isin([design.parental, design.resistant] if design.line else [])
    mono, co = (frame["culture"].eq(level) for level in (design.mono, design.co))
    partners = set(frame.loc[lines & co, "compartment"]) - set(frame.loc[lines & mono, "compartment"])
    named = frame["compartment"].map(lambda level: bool(level) and stroma_in(f"compartment={level}") != "")
    stroma = named | frame["compartment"].isin(partners - {""})
    grown = mono | co | frame["culture"].eq(frame["compartment"].map(own))
    plain = frame["inhibitor"].isna() | frame["inhibitor"].isin(["", design.vehicle])
    return np.asarray(stroma & grown & ~lines & plain, dtype=bool)


def stratum_of(obs: pd.DataFrame, design: Design) -> NDArray[Any]:
    """Name the stratum of every row as `ms.tl.compare` does: "compartment=MSC; time=24"."""
    columns = {field: getattr(design, field, None) for field in STRATA}
    told = [[f"{f}={level}" for level in as_text(obs[c])] for f, c in columns.items() if c]
    return np.array(
        ["; ".join(parts) for parts in zip(*told, strict=True)] if told else [""] * len(obs), dtype=object
    )


def by_unit(
    adata: AnnData,
    signature: str,
    *,
    design: Design,
    method: str,
    lineless: bool = False,
    part: bool = False,
    only: NDArray[np.bool_] | None = None,
    values: pd.Series | None = None,
) -> pd.DataFrame:
    """Average the rows of one independent unit in one arm; `lineless`, `part` and `only` as in `labels`.

    `values` are other scores of the signature, by the names of the samples.

    Columns: arm, place, line, culture, inhibitor, stratum, series (what a line joins), unit, score, unpaired.
    Rows outside the design and rows without a score are left out. What `ms.tl.compare` would not take for
    replicates has no interval to draw, and is refused here too.
    """
    obs = adata.obs
    with naming_counts(adata):
        _require_units(obs, design, part=part)
    score = of_signature(adata, signature, method) if values is None else values
    frame = labels(obs, design, lineless=lineless, part=part, only=only).assign(score=score.to_numpy())
    keys = [column for column in (design.pair, design.unit) if column]
    units = ["|".join(map(str, row)) for row in obs[keys].itertuples(index=False)]
    frame["unit"] = units if keys else list(adata.obs_names)
    series = donor_term(design) if isinstance(design, FormulaDesign) else design.pair
    frame["series"] = obs[series].astype(str).to_numpy() if series else frame["unit"].to_numpy()
    frame = frame.dropna(subset=["arm", "score"])
    if frame.empty:
        msg = f"No sample of the design has a {method} score of {signature!r}: see ms.get.coverage(adata)."
        raise InputError(msg)
    groups = ["arm", "place", *FACTORS, "stratum", "series", "unit"]
    means = frame.groupby(groups, sort=False, observed=True)["score"].mean().reset_index()
    alone = False if isinstance(design, FormulaDesign) else _unpaired(means, design)
    return means.assign(unpaired=alone)


def joined(design: Design) -> list[str]:
    """Columns of `by_unit` that the model takes together: a pair, or a unit that recurs, within its line.

    Where lines are the only arms, pairs span them. Of a formula, the donors that it has a term for, in all
    their arms: the term is one for all of these.
    """
    if isinstance(design, FormulaDesign):
        return ["stratum", "series"] if donor_term(design) else []
    if not (design.pair or design.unit):
        return []
    return ["stratum", "line", "series"] if design.culture else ["stratum", "series"]


def _unpaired(means: pd.DataFrame, design: Design) -> pd.Series:
    """Units in one arm only, which the model leaves out, unless no unit at all has a partner."""
    keys = joined(design)
    if not keys:
        return pd.Series(data=False, index=means.index)
    single = means.groupby(keys)["arm"].transform("nunique").eq(1)
    if design.line and design.culture:
        alone = means["line"].eq("")  # the stroma of either line has a partner in stroma of no line
        known = pd.MultiIndex.from_frame(means.loc[alone, ["stratum", "series"]])
        single &= ~alone & ~pd.MultiIndex.from_frame(means[["stratum", "series"]]).isin(known)
    return single & ~single.groupby(means["stratum"]).transform("all")


def _require_units(obs: pd.DataFrame, design: Design, *, part: bool) -> None:
    """Raise if what is left after rows are averaged are cells, or samples of one donor."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # compare gives them
        if isinstance(design, FormulaDesign) and design.unit is None:
            design.plans(obs)
        elif isinstance(design, Design):
            found = _arms.read(design, obs, part=part)
            fields = [field for field in ("pair", "unit") if field in found.frame]
            keys = ["stratum", "arm", *fields[-1:]]
            own = found.frame.drop_duplicates(keys).reset_index(drop=True) if fields else found.frame
            require_replicates(design, obs, replace(found, frame=own))


def arm_order(frame: pd.DataFrame, order: Sequence[str] | None = None) -> list[str]:
    """Return the arms of `labels` in the order for reading, or by their levels in the order given."""
    rank = frame.dropna(subset=["arm"]).drop_duplicates("arm").sort_values("place")
    if order is None:
        return [str(arm) for arm in rank["arm"]]
    arms = []
    for own in rank.to_dict("records"):
        levels, n = levels_of(own), len([part for part in str(own["stratum"]).split(", ") if part])
        arms.append((levels[:n], levels[n:], str(own["arm"])))
    strata, others = (list(dict.fromkeys(level for arm in arms for level in arm[k])) for k in (0, 1))
    ordered([*strata, *others], order)  # refuses what is no level
    of_strata = ordered(strata, named_of(order, strata, others))
    of_others = ordered(others, [level for level in order if level in others])
    arms.sort(key=lambda arm: ([*map(of_strata.index, arm[0])], [*map(of_others.index, arm[1])]))
    return [arm for *_, arm in arms]


def _in_order(frame: pd.DataFrame, obs: pd.DataFrame, design: Design) -> list[str]:
    if isinstance(design, FormulaDesign):
        return arms_in_order(design, obs)
    rank = frame.dropna(subset=["arm"]).drop_duplicates("arm").copy()
    for name, base in zip(FACTORS, ("parental", "mono", "vehicle"), strict=True):
        rank[name] = ~rank[name].isin([getattr(design, base), ""]) if getattr(design, name) else False
    places = places_of_strata(obs, design)
    places["arm"] = _arms.order(rank["arm"])
    for name, levels in places.items():
        rank[f"{name} at"] = rank[name].map({level: i for i, level in enumerate(levels)})
    at = [f"{name} at" for name in places]
    return [str(arm) for arm in rank.sort_values([*at[:-1], *FACTORS, at[-1]])["arm"]]

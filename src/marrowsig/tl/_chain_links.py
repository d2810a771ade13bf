"""The two links of a chain: correlations of what the design's model leaves of the scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._covariates import standardised
from marrowsig._errors import InputError, first
from marrowsig._stats.holm import holm
from marrowsig._stats.ols import residual_df
from marrowsig._stats.partial import partial
from marrowsig._stats.partial_parts import partial_in_parts, parts
from marrowsig._stats.partial_power import detectable_r
from marrowsig.tl._chain_steps import APART, USES, WORDS
from marrowsig.tl._chain_words import link_verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._full_model import Full
    from marrowsig._stats.partial import Correlation
    from marrowsig._stats.partial_parts import MeanCorrelation

    Array = NDArray[np.float64]

AS_IS = "nothing"
SHARE, CYCLE = "stromal share", "cell cycle"
BOTH = "both links"
APART_OVER = "apart over sums and differences of the lines"
LEAST = 2
"""Degrees of freedom that a correlation needs; with one there is no interval."""

LINKS = (
    (("il6", "stat3"), ("il6", APART), ""),
    (("stat3", "emt"), ("stat3", "emt", "il6"), WORDS["il6"]),
)
"""The two steps, the two scores followed by what is taken out of both, and that in words."""
COLUMNS = (
    "stratum", "link", "adjusted_for", "given", "n", "n_pairs", "n_units", "df", "r", "r_low", "r_high",
    "stat", "p", "p_adj", "detectable", "unit", "verdict", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Adjuster:
    """A number per sample to take out of both scores; `note` says why there is none."""

    name: str
    numbers: Array | None
    note: str = ""


def links(
    full: list[Full],
    scores: pd.DataFrame,
    adjusters: list[Adjuster],
    alpha: float,
    *,
    ordered: bool = True,
) -> pd.DataFrame:
    """Two links and their joint row per stratum: as they are, beyond each adjuster, and beyond all.

    Those that are `ordered` are named by an arrow, others by "and".
    """
    sets = [(AS_IS, []), *((one.name, [one]) for one in adjusters)]
    if len(adjusters) > 1 and all(one.numbers is not None for one in adjusters):
        sets.append((" and ".join(one.name for one in adjusters), adjusters))
    sign = "->" if ordered else "and"
    rows = [row for one in full for name, more in sets for row in _rows(one, scores, name, more, alpha, sign)]
    table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in ("p_adj", "verdict")])
    table["p_adj"] = np.nan
    for at in table.groupby(["adjusted_for", table["link"] == BOTH], sort=False).groups.values():
        table.loc[at, "p_adj"] = holm(table.loc[at, "p"].to_numpy())
    signs = table["r"].where(table["link"] != BOTH)
    lowest = signs.groupby([table["stratum"], table["adjusted_for"]]).transform("min")
    table["verdict"] = [
        link_verdict(p, low if link == BOTH else r, alpha)
        for p, r, low, link in zip(table["p_adj"], table["r"], lowest, table["link"], strict=True)
    ]
    return table[list(COLUMNS)]


def _rows(
    one: Full, scores: pd.DataFrame, name: str, more: list[Adjuster], alpha: float, sign: str
) -> list[dict[str, Any]]:
    base = {"stratum": one.stratum, "adjusted_for": name, "n": one.n, "n_pairs": _pairs(one)}
    base |= {"unit": one.unit, "n_units": _units(one)}
    X, reason = _model(one, more)
    made = []
    for (start, end), which, given in LINKS:
        row = base | {"link": f"{WORDS[start]} {sign} {WORDS[end]}", "given": given}
        made.append(row | _numbers(one, X, reason, scores, which, alpha))
    p, df = (np.array([row[name] for row in made], dtype=np.float64) for name in ("p", "df"))
    note = "; ".join(dict.fromkeys(str(row["note"]) for row in made if row["note"]))
    joint = {"link": BOTH, "given": "", "p": p.max(), "df": df.min(), "note": note}
    nothing = dict.fromkeys(("r", "r_low", "r_high", "stat", "detectable"), np.nan)
    return [*made, base | nothing | joint]


def _pairs(one: Full) -> int:
    """Count the pairs within which rows are compared; 0 where rows stand by themselves."""
    return int(one.model.frame[one.model.block].nunique()) if one.model and one.model.block else 0


def _units(one: Full) -> int:
    """Count the levels of the column that pairs, of which one may hold a pair in each line."""
    if not _pairs(one) or one.model is None:
        return 0
    frame = one.model.frame
    return int(frame[_unit_field(frame)].nunique())


def _unit_field(frame: pd.DataFrame) -> str:
    """Of unit and pair, the one with fewer levels: the donor, where the other names its cultures."""
    return min((field for field in ("unit", "pair") if field in frame), key=lambda f: frame[f].nunique())


def _shared(one: Full) -> NDArray[np.str_] | None:
    """Label rows by unit and arm whatever the line, where two rows of blocks of their own have one label."""
    if not 0 < _units(one) < _pairs(one) or one.model is None:
        return None
    frame = one.model.frame
    named = [_unit_field(frame), *(field for field in ("culture", "inhibitor") if field in frame)]
    label = frame[named].astype(str).agg(" | ".join, axis=1)
    return label.to_numpy(dtype=str) if label.duplicated().any() else None


def _model(one: Full, more: list[Adjuster]) -> tuple[Array | None, str]:
    """Return the model's matrix with the adjusters beside it, or why there is none."""
    if one.model is None:
        return None, one.reason
    X, at = one.model.X, one.model.frame["row"].to_numpy()
    for adjuster in more:
        if adjuster.numbers is None:
            return None, adjuster.note
        z = adjuster.numbers[at]
        unknown = one.model.frame["name"].to_numpy()[~np.isfinite(z)]
        if len(unknown):
            return None, f"{adjuster.name} not known in {len(unknown)} of {len(z)} samples ({first(unknown)})"
        wider = np.hstack([X, standardised(pd.Series(z))])
        if residual_df(wider) == residual_df(X):
            return None, f"{adjuster.name} does not vary within the arms"
        X = wider
    return X, ""


def _numbers(
    one: Full,
    X: Array | None,
    reason: str,
    scores: pd.DataFrame,
    steps: tuple[str, ...],
    alpha: float,
) -> dict[str, Any]:
    empty = dict.fromkeys(("df", "r", "r_low", "r_high", "stat", "p", "detectable"), np.nan)
    if X is None or one.model is None:
        return empty | {"note": reason}
    Y = scores[list(steps)].to_numpy(dtype=np.float64)[one.model.frame["row"].to_numpy()]
    lost = [s for s, fine in zip(steps, np.isfinite(Y).all(axis=0), strict=True) if not fine]
    if lost:
        return empty | {
            "note": f"no score of {first(WORDS[USES[s][0]] for s in lost)} in some or all samples"
        }
    columns = [Y[:, [j]] for j in range(len(steps))]
    cell = _shared(one)
    found: Correlation | MeanCorrelation
    if cell is not None:
        fixed = one.model.X.shape[1] - len(one.model.covariates)
        numbers = X[:, fixed:] if X.shape[1] > fixed else None
        bases = parts(X[:, :fixed], cell)
        found = partial_in_parts(columns[0], columns[1], bases, columns[2:], numbers)
        df = found.df
    else:
        df = residual_df(X) - 1 - (len(steps) - 2)
    if df < LEAST:
        rank = len(X) - residual_df(X)
        left = f"{max(df, 0)} degrees of freedom" if df != 1 else "one degree of freedom"
        apart = f" {APART_OVER}" if cell is not None else ""
        needed = f"{left} for a correlation{apart}; {LEAST} are needed"
        note = f"{len(X)} samples for {rank} parameters leave {needed}"
        return empty | {"df": float(df), "note": note}
    if cell is None:
        found = partial(columns[0], columns[1], X, columns[2:])
    low, high = found.interval(alpha)
    note = "" if np.isfinite(found.r[0]) else "a score does not vary within the arms beyond the others"
    return {
        "df": float(df),
        "r": found.r[0],
        "r_low": low[0],
        "r_high": high[0],
        "stat": found.stat[0],
        "p": found.p[0],
        "detectable": detectable_r(df, alpha=alpha),
        "note": note,
    }


def share_of(adata: AnnData, stroma: object, recorded: Mapping[str, object]) -> Adjuster | None:
    """Stromal share per sample: of what was given, else of what `ms.qc.stroma` wrote; None without."""
    given = recorded.get("shares") if stroma is None else getattr(stroma, "shares", stroma)
    if given is None:
        return None
    if isinstance(given, pd.DataFrame) and {"sample", "share"} <= set(given.columns):
        given = given.set_index("sample")["share"]
    if not isinstance(given, pd.Series):
        msg = (
            f"stroma is a {type(stroma).__name__}; give what ms.qc.stroma returned, a table with the columns "
            "sample and share, or a Series of shares by sample."
        )
        raise InputError(msg)
    if given.index.has_duplicates:
        msg = f"stroma has several shares for {first(given.index[given.index.duplicated()].unique())}."
        raise InputError(msg)
    values = given.reindex(adata.obs_names).to_numpy(dtype=np.float64)
    if not np.isfinite(values).any():
        if stroma is None:
            return None
        seen, wanted = first(given.index), first(adata.obs_names)
        msg = f"stroma names none of the samples: it has {seen}, obs has {wanted}."
        raise InputError(msg)
    return Adjuster(SHARE, values)


def cycle_of(adata: AnnData, layer: str | None, genes: frozenset[str]) -> Adjuster:
    """Score of the cell cycle without the genes of any step."""
    from marrowsig import _confounders

    every = frozenset().union(*_confounders.parts("cycle").values())
    score = _confounders.scores(adata, layer, "cycle", [genes & every])[genes & every]["cycle"]
    if score.isna().any():
        lacking = _confounders.lacking(adata, "cycle") or "those of the steps taken out"
        return Adjuster(CYCLE, None, f"too few genes of the cell cycle are measured ({lacking})")
    return Adjuster(CYCLE, score.to_numpy(dtype=np.float64))

"""The plot of samples that a reader chooses: what it draws from, and what it says beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from marrowsig._as_claimed import KEYS, as_claimed
from marrowsig._contrast_kinds import is_secondary
from marrowsig._contrasts import named_in_words
from marrowsig._provenance import in_order, recall
from marrowsig._report import address, words
from marrowsig._report.answer import otherwise
from marrowsig._report.elements import Explorer, Section, Words
from marrowsig._report.look import levels_in, look_of
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anndata import AnnData

    from marrowsig._report.elements import Given, Part

GENES = "log2"
"""What `ms.tl.claims` calls the method of single genes."""
MOST = 2000
"""Samples beyond which a page of points is no help, and heavy."""
HOW = (
    "Choose a signature and a method. Every point is a sample, lines join what was grown from one culture or "
    "donor, bars are means of an arm. A sample without a partner, where others have one, is open, and no "
    "part of bar and n. Point at a sample, tap it, or reach it by the arrow keys to read it. "
    "The list beside it is what the comparison says of the same scores; each line goes to its row."
)


def section(given: Given) -> Section | None:
    """Hold the scores of every sample, the arms, and the claims on every signature."""
    data = data_of(given)
    if data is None:
        return None
    parts: list[Part] = [Words(HOW, soft=True), Explorer(data)]
    return Section(address.EXPLORE, "Every sample", parts, scripted=True)


def data_of(given: Given) -> dict[str, Any] | None:
    """Return samples, arms, scores and claims as plain lists; None where there is nothing to draw."""
    frame = arms_of(given)
    inside = frame["arm"].notna().to_numpy()
    if not 0 < inside.sum() <= MOST:
        return None
    from marrowsig.pl._levels import asked
    from marrowsig.pl._read import arm_order

    frame = frame[inside]
    look = look_of(given).of(levels_in(given.adata.obs, given.design))
    order = arm_order(frame, asked(look["order"], given.design))
    series = {key: i for i, key in enumerate(dict.fromkeys(frame["series"].dropna()))}
    scores = {
        method: _scores(given.adata, method, inside) for method in in_order(recall(given.adata, "scores"))
    }
    genes = _genes(given, inside)
    scores |= {GENES: genes} if genes else {}
    told = as_claimed(given.res, given.judged, given.alpha)  # as in the answer
    first = next((s for s in given.named if s in scores[given.method]), next(iter(scores[given.method])))
    return {
        "samples": frame.index.astype(str).tolist(),
        "arms": order,
        "arm": [order.index(arm) for arm in frame["arm"]],
        "pairs": [str(key[-1]) for key in series],
        "pair": [series.get(key, -1) for key in frame["series"]],
        "stratum": frame["stratum"].tolist(),
        "apart": _apart(frame, order, given.design),
        "leaves_out": isinstance(given.design, Design) and bool(series),
        "scores": scores,
        "found": {
            m: _found(rows, given.alpha, given.design, _verdicts(given.judged))
            for m, rows in told.groupby("method", sort=False)
        },
        "first": [first, given.method],
    }


def arms_of(given: Given) -> pd.DataFrame:
    """`arm` of every sample (None outside the design), `series` (what a line joins), `line` and `stratum`.

    Stroma grown alone for both lines has an arm of its own.
    """
    obs, design = given.adata.obs, given.design
    from marrowsig.pl._read import labels

    frame = labels(obs, cast("Design", design), lineless=True)
    if not isinstance(design, Design):
        joined = list(obs[design.unit].astype(str)) if design.unit else [None] * len(obs)
        keys = [None if name is None else (name,) for name in joined]
        return frame.assign(series=pd.Series(keys, index=obs.index, dtype=object), stratum="")
    # Where lines are the only arms, pairs span them.
    within = ["stratum", "line"] if design.culture else ["stratum"]
    if design.culture and design.line:  # stroma alone of no line is paired with that of every line
        free = frame["stratum"].isin(frame.loc[frame["line"].eq("") & frame["arm"].notna(), "stratum"])
        frame = frame.assign(within=frame["line"].mask(free, ""))
        within[-1] = "within"
    series = pd.Series(None, index=frame.index, dtype=object)
    if column := design.pair or design.unit:
        own = zip(*(frame[name] for name in within), obs[column].astype(str), strict=True)
        series = pd.Series(list(own), index=frame.index, dtype=object)
        if not design.pair and frame["arm"].groupby(series).nunique().le(1).all():
            series[:] = None  # units that do not recur join nothing
    return frame.assign(series=series)


def _apart(frame: pd.DataFrame, order: Sequence[str], design: object) -> list[int]:
    """Arms of stroma that was grown alone for both lines."""
    if not isinstance(design, Design) or not (design.line and design.culture):
        return []
    own = set(frame.loc[frame["line"].eq(""), "arm"])
    return [i for i, arm in enumerate(order) if arm in own]


def _scores(adata: AnnData, method: str, inside: Any) -> dict[str, list[float | None]]:
    frame = adata.obsm[recall(adata, "scores")[method]["key"]][inside]
    return {str(name): _plain(frame[name]) for name in frame}


def _genes(given: Given, inside: Any) -> dict[str, list[float | None]]:
    """Log expression of the genes that a claim is about."""
    claims = given.extras.get("claims")
    adata = given.adata
    if claims is None or recall(adata, "input", {}).get("kind") != "log":
        return {}
    names = dict.fromkeys(claims.loc[claims["method"].eq(GENES), "signature"])
    return {str(g): _plain(adata.obs_vector(g)[inside]) for g in names if g in adata.var_names}


def _plain(values: Sequence[float]) -> list[float | None]:
    """Five digits, which is more than a plot shows; no number is null."""
    return [float(f"{v:.5g}") if math.isfinite(v) else None for v in map(float, values)]


def _verdicts(judged: pd.DataFrame | None) -> dict[tuple[str, ...], str]:
    """Verdict of the claim or further question that gives a contrast its p, as `as_claimed` matches them."""
    if judged is None or not {*KEYS, "p_adj", "verdict"} <= set(judged):
        return {}
    own = judged[judged["p_adj"].notna() & judged["verdict"].ne("not asked")]
    return {tuple(str(row[k]) for k in KEYS): str(row["verdict"]) for row in own.to_dict("records")}


def _found(
    rows: pd.DataFrame, alpha: float, design: object, verdicts: Mapping[tuple[str, ...], str] | None = None
) -> dict[str, list[list[Any]]]:
    """Say of every signature what its contrasts found, and the verdict of a claim that ends otherwise.

    A line holds the name, the claim, its kind, the address of its row, and whether it stands aside.
    """
    found: dict[str, list[list[Any]]] = {}
    for row in rows.to_dict("records"):
        where = f" [{row['stratum']}]" if row["stratum"] else ""
        kind = words.direction(row, alpha)
        aside = is_secondary(row["contrast"]) or not math.isfinite(row["estimate"])
        name = named_in_words(str(row["contrast"]), design)
        said = words.claim(row, alpha=alpha)
        verdict = (verdicts or {}).get(tuple("" if pd.isna(row[k]) else str(row[k]) for k in KEYS), "")
        if told := otherwise(verdict, established=kind in ("up", "down"), as_=said):
            said += f" ({told})"
        line = [f"{name}{where}", said, kind, address.row(row), aside]
        found.setdefault(str(row["signature"]), []).append(line)
    return found

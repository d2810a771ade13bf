"""How closely a score goes along with a confounder over independent units, the arms taken out."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig import _confounders
from marrowsig._stats.ols import residual_df
from marrowsig._stats.partial import partial
from marrowsig.qc._confounder_units import parts_of
from marrowsig.tl._rescored import layer_of, without_genes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig._confounders import Kind
    from marrowsig.qc._confounder_units import Part
    from marrowsig.sig import Signature

    Array = NDArray[np.float64]

LEAST = 4
"""Units below which there is no correlation: with three, an interval cannot be given."""
UNKNOWN = "too few of its genes that the signature does not hold are measured for a score"
UNSCORED = "some samples have no score"
FLAT = "one of the two does not vary beyond the arms"
COLUMNS = (
    "signature", "axis", "method", "stratum", "over", "unit", "n_units", "df", "r", "r_low", "r_high",
    "share", "n_removed", "without", "without_low", "without_high", "note", "sentence",
)  # fmt: skip


@dataclass(frozen=True)
class _Pair:
    """A score and the confounder's, samples x signatures each; `notes` says why one is not there."""

    scores: pd.DataFrame
    beside: pd.DataFrame
    notes: Mapping[str, str]


def correlations(
    adata: AnnData,
    kind: Kind,
    design: Any,
    scored: Mapping[str, tuple[pd.DataFrame, Mapping[str, Signature]]],
    alpha: float,
) -> pd.DataFrame:
    """One row per method, signature, stratum and kind of spread; `scored` holds scores by method."""
    parts, tables = parts_of(adata, design), []
    for method, (table, sigs) in scored.items():
        if not sigs:
            continue
        less, gone, notes = without_genes(adata, method, sigs, _confounders.genes(kind))
        beside = _beside(adata, kind, layer_of(adata, method), sigs)
        whole = _Pair(table[list(sigs)], beside, {})
        cut = _Pair(less[list(sigs)], beside, notes)
        for part in parts:
            rows, without = _numbers(whole, part, alpha), _numbers(cut, part, alpha)
            rows[["without", "without_low", "without_high"]] = without[["r", "r_low", "r_high"]]
            rows["note"] = rows["note"].where(rows["note"].ne(""), without["note"])
            rows["signature"], rows["method"] = list(sigs), method
            rows["axis"] = [sig.axis for sig in sigs.values()]
            rows["n_removed"] = [len(gone[id]) for id in sigs]
            for name in ("stratum", "over", "unit", "n_units"):
                rows[name] = getattr(part, name)
            tables.append(rows)
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS))
    out = pd.concat(tables, ignore_index=True)
    out["share"] = out["r"] ** 2
    out["sentence"] = [sentence(kind, row, alpha) for row in out.to_dict("records")]
    return out[list(COLUMNS)]


def _beside(adata: AnnData, kind: Kind, layer: str | None, sigs: Mapping[str, Signature]) -> pd.DataFrame:
    """Score the confounder for each signature without its genes: none is counted on both sides."""
    own = frozenset().union(*_confounders.parts(kind).values()) & frozenset(map(str, adata.var_names))
    gone = {id: own & frozenset(sig.genes) for id, sig in sigs.items()}
    found = _confounders.scores(adata, layer, kind, list(dict.fromkeys(gone.values())))
    return pd.DataFrame({id: found[shared][kind].to_numpy() for id, shared in gone.items()})


def _numbers(pair: _Pair, part: Part, alpha: float) -> pd.DataFrame:
    """Correlation with its interval, and why there is none."""
    ids = list(map(str, pair.scores.columns))
    table = pd.DataFrame(np.nan, index=range(len(ids)), columns=["r", "r_low", "r_high", "df"])
    table["note"] = part.note or _too_few(part)
    if table["note"].iloc[0]:
        return table
    own, other = (part.mean @ frame.to_numpy(np.float64)[part.rows] for frame in (pair.scores, pair.beside))
    scored, known = np.isfinite(own).all(axis=0), np.isfinite(other).all(axis=0)
    ok = scored & known
    if ok.any():
        found = partial(own[:, ok], other[:, ok], part.X)
        table.loc[ok, ["r", "r_low", "r_high"]] = np.column_stack([found.r, *found.interval(alpha)])
        table.loc[ok, "df"] = found.df
    table.loc[table["r"].isna(), "note"] = FLAT
    table.loc[~scored, "note"] = [
        pair.notes.get(id, UNSCORED) for id, s in zip(ids, scored, strict=True) if not s
    ]
    table.loc[~known, "note"] = UNKNOWN
    return table


def _too_few(part: Part) -> str:
    if part.n_units < LEAST:
        return f"{part.n_units} units, fewer than {LEAST}"
    left = residual_df(part.X)
    return "" if left >= LEAST - 1 else f"{part.n_units} units, of which the arms leave {left} to compare"


def sentence(kind: Kind, row: Mapping[Any, Any], alpha: float) -> str:
    """Write one row in words."""
    where = f" [{row['stratum']}]" if row["stratum"] else ""
    head = f"{row['signature']} ({row['method']}){where}, {row['over']} ({_units(row)})"
    what = f"correlation with {_confounders.WORDS[kind]}"
    if isnan(row["r"]):
        return f"{head}: no {what}; {row['note']}."
    level = f"{100 * (1 - alpha):g} % interval"
    size = f"{row['r']:.2f} ({level} {row['r_low']:.2f} to {row['r_high']:.2f})"
    n, genes = int(row["n_removed"]), _confounders.GENES[kind]
    less = f"it holds no {genes} genes"
    if n and isnan(row["without"]):
        less = f"without its {n} {genes} gene{'s' * (n != 1)} none can be given, {row['note']}"
    elif n:
        ends = f"{row['without_low']:.2f} to {row['without_high']:.2f}"
        less = f"without its {n} {genes} gene{'s' * (n != 1)} {row['without']:.2f} ({ends})"
    return f"{head}: {what} {size}, {100 * row['share']:.0f} % of its variance; {less}."


def _units(row: Mapping[Any, Any]) -> str:
    named = "samples" if row["unit"] == "row" else f"levels of {row['unit']!r}"
    return f"n = {row['n_units']} {named}"

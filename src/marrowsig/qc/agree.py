"""Whether scoring methods say the same."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._provenance import in_order
from marrowsig._titles import CONTRASTS, titles_scored
from marrowsig._titles import KEY as TITLES
from marrowsig.tl._scored import frames

if TYPE_CHECKING:
    from anndata import AnnData

NEEDED = ("signature", "contrast", "stratum", "method", "estimate", "effect")
KEYS = ["signature", "contrast", "stratum"]


def agree(x: AnnData | pd.DataFrame) -> pd.DataFrame:
    """Compare scoring methods, by their scores or by their contrasts.

    Parameters
    ----------
    x
        An AnnData after `ms.tl.score`, or a result of `ms.tl.compare`, with two methods or more.

    Returns
    -------
    DataFrame
        Of an AnnData, one row per signature and pair of methods: signature, method_a, method_b, spearman
        (over the rows with both scores), n (these rows). Of a result, one row per signature, contrast and
        stratum: n_methods (with an estimate, of scores that vary), same_sign (share of them with the sign of
        most, NaN of one method), lowest and highest (effect in SD units), effect_name (which: `hedges_g`,
        `g_z` or `g_residual`), disagree (methods with another sign, joined by ", "). Where as many rise as
        fall, the default method's side counts. Nothing is written.

    Raises
    ------
    InputError
        If there is only one method, or `x` is neither of the two.

    Warns
    -----
    InputWarning
        If scores cannot be correlated, being constant or in fewer than three rows.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> mine = ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12]))
    >>> ms.tl.score(adata, mine, method=["singscore", "ucell"])
    >>> ms.qc.agree(adata)[["method_a", "method_b", "n"]].values.tolist()
    [['singscore', 'ucell', 16]]
    """
    if isinstance(x, pd.DataFrame):
        table = _of_result(x)
        table.attrs |= {name: dict(x.attrs.get(name, {})) for name in (TITLES, CONTRASTS)}
        return table
    if not hasattr(x, "obsm"):
        msg = f"x is a {type(x).__name__}. Give an AnnData after ms.tl.score, or a result of ms.tl.compare."
        raise InputError(msg)
    table = _of_scores(frames(x, method=None, signatures=None))
    table.attrs[TITLES] = titles_scored(x)
    return table


def _require_two(methods: list[str]) -> None:
    if len(methods) < 2:
        msg = (
            f"Only {first(methods) or 'no method'} is here, so there is nothing to agree with. "
            "Run ms.tl.score(adata, sigs, method=['singscore', 'ucell'])."
        )
        raise InputError(msg)


def _of_scores(scored: dict[str, pd.DataFrame]) -> pd.DataFrame:
    _require_two(list(scored))
    rows = [
        (name, a, b, *_rho(scored[a][name], scored[b][name]))
        for name in dict.fromkeys(c for frame in scored.values() for c in frame.columns)
        for a, b in combinations(scored, 2)
        if name in scored[a] and name in scored[b]
    ]
    table = pd.DataFrame(rows, columns=["signature", "method_a", "method_b", "spearman", "n"])
    lost = table[table["spearman"].isna()]
    if len(lost):
        told = first(f"{r.signature} ({r.method_a}, {r.method_b})" for r in lost.itertuples())
        msg = f"No correlation where scores are constant or fewer than three rows have both: {told}."
        warnings.warn(msg, InputWarning, stacklevel=3)
    return table


def _rho(a: pd.Series, b: pd.Series) -> tuple[float, int]:
    both = (a.notna() & b.notna()).to_numpy()
    u, v = a[both].rank().to_numpy(), b[both].rank().to_numpy()
    if u.size < 3 or np.ptp(u) == 0 or np.ptp(v) == 0:
        return np.nan, u.size
    return float(np.corrcoef(u, v)[0, 1]), u.size


def _of_result(result: pd.DataFrame) -> pd.DataFrame:
    lost = [c for c in NEEDED if c not in result]
    if lost:
        msg = f"The result has no columns {first(lost)}. Give the frame that ms.tl.compare returns."
        raise InputError(msg)
    methods = in_order(dict.fromkeys(result["method"]))
    _require_two(methods)
    place = result["method"].map({m: i for i, m in enumerate(methods)})
    ordered = result.assign(_place=place).sort_values("_place", kind="stable")
    rows = [(*key, *_signs(group)) for key, group in ordered.groupby(KEYS, sort=False)]
    columns = [*KEYS, "n_methods", "same_sign", "lowest", "highest", "effect_name", "disagree"]
    return pd.DataFrame(rows, columns=columns)


def _signs(group: pd.DataFrame) -> tuple[int, float, float, float, str, str]:
    flat = group["estimate"].eq(0.0) & group["effect"].isna()  # scores that do not vary have no sign
    known = group[group["estimate"].notna() & ~flat]
    if known.empty:
        return 0, np.nan, np.nan, np.nan, "", ""
    sign = np.sign(known["estimate"].to_numpy(dtype=float))
    most = np.sign(sign.sum()) or sign[0]
    other = known["method"].to_numpy()[sign != most]
    share = float((sign == most).mean()) if len(known) > 1 else np.nan
    called = " or ".join(dict.fromkeys(known.get("effect_name", pd.Series(dtype=object)).astype(str)))
    return len(known), share, known["effect"].min(), known["effect"].max(), called, ", ".join(other)

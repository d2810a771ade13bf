"""An h5ad of samples whose sheet holds what an h5ad has no form for: empty columns, dates, mixed ones."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, count
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._arms import level_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from anndata import AnnData

RESERVED = "_index"


def write_h5ad(adata: AnnData, path: Path) -> None:
    """Write `adata`, which is left as it is, with `obs` and `var` as `writable` makes them."""
    obs, var = adata.obs, adata.var
    adata.obs, adata.var = writable(obs), writable(var)
    try:
        adata.write_h5ad(path)
    finally:
        adata.obs, adata.var = obs, var


def writable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows and columns in forms that an h5ad holds.

    Numbers and truth values with gaps stay what they are; dates, and columns of more than one kind, become
    text; an empty column stays empty.

    >>> import pandas as pd
    >>> from marrowsig._h5ad import writable
    >>> sheet = pd.DataFrame({"day": pd.to_datetime(["2024-01-31", None]), "note": [None, None]})
    >>> writable(sheet).astype(object).fillna("").to_dict("list")
    {'day': ['2024-01-31', ''], 'note': ['', '']}
    """
    columns = {i: _column(frame.iloc[:, i]) for i in range(frame.shape[1])}
    out = pd.DataFrame(columns, index=frame.index)
    out.columns = pd.Index(_names(map(str, frame.columns)), dtype=object)
    if out.index.name in out.columns:
        out.index.name = None
    return out


def renamed(frame: pd.DataFrame) -> list[str]:
    """Name the columns as they are, where `writable` calls one otherwise; else none.

    >>> renamed(pd.DataFrame(columns=["ng/ml", "day"])), renamed(pd.DataFrame(columns=["day"]))
    (['ng/ml', 'day'], [])
    """
    names = list(map(str, frame.columns))
    return names if _names(names) != names else []


def _column(values: pd.Series) -> pd.Series:
    dtype = values.dtype
    if isinstance(dtype, pd.SparseDtype):
        return _column(values.sparse.to_dense())
    if isinstance(dtype, pd.Float32Dtype | pd.Float64Dtype):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    if isinstance(dtype, pd.StringDtype) or pd.api.types.is_numeric_dtype(dtype):  # truth values are numeric
        return values
    if isinstance(dtype, pd.CategoricalDtype):
        levels = dtype.categories
        plain = levels.dtype.kind in "biufc" or levels.inferred_type in ("string", "empty")
        return values if plain else _column(values.astype(object))
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "string":
        return values
    if kind == "boolean":
        return values.astype("boolean")
    if kind in ("integer", "floating", "mixed-integer-float"):
        return pd.to_numeric(values)
    text = [None if gone else _text(one) for one, gone in zip(values, _missing(values), strict=True)]
    return pd.Series(pd.Categorical(text), index=values.index)


def _missing(values: pd.Series) -> pd.Series:
    """Which have no value; a list is one."""
    return values.map(lambda one: pd.api.types.is_scalar(one) and pd.isna(one))


def _text(value: object) -> str:
    """Write a day without its midnight, and a whole number without a point."""
    return str(value).removesuffix(" 00:00:00") if isinstance(value, datetime) else level_text(value)


def _names(names: Iterable[str]) -> list[str]:
    """Give each column a name of its own that an h5ad can hold: not its own name for rows, and no slash.

    >>> _names(["dose", "dose", "_index", "ng/ml"])
    ['dose', 'dose_2', 'index', 'ng_ml']
    """
    found: list[str] = []
    for name in names:
        own = "index" if name == RESERVED else name.replace("/", "_")
        more = (f"{own}_{n}" for n in count(2))
        found.append(next(new for new in chain([own], more) if new not in found))
    return found

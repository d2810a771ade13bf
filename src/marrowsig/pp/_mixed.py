"""What is added up within a sum of cells that may not have been meant to be."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._disease_states import sorts_samples
from marrowsig._errors import InputWarning, first
from marrowsig._log import logger
from marrowsig._mixed_sums import SAID
from marrowsig._provenance import as_json
from marrowsig._stromal_level import stroma_in_sums
from marrowsig._unit_columns import crossing, donors_of, pools
from marrowsig._unlike import DONOR, names_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SAMPLE = re.compile(r"^(orig\.ident|sample|library|channel)s?([\s._-]?(id|name))?$", re.IGNORECASE)
_TREATED = re.compile(r"^(compartment|inhibitor|drug|treatment)s?$", re.IGNORECASE)
_APART = re.compile(
    r"(^|[\s._-])(orig\.ident|sample|library|batch|day|time|timepoint|time[\s._-]point|visit)s?"
    r"([\s._-]?(id|no|nr|number|name))?$",
    re.IGNORECASE,
)


def tell_of_mixed(
    obs: pd.DataFrame,
    code: NDArray[Any],
    columns: list[str],
    *,
    sums: Sequence[str] = (),
    stacklevel: int = 3,
) -> dict[str, str]:
    """Warn of donors, days, samples, treatments and states that vary within a sum, log other columns.

    `code` is the sum of each row of `obs`, -1 for none; `columns` made the sums. A column that is new in
    every row, or holds fractions, names no levels. Returns for the record which columns, which of `sums`,
    which are named in the order of `code`, with how many levels, and the warning.
    """
    inside = code >= 0
    grouped = obs[inside].groupby(code[inside])
    several: list[str] = []
    others: list[str] = []
    names: list[str] = []
    levels: dict[str, dict[str, int]] = {}
    for column in (c for c in obs if c not in columns):
        values = obs.loc[inside, column]
        named = any(known.search(str(column)) for known in (_APART, DONOR, _TREATED))
        apart = named or names_cells(values) or sorts_samples(str(column), values)
        if (pd.api.types.is_numeric_dtype(values) and not apart) or values.is_unique:
            continue
        n = grouped[column].nunique()
        if n.max() > 1 and not (apart and _synonym(obs[inside], str(column), names)):
            (several if apart else others).append(f"{str(column)!r} (up to {n.max()})")
            if apart:
                names.append(str(column))
                levels[str(column)] = {sums[k]: int(n[k]) for k in n.index[n > 1]} if len(sums) else {}
    if others:
        logger.info("pseudobulk: columns that vary within sums: %s", first(others))
    stroma = stroma_in_sums(obs, code, columns)
    if stroma and not several:
        warnings.warn(stroma, InputWarning, stacklevel=stacklevel)
    if several:
        msg = f"{SAID} {first(several)}. If they are to stay apart, give by=, or a subset of the cells."
        if crossed := _crossed_samples(obs[inside], columns):
            msg += (
                f" Cells of one {crossed!r} are in several levels of {columns[0]!r}: unless {columns[0]!r} "
                "names donors or independent cultures, these sums are no replicates."
            )
        pooled = _pooled(obs[inside], columns)
        msg += pooled
        msg += f" {stroma}" if stroma else ""
        warnings.warn(msg, InputWarning, stacklevel=stacklevel)
        made = {"several": ", ".join(several), "warning": msg, "pools": pooled, "stroma": stroma}
        return {**made, "mixed": as_json(levels)} if len(sums) else made
    return {"several": "", "warning": stroma}


def _pooled(obs: pd.DataFrame, columns: list[str]) -> str:
    """Say that a unit mixes donors, and which column would be the unit in its place."""
    unit, by = columns[0], columns[1:]
    if any(DONOR.search(part) for part in unit.split("|")):
        return ""
    for column in (c for c in donors_of(obs.columns) if c not in columns):
        mixed, _ = pools(obs, unit, by, column)
        if mixed:
            return (
                f" A level of {unit!r} mixes donors ({mixed}) and is one replicate: give unit={column!r} "
                "for one of each donor."
            )
    return ""


def _synonym(obs: pd.DataFrame, column: str, named: list[str]) -> bool:
    """Whether a column that is named already parts the rows as this one does."""
    own = pd.factorize(obs[column], use_na_sentinel=False)[0]
    return any((own == pd.factorize(obs[other], use_na_sentinel=False)[0]).all() for other in named)


def _crossed_samples(obs: pd.DataFrame, columns: list[str]) -> str:
    """Name samples whose cells are spread over several units of one arm, where nobody names donors."""
    unit, by = columns[0], columns[1:]
    if any(DONOR.search(part) for part in unit.split("|")) or donors_of(obs.columns):
        return ""
    named = (str(c) for c in obs.columns if c not in columns and _SAMPLE.search(str(c)))
    return next((column for column in named if crossing(obs, unit, by, column)), "")

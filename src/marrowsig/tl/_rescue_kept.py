"""The same reversal on the genes that carry-over could not move: no inhibitor takes RNA of stroma away."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._carry_over import on_kept_genes
from marrowsig._errors import InputError, first
from marrowsig._p_values import p_equals
from marrowsig.tl._explain_compare import number
from marrowsig.tl._rescue_numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.tl._rescue_cases import Case

TAKEN = (
    "induction", "induction_low", "induction_high", "induction_p_adj",
    "reversal", "reversal_low", "reversal_high", "reversal_p_adj",
    "fraction", "fraction_low", "fraction_high",
)  # fmt: skip
FLOATS = tuple(f"filtered_{name}" for name in TAKEN)
COUNTS = ("n_kept", "n_genes")
COLUMNS = (*FLOATS, "filtered_fraction_kind", *COUNTS, "cite")
LEFT = "genes that stroma could not move"
HOLDS = " The induction as scored holds RNA of stroma"
TAIL = ", which no inhibitor takes away: "
LATE = ", which does not count: the test as scored decides"


def require_stroma(stroma: Stroma | None) -> None:
    """Refuse what is no result of `ms.qc.stroma`."""
    if stroma is not None and not (hasattr(stroma, "filtered") and hasattr(stroma, "verdicts")):
        msg = (
            "stroma= takes what ms.qc.stroma(adata, design, stroma=...) returns, "
            f"not {type(stroma).__name__}."
        )
        raise InputError(msg)


def scores_kept(stroma: Stroma | None, method: str, samples: pd.Index) -> pd.DataFrame | None:
    """Scores on the genes that are left, in the order of `samples`; nothing where there are none.

    Raises
    ------
    InputError
        If the result is of other samples.
    """
    if stroma is None or method not in stroma.filtered:
        return None
    known = stroma.filtered[method]
    absent = known.index.difference(samples.astype(str))
    if len(absent):
        msg = f"stroma= is of other samples: adata has no {first(absent)}. Give the result of this adata."
        raise InputError(msg)
    return known.reindex(samples.astype(str))


def beside(
    case: Case, table: pd.DataFrame, stroma: Stroma | None, kept: pd.DataFrame | None, *, alpha: float
) -> None:
    """Fill `COLUMNS` of a table of one case; NaN and empty where the guard was not asked."""
    for name in COLUMNS:
        table[name] = nan if name in FLOATS else 0 if name in COUNTS else ""
    if stroma is None or kept is None:
        return
    found = numbers(case, kept, alpha=alpha, margin=nan)
    found.index = [str(name) for name in kept.columns]
    own = stroma.verdicts[stroma.verdicts["stratum"].eq(case.stratum)]
    own = own[own["method"].eq(table["method"].iloc[0])].drop_duplicates("signature").set_index("signature")
    for i, signature in zip(table.index, table["signature"], strict=True):
        if signature not in found.index or signature not in own.index:
            continue
        for name in TAKEN:
            table.loc[i, f"filtered_{name}"] = found.loc[signature, name]
        table.loc[i, "filtered_fraction_kind"] = found.loc[signature, "fraction_kind"]
        for name in (*COUNTS, "cite"):
            table.loc[i, name] = own.loc[signature, name]


def said(row: Mapping[str, Any], level: str, alpha: float, *, held: bool = True, own: str = "") -> str:
    """Name the fraction to cite, where part of the induction as scored is stroma's; else nothing.

    A reversal has to be established as scored, too, and to have `held` where it was asked otherwise. Where a
    claim or a further question established it, `own` is the p of that in words, and the fraction is cited.
    """
    if not on_kept_genes(row) or isnan(number(row, "filtered_fraction")):
        return ""
    on = f"on the {int(row['n_kept'])} of {int(row['n_genes'])} {LEFT}"
    if row["filtered_fraction_kind"] != "interval":
        return f"{HOLDS}; {on}, the fraction is not determined."
    ends = (100 * row[f"filtered_fraction{end}"] for end in ("", "_low", "_high"))
    value, low, high = (f"{np.round(end):.0f}" for end in ends)
    p = own or p_equals("adjusted p", row["filtered_reversal_p_adj"])
    size = f"{value} % ({level} interval {low} to {high} %; reversal {p})"
    if own:
        return f"{HOLDS}{TAIL}cite the fraction {on}, {size}."
    if not row["filtered_reversal_p_adj"] < alpha:
        return f"{HOLDS}; {on}, no reversal is established: {size}."
    if not (held and row["reversal_p_adj"] < alpha):
        return f"{HOLDS}; {on}, the fraction is {size}{LATE}."
    return f"{HOLDS}{TAIL}cite the fraction {on}, {size}."


def of_scored(sentence: str, kept: str) -> str:
    """Say that there is no reversal as scored, where one is established on the genes that are left.

    >>> of_scored("JAKi: no evidence of reversal (interval includes 0): 9 %.", f"the fraction is 40 %{LATE}.")
    'JAKi: as scored no evidence of reversal (interval includes 0): 9 %.'
    """
    none = "no evidence of reversal"
    return sentence.replace(none, f"as scored {none}", 1) if LATE in kept else sentence


def briefly(text: str) -> str:
    """Write a sentence without the reason that it shares with others, where that stands above them.

    >>> briefly("JAKi: reversed: 40 %. The induction as scored holds RNA of stroma; on the 9 of 20 genes "
    ...         "that stroma could not move, the fraction is not determined.")
    'JAKi: reversed: 40 %. On the 9 of 20 genes left, the fraction is not determined.'
    """
    start, held, rest = text.partition(HOLDS)
    if not held:
        return text
    rest = rest.removeprefix(TAIL).removeprefix("; ").replace(LATE, ", not to cite")
    return f"{start} {rest[:1].upper()}{rest[1:].replace(LEFT, 'genes left', 1)}"

"""Of a formula: on how many degrees of freedom its p are, and what the check of one number per unit says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import first
from marrowsig._p_values import p_equals
from marrowsig._report import words
from marrowsig._report.check_p import says_otherwise
from marrowsig._report.people import levels

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3


def of_checks(rows: pd.DataFrame, alpha: float) -> str:
    """Say in which answers the check differs; where it does in none, of which contrasts there is none."""
    own = _checked(rows)
    apart, lack = _apart(own, alpha), _unchecked(rows)
    if not apart and lack.empty:
        return ""
    if not apart:
        unit = repr(lack["unit"].iloc[0])
        names = first(dict.fromkeys(lack["contrast"].astype(str)), NAMED)
        return (
            f"p of {names} is on {_span(lack['df'])} residual df, which take rows of one {unit} for "
            f"independent beside its term; there is no check by one number per {unit}."
        )
    unit = repr(own["unit"].iloc[0])
    return (
        f"p of the formula is on {_span(own['df'])} residual df, which take rows of one {unit} for "
        f"independent beside its term. By one contrast per {unit} alone ({_span(own['df_welch'])} df), a "
        f"check, p is on the other side of {alpha:g}, or ten times as large, in {len(apart)} of {len(own)} "
        f"answers: {first(map(_named, apart), NAMED)}. Give both."
    )


def in_methods(rows: pd.DataFrame, alpha: float) -> str:
    """Say of the degrees of freedom, and of the check, what a paper needs."""
    if rows.empty or not rows["test"].astype(str).str.contains("~", regex=False).any():
        return ""
    own = _checked(rows)
    said = f"P values are of t on {_df(rows)} residual degrees of freedom"
    lack = list(dict.fromkeys(_unchecked(rows)["contrast"].astype(str)))
    who = levels(rows["unit"].iloc[0])
    none = (
        f" Of {words.listing(lack)} there is no such check, and rows of the same one count as independent."
        if lack
        else ""
    )
    if own.empty:
        return f"{said}.{none.replace('no such check', f'no check by one number for each of the {who}')}"
    apart = _apart(own, alpha)
    found = f": {first(map(_named, apart), NAMED)}" if apart else ""
    return (
        f"{said}; as a check, the contrast was also taken for each of the {who} by itself, and these numbers "
        f"were tested without equal variances ({_span(own['df_welch'])} degrees of freedom): p was on the "
        f"other side of {alpha:g}, or ten times as large, in {len(apart)} of {len(own)} tests{found}.{none}"
    )


def _checked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a formula whose p has a check by one number per unit."""
    if not {"p_welch", "df_welch", "effect_name"} <= set(rows):
        return rows.iloc[:0]
    return rows[
        rows["test"].astype(str).str.contains("~", regex=False)
        & rows["effect_name"].eq("g_residual")
        & rows["p_welch"].notna()
    ]


def _unchecked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a formula with a term for units that have no check; none whose p is of one number per unit."""
    if not {"p_welch", "n_pairs", "effect_name", "unit"} <= set(rows):
        return rows.iloc[:0]
    own = rows["test"].astype(str).str.contains("~", regex=False) & rows["effect_name"].eq("g_residual")
    of_units = rows["n_pairs"].gt(0) & rows["df"].eq(rows["n_pairs"] - 1)
    return rows[own & rows["p_welch"].isna() & rows["estimate"].notna() & ~of_units]


def _apart(rows: pd.DataFrame, alpha: float) -> list[dict[Any, Any]]:
    return [r for r in rows.to_dict("records") if says_otherwise(r, alpha, held=r["p_adj"] < alpha)]


def _named(row: dict[Any, Any]) -> str:
    return (
        f"{row['signature']} in {row['contrast']} ({p_equals('p', row['p'])} and "
        f"{words.p_value(row['p_welch'])}, {row['df']:.3g} and {row['df_welch']:.2g} df)"
    )


def _df(rows: pd.DataFrame) -> str:
    """Write the degrees of freedom; of a few contrasts that have unlike ones, each with its contrasts."""
    of: dict[str, list[str]] = {}
    for name, df in rows.drop_duplicates("contrast")[["contrast", "df"]].itertuples(index=False):
        of.setdefault(f"{df:.3g}", []).append(str(name))
    if not 1 < len(of) <= NAMED:
        return _span(rows["df"])
    return words.listing(f"{df} ({words.listing(names)})" for df, names in of.items())


def _span(numbers: pd.Series) -> str:
    ends = [f"{one:.3g}" for one in (numbers.min(), numbers.max())]
    return " to ".join(dict.fromkeys(ends))

"""The check beside the p of a formula's contrast, named where it says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._p_values import p_equals
from marrowsig.tl._explain_compare import number, without_pooling

if TYPE_CHECKING:
    from collections.abc import Mapping


TIMES, NOTHING = 10.0, 0.001
"""From how many times p on its check is told though both are established, and below which it is not."""


def says_otherwise(row: Mapping[Any, Any], alpha: float, *, held: bool) -> str:
    """Name the test that lets arms, or the numbers of units, vary in their own way, where it differs.

    That is where it does not establish what is `held`, or, by one number per unit, with a p `far_apart`,
    or its p is below `alpha` where p itself is not. Of designs with fields, claims say it.

    >>> row = {"test": "linear model ~ x", "p": 0.02, "p_welch": 0.08, "df_welch": 3, "n_pairs": 0}
    >>> says_otherwise(row, 0.05, held=True), says_otherwise(row | {"p_welch": 0.01}, 0.05, held=True)
    ('not established without equal variances (Welch, t(3)): p = 0.08, not adjusted', '')
    """
    if "~" not in str(row.get("test", "")):
        return ""
    p, check = number(row, "p"), number(row, "p_welch")
    if held and check >= alpha:
        return f"not established {_told(row, alpha)}, not adjusted"
    if held and row.get("effect_name") == "g_residual" and far_apart(p, check):
        return f"{_told(row, alpha)}, not adjusted"
    if not held and check < alpha <= p:
        return f"{_told(row, alpha)}, not adjusted (a check, which does not decide)"
    return ""


def far_apart(p: float, check: float) -> bool:
    """Whether the check gives a p that is ten times as large or more, and not next to nothing itself.

    >>> far_apart(0.0002, 0.038), far_apart(1e-9, 1e-5), far_apart(0.004, 0.03)
    (True, False, False)
    """
    return check >= NOTHING and check >= TIMES * p


def _told(row: Mapping[Any, Any], alpha: float) -> str:
    return f"{without_pooling(row)}: {p_equals('p', number(row, 'p_welch'), alpha)}"

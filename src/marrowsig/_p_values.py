"""P values as text, the same in terminal, page, sentences and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._rounded import beside

if TYPE_CHECKING:
    from collections.abc import Iterable

NOT_ESTIMATED = "not estimated"
LEAST, MOST = 1e-4, 0.99


def p_value(p: float, alpha: float = 0.05) -> str:
    """P value with two digits, more where it would be rounded to `alpha` or across it; never 0 and never 1.

    >>> p_value(0.0), p_value(0.00312), p_value(0.0497), p_value(0.9999), p_value(float("nan"))
    ('< 0.0001', '0.0031', '0.0497', '> 0.99', 'not estimated')
    """
    if p != p:
        return NOT_ESTIMATED
    if p < LEAST:
        return f"< {LEAST:.4f}"
    return f"> {MOST:g}" if p > MOST else beside(p, alpha)


def p_phrase(p: float, name: str = "adj. p", alpha: float = 0.05) -> str:
    """P value with its name: 'adj. p 0.003', 'adj. p < 0.0001'."""
    return f"{name} {p_value(p, alpha)}"


def p_equals(name: str, p: float, alpha: float = 0.05) -> str:
    """P value with its name, as an equation: 'p = 0.003', 'p < 0.0001', 'p > 0.99'."""
    told = p_value(p, alpha)
    return f"{name} = {told}" if told[0].isdigit() else f"{name} {told}"


def each_stratum(strata: Iterable[object]) -> str:
    """Say that every stratum is a family of its own, where there are several: " in each celltype"."""
    told = [s for s in strata if isinstance(s, str) and s]
    names = dict.fromkeys("; ".join(part.partition("=")[0] for part in s.split("; ")) for s in told)
    return f" in each {next(iter(names)).replace('; ', ' and ')}" if len(set(told)) > 1 else ""

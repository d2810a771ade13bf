"""Numbers as short text that does not say more, or other things, than the number does."""

from __future__ import annotations

import math
from decimal import Decimal


def decimals(*values: float) -> int:
    """Decimals that give the largest of some values two digits.

    >>> decimals(0.018, -0.018, 0.055), decimals(0.05, -0.05, 0.14)
    (3, 2)
    """
    finite = [abs(v) for v in values if math.isfinite(v) and v != 0]
    return max(1 - math.floor(math.log10(max(finite))), 0) if finite else 0


def plain(value: float, digits: int = 3) -> str:
    """Format a value with so many digits, and never with an exponent.

    >>> plain(0.0166), plain(8.16e-05), plain(-123456.0), plain(float("nan"))
    ('0.0166', '0.0000816', '-123000', 'nan')
    """
    text = f"{value:.{digits}g}"
    return format(Decimal(text), "f") if "e" in text else text


def percent(share: float, digits: int = 2) -> str:
    """Write a share of 1 in percent, never with an exponent.

    >>> percent(0.0043), percent(0.999), percent(1.0), percent(0.00002)
    ('0.43 %', '100 %', '100 %', '0.002 %')
    """
    return f"{plain(100 * share, digits)} %"


def in_interval(value: float, low: float, high: float, level: str) -> str:
    """Write an estimate with its interval, as sentences have it.

    >>> in_interval(0.0166, 8.16e-05, 0.0332, "95 %")
    '0.0166 (95 % interval 0.0000816 to 0.0332)'
    """
    return f"{plain(value)} ({level} interval {plain(low)} to {plain(high)})"


def beside(value: float, bound: float, form: str = ".2g") -> str:
    """Format a value, with more digits where it would stand on the other side of a bound, or on it.

    >>> beside(0.0497, 0.05), beside(0.0497, 0.05, ".3f"), beside(0.0502, 0.05), beside(0.2, 0.05, ".3f")
    ('0.0497', '0.0497', '0.0502', '0.200')
    """
    digits, kind = int(form[1:-1]), form[-1]
    for more in range(6):
        text = f"{value:.{digits + more}{kind}}"
        shown = float(text)
        if value == bound or (shown != bound and (shown < bound) == (value < bound)):
            return text
    return text

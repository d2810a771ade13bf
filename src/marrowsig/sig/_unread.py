"""Columns of a long table that would say which genes fall, and that nothing reads."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from marrowsig._errors import SignatureError, count
from marrowsig.sig._direction import plain_minus, read_direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RATIO = re.compile(r".*(?:fold|ratio).*|.*(?:log|ln)\d*fc.*|.*fc(?:log|ln).*|(?:avg|mean)?fc|lfc")
EFFECT = re.compile(r"mor|effect.*|beta|coef.*|t|tstat.*|stat|statistic|zscore|nes|cor|correlation|rho|r")
NO_SIGN = {"strand", "axis"}


def refuse_unread_signs(
    rows: Sequence[Mapping[str, object]], head: Sequence[str], read: Iterable[str], label: str
) -> None:
    """Refuse a table whose genes would all rise, while a column that is not read says that some fall.

    `head` has the columns as the file has them, `rows` and `read` in lower case. A weight or a direction, if
    one is among those read, is believed against any other column but a fold change or the like.
    """
    used = set(read)
    stated = bool(used & {"weight", "direction", "regulation", "sign"})
    for column in head:
        if not column or column.lower() in used | NO_SIGN:
            continue
        texts = [str(row.get(column.lower()) or "").strip() for row in rows]
        rise, fall = _signs(column, list(filter(None, texts)), stated=stated)
        if fall:
            raise SignatureError(_told(column, rise, fall, label, stated=stated))


def _signs(column: str, texts: list[str], *, stated: bool) -> tuple[int, int]:
    """Count the genes that a column has as rising and as falling; none fall where it says nothing of it."""
    name = re.sub("[^a-z0-9]", "", column.lower())
    numbers = [n for n in map(number, texts) if n is not None]
    if numbers and (RATIO.fullmatch(name) or EFFECT.fullmatch(name)):
        plain = RATIO.fullmatch(name) and not re.search("log|ln|lfc", name) and min(numbers) >= 0
        middle = 1.0 if plain else 0.0
        return sum(n > middle for n in numbers), sum(n < middle for n in numbers)
    if stated:
        return 0, 0
    signs = numbers if len(numbers) == len(texts) else [s for s in map(read_direction, texts) if s]
    rise, fall = sum(s > 0 for s in signs), sum(s < 0 for s in signs)
    return (rise, fall) if rise else (0, 0)


def number(text: str) -> float | None:
    """Read a finite number, also with a decimal comma or a typeset minus; None of other text.

    >>> [number(text) for text in ("-1.8", "2,5", "VIM")]
    [-1.8, 2.5, None]
    """
    try:
        value = float(plain_minus(text).replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _told(column: str, rise: int, fall: int, label: str, *, stated: bool) -> str:
    ways = f"{count(rise, 'gene rises', 'genes rise')} and {count(fall, 'falls', 'fall')}"
    says = f"{label}: by its column {column!r} {ways}"
    if stated:
        return (
            f"{says}, by the weights or directions beside it all rise. Correct them, or take {column!r} out."
        )
    return (
        f"{says}, but that column is not read. Add a column 'direction' (up or down), or call it 'weight' if "
        "its numbers are below 0 for genes that fall. If all genes of the list rise, take it out."
    )

"""What an overview drew, kept with its figure: a legend must not speak of more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawn:
    """Contrast and stratum of every line; signatures whose axes have other values for each kind of cells."""

    keys: Sequence[tuple[str, str]] = ()
    unlike: Sequence[str] = ()


_DRAWN: WeakKeyDictionary[Figure, Drawn] = WeakKeyDictionary()


def keep(figure: Figure, drawn: Drawn) -> None:
    """Keep what a figure holds."""
    _DRAWN[figure] = drawn


def drawn_on(figure: Figure) -> Drawn:
    """Give what a figure holds; of one that is no overview, nothing."""
    return _DRAWN.get(figure, Drawn())

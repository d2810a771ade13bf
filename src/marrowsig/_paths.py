"""Where the shipped signatures and data lie, in a wheel and in a source tree."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def resource(name: Literal["signatures", "data"]) -> Traversable:
    """Folder of shipped files: `marrowsig/_<name>` when installed, `<repo>/<name>` in a source tree."""
    shipped = files("marrowsig") / f"_{name}"
    return shipped if shipped.is_dir() else Path(__file__).resolve().parents[2] / name

"""A design as the manifest of a run keeps it, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._formula import FormulaDesign
from marrowsig.design import Design

if TYPE_CHECKING:
    from collections.abc import Mapping


def kept(design: Design | FormulaDesign) -> dict[str, Any]:
    """Write a design in forms that JSON holds.

    >>> kept(Design(culture="arm", mono="alone"))["mono"]
    'alone'
    """
    given = design.to_dict()
    if isinstance(design, FormulaDesign):
        given["contrasts"] = {
            name: [[list(cell) if isinstance(cell, tuple) else cell, float(w)] for cell, w in weights.items()]
            for name, weights in given["contrasts"].items()
        }
        given["levels"] = {name: _plain(levels) for name, levels in given["levels"].items()}
        given |= {"at": {name: float(value) for name, value in given["at"].items()}} if "at" in given else {}
    return given


def design_from(given: Mapping[str, Any]) -> Design | FormulaDesign:
    """Make the design again that `kept` wrote.

    >>> design_from(kept(Design(culture="arm", batch=["day"]))) == Design(culture="arm", batch=["day"])
    True
    """
    if "formula" not in given:
        return Design(**given)
    contrasts = {
        name: {tuple(cell) if isinstance(cell, list) else cell: w for cell, w in weights}
        for name, weights in given["contrasts"].items()
    }
    return Design.from_formula(
        given["formula"],
        levels=given["levels"],
        contrasts=contrasts,
        unit=given.get("unit"),
        at=given.get("at"),
    )


def _plain(levels: Any) -> Any:
    """Give levels as text, numbers or truth values of Python, where they are numpy's."""
    if isinstance(levels, str):
        return levels
    return [level.item() if hasattr(level, "item") else level for level in levels]

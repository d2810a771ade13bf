"""Marks calls within a sentence that are wider than a telephone, so that the style lets these alone break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FITS = 28
"""Letters of code on the screen of a telephone, about, in a list within a list."""


def mark(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give the class `long` to code that holds a longer word."""
    for node in doctree.findall(nodes.literal):
        if any(len(word) > FITS for word in node.astext().split()):
            node["classes"].append("long")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Formulas as MathML, which browsers draw themselves: no script, no font, nothing fetched."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SPACE = "http://www.w3.org/1998/Math/MathML"
ACCENTS = frozenset("\u02c9\u02c6\u02dc_")

logger = logging.getLogger(__name__)


def inline(self: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(_mathml(node, block=False))
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    """Write a formula on lines of its own."""
    self.body.append(f'<div class="math-block">{_mathml(node, block=True)}</div>\n')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, *, block: bool) -> str:
    tex = node.astext()
    try:
        return polished(str(latex2mathml.tex2mathml(tex, as_block=block)))
    except MathError as error:
        logger.warning("formula %r: %s", tex, error, location=node)
        return self_made(tex)


def polished(text: str) -> str:
    """Put the index of an accented letter beside it, not below, and set names of functions upright."""
    ET.register_namespace("", SPACE)
    root = ET.fromstring(text)
    for node in root.iter(f"{{{SPACE}}}munderover"):
        letter, index, accent = node
        if (accent.text or "").strip() in ACCENTS:
            node.tag = f"{{{SPACE}}}msub"
            over = ET.Element(f"{{{SPACE}}}mover", {"accent": "true"})
            over.extend([letter, accent])
            node[:] = [over, index]
    for node in root.iter(f"{{{SPACE}}}mi"):
        if len(node.text or "") > 1:
            node.set("mathvariant", "normal")
    return ET.tostring(root, encoding="unicode")


def self_made(tex: str) -> str:
    """Give the source of a formula that cannot be drawn."""
    return f"<code>{nodes.Text(tex)}</code>"


def _nothing(self: Any, node: nodes.Element) -> None:
    """Leave: all was written on entering."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Offer the renderer `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (inline, _nothing), (block, _nothing))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Public names in code, such as `ms.tl.score`, become links to their entries.

In docstrings by the default role, since single backticks are code there; in pages wherever code names one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_names import all_names
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxRole

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx


def link(text: str, docname: str) -> Node | None:
    """Give a reference to the entry of a public name, with or without a call; None for other text."""
    name = text.partition("(")[0].removeprefix("ms.")
    if not text.startswith("ms.") or name not in all_names():
        return None
    xref = addnodes.pending_xref(
        "",
        nodes.literal(text, text, classes=["xref", "py"]),
        refdomain="py",
        reftype="obj",
        reftarget=f"marrowsig.{name}",
        refdoc=docname,
        refexplicit=True,
        refwarn=True,
    )
    return xref


class ApiRole(SphinxRole):
    """What stands between single backticks in a docstring."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Give a link if it is a public name, else code."""
        node = link(self.text, self.env.docname) or nodes.literal(self.rawtext, self.text)
        self.set_source_info(node)
        return [node], []


class LinkNames(SphinxTransform):
    """Link the public names in the code of a page, but for titles, links and the entries themselves."""

    default_priority = 300

    def apply(self, **kwargs: Any) -> None:
        """Replace the nodes."""
        unlinked = (nodes.title, nodes.reference, addnodes.pending_xref, addnodes.desc_signature)
        for node in list(self.document.findall(nodes.literal)):
            parent = node.parent
            while parent is not None and not isinstance(parent, unlinked):
                parent = parent.parent
            if parent is None and not node.get("classes"):
                new = link(node.astext(), self.env.docname)
                if new is not None:
                    new.source, new.line = node.source, node.line
                    node.replace_self(new)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role `api` and the transform."""
    app.add_role("api", ApiRole())
    app.add_transform(LinkNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

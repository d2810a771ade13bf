"""What stands between single backticks in docstrings: a link if it is a public name, else code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_names import all_names
from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxRole

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx


class ApiRole(SphinxRole):
    """`ms.tl.score` becomes a link to its entry, anything else stays code."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Give the node."""
        literal = nodes.literal(self.rawtext, self.text, classes=["xref", "py"])
        name = self.text.partition("(")[0].removeprefix("ms.")
        if not self.text.startswith("ms.") or name not in all_names():
            return [nodes.literal(self.rawtext, self.text)], []
        link = addnodes.pending_xref(
            "",
            literal,
            refdomain="py",
            reftype="obj",
            reftarget=f"marrowsig.{name}",
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )
        self.set_source_info(link)
        return [link], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role `api`."""
    app.add_role("api", ApiRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}

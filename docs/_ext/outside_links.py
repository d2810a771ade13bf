"""Links to files outside of this folder, as repositories show them, lead to the pages made of those files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGES = {"](../signatures/README.md": "](signatures/add.md"}


def rewrite(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn the links of a page as it is read."""
    for outside, page in PAGES.items():
        source[0] = source[0].replace(outside, page)


def setup(app: Sphinx) -> dict[str, Any]:
    """Read every page through `rewrite`."""
    app.connect("source-read", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

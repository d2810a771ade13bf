"""Write the pages of the API reference from the menus of the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_names import MENUS, TOP, names
from write_page import write_page

import marrowsig as ms

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ERRORS = "Errors and warnings"


def write_pages(app: Sphinx, config: Config) -> None:
    """Write one page per menu, before Sphinx looks for pages."""
    folder = Path(app.srcdir) / "api"
    for menu, found in names().items():
        if menu != TOP:
            said = (getattr(ms, menu).__doc__ or "").strip()
            write_page(folder / f"{menu}.md", f"# {MENUS[menu]}: `ms.{menu}`\n\n{said}\n\n{_table(found)}")
    top = names()[TOP]
    raised = [name for name in top if name.endswith(("Error", "Warning"))]
    pages = "\n".join(f"{menu}" for menu in MENUS)
    write_page(
        folder / "index.md",
        "# API reference\n\nEvery public name, from the docstrings. `import marrowsig as ms`.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{pages}\n```\n\n"
        f"## Of the package itself\n\n{_table([n for n in top if n not in raised])}\n"
        f"## {ERRORS}\n\n{_table(raised)}",
    )


def _table(found: list[str]) -> str:
    listed = "\n".join(f"   {name}" for name in found)
    return (
        "```{eval-rst}\n.. currentmodule:: marrowsig\n\n.. autosummary::\n   :toctree: generated\n"
        f"   :nosignatures:\n\n{listed}\n```\n"
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages as soon as the configuration is read."""
    app.connect("config-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

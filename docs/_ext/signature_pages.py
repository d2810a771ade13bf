"""Write one page per shipped signature, from its TOML file, and the table that lists them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown import plain, wide_table
from signature_text import facts, genes, lead, neighbours, warnings
from write_page import write_page

import marrowsig as ms
from marrowsig.sig._load import everything

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

TITLES = {
    "emt": "EMT",
    "il6": "IL-6",
    "stat3": "JAK/STAT3",
    "stat1": "STAT1",
    "control": "Controls",
}
WIDTHS = [33, 31, 7, 8, 11, 10]


def write_pages(app: Sphinx, config: Config) -> None:
    """Write the pages before Sphinx looks for them, and remove those of signatures that are gone."""
    folder = Path(app.srcdir) / "signatures"
    shipped = everything()
    rows = ms.sig.table(list(shipped)).set_index("id")
    for sig in shipped:
        parts = [
            f"# {sig.id}",
            lead(sig),
            warnings(sig, rows.loc[sig.id]),
            facts(sig),
            neighbours(sig, shipped),
            genes(sig),
        ]
        write_page(folder / f"{sig.id}.md", "\n\n".join(part for part in parts if part) + "\n")
    write_page(folder / "_table.md", _index(list(shipped)))
    for page in folder.glob("*.*.md"):
        if page.stem not in shipped:
            page.unlink()


def _index(shipped: list[ms.sig.Signature]) -> str:
    parts = []
    for axis, title in TITLES.items():  # shipped signatures have no axis "other"
        own = [sig for sig in shipped if sig.axis == axis]
        rows = [
            [
                f"[{plain(sig.id)}]({sig.id}.md)",
                plain(sig.title),
                len(sig.up),
                len(sig.down) or "",
                sig.kind.replace("_", " "),
                sig.tier + (", draft" if sig.status == "draft" else ""),
            ]
            for sig in sorted(own, key=lambda sig: sig.tier != "main")
        ]
        head = ["signature", "title", "up", "down", "kind", "tier"]
        listed = "\n".join(sig.id for sig in own)
        parts.append(
            f"## {title}\n\n{wide_table(WIDTHS, head, rows)}\n"
            f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{listed}\n```\n"
        )
    return "\n".join(parts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages as soon as the configuration is read."""
    app.connect("config-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

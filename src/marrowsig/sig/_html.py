"""How signatures look in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from marrowsig._errors import first

if TYPE_CHECKING:
    from marrowsig.sig._set import SignatureSet
    from marrowsig.sig._signature import Signature


SHOWN = 40


def of_signature(sig: Signature) -> str:
    """Facts of one signature as a small table."""
    doi = str(sig.source.get("doi", ""))
    link = f'<a href="https://doi.org/{escape(doi)}">{escape(doi)}</a>' if doi else ""
    rows = {
        "genes": escape(
            f"{len(sig.up)} up, {len(sig.down)} down" + (", weighted" if sig.is_weighted else "")
        ),
        "up": escape(first(sig.up, 12)),
        "down": escape(first(sig.down, 12)),
        "source": " ".join(x for x in (escape(str(sig.source.get("where", ""))), link) if x),
        "licence": escape(str(sig.source.get("licence", ""))),
        "context": escape("; ".join(f"{k}: {v}" for k, v in sig.context.items())),
        "expected": escape(", ".join(f"{k} {v}" for k, v in sig.expect.items())),
    }
    body = "".join(
        f'<tr><th style="text-align:left">{k}</th><td style="text-align:left">{v}</td></tr>'
        for k, v in rows.items()
        if v
    )
    return f"<b>{escape(sig.id)}</b> {escape(sig.title)}<table>{body}</table>"


def of_set(sigs: SignatureSet) -> str:
    """One line per signature."""
    head = "".join(f"<th>{h}</th>" for h in ("id", "title", "up", "down", "licence"))
    body = "".join(
        f"<tr><td>{escape(s.id)}</td><td>{escape(s.title)}</td><td>{len(s.up)}</td><td>{len(s.down)}</td>"
        f"<td>{escape(str(s.source.get('licence', '')))}</td></tr>"
        for s in list(sigs)[:SHOWN]
    )
    if len(sigs) > SHOWN:
        body += f'<tr><td colspan="5">... {len(sigs) - SHOWN} more; table() lists all</td></tr>'
    return f"<b>SignatureSet of {len(sigs)}</b><table><tr>{head}</tr>{body}</table>"

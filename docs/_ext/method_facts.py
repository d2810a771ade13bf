"""The directive `method-facts`: what a scoring method needs and promises, from its row in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from markdown import facts, plain, wide_table
from sphinx.util.docutils import SphinxDirective

import marrowsig as ms
from marrowsig.sig._cite import _keywords, entries

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.application import Sphinx

    from marrowsig.methods import Method

NEEDS = {
    "rank": "the order of the genes within a sample, so that counts, CPM and their logs give the same",
    "value": "log expression",
    "genes": "log expression, and {} of every gene over all samples of the call",
    "cohort": "log expression of all samples at once",
}


class MethodFacts(SphinxDirective):
    """Table of needs, options and promises of the method that is named."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[Node]:
        """Give the table."""
        return self.parse_text_to_nodes(described(ms.methods.get(self.arguments[0])))


def described(method: Method) -> str:
    """Facts of a method in Markdown."""
    options = ", ".join(f"`{name}={value!r}`" for name, value in method.params.items())
    of = [key for key, text in entries().items() if method.name in _keywords(text)]
    rows = {
        "called": f'`ms.tl.score(adata, signatures, method="{method.name}")`',
        "reads": NEEDS[method.needs].format("the mean and SD" if method.spread else "the mean"),
        "options": options or "none",
        "further results": ", ".join(f"`{method.name}_{name}`" for name in method.extras),
        "range": _range(method),
        "other samples": "do not matter: a sample alone gets the same score"
        if method.per_obs
        else "matter: adding or leaving out a sample changes every score",
        "other signatures": "do not matter"
        if method.alone
        else "matter: signatures of one call share what they explain",
        "signs": "turning all weights turns the score"
        if method.signed
        else "falling genes are subtracted, but turning all weights does not turn the score",
        "weights": "count by their size" if method.weights else "count by their sign alone",
        "reference": ", ".join(f"{{cite:t}}`{key}`" for key in of if key != "marrowsig"),
    }
    return facts(rows.items())


def _range(method: Method) -> str:
    low, high = method.limits
    if np.isinf(low) and np.isinf(high):
        return "without limits"
    return plain(f"{low:g} to {high:g} in samples without ties")


class MethodTable(SphinxDirective):
    """All methods, one a row, with links to their pages."""

    def run(self) -> list[Node]:
        """Give the table."""
        names = [str(name) for name in ms.methods.table()["method"]]
        rows = []
        for name in names:
            m = ms.methods.get(name)
            page = name.replace(":", "_")
            yes = ["yes" if flag else "" for flag in (m.per_obs, m.alone, m.signed, m.weights)]
            rows.append([f"[{plain(name)}]({page}.md)", plain(m.summary), m.needs, *yes])
        head = ["method", "score", "reads", "sample alone", "signature alone", "signed", "weighted"]
        return self.parse_text_to_nodes(wide_table([19, 26, 9, 10, 13, 11, 12], head, rows))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("method-facts", MethodFacts)
    app.add_directive("method-table", MethodTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

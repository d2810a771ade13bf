"""A text, and the papers that it cites by their numbers."""

from __future__ import annotations

import html
from dataclasses import dataclass

from marrowsig.sig._cite import TESTS


@dataclass(frozen=True, eq=False, repr=False)
class MethodsText:
    """A paragraph of methods: `text`, the numbered `references` that it cites, their `keys` and `bibtex`.

    Slices, `len` and `in` are those of what `print` shows: `text`, then the references.
    """

    text: str
    references: tuple[str, ...]
    bibtex: str
    keys: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.text, "", *self.references])

    def __len__(self) -> int:
        return len(str(self))

    def __getitem__(self, at: int | slice) -> str:
        return str(self)[at]

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def _repr_html_(self) -> str:
        lines = "<br>".join(map(html.escape, self.references))
        return f"<p>{html.escape(self.text)}</p><p>{lines}</p>"


class Cited:
    """Numbers papers in the order in which they are cited."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}

    def __call__(self, *keys: str) -> str:
        """Return the numbers of these papers in brackets, runs of them joined."""
        found = sorted({self.keys.setdefault(key, len(self.keys) + 1) for key in keys})
        runs: list[list[int]] = []
        for n in found:
            if runs and n == runs[-1][-1] + 1:
                runs[-1].append(n)
            else:
                runs.append([n])
        return "[" + ", ".join(_run(run) for run in runs) + "]"

    def test(self, *names: str) -> str:
        """Return the numbers of the papers of these statistics."""
        return self(*(TESTS[name] for name in names))


def _run(run: list[int]) -> str:
    return f"{run[0]}\N{EN DASH}{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))

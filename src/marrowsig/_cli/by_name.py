"""Lines on signatures that were asked for on the command line, and that no claim or line above answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from marrowsig._cli.answered import main_blocks, plain
from marrowsig._errors import first
from marrowsig._report.words import NOT_ESTIMATED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from marrowsig._report.answer import Block
    from marrowsig._report.elements import Claim

HEAD = "Asked for by name (no claims, carry-over not checked; adj. p by {how}):"
BH = "Benjamini-Hochberg per contrast"
MIXED = "Holm of main signatures, else Benjamini-Hochberg per contrast"
N_TOLD = re.compile(r"(adj\. p (?:[<>] )?[\d.e-]+).*")


def asked_for(names: Sequence[str], ids: Sequence[str], answered: Collection[str]) -> list[str]:
    """Signatures `ids` of the run that `names` name and that are not `answered`.

    Those named exactly come first. An axis is answered by what is answered of it.

    >>> asked_for(["emt", "stat1", "il6.hallmark"], ["emt.a", "emt.b", "stat1.x", "il6.hallmark"], ["emt.a"])
    ['il6.hallmark', 'stat1.x']
    """
    axes = [name for name in names if not any(id.startswith(f"{name}.") for id in answered)]
    axes.sort(key=lambda name: name not in ids)  # named by their id first
    named = [id for name in axes for id in ids if id == name or id.startswith(f"{name}.")]
    return [id for id in dict.fromkeys(named) if id not in answered]


def lines(ids: Sequence[str], blocks: Sequence[Block], main: pd.DataFrame) -> Iterator[str]:
    """Give each signature a line below a heading: the contrasts that the study is about, in short."""
    shown = [b for b in main_blocks(blocks) if b.claims]
    said = {id: [(b.shown, _short(c)) for b in shown for c in b.claims if c.signature == id] for id in ids}
    told = {id: own for id, own in said.items() if own}
    if not told:
        return
    rows = main[main["signature"].isin(list(told))]
    yield HEAD.format(how=BH if rows["adjustment"].eq("BH").all() else MIXED)
    lost = [id for id, own in told.items() if all(text.startswith(NOT_ESTIMATED) for _, text in own)]
    for id, own in told.items():
        if id not in lost:
            yield f"  {id}: {'; '.join(f'{name} {text}' for name, text in own)}"
    if lost:
        yield f"  {NOT_ESTIMATED}, too few genes (coverage.csv): {first(lost, 3)}"


def _short(claim: Claim) -> str:
    return N_TOLD.sub(r"\1", plain(replace(claim, note="")))

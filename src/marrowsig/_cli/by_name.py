"""Lines on signatures that were asked for on the command line, and that no claim or line above answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from marrowsig._cli.answered import main_blocks, plain
from marrowsig._errors import first
from marrowsig._out_folder import LOG
from marrowsig._report.own_pairs import DIFFERS
from marrowsig._report.words import NOT_ESTIMATED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

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


def lines(
    ids: Sequence[str], blocks: Sequence[Block], main: pd.DataFrame, *, full: Collection[str] | None = None
) -> Iterator[str]:
    """Give each signature a line below a heading: the contrasts that the study is about, in short.

    Controls that are not among `full`, where it is given, share one line, of those that moved.
    """
    shown = [b for b in main_blocks(blocks) if b.claims]
    said = {id: [(b.shown, c) for b in shown for c in b.claims if c.signature == id] for id in ids}
    told = {id: own for id, own in said.items() if own}
    if not told:
        return
    rows = main[main["signature"].isin(list(told))]
    yield HEAD.format(how=BH if rows["adjustment"].eq("BH").all() else MIXED)
    few = [] if full is None else [id for id in told if id.startswith("control.") and id not in full]
    each = {id: own for id, own in told.items() if id not in few}
    lost = [id for id, own in each.items() if _lost(own)]
    for id, own in each.items():
        if id not in lost:
            yield f"  {id}: {'; '.join(f'{name} {_short(c)}' for name, c in own)}"
    if lost:
        yield f"  {NOT_ESTIMATED}, too few genes (coverage.csv): {first(lost, 3)}"
    if few:
        yield f"  {_controls({id: told[id] for id in few})}"


def one_each(ids: Sequence[str], blocks: Sequence[Block]) -> Iterator[str]:
    """Give each list of one's own a line: the contrasts that the study is about, in short.

    Where another test differs, that is said: the log has it.
    """
    shown = [b for b in main_blocks(blocks) if b.claims]
    for id in ids:
        told = [
            f"{b.shown} {_short(c)}{f' (another test differs: {LOG})' if DIFFERS in c.note else ''}"
            for b in shown
            for c in b.claims
            if c.signature == id
        ]
        if told:
            yield f"{id}: {'; '.join(told)}"


def _controls(told: Mapping[str, Sequence[tuple[str, Claim]]]) -> str:
    """Name the controls of which a change is established, with its contrasts, and count the others."""
    moved = []
    for id, own in told.items():
        if ways := [f"{name} {plain(c).split(' by ')[0].rstrip(',')}" for name, c in own if c.css != "open"]:
            moved.append(f"{id} ({'; '.join(ways)})")
    lost = sum(map(_lost, told.values()))
    aside = f" ({lost} {NOT_ESTIMATED}: too few genes, coverage.csv)" if lost else ""
    names = f": {first(moved, 4)}" if moved else ""
    return f"Controls: a change is established in {len(moved)} of {len(told)}{aside}{names}; each in {LOG}"


def _lost(own: Sequence[tuple[str, Claim]]) -> bool:
    return all(c.text.startswith(NOT_ESTIMATED) for _, c in own)


def _short(claim: Claim) -> str:
    return N_TOLD.sub(r"\1", plain(replace(claim, note="")))

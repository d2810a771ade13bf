"""Many contrasts of a formula in a line each: what is established, and the names of all others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._cli.answered import main_blocks, plain
from marrowsig._out_folder import LOG
from marrowsig._report.own_checked import UNASKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from marrowsig._report.answer import Block
    from marrowsig._report.elements import Claim

MOST = 16
"""Contrasts with a line of their own."""


def in_a_line_each(blocks: Sequence[Block], ids: Sequence[str]) -> Iterator[str]:
    """Say of each contrast which of these signatures are established; name those of which none is.

    >>> from marrowsig._report.answer import Block
    >>> from marrowsig._report.elements import Claim
    >>> up = Claim("il6.a", "up by 0.03 [0.02, 0.04], adj. p 0.001, 5 pairs", "up", "carry-over not asked")
    >>> no = Claim("il6.a", "not established: 0.01 [-0.01, 0.03], adj. p 0.4, 5 pairs", "open")
    >>> blocks = [Block("a", "?", "", [up], ["x"]), Block("b", "?", "", [no])]
    >>> first, second, last = in_a_line_each(blocks, ["il6.a"])
    >>> first, second[:19], second[-3:]
    ('  a: il6.a up by 0.03, adj. p 0.001', '  none established ', ': b')
    >>> last.partition(". ")[2]
    'A caution stands beside a in log.txt, with intervals, samples and all other answers.'
    """
    shown = main_blocks(blocks)
    held = {b.shown: [c for c in b.claims if c.signature in ids and c.css != "open"] for b in shown}
    moved = [name for name, own in held.items() if own]
    for name in moved[:MOST]:
        yield f"  {name}: {'; '.join(map(_short, held[name]))}"
    if len(moved) > MOST:
        yield f"  established, too: {', '.join(moved[MOST:])}"
    refused = [b.shown for b in shown if b.refused]
    if none := [name for name, own in held.items() if not own and name not in refused]:
        yield f"  none established (which is no evidence of no difference): {', '.join(none)}"
    if refused:
        yield f"  cannot be answered: {', '.join(refused)}"
    unasked = any(UNASKED in claim.note.split("; ") for own in held.values() for claim in own)
    yield (
        ("Carry-over was not asked of what moved. " if unasked else "")
        + _cautioned([b.shown for b in shown if b.cautions])
        + " intervals, samples and all other answers."
    )


def _cautioned(names: Sequence[str]) -> str:
    if not names:
        return f"In {LOG}:"
    what = "A caution stands" if len(names) == 1 else "Cautions stand"
    return f"{what} beside {', '.join(names)} in {LOG}, with"


def _short(claim: Claim) -> str:
    """Leave out interval and samples, and the note that is said once of all."""
    found = re.match(r"(.*?) \[[^]]*\](, adj\. p (?:[<=] )?[\d.e-]+)", claim.text)
    notes = "; ".join(note for note in claim.note.split("; ") if note != UNASKED)
    if not found:
        return f"{claim.signature} {plain(claim)}"
    return f"{claim.signature} {found[1]}{found[2]}{f' ({notes})' if notes else ''}"

"""The line of a run on the genes that no arm expresses, in the words of the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._out_folder import LOG
from marrowsig._report.silent import SETTLE, without

if TYPE_CHECKING:
    from marrowsig._run import Run

SEVERAL = re.compile(r"would change(?: \(.*?\))?(, and \w+ of \d+ on further questions)?(?: \(.*\))?\.")
"""What another choice of genes would change, with the names of verdicts."""
NONE = re.compile(r"^(.* none of \d+ .*? would change)\b(?!, and)")
"""Where it changes none."""


def of_silent(done: Run, *, every: bool = False) -> str:
    """Say how many genes `--expressed` leaves out, and what changes with the other way."""
    said = without(done.adata, done.design, done.beside, every=every)
    return said.replace("(ms.pp.expressed", "(--expressed")


def in_brief(said: str) -> str:
    """Leave the names of several verdicts to the log, for the terminal.

    >>> in_brief("Without them 2 of 13 verdicts on claims would change (A: supported -> cannot tell; B: so).")
    'Without them 2 of 13 verdicts on claims would change (log.txt).'
    >>> in_brief("1 of 9 verdicts on claims would change (A), and 2 of 6 on further questions (B; C).")
    '1 of 9 verdicts on claims would change, and 2 of 6 on further questions (log.txt).'
    """
    if none := NONE.search(said):
        return f"{none[1]} ({LOG})."
    found = SEVERAL.search(said)
    if found and "; " in found[0]:
        said = said.replace(found[0], f"would change{found[1] or ''} ({LOG}).")
    return said.replace(SETTLE, "Keep to the way settled on beforehand, and report this.")

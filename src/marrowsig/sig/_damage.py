"""Symbols that a spreadsheet or an old release has spoilt."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import GeneWarning, first

if TYPE_CHECKING:
    from collections.abc import Iterable

MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
CLONE = re.compile(r"A[CLPF]\d+\.\d+")
DATE = re.compile(
    rf"\d{{1,2}}-{MONTH}|{MONTH}-\d{{1,2}}|\d{{4}}-\d\d-\d\d(?:[ T].*)?|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}",
    re.IGNORECASE,
)
ENSEMBL = re.compile(r"ENS[A-Z]*G\d{11}(?:\.\d+)?")


def warn_damage(symbols: Iterable[str], label: str) -> None:
    """Warn of symbols that cannot be what the authors meant; nothing is repaired."""
    listed = list(dict.fromkeys(symbols))
    clones = [s for s in listed if CLONE.fullmatch(s)]
    dates = [s for s in listed if DATE.fullmatch(s)]
    stable = [s for s in listed if ENSEMBL.fullmatch(s)]
    blanks = [s for s in listed if re.search(r"\s", s) and s not in dates]
    _warn(
        clones,
        label,
        "look like clone names; MSigDB 7.0 lost genes this way (LTBR became AC005840.1). Use another release",
    )
    _warn(dates, label, "are dates that a spreadsheet made of symbols (SEPT6, MARCH1). Restore them by hand")
    _warn(stable, label, "are Ensembl ids and will not be found among symbols. Translate them")
    _warn(blanks, label, "hold blanks. Correct them by hand")


def _warn(found: list[str], label: str, message: str) -> None:
    if found:
        warnings.warn(f"{label}: {len(found)} entries ({first(found)}) {message}.", GeneWarning, stacklevel=6)

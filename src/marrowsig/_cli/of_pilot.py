"""What a plan takes from its pilot: the line to type where sizes or the signature are missing, and a rise."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

MAIN = "emt.hallmark"
SIZED = ("co_vs_mono", "co_in_parental", "interaction")
TWO_LINES = re.compile(r"_in_(?:parental|resistant)$|^interaction$|^resistan")
RISES = ("induction", "co_vs_mono", "co_in_parental", "co_in_resistant")


def require_sizes(
    contrasts: pd.DataFrame | None,
    pilot: Path | None,
    effects: Mapping[str, float],
    *,
    signature: str | None,
    method: str,
    inhibitors: tuple[str, ...],
    lines: int,
) -> None:
    """Say in one what is missing, with a line that has all of it; sizes of a pilot are its own estimates.

    Raises
    ------
    InputError
        If there is no effect, or the pilot has several signatures and none is named.
    """
    if contrasts is None or pilot is None:
        if not effects:
            msg = "No effect: give what is expected with --effect, such as --effect induction=1.5."
            raise InputError(msg)
        return
    own = contrasts[contrasts["method"].eq(method) & contrasts["estimate"].notna()]
    known = list(dict.fromkeys(own["signature"].astype(str)))
    several = signature is None and len(known) > 1
    if effects and not several:
        return
    name = signature or (MAIN if MAIN in known or not known else known[0])
    lacking = [] if effects else ["the sizes to find (--effect)"]
    lacking += [f"which of {len(known)} signatures (--signature)"] if several else []
    sizes = effects or sizes_of_pilot(contrasts, signature=name, method=method)
    if not sizes:
        sizes = {"induction": 0.05}
    drugs = [] if inhibitors else drugs_in(contrasts)
    words = ["marrowsig", "power", "--pilot", str(pilot), "--signature", name]
    words += ["--lines", "1"] if lines == 1 or "co_vs_mono" in sizes else []
    words += [word for contrast, size in sizes.items() for word in ("--effect", f"{contrast}={size:.2g}")]
    words += [word for drug in (*inhibitors, *drugs) for word in ("--inhibitor", drug)]
    told = [] if effects else ["The sizes are the pilot's own estimates: plan for less."]
    told += ["Leave --inhibitor out if none is planned."] if drugs else []
    line = shlex.join([*words, "--out", "plan"])
    raise InputError("\n".join([f"Give {' and '.join(lacking)}, as in:", line, " ".join(told)]).rstrip())


def lines_of(
    contrasts: pd.DataFrame | None, effects: Mapping[str, float], given: int | None
) -> tuple[int, str]:
    """Give the lines to plan; one, and a line that says so, if the pilot had one and no effect needs two."""
    if given is not None or contrasts is None:
        return given or 2, ""
    names = contrasts["contrast"].astype(str)
    rises = names[names.str.startswith("co_") | names.str.startswith("reversal_")]
    needed = [name for name in effects if TWO_LINES.search(name)]
    if rises.empty or rises.str.contains(TWO_LINES).any() or needed:
        return 2, ""
    return 1, "- One line is planned, as the pilot had; for parental and resistant cells add --lines 2."


def sizes_of_pilot(contrasts: pd.DataFrame, *, signature: str | None, method: str) -> dict[str, float]:
    """Give the rise, in parental cells or of one line, and the interaction of a pilot, as scored."""
    own = contrasts[contrasts["method"].eq(method) & contrasts["estimate"].notna()]
    own = own if signature is None else own[own["signature"].eq(signature)]
    found = own[own["contrast"].isin(SIZED)].drop_duplicates("contrast", keep=False)
    sizes = dict(zip(found["contrast"].astype(str), found["estimate"].astype(float), strict=True))
    return {name: sizes[name] for name in SIZED if name in sizes}


def with_rise(
    contrasts: pd.DataFrame | None, effects: Mapping[str, float], *, signature: str | None, method: str
) -> dict[str, float]:
    """Add the pilot's rise in parental cells to an interaction alone, which is no rise of 0 there."""
    if contrasts is None or "interaction" not in effects or set(RISES) & set(effects):
        return dict(effects)
    rise = sizes_of_pilot(contrasts, signature=signature, method=method).get("co_in_parental")
    return dict(effects) if rise is None else {**effects, "co_in_parental": float(f"{rise:.2g}")}


def drugs_in(contrasts: pd.DataFrame) -> list[str]:
    """Name the inhibitors of a pilot."""
    found = contrasts["contrast"].astype(str).str.extract(r"^reversal_(.+?)(?:_in_(?:parental|resistant))?$")
    return list(dict.fromkeys(found[0].dropna()))

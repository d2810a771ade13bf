"""What a plan takes from its pilot: the line to type where sizes or the signature are missing, and a rise."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

MAIN = "emt.hallmark"
SIZED = ("co_vs_mono", "co_in_parental", "interaction")
TWO_LINES = re.compile(r"_in_(?:parental|resistant)$|^interaction$|^resistan")
RISES = ("induction", "co_vs_mono", "co_in_parental", "co_in_resistant")


def require_sizes(
    tables: Mapping[str, pd.DataFrame | None],
    effects: Mapping[str, float],
    command: str,
    *,
    signature: str | None,
    method: str,
    inhibitors: tuple[str, ...],
    lines: int,
    in_sd: bool,
) -> None:
    """Say in one what is missing, with a line that has all of it; sizes of a pilot are its own estimates.

    `tables` are those of the pilot, with its claims where sizes are on fewer genes; the line is `command`, as
    as it was typed, with what is missing. `asked` among them are all claims, whose first list is proposed.

    Raises
    ------
    InputError
        If there is no effect, or the pilot has several signatures and none is named, or not the one that is.
    """
    contrasts, claims = tables.get("data"), tables.get("claims")
    if contrasts is None:
        if not effects:
            msg = "No effect: give what is expected with --effect, such as --effect induction=1.5."
            raise InputError(msg)
        return
    known = _scored(contrasts, signature, method)
    several = signature is None and len(known) > 1
    if effects and not several:
        return
    name = signature or _claimed(tables.get("asked"), known) or (MAIN if MAIN in known else known[0])
    lacking = [] if effects else ["the sizes to find (--effect)"]
    lacking += [f"which of {len(known)} signatures (--signature)"] if several else []
    scored = {} if effects or in_sd else sizes_of_pilot(contrasts, signature=name, method=method)
    kept = claims.assign(estimate=claims["filtered_estimate"]) if claims is not None and scored else None
    sizes = scored if kept is None else sizes_of_pilot(kept, signature=name, method=method)
    example = {} if effects or sizes else {"induction": 1.5 if in_sd else 0.05}
    drugs = [] if inhibitors else drugs_in(contrasts)
    words = ["--signature", name] if several else []
    one = lines == 1 or "co_vs_mono" in sizes
    words += ["--lines", "1"] if one and "--lines" not in shlex.split(command) else []
    words += _typed("--effect", sizes or example)
    words += _typed("--as-scored", {c: scored[c] for c in sizes if c in scored}) if kept is not None else []
    words += [word for drug in drugs for word in ("--inhibitor", drug)]
    told = ["The sizes are the pilot's own estimates: plan for less."] if sizes else []
    told += ["The size is an example, and none of the pilot."] if example else []
    told += ["Leave --inhibitor out if none is planned."] if drugs else []
    line = f"{command} {shlex.join(words)}"
    raise InputError("\n".join([f"Give {' and '.join(lacking)}, as in:", line, " ".join(told)]).rstrip())


def claimed_by(pilot: Path | None) -> pd.DataFrame | None:
    """Read the claims of a pilot's folder; None where it has none."""
    import pandas as pd

    file = None if pilot is None else (pilot if pilot.is_dir() else pilot.parent) / "claims.csv"
    return pd.read_csv(file) if file is not None and file.exists() else None


def _claimed(claims: pd.DataFrame | None, known: Sequence[str]) -> str:
    """Name the signature of the first claim of the pilot that was scored; empty without one."""
    if claims is None or "signature" not in claims:
        return ""
    names = claims["signature"].dropna().astype(str)
    return next((name for name in names if name in known), "")


def _scored(contrasts: pd.DataFrame, signature: str | None, method: str) -> list[str]:
    """Name the signatures of a pilot, in which that of the plan has to be."""
    names = contrasts["signature"].astype(str)
    known = list(dict.fromkeys(names[contrasts["method"].eq(method)]))
    if not known:
        msg = f"The pilot has no scores by {method}, but by {first(contrasts['method'].unique())}: --method."
        raise InputError(msg)
    if signature is not None and signature not in known:
        msg = (
            f"{signature!r} by {method} is not in the pilot.{near(signature, known)} It has {len(known)} "
            f"signatures: {first(known)}. Name one: --signature."
        )
        raise InputError(msg)
    return known


def _typed(option: str, sizes: Mapping[str, float]) -> list[str]:
    return [word for contrast, size in sizes.items() for word in (option, f"{contrast}={size:.2g}")]


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
    contrasts: pd.DataFrame | None,
    effects: Mapping[str, float],
    *,
    signature: str | None,
    method: str,
    in_sd: bool = False,
) -> dict[str, float]:
    """Add the pilot's rise in parental cells to an interaction alone, which is no rise of 0 there.

    Beside effects in SDs, it is in SDs of the pilot.
    """
    if contrasts is None or "interaction" not in effects or set(RISES) & set(effects):
        return dict(effects)
    rise = sizes_of_pilot(contrasts, signature=signature, method=method).get("co_in_parental")
    if rise is None:
        return dict(effects)
    if in_sd:
        from marrowsig.tl._power_tables import of_study

        rise /= of_study(contrasts, None, signature=signature, method=method).within
    return {**effects, "co_in_parental": float(f"{rise:.2g}")}


def drugs_in(contrasts: pd.DataFrame) -> list[str]:
    """Name the inhibitors of a pilot."""
    found = contrasts["contrast"].astype(str).str.extract(r"^reversal_(.+?)(?:_in_(?:parental|resistant))?$")
    return list(dict.fromkeys(found[0].dropna()))

"""Columns and levels that a design leaves out and that a person may have meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from marrowsig._arms import as_text, read
from marrowsig._changes_nothing import changes_nothing
from marrowsig._coded_numbers import coded_numbers
from marrowsig._covariates import is_covariate
from marrowsig._errors import count, first, warn_once
from marrowsig._joined_levels import joined
from marrowsig._lane_is_arm import lane_is_arm
from marrowsig._own_levels import told_own_levels
from marrowsig._repeats import pooled_times
from marrowsig._stimulus import drug_as_line, taken_for_coculture
from marrowsig._swapped import swapped
from marrowsig._unlike import DONOR, ROLES

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._arms import Arms
    from marrowsig.design import Design

_DATE = r"\d{4}-\d{1,2}-\d{1,2}( .*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
_NUMBER = r"[+-]?\d+[.,]\d+"
_PAIRED = re.compile(r"pair|exp|rep|run|block|match|passage", re.IGNORECASE)
FEWEST = 3
"""Levels from which on a column is taken for one that may hold pairs."""
MOST_THERE = 0.8
"""Share of the samples of complete pairs that has to be there."""


def warn_of_overlooked(design: Design, obs: pd.DataFrame, arms: Arms) -> None:
    """Warn of arms that mix compartments or treatments, of swapped levels, of idle columns."""
    found = [*swapped(design, arms), *_mixed(design, obs, arms)]
    found += [*_coded(design, arms), *_measured(design, arms)]
    found += joined(design, obs) or told_own_levels(design, obs)  # the first says both
    found += [*lane_is_arm(design, obs, arms), *drug_as_line(design), *taken_for_coculture(design)]
    found += changes_nothing(design, arms)
    for told in (*found, *pooled_times(design, obs, arms)):
        warn_once(told, of=_rows(arms), stacklevel=5)


def _coded(design: Design, arms: Arms) -> list[str]:
    used = {c: arms.frame[f].dropna().to_numpy() for f, c in design.columns.items() if is_covariate(f)}
    return coded_numbers(used, "batch={column!r}, not covariates=.")


def _measured(design: Design, arms: Arms) -> list[str]:
    """Name batches that hold decimal numbers, most of them once: measured, and no classes."""
    found = []
    for field, column in design.columns.items():
        if not field.startswith("batch"):
            continue
        level = as_text(arms.frame[field]).dropna()
        if re.search(r"\d[.,]\d", " ".join(level)) and level.str.fullmatch(r"[+-]?\d+([.,]\d+)?").all():
            n = level.nunique()
            if 2 * n > len(level):
                found.append(
                    f"The batch {column!r} holds numbers ({first(sorted(set(level)))}), {n} in {len(level)} "
                    f"samples, and each is a class of its own. Measured numbers are covariates: give "
                    f"covariates={column!r} in place of batch."
                )
    return found


def _rows(arms: Arms) -> object:
    """Give samples and their arms, by which a warning is the same one."""
    return tuple(zip(arms.frame["name"], arms.frame["arm"], strict=True))


def _mixed(design: Design, obs: pd.DataFrame, arms: Arms) -> list[str]:
    used = set(design.columns.values())
    found = []
    for role, named in ROLES.items():
        if getattr(design, role, "a formula has no such field") is not None:
            continue
        for column in (c for c in obs.columns if c not in used and named.match(str(c))):
            level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)
            per_arm = level.groupby(arms.frame["stratum"] + "|" + arms.frame["arm"]).nunique()
            if (per_arm > 1).any():
                found.append(
                    f"Arms mix the levels of {str(column)!r} ({first(sorted(set(level.dropna())))}), "
                    f"which the design does not use. Give {role}={str(column)!r}, or leave rows out."
                )
    return found


def possible_pairs(design: Design, obs: pd.DataFrame) -> list[str]:
    """Say which column has each of its levels once in every arm of a line, where the design pairs nothing.

    Columns named after donors are left to the check of replicates, which looks for them anyway.
    """
    if design.pair is not None or design.unit is not None:
        return []
    column, where = _pairing(design, obs, read(design, obs))
    if not column:
        return []
    said = f"Column {column!r} has each of its levels {where}, and nothing is paired"
    return [f"{said}; if these are pairs, add {_as_pair(column)}."]


def other_pair(design: Design, obs: pd.DataFrame, arms: Arms, pair: pd.Series) -> str:
    """Say which column would pair the rows in the place of one that does not; empty without.

    A column with every level in every arm may name pairs with repeats, unless it holds dates, and so may
    one named after donors: nothing is said there.
    """
    column, where = _pairing(design, obs, arms)
    name = str(design.pair)
    if not column or DONOR.search(name):
        return ""
    arm, line, known = arms.frame["arm"], _line(arms), pair.dropna()
    complete = all(
        pair[rows].groupby(arm[rows]).nunique().eq(pair[rows].nunique()).all()
        for rows in line.groupby(line).groups.values()
    )
    if complete and not known.astype(str).str.fullmatch(_DATE).all():
        return ""
    return (
        f"{name!r} does not name pairs: rows share it within an arm. Column {column!r} has each of its "
        f"levels {where}: if these are pairs, give {_as_pair(column)}."
    )


def _as_pair(column: str) -> str:
    return f"pair={column!r}"


def _line(arms: Arms) -> pd.Series:
    return arms.frame["stratum"] + "|" + arms.frame.get("line", "")


def _pairing(design: Design, obs: pd.DataFrame, arms: Arms) -> tuple[str, str]:
    """Find an unused column with each of its levels once in every arm of a line, and say of which arms.

    A few samples may be missing, as they do after a library has failed.
    """
    frame, used, line = arms.frame, set(design.columns.values()), _line(arms)
    found: dict[str, str] = {}
    for column in (str(c) for c in obs.columns if c not in used and not DONOR.search(str(c))):
        level = as_text(obs[column]).iloc[frame["row"]].reset_index(drop=True)
        if level.isna().any() or level.str.fullmatch(f"{_NUMBER}|{_DATE}").any():
            continue
        for where, within in (("every arm", frame["stratum"]), ("every arm of its line", line)):
            parts = frame.groupby(within).groups.values()
            lacking = [_lacking(frame["arm"][rows], level[rows]) for rows in parts]
            if None not in lacking and not _crosses_batches(design, obs, arms, level):
                n = sum(filter(None, lacking))
                gaps = f" but for {count(n, 'sample that is not there', 'samples that are not there')}"
                found.setdefault(column, f"once in {where}{gaps if n else ''}")
    column = min(found, key=lambda column: _PAIRED.search(column) is None, default="")
    return column, found.get(column, "")


def _crosses_batches(design: Design, obs: pd.DataFrame, arms: Arms, level: pd.Series) -> bool:
    """Whether a level lies in several levels of a batch: then it numbers samples, and pairs none."""
    rows = arms.frame["row"]
    batches = [as_text(obs[c]).iloc[rows].reset_index(drop=True) for c in getattr(design, "batches", ())]
    return any(batch.groupby(level).nunique().max() > 1 for batch in batches)


def _lacking(arm: pd.Series, level: pd.Series) -> int | None:
    """Count the pairs of arm and level without a row; None where the levels can be no pairs."""
    n_arms, n_levels = arm.nunique(), level.nunique()
    all_differ = not (arm + "|" + level).duplicated().any()
    full = n_arms * n_levels
    if n_arms < 2 or n_levels < FEWEST or not all_differ or len(arm) < MOST_THERE * full:
        return None
    return full - len(arm)

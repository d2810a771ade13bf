"""From the options of the command line to a `Design`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import DesignError, first, near_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

COLUMNS = ("culture", "line", "inhibitor", "compartment", "time", "pair", "unit")
LEVELS = ("mono", "co", "parental", "resistant", "vehicle")
FACTORS = ("culture", "line")
GUESSED = ("culture", "line", "inhibitor", "pair", "unit", "batch")
STRATA = ("compartment", "time")  # whether to separate or to adjust is not guessed
FEW = 12


def design_of(obs: pd.DataFrame, given: Mapping[str, Any]) -> tuple[Design | FormulaDesign, list[str]]:
    """Return the design that the options name, and what was guessed.

    Without any option, columns that carry the default names (culture, line, ...) are taken.

    Raises
    ------
    DesignError
        If no column is named and none carries a default name; it lists columns and levels. If fields and a
        formula are mixed, or one of the formula's options cannot be read.
    """
    from marrowsig._cli.formula import formula_of
    from marrowsig._joined_levels import told_joined
    from marrowsig.design import Design

    if any(given.get(name) for name in ("formula", "levels", "contrasts", "at")):
        return formula_of(given), []
    values = {k: given[k] for k in (*COLUMNS, *LEVELS) if given.get(k) is not None}
    batch, slopes = list(given.get("batch") or ()), list(given.get("covariates") or ())
    if not batch and not any(k in values for k in COLUMNS):
        guessed = [c for c in GUESSED if c in obs and len(obs[c].dropna().unique()) > 1]
        if not set(guessed) & set(FACTORS):
            raise DesignError(_nothing(obs))
        strata = [c for c in STRATA if c in obs and len(obs[c].dropna().unique()) > 1]
        if strata:
            raise DesignError(_unsaid(strata, guessed))
        values |= {c: c for c in guessed if c != "batch"}
        batch = ["batch"] if "batch" in guessed else []
        options = " ".join(f"--{c} {c}" for c in guessed)
        said = [f"No design was given; columns with the usual names are taken: {options}."]
    else:
        said = []
    absent = [c for c in [*(values[k] for k in COLUMNS if k in values), *batch, *slopes] if c not in obs]
    if absent:
        meant = "".join(dict.fromkeys(near_column(column, obs.columns) for column in absent))
        msg = f"The samples have no column {first(map(repr, absent))}.{meant}\n{describe(obs)}"
        raise DesignError(msg)
    if not set(values) & set(FACTORS):
        msg = f"Nothing to compare: give --culture or --line.\n{describe(obs)}"
        raise DesignError(msg)
    if values.get("culture") and values["culture"] == values.get("inhibitor"):
        bare = Design(**{k: v for k, v in values.items() if k not in ("inhibitor", "vehicle")})
        bare.arms(obs.dropna(subset=list(bare.columns.values())))  # levels that are not there come first
        if told := told_joined(bare, obs):
            raise DesignError(told)
    several: dict[str, Any] = {"batch": batch, "covariates": slopes}
    for name, columns in several.items():
        if columns:
            values[name] = columns[0] if len(columns) == 1 else columns
    return Design(**values), said


def named_primary(names: Sequence[str]) -> list[str] | None:
    """Signatures of the primary family; None for the usual ones, an empty list for 'none'."""
    return [] if list(names) == ["none"] else list(names) or None


def describe(obs: pd.DataFrame) -> str:
    """Columns of the samples with their levels, one a line."""
    lines = []
    for column in obs.columns:
        levels = [str(v) for v in obs[column].dropna().unique()]
        shown = (
            first(sorted(levels), 8) if len(levels) <= FEW else f"{len(levels)} values: {first(levels, 3)}"
        )
        lines.append(f"  {column}: {shown}")
    return "Columns and their levels:\n" + (
        "\n".join(lines) or "  none: name the sample sheet as the second file"
    )


def _unsaid(strata: list[str], guessed: list[str]) -> str:
    options = " ".join(f"--{c} {c}" for c in [*guessed, *strata])
    return (
        f"The samples have several levels of {first(strata)}, and no design was given. "
        f"Analyse them apart with {options}, or take them as a shift with --batch."
    )


def _nothing(obs: pd.DataFrame) -> str:
    return (
        "No design was given, and no column is called culture or line. Say what to compare, e.g. "
        f"--culture COLUMN --mono LEVEL --co LEVEL.\n{describe(obs)}"
    )

"""Columns that say that rows of one unit in one arm are unlike: by cells, by treatment, by time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pandas as pd

from marrowsig._arms import as_text, in_order
from marrowsig._errors import DesignError, first
from marrowsig._repeats import DOSE, TIME, into_formula, is_formula
from marrowsig._stimulus import is_cytokine, is_stimulus
from marrowsig._vehicle_words import nothing_given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marrowsig._arms import Arms
    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

ROLES = {
    "compartment": re.compile(r"^compartments?$", re.IGNORECASE),
    "inhibitor": re.compile(r"^(inhibitor|drug|treatment)s?$", re.IGNORECASE),
}
VEHICLE = re.compile(r"^(dmso|vehicle|veh|none|untreated|control|ctrl|mock|pbs)$", re.IGNORECASE)
DONOR = re.compile(
    r"(^|[\s._-])(donor|patient|individual|subject|participant|animal|mouse|pdx)s?"
    r"([\s._-]?(id|no|nr|number|name|code))?$",
    re.IGNORECASE,
)
_LINE = re.compile(r"line|genotype|clone|resist|^cells?$", re.IGNORECASE)
LINES = 2
BULK = 100
"""Rows from which on a column without a known role may be one that sorts cells."""
_TECHNICAL = re.compile(
    r"lane|run|flow[\s._-]?cell|seq|librar|batch|tech|rep|sample|file|index|barcode|reads?($|[\s._-])|plate|"
    r"well|pool|kit|chip|slide|operator|date|day|exp|pair|block|match|passage|geo|gsm|srr|srx|"
    r"(^|[\s._-])(id|name|title|label|n[ro]?|number|notes?|comments?|remarks?|qc|rin)($|[\s._-])",
    re.IGNORECASE,
)
"""Names of columns that tell repeats of one sample from each other, or each sample from all others."""
_LEUKAEMIA = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:hu?)?cd(?:45|33|34|13|117)\s?(?:\+|pos\w*|⁺)"
    r"|cd(?:90|73|105|271|146)\s?(?:neg\w*|-(?![A-Za-z0-9]))"
    r"|(?:aml|leuka?emia\w*|leuka?emic|blasts?)(?![A-Za-z0-9]))",
    re.IGNORECASE,
)
_STROMA = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:hu?)?cd(?:90|73|105|271|146)\s?(?:\+|pos\w*|⁺)"
    r"|cd45\s?(?:neg\w*|-(?![A-Za-z0-9]))"
    r"|(?:(?:bm|h)?-?mscs?|strom(?:a|al)|fibroblasts?|hs-?5|hs-?27a?|op9|ms-?5)(?![A-Za-z0-9]))",
    re.IGNORECASE,
)
_MARKER = re.compile(
    r"^\W*(?:sorted\s+)?(?:cd\d+[a-z]?\s?(?:\+|-|pos\w*|neg\w*|⁺|⁻|hi\w*|lo\w*)\W*)+$", re.IGNORECASE
)


def looks_like(level: str) -> str:
    """'leukaemia' or 'stroma' where the name of sorted cells says one of the two, else empty."""
    blasts, stroma = _LEUKAEMIA.search(level), _STROMA.search(level)
    return "" if bool(blasts) == bool(stroma) else "leukaemia" if blasts else "stroma"


def holds_cells(levels: set[str]) -> bool:
    """Whether levels name sorted cells: all are markers, or some are stroma and others leukaemia."""
    if len(levels) < 2:
        return False
    kinds = [looks_like(level) for level in levels]
    return all(map(_MARKER.search, levels)) or ({"leukaemia", "stroma"} <= set(kinds) and all(kinds))


def telling_apart(
    design: Design, obs: pd.DataFrame, arms: Arms, unit: pd.Series, *, known_only: bool = False
) -> tuple[list[str], str, bool]:
    """Find unused compartments, treatments, times or others that differ among rows of one unit in one arm.

    Returns the columns, what to do with them, and whether no sum may be advised: no rows share an arm once
    they are used, or nobody can say what the rows are. Empty without.
    """
    keys = arms.frame[["stratum", "arm"]].assign(unit=unit).dropna()
    columns: list[str] = []
    told: list[str] = []
    for role, column in _in_roles(design, obs):
        level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)[keys.index]
        if level.groupby([keys[k] for k in keys]).nunique().max() < 2:
            continue
        keys = keys.assign(**{f"level {len(columns)}": level}).dropna()
        apart = not keys.duplicated().any()
        told.append(_as_role(design, obs, arms, unit, role, column, "them" if apart else "some of them"))
        columns.append(column)
        if apart:
            return columns, " ".join(told), True
    for column in () if known_only else _without_role(design, obs, arms):
        level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)[keys.index]
        if level.nunique() < len(level) and level.groupby([keys[k] for k in keys]).nunique().max() > 1:
            apart = not keys.assign(level=level).dropna().duplicated().any()
            return (
                [*columns, column],
                " ".join([*told, _by_itself(design, column, level, obs, apart=apart, unit=unit)]),
                True,
            )
    return columns, " ".join(told), False


def require_alike(design: Design | FormulaDesign, obs: pd.DataFrame, unit: str) -> None:
    """Raise where rows that are to be summed are sorted cells or treatments that the design does not name."""
    keys = [unit, *dict.fromkeys(c for c in design.columns.values() if c != unit)]
    for role, column in _in_roles(cast("Design", design), obs):
        if role == "time" or (role == "inhibitor" and getattr(design, role, None) is not None):
            continue
        level = as_text(obs[column]).set_axis(obs.index)
        n = level.groupby([obs[k] for k in keys], observed=True).nunique()
        if n.max() > 1:
            remedy = f"Name it with ms.Design(..., {_given(role, column, obs, level)})"
            if is_formula(design):
                remedy = "Put it into the formula"
            seen = first(_seen(obs[column], level))
            msg = (
                f"Rows of one {unit!r} and arm differ in {column!r} ({seen}), and counts of unlike samples "
                f"are not summed. {remedy}, or leave the rows of the others out."
            )
            raise DesignError(msg)


def _in_roles(design: Design, obs: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Give roles that are free and the unused columns that fit them, by name or by what they hold."""
    used, given = set(design.columns.values()), set()
    for role, named in (ROLES | {"time": TIME}).items():
        taken = None if is_formula(design) else getattr(design, role)
        if taken is not None and role != "inhibitor":
            continue
        for column in (str(c) for c in obs.columns if c not in used and c not in given):
            cells = role == "compartment" and not DONOR.search(column) and names_cells(obs[column])
            if named.search(column) or cells:
                given.add(column)
                yield role, column


def names_cells(values: pd.Series) -> bool:
    """Whether a column of obs names sorted cells, stroma and leukaemia or markers."""
    if pd.api.types.is_numeric_dtype(values):
        return False
    return holds_cells(set(as_text(pd.Series(values.dropna().unique())).dropna()))


def _without_role(design: Design, obs: pd.DataFrame, arms: Arms) -> Iterator[str]:
    if len(arms.frame) >= BULK:
        return
    used = set(design.columns.values())
    for column in (str(c) for c in obs.columns if c not in used):
        technical = _TECHNICAL.search(column) or DONOR.search(column)
        if not technical and (DOSE.search(column) or not pd.api.types.is_numeric_dtype(obs[column])):
            yield column


def _as_role(
    design: Design, obs: pd.DataFrame, arms: Arms, unit: pd.Series, role: str, column: str, whom: str
) -> str:
    level = as_text(obs[column]).iloc[arms.frame["row"]].reset_index(drop=True)
    told = f"Column {column!r} ({first(_seen(obs[column], level))}) tells {whom} apart: "
    told += "if these are time points, " if role == "time" else ""
    if is_formula(design):
        nested = arms.frame["arm"].groupby(unit).nunique().max() == 1
        return told + into_formula(cast("FormulaDesign", design), column, str(unit.name), nested=nested) + "."
    from marrowsig._disease_states import as_lines

    taken = getattr(design, role)
    if design.line is None and (given := as_lines(column, obs[column])):
        states = f"to compare these states of the disease, name it with ms.Design(..., {given}); "
        told = told.replace("apart: ", f"apart: {states}", 1)
    told += f"name it with ms.Design(..., {_given(role, column, obs, level)})"
    return told + (f" in the place of {taken!r}, which takes them for one." if taken else ".")


def _given(role: str, column: str, obs: pd.DataFrame, level: pd.Series) -> str:
    seen = _seen(obs[column], level)
    without = next((name for name in seen if VEHICLE.match(name) or nothing_given(name)), None)
    vehicle = f", vehicle={without!r}" if role == "inhibitor" and without else ""
    return f"{role}={column!r}{vehicle}"


def _by_itself(
    design: Design, column: str, level: pd.Series, obs: pd.DataFrame, *, apart: bool, unit: pd.Series
) -> str:
    from marrowsig._disease_states import as_lines

    seen = _seen(obs[column], level)
    whom = "them" if apart else "some of them"
    told = f"Column {column!r} ({first(seen)}) tells {whom} apart: unlike samples are not to be summed. "
    if _LINE.search(column) and not is_formula(design) and design.line is None and len(seen) == LINES:
        parental, resistant = sorted(seen, key=lambda name: (len(name), name))
        given = f"line={column!r}, parental={parental!r}, resistant={resistant!r}"
        told += f"Where they are a parental and a resistant line, give ms.Design(..., {given}). "
    elif not is_formula(design) and design.line is None and (given := as_lines(column, obs[column])):
        told += f"To compare these states of the disease, give ms.Design(..., {given}). "
    if apart and _LINE.search(column) and not is_formula(design) and unit.name == design.pair:
        pair, one = str(design.pair), f"{as_text(unit).dropna().iloc[0]} ({seen[0]})"
        return (
            f"{told}If the levels of {pair!r} are used again for other cultures in each level of {column!r}, "
            f"make the labels unique, such as {one!r}: join both columns into a new one, 'own pair', and "
            f"give pair='own pair'. In Python: adata.obs['own pair'] = adata.obs[{pair!r}].astype(str) + "
            f"' (' + adata.obs[{column!r}].astype(str) + ')'."
        )
    drugs = any(map(_drug_or_none, seen)) and not any(map(is_cytokine, seen))
    if not is_formula(design) and design.inhibitor is None and drugs:
        given = _given("inhibitor", column, obs, level)
        told += f"Where they are drugs or antibodies, give ms.Design(..., {given}). "
    return (
        f"{told}Compare each of its levels by itself, without the rows of the others. If it only numbers "
        "repeats of one sample, call it 'run'."
    )


def _drug_or_none(level: str) -> bool:
    """Whether a level names a drug or an antibody, or says that nothing was given."""
    return is_stimulus(level) or nothing_given(level)


def _seen(values: pd.Series, level: pd.Series) -> list[str]:
    there = set(level.dropna())
    return [name for name in in_order(values) if name in there]

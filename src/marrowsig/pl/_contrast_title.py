"""A contrast in the user's own levels, from the design or from the arms that the table names."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from marrowsig._arm_names import within
from marrowsig._contrast_kinds import inhibitor_of
from marrowsig._contrasts import spelled
from marrowsig._slope_unit import per_unit_of
from marrowsig._titles import CONTRASTS
from marrowsig._vehicle_words import control_of, fall_under

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ROLES = ("mono", "co", "parental", "resistant")
BY_ROLE = SimpleNamespace(**dict(zip(ROLES, ROLES, strict=True)))


def named(contrast: str, design: object, labels: Mapping[str, str] | None = None) -> str:
    """Write a contrast by the levels of the design, and these as `labels` has them.

    >>> from marrowsig.design import Design
    >>> named("co_vs_mono", Design(culture="arm", co="BM-MSC_24h"), {"BM-MSC_24h": "MSC"})
    'MSC vs mono'
    >>> named("reversal_JAKi_A_in_resistant", Design(culture="arm"), {"JAKi_A": "ruxolitinib"})
    'fall under ruxolitinib in resistant'
    """
    own = labels or {}
    if contrast in own:
        return own[contrast]
    if slope := per_unit_of(contrast, design):
        return f"{contrast},{slope}"
    if own and hasattr(design, "mono"):
        levels = {role: str(getattr(design, role)) for role in ROLES}
        contrast = _with_drug(contrast, own)
        roles = {role: own.get(level, level) for role, level in levels.items()}
        design = SimpleNamespace(**roles, control=control_of(design, own))
    return spelled(contrast, design)


def _with_drug(contrast: str, own: Mapping[str, str]) -> str:
    """Put another word for the inhibitor into the name of a contrast, from which it is read."""
    where = next((f"_in_{role}" for role in ROLES[2:] if contrast.endswith(f"_in_{role}")), "")
    kind, drug = inhibitor_of(contrast.removesuffix(where))
    return f"{kind}{own[drug]}{where}" if drug in own else contrast


def in_words(text: str, labels: Mapping[str, str] | None) -> str:
    """Put other words for the levels that a text names, each as a whole.

    >>> in_words("MSC vs alone in relapse", {"MSC": "with stroma", "relapse": "R"})
    'with stroma vs alone in R'
    """
    own = {level: said for level, said in (labels or {}).items() if level}
    if not own:
        return text
    known = "|".join(map(re.escape, sorted(own, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{known})(?!\w)", lambda found: own[found[0]], text)


def of_rows(rows: pd.DataFrame, design: object, labels: Mapping[str, str] | None = None) -> str:
    """Name the contrast of some rows by the design, else as its result keeps it, else by its roles.

    Levels are named as `labels` has them.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"contrast": ["co_in_resistant"]})
    >>> of_rows(rows, None)
    'co vs mono in resistant'
    >>> rows.attrs["contrasts"] = {"co_in_resistant": "MSC vs alone in relapse"}
    >>> of_rows(rows, None)
    'MSC vs alone in relapse'
    """
    name = str(rows["contrast"].iloc[0])
    if design is not None or name in (labels or {}):
        return named(name, design, labels)
    return in_words(str(rows.attrs.get(CONTRASTS, {}).get(name) or spelled(name, BY_ROLE)), labels)


def contrast_title(
    row: Mapping[str, Any],
    design: object,
    labels: Mapping[str, str] | None = None,
    known: Mapping[str, str] | None = None,
) -> str:
    """Name the contrast of a row by its levels; else as its result keeps it (`known`), or by its roles.

    >>> contrast_title({"contrast": "co_vs_mono", "test_arm": "MSC", "base_arm": "alone"}, None)
    'MSC vs alone'
    >>> contrast_title({"contrast": "co_in_parental", "test_arm": "P:MSC", "base_arm": "P:alone"}, None)
    'MSC vs alone in P'
    >>> contrast_title({"contrast": "interaction"}, None)
    'interaction'
    """
    name, own = str(row["contrast"]), labels or {}
    if design is not None or name in own:
        return named(name, design, own)
    kept = (known or {}).get(name, "")
    told = _by_arms(row, name, own, kept) or kept
    return told or (name if name == "interaction" else spelled(name, BY_ROLE))


def _by_arms(row: Mapping[str, Any], name: str, own: Mapping[str, str], kept: str) -> str:
    test, base = (str(row[side]) if side in row else "" for side in ("test_arm", "base_arm"))
    if not test or not base:
        return ""
    if name in ("co_vs_mono", "resistant_vs_parental"):
        return f"{own.get(test, test)} vs {own.get(base, base)}"
    if name.startswith("reversal_"):
        line, _, _ = test.partition(":") if ":" in test else ("", "", "")
        drug = base.removeprefix(f"{test}+")
        where = f" in {own.get(line, line)}" if line else ""
        if kept.startswith(f"{fall_under(drug)} against "):  # a control that the arms do not name
            return in_words(kept, own)
        return "" if drug == base else f"{fall_under(own.get(drug, drug))}{where}"
    sides = [[own.get(level, level) for level in side.split(":")] for side in (test, base)]
    if not name.startswith(("co_in_", "resistance_in_")) or any(len(side) != 2 for side in sides):
        return ""
    (line, culture), (other, base_culture) = sides
    return (
        f"{culture} vs {base_culture} in {line}" if line == other else f"{line} vs {other} {within(culture)}"
    )

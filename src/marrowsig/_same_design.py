"""Whether a table of contrasts, or of claims, is of the design that is given with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pandas.api.types import is_bool_dtype, is_numeric_dtype

from marrowsig._arm_names import arm_name
from marrowsig._contrast_kinds import inhibitor_of
from marrowsig._contrasts import contrasts
from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

SIDES = ("test_arm", "base_arm")
ROLES = ("parental", "resistant")


def require_same_design(
    res: pd.DataFrame | None,
    design: Design | FormulaDesign | None,
    *,
    asked: pd.DataFrame | None = None,
    claims: pd.DataFrame | None = None,
) -> None:
    """Refuse contrasts between other arms than those of the design, and claims on other lines.

    `asked` is what `design.contrasts` returned, without which a formula is not read. What cannot be told,
    such as arms that a file made numbers of, passes.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> res = pd.DataFrame({"contrast": ["co_vs_mono"], "test_arm": ["MSC"], "base_arm": ["alone"]})
    >>> require_same_design(res, Design(culture="arm", mono="alone", co="MSC"))
    >>> require_same_design(res, Design(culture="arm", mono="MSC", co="alone"))
    Traceback (most recent call last):
    marrowsig._errors.InputError: res is of another design: its 'co_vs_mono' compares 'MSC' with 'alone', ...
    """
    if design is None:
        return
    plain = hasattr(design, "mono")
    if (
        res is not None
        and {"contrast", *SIDES} <= set(res)
        and not any(_no_text(res[side]) for side in SIDES)
    ):
        rows = res[["contrast", *SIDES]].dropna().astype(str).drop_duplicates()
        known = _of_design(design, rows["contrast"]) if plain else _of_table(asked)  # type: ignore[arg-type]
        for name, *sides in rows.itertuples(index=False):
            if name in known and tuple(sides) not in known[name]:
                _refuse(name, sides, known[name][0])
    if plain and claims is not None and {"contrast", "line"} <= set(claims):
        _require_same_lines(claims, design)  # type: ignore[arg-type]


def _no_text(column: pd.Series) -> bool:
    return bool(is_numeric_dtype(column) or is_bool_dtype(column))


def _of_design(design: Design, names: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Both sides of every contrast of a design, by name; its inhibitors are those that the names tell."""
    drugs: tuple[str, ...] = ()
    if design.inhibitor is not None:
        found = (inhibitor_of(name)[1] for name in names)
        if design.line is not None:
            found = (drug.removesuffix("_in_parental").removesuffix("_in_resistant") for drug in found)
        drugs = tuple(dict.fromkeys(filter(None, found)))
    lines = ("",) if design.line is None else (design.parental, design.resistant)
    alone = {arm_name(design, line, design.mono, drug) for line in lines for drug in drugs}
    return {c.name: [(c.test, c.base)] for c in contrasts(design, drugs, seen=alone)}


def _of_table(asked: pd.DataFrame | None) -> dict[str, list[tuple[str, str]]]:
    known: dict[str, list[tuple[str, str]]] = {}
    if asked is not None:
        for name, test, base in asked[["contrast", "test", "base"]].itertuples(index=False):
            known.setdefault(str(name), []).append((str(test), str(base)))
    return known


def _refuse(name: str, sides: list[str], own: tuple[str, str]) -> None:
    msg = (
        f"res is of another design: its {name!r} compares {sides[0]!r} with {sides[1]!r}, that of design= "
        f"{own[0]!r} with {own[1]!r}. Give the design that ms.tl.compare had, or compare again: "
        "res = ms.tl.compare(adata, design)."
    )
    raise InputError(msg)


def _require_same_lines(claims: pd.DataFrame, design: Design) -> None:
    if design.line is None or _no_text(claims["line"]):
        return
    rows = claims[["contrast", "line"]].dropna().astype(str).drop_duplicates()
    for name, line in rows.itertuples(index=False):
        role = name.rpartition("_in_")[2]
        if line and role in ROLES and line != (own := str(getattr(design, role))):
            msg = (
                f"claims are of another design: their {name!r} is on the line {line!r}, that of design= on "
                f"{own!r}. Give the design that ms.tl.claims had, or ask again: "
                "claims = ms.tl.claims(adata, design)."
            )
            raise InputError(msg)

"""What `ms.tl.claims` was given, kept with its table, and used for the further questions again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from marrowsig._carry_over import RULED_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

KEY = "given"
"""Name in `attrs` of the table of claims."""
USUAL = {"min_coverage": 0.5, "agreement": 0.75, "alpha": 0.05}


class Given(str):
    """Arguments of a call by their names; plain text wherever a table is written.

    pandas copies `attrs` deeply with every operation on a table: this stays the object that it is, so a
    reference of stroma is never copied. Two of them are equal only if they are the same.
    """

    how: Mapping[str, Any]

    def __new__(cls, how: Mapping[str, Any]) -> Self:
        """Hold `how` itself."""
        own = super().__new__(cls, "known to this session alone")
        own.how = how
        return own

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay the same object."""
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Leave a file the text alone."""
        return str, (str(self),)

    __eq__ = object.__eq__
    __hash__ = object.__hash__


def keep(table: pd.DataFrame, **how: Any) -> pd.DataFrame:
    """Keep with the table what the claims were given."""
    table.attrs[KEY] = Given(how)
    return table


def as_claimed(claims: pd.DataFrame, **how: Any) -> dict[str, Any]:
    """Fill what is None with what the claims were given, as far as their table knows, else with the usual."""
    kept = claims.attrs.get(KEY)
    known = kept.how if isinstance(kept, Given) else {"alpha": claims.attrs.get("alpha")}
    out = {name: known.get(name) if value is None else value for name, value in how.items()}
    out |= {name: value for name, value in USUAL.items() if name in out and out[name] is None}
    if out["carry_over"] is None:
        out["carry_over"] = not ("stroma" in claims and claims["stroma"].eq(RULED_OUT).any())
    return out

"""Whether the rows of a proposal look like cells, and of how many donors they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._cell_types import LYMPHOID, column_of
from marrowsig._errors import count
from marrowsig._unlike import DONOR, looks_like
from marrowsig.ds._design_guess import stroma_alone

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.ds._design_guess import Guess

CELLS = 100  # fewer rows than this are taken for samples
PER_DONOR = 10  # rows of a donor from which on they are cells


def sizes_of(found: list[Guess], obs: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Count the cells and the donors of every arm; empty where rows do not look like cells."""
    donor = donor_of(found, obs)
    if not are_cells(donor, obs):
        return {}
    sizes = {}
    for guess in (g for g in found if g.chosen):
        arms = obs[guess.column].astype(str).str.strip().map(guess.arms).fillna("")
        for arm in arms.unique():
            own = obs.loc[arms == arm, donor]
            of = f" of {count(own.nunique(), 'donor')}" if guess.column != donor else ""
            sizes[guess.role, str(arm)] = f"{len(own)} cells{of}"
    return sizes


def are_cells(donor: str, obs: pd.DataFrame) -> bool:
    """Whether a donor has so many rows that they are cells."""
    return bool(donor) and len(obs) >= max(CELLS, PER_DONOR * obs[donor].nunique())


def donor_of(found: list[Guess], obs: pd.DataFrame) -> str:
    """Name the pair or donor that was chosen, or a column called after donors, of several rows each."""
    named = [guess.column for guess in found if guess.chosen and guess.role in ("pair", "donor")]
    named += [str(column) for column in obs.columns if DONOR.search(str(column))]
    return next((column for column in named if 1 < obs[column].nunique() < len(obs)), "")


def left_out(obs: pd.DataFrame, used: list[str], culture: Guess | None = None) -> tuple[str, str]:
    """Say which cells are stroma, or no myeloid leukaemia, and how the others are summed; empty without.

    Told by an unused column of types, stroma by the culture, too. Gives the text, and the rows to sum.
    """
    column = column_of(obs, used)
    types = as_text(obs[column]) if column else None
    names = [] if types is None else sorted(types.dropna().unique())
    other = [name for name in names if LYMPHOID.match(name)]
    stroma, at, by = [name for name in names if looks_like(name) == "stroma"], column, types
    if not stroma and culture is not None:
        at, by = culture.column, as_text(obs[culture.column])
        stroma = [one for one, arm in culture.arms.items() if not arm and stroma_alone(one)]
    told, rows = [], []
    if stroma and by is not None:
        n = int(by.isin(stroma).sum())
        told.append(f"{n} of them stroma: is_stroma = adata.obs[{at!r}].isin({stroma!r})")
        rows.append("~is_stroma")
    if other and types is not None:
        n = int(types.isin(other).sum())
        told.append(
            f"{n} of them no myeloid leukaemia by name: is_lymphoid = adata.obs[{column!r}].isin({other!r})"
        )
        rows.append("~is_lymphoid")
    if not told:
        return "", "adata"
    apart = "Sum stroma apart, for stroma= of ms.tl.claims, and the others with" if stroma else ""
    return f", {'; '.join(told)}. {apart or 'Sum the others with'}", f"adata[{' & '.join(rows)}]"

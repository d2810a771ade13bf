"""Samples that are left out by name, of the rows of a matrix or of its sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._errors import InputError, first, near

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray


def without(
    adata: AnnData, less: Sequence[str], file: str, *, listed: Collection[str] = frozenset()
) -> AnnData:
    """Copy without the rows called `less`, with a note of which were left out.

    Names that are gone already are `listed`, and need not be among the rows.
    """
    own = [name for name in less if name not in listed or name in adata.obs_names]
    keep = kept(list(adata.obs_names), own, file, obs=adata.obs)
    gone = {
        "left_out": list(dict.fromkeys(less)),
        "left_out_are": _alike(adata.obs, np.array(keep, dtype=bool)),
    }
    return noted(adata[keep].copy(), f"left out, as was asked: {first(less)}", gone)


def kept(
    names: Sequence[str], leave_out: Sequence[str], file: str, *, obs: pd.DataFrame | None = None
) -> list[bool]:
    """Whether each name stays; of one that is a level of a column of `obs`, an error says how that goes.

    Raises
    ------
    InputError
        If one to leave out is not there, or none stays.
    """
    absent = [name for name in leave_out if name not in set(names)]
    if absent:
        apart = [part.strip() for part in absent[0].split(",")]
        each = f" Name each by itself: leave_out={apart[:5]!r}." if set(apart) <= set(names) else ""
        meant = each or _as_level(absent, obs) or near(absent[0], names)
        msg = f"leave_out={absent[:5]!r}: {file} has no such sample.{meant}"
        raise InputError(msg)
    keep = [name not in set(leave_out) for name in names]
    if not any(keep):
        msg = f"leave_out= leaves none of the {len(names)} samples."
        raise InputError(msg)
    return keep


def _as_level(absent: Sequence[str], obs: pd.DataFrame | None) -> str:
    """Say of names that are all levels of one column, such as patients, how their rows are left out."""
    from marrowsig._arms import as_text

    columns = [] if obs is None else [str(c) for c in obs if set(absent) <= set(as_text(obs[c]))]
    if obs is None or not columns:
        return ""
    it, leaves = ("It is a level", "leaves it") if len(absent) == 1 else ("They are levels", "leaves them")
    others = f"{columns[0]}!={','.join(dict.fromkeys(absent))}"
    return f" {it} of {columns[0]!r}: keep={others!r} {leaves} out."


def _alike(obs: pd.DataFrame, keep: NDArray[np.bool_]) -> str:
    """Say which levels all rows that were left out share, and few of the others: of which kind they are."""
    from marrowsig._arms import as_text

    if (~keep).sum() < 2:
        return ""
    found = []
    for column in obs:
        text = as_text(obs[column]).to_numpy()
        levels = set(text[~keep])
        others = text[keep] == next(iter(levels))
        if len(levels) == 1 and None not in levels and others.mean() < 0.5:
            found.append((int(others.sum()), f"{column} {next(iter(levels))}"))
    return ", ".join(said for _, said in sorted(found, key=lambda one: one[0])[:2])


def noted(adata: AnnData, told: str, more: dict[str, Any]) -> AnnData:
    """Add to what was decided in reading, with `more` beside."""
    from marrowsig._provenance import recall, record

    read = dict(recall(adata, "input", {}))
    said = "; ".join(filter(None, [str(read.get("decisions", "")), told]))
    record(adata, "input", {**read, **more, "decisions": said})
    return adata

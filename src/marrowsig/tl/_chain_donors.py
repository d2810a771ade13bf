"""Donors in both lines whose cultures the design names apart, so that links take these for independent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._arms import as_text
from marrowsig._errors import warn_once
from marrowsig._unlike import DONOR

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._full_model import Full
    from marrowsig.design import Design


def warn_of_donors(design: Design, obs: pd.DataFrame, full: list[Full]) -> None:
    """Warn where an unused column of donors joins pairs of both lines, which count as independent."""
    if design.unit is not None or design.pair is None or design.line is None:
        return
    used = set(design.columns.values())
    for column in (str(c) for c in obs.columns if c not in used and DONOR.search(str(c))):
        for one in full:
            if one.model is None or not one.model.block:
                continue
            frame = one.model.frame
            donor = as_text(obs[column]).iloc[frame["row"].to_numpy()].set_axis(frame.index)
            alone = donor.notna().all() and donor.groupby(frame["block"]).nunique().max() == 1
            lines, pairs = (frame[name].groupby(donor).nunique() for name in ("line", "pair"))
            if alone and (lines.gt(1) & pairs.gt(1)).any():
                n = frame["block"].nunique()
                told = (
                    f"{n} pairs by {design.pair!r} are of {donor.nunique()} levels of {column!r}, some in "
                    "both lines: the links take these pairs for independent. Give "
                    f"unit={column!r} to correlate sums and differences over the lines apart."
                )
                warn_once(told, of=tuple(frame["name"]), stacklevel=3)
                return

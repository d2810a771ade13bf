"""On which genes the upper half of the figure for a paper has its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from marrowsig._report.carried import guard_drawn
from marrowsig.pl._overview_kinds import kinds_of
from marrowsig.pl._overview_labels import strata_of_stroma
from marrowsig.pl._panel_scores import shown_on
from marrowsig.pl._read import by_unit, stratum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._report.elements import Given
    from marrowsig.pl._panel_scores import Shown

KEPT = " on the genes of the triangles in (b)"
HELD = "RNA of other cells included where the panel says so"


def panels(given: Given, shown: pd.DataFrame, empty: Sequence[str]) -> list[Shown]:
    """Panels that `ms.pl.overview` draws of the rows of the figure, without `empty` strata."""
    design: Any = given.design
    strata = stratum_of(given.adata.obs, cast("Any", design))
    adata = given.adata[~np.isin(strata, empty)] if empty else given.adata
    found = given.extras.get("stroma") if guard_drawn(given) is not None else None
    sig = str(shown["signature"].iloc[0])
    frame = by_unit(adata, sig, design=design, method=given.method, lineless=True)
    return list(
        shown_on(
            adata, shown, kinds_of(frame, adata.obs, design), design, method=given.method,
            kept=getattr(found, "filtered", {}),
            stroma=strata_of_stroma(dict.fromkeys(shown["stratum"].astype(str)), frame, given.judged, design),
            as_scored=bool(given.extras.get("as_scored")),
        ).values()
    )  # fmt: skip


def of_scores(drawn: Sequence[Shown]) -> str:
    """Say on which genes scores are; a comma where all are as scored and so are the sizes to cite.

    >>> from marrowsig.pl._panel_scores import WITH_STROMA, Shown
    >>> import pandas as pd
    >>> fewer, plain, held = Shown(pd.Series([0.1]), "8 of 9 genes"), Shown(), Shown(note=WITH_STROMA)
    >>> of_scores([plain]), of_scores([fewer]), of_scores([held])[:30]
    (',', ' on the genes of the triangles in (b),', ', as scored, RNA of other cell')
    >>> of_scores([fewer, plain])
    ' (triangles: on the genes of the triangles in (b); circles: as scored),'
    """
    kept, held = [one.scores is not None for one in drawn], any(o.note and o.scores is None for o in drawn)
    if all(kept):
        return f"{KEPT},"
    if not any(kept):
        return f", as scored, {HELD}; the sizes to cite are the triangles in (b)," if held else ","
    return f" (triangles:{KEPT}; circles: as scored{f', {HELD}' if held else ''}),"

"""List the public studies of the registry."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from marrowsig._errors import InputError, near
from marrowsig.ds._registry import AXES, design_rows, registry

COLUMNS = (
    "name", "what", "axes", "assay", "organism", "cells", "n", "design", "files", "terms", "verified", "by",
    "unknown", "doi", "pmid", "designed",
)  # fmt: skip


def table(*, axis: str | None = None, verified: bool | None = None) -> pd.DataFrame:
    """List public studies near the mission, with how each was verified.

    Parameters
    ----------
    axis
        Only those of one question: "coculture", "resistance", "jak_stat", "emt", "cohort" or "stroma".
    verified
        True: only those that somebody could verify. False: only the others, which are there so that nobody
        takes them for verified. All by default.

    Returns
    -------
    DataFrame
        One row a study: name, what, axes (joined by ", "), assay, organism, cells, n (samples, <NA> where no
        source states it), design, files, terms, verified, by, unknown (joined by "; "), doi, pmid, designed
        (samples of it with a design in the package). `verified` is "held" (its data were opened), "page" (its
        record was read), "repo" (a public repository states it) or "unverified"; `by` says how. An empty
        text was stated by no source that was read.

    Raises
    ------
    InputError
        If there is no such axis.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.ds.table(axis="emt", verified=False)["name"].tolist()
    ['GSE17708']
    >>> ms.ds.table(axis="cohort").query("designed > 0")[["name", "verified"]].values.tolist()
    [['GSE48558', 'held']]
    """
    if axis is not None and axis not in AXES:
        msg = f"axis={axis!r} is unknown.{near(axis, AXES)} Use one of {', '.join(map(repr, AXES))}."
        raise InputError(msg)
    rows = [
        asdict(e)
        | {"axes": ", ".join(e.axes), "unknown": "; ".join(e.unknown), "designed": len(design_rows(e.name))}
        for e in registry().values()
        if (axis is None or axis in e.axes) and (verified is None or verified == (e.verified != "unverified"))
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["n"] = frame["n"].astype("Int64")
    return frame

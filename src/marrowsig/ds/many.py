"""Read a list of studies; one that cannot be had does not spoil the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from marrowsig._errors import InputError, count, first
from marrowsig._log import logger
from marrowsig._readable import as_html
from marrowsig._study import Study, read_study

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from anndata import AnnData


class Many(NamedTuple):
    """Studies by name, and for each that could not be read the reason; see `ms.ds.many`."""

    studies: dict[str, AnnData]
    failed: dict[str, str]

    def __repr__(self) -> str:
        sizes = [f"{name} ({a.n_obs} x {a.n_vars})" for name, a in self.studies.items()]
        lost = [f"{name}: {why}" for name, why in self.failed.items()]
        return f"<Many: {len(sizes)} studies: {first(sizes)}" + (f"; failed: {first(lost)}>" if lost else ">")

    def _repr_html_(self) -> str:
        rows = [
            {"study": name, "samples": a.n_obs, "genes": a.n_vars, "columns": first(a.obs.columns)}
            for name, a in self.studies.items()
        ]
        n, lost = len(self.studies), len(self.failed)
        head = f"<Many: {count(n, 'study', 'studies')} read, {lost} failed. Parts: studies, failed>"
        return as_html([head, *(f"{name}: {why}" for name, why in self.failed.items())], pd.DataFrame(rows))


def many(studies: Iterable[str | PathLike[str] | Study], *, progress: bool = False) -> Many:
    """Read several studies: accessions, files, or `ms.Study` with sheet and options.

    What was fetched stays in the cache, so that a call after an interruption goes on where it stopped. To
    score, compare and pool them as well, give `ms.batch` their designs.

    Parameters
    ----------
    studies
        Accessions (a curated one is read with its design by `ms.ds.load`, any other by `ms.ds.geo`), paths
        that `ms.io.read` reads, or `ms.Study`.
    progress
        Show a bar where the output is a terminal.

    Returns
    -------
    Many
        `studies`: name to AnnData, as the reader gave it; a path is named by its last part. `failed`: name
        to reason.

    Raises
    ------
    InputError
        If two studies have one name.

    Examples
    --------
    >>> import marrowsig as ms
    >>> found = ms.ds.many(["gone.csv"])
    >>> list(found.studies), list(found.failed)
    ([], ['gone.csv'])
    """
    from marrowsig._progress import steps

    asked = [s if isinstance(s, Study) else str(s) for s in studies]
    names = [s.name if isinstance(s, Study) else Path(s).name for s in asked]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        msg = (
            f"Several studies are called {first(sorted(twice))}. Give ms.Study(name=...) to tell them apart."
        )
        raise InputError(msg)
    found = Many({}, {})
    pairs = zip(names, asked, strict=True)
    for name, study in steps(pairs, progress=progress, total=len(asked)):
        try:
            found.studies[name] = study.read() if isinstance(study, Study) else read_study(study)
        except (ValueError, OSError) as error:
            found.failed[name] = " ".join(str(error).split())
            logger.warning("%s could not be read: %s", name, found.failed[name])
    return found

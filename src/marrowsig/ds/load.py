"""Read a study of the registry, with its design."""

from __future__ import annotations

import warnings
from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._provenance import record
from marrowsig.ds._registry import design_rows, entry
from marrowsig.ds.geo import geo

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.ds._registry import Entry


def load(name: str, *, unverified: bool = False) -> AnnData:
    """Read a study of the registry from GEO, and put its curated design beside the samples.

    Parameters
    ----------
    name
        Accession, as in `ms.ds.table()`.
    unverified
        Read also what nobody could verify.

    Returns
    -------
    AnnData
        As of `ms.ds.geo`. Where samples could be verified, `obs` holds the columns of the design
        (`data/designs/<name>.csv`) as well; a column of that name from GEO becomes `<column>_geo`, and
        samples without a design have NaN. `uns["marrowsig"]["registry"]` holds the entry.

    Raises
    ------
    InputError
        If the registry has no such study, it is unverified, it is not at GEO, or the samples that came are
        not those of the design.
    DownloadError
        If a file cannot be had.

    Warns
    -----
    InputWarning
        If nothing is known of the arms, or of some samples.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.load("GSE48558")  # doctest: +SKIP
    >>> ms.ds.load("GSE17708")
    Traceback (most recent call last):
    ...
    marrowsig._errors.InputError: GSE17708 is unverified: from memory; no page was read that says so. Not ...
    """
    known = entry(name)
    _refuse(known, unverified=unverified)
    adata = geo(known.name, file=known.file or None)
    rows = design_rows(known.name)
    if rows:
        _attach(adata, known, rows)
    else:
        unknown = f" Unknown: {'; '.join(known.unknown)}." if known.unknown else ""
        msg = f"{known.name} has no curated design.{unknown} See ms.ds.suggest_design(adata)."
        warnings.warn(msg, InputWarning, stacklevel=2)
    said = asdict(known) | {"axes": ", ".join(known.axes), "unknown": "; ".join(known.unknown)}
    record(
        adata, "registry", {k: v for k, v in said.items() if v not in (None, "")} | {"designed": len(rows)}
    )
    return adata


def _refuse(known: Entry, *, unverified: bool) -> None:
    if known.verified == "unverified" and not unverified:
        msg = (
            f"{known.name} is unverified: {known.by}. Not known: {'; '.join(known.unknown)}. To read it "
            f"all the same: ms.ds.load({known.name!r}, unverified=True)."
        )
        raise InputError(msg)
    if known.cohort:
        msg = (
            f"{known.name} is read from files that you have downloaded: "
            f"ms.ds.read_cohort({known.cohort!r}, folder). Terms: {known.terms}."
        )
        raise InputError(msg)
    if not known.is_series:
        msg = f"{known.name} is not at GEO ({known.terms}). Get its files there and use ms.io.read(path)."
        raise InputError(msg)


def _attach(adata: AnnData, known: Entry, rows: list[dict[str, str]]) -> None:
    """Design columns into `obs`, by sample."""
    frame = pd.DataFrame(rows).set_index("sample")
    lost = frame.index.difference(adata.obs_names)
    if len(lost):
        msg = (
            f"{known.name}: {len(lost)} of the {len(frame)} samples of its design did not come: "
            f"{first(lost)}. What came: {first(adata.obs_names)}. The series has changed; read it with "
            f"ms.ds.geo({known.name!r})."
        )
        raise InputError(msg)
    title = frame.pop("title") if "title" in frame else None
    if title is not None and "title" in adata.obs:
        here = adata.obs["title"].astype(str)
        other = [s for s, t in title.items() if here[s] != t]
        if other:
            msg = (
                f"{known.name}: {len(other)} samples have other titles than in its design: {first(other)}. "
                f"Read it with ms.ds.geo({known.name!r}) and judge for yourself."
            )
            raise InputError(msg)
    taken = [c for c in frame if c in adata.obs]
    adata.obs = adata.obs.rename(columns={c: f"{c}_geo" for c in taken})
    for column in frame:
        values = frame[column].where(frame[column] != "")
        adata.obs[column] = values.reindex(adata.obs_names).astype("category")
    bare = adata.obs_names.difference(frame.index)
    if len(bare):
        msg = f"{known.name}: the arms of {len(bare)} of {adata.n_obs} samples are not known: {first(bare)}."
        warnings.warn(msg, InputWarning, stacklevel=3)

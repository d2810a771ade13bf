"""Supplementary tables: one of the series, or those of its samples inside the archive."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, InputWarning, first
from marrowsig._workbook import located
from marrowsig._workbook_place import split
from marrowsig.ds._geo_archive import read_archive
from marrowsig.ds._geo_choose import as_text, choose, holds
from marrowsig.io import read
from marrowsig.io._names import respell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from marrowsig.ds._geo_listing import Entry
    from marrowsig.ds._geo_note import Options, Sources

# A name is looked for in these columns of the samples.
_NAMES = ("geo_accession", "title", "description", "source_name")


def read_tables(
    accession: str,
    entries: list[Entry],
    file: str | None,
    obs: pd.DataFrame,
    sources: Sources,
    *,
    samples: Mapping[str, str] | None,
    options: Options,
) -> AnnData:
    """Read what is chosen by name or by rule, and join the annotation of the samples."""
    name, sheet = (None, "") if file is None else split(file)
    chosen = choose(entries, None if name is None else str(name), accession)
    if chosen[0].inside:
        path = sources.get(chosen[0].remote)
        return read_archive(path, [e.name for e in chosen], obs, sources, options=options)
    entry = chosen[0]
    if holds(entry.name) == "other" and not entry.name.lower().endswith(
        (".gz", ".txt", ".csv", ".tsv", ".xlsx")
    ):
        msg = f"{entry.name} is no table that can be read here. Save its matrix as csv and use ms.io.read."
        raise InputError(msg)
    how = "as asked" if file else f"the only table that may hold {as_text(entry.name)}, by its name"
    sources.decisions.append(f"supplementary file {entry.name}, {how}")
    adata = read(_sheet(sources.get(entry.remote), sheet, entry.name, accession), **options)
    return _join(adata, obs, accession, sources, samples)


def _sheet(path: Path, sheet: str, name: str, accession: str) -> Path:
    """Name the sheet of a workbook; one of several is asked for."""
    try:
        return located(f"{path}#{sheet}" if sheet else path)
    except InputError as error:
        told = str(error).split(" Name the sheet after the file:")[0]
        msg = f"{told} Name the sheet: ms.ds.geo({accession!r}, file='{name}#SHEET')."
        raise InputError(msg) from error


def _join(
    adata: AnnData, obs: pd.DataFrame, accession: str, sources: Sources, samples: Mapping[str, str] | None
) -> AnnData:
    columns = list(adata.obs_names)
    to_gsm, how = (_said(samples, columns, obs), "as said") if samples else _matched(columns, obs)
    lost = [c for c in columns if c not in to_gsm]
    if lost:
        unused = [f"{gsm} ({obs['title'].get(gsm, '')})" for gsm in obs.index if gsm not in to_gsm.values()]
        text = (
            f"{accession}: {len(lost)} of {len(columns)} columns are matched to no sample: {first(lost)}. "
            f"Samples without a column: {first(unused) or 'none'}. Say which is which: "
            "ms.ds.geo(..., samples={column: title or GSM})."
        )
        warnings.warn(text, InputWarning, stacklevel=6)
    sources.decisions.append(f"{len(to_gsm)} of {len(columns)} columns matched to samples {how}")
    own = adata.obs.copy()
    about = obs.reindex([to_gsm.get(c, "") for c in columns]).fillna("").set_axis(adata.obs_names)
    for name in about:
        own[name] = about[name]
    own["column"] = columns
    own.index = [to_gsm.get(c, c) for c in columns]
    adata.obs = own
    return adata


def _said(samples: Mapping[str, str], columns: list[str], obs: pd.DataFrame) -> dict[str, str]:
    by_title = {title: gsm for gsm, title in obs["title"].items()} if "title" in obs else {}
    strange = [c for c in samples if c not in columns]
    unknown = [s for s in samples.values() if s not in obs.index and s not in by_title]
    if strange or unknown:
        msg = f"samples=: the table has no column {first(strange)}. It has: {first(columns)}."
        if not strange:
            msg = f"samples=: the series has no title or GSM {first(unknown)}. Its titles: {first(by_title)}."
        raise InputError(msg)
    found = {c: s if s in obs.index else by_title[s] for c, s in samples.items()}
    if len(set(found.values())) < len(found):
        msg = "samples= gives two columns the same sample. Give each its own."
        raise InputError(msg)
    return found


def _matched(columns: list[str], obs: pd.DataFrame) -> tuple[dict[str, str], str]:
    best: dict[str, str] = {}
    how = "by none of their names"
    for name in [c for c in _NAMES if c in obs or c == "geo_accession"]:
        values = obs.get(name, obs.index)
        if values.duplicated().any():
            continue
        gsm = dict(zip(values, obs.index, strict=True))
        spelling, pairs = respell([v for v in values if v], columns)
        if len(pairs) > len(best):
            best, how = {c: gsm[v] for c, v in pairs.items()}, f"by {name}, {spelling}"
    return best, how

"""What a run left in its folder, to draw from again: samples, design, contrasts, claims, and how it drew."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._as_claimed import judged
from marrowsig._errors import InputError, first
from marrowsig._kept_design import design_from
from marrowsig._manifest import changed_since, noted
from marrowsig._run_tables import read_table

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

SCORED, CONTRASTS = "scored.h5ad", "contrasts.csv"
MORE = ("claims.csv", "questions.csv", "stroma.csv", "stroma_shares.csv")
ADDED = ["claim_p_adj", "claim", "sentence"]
"""Columns that a run puts beside the table of `ms.tl.compare`."""


@dataclass(frozen=True)
class RunFolder:
    """What `ms.get.run` returns; see there."""

    folder: Path
    adata: AnnData = field(repr=False)
    design: Design | FormulaDesign
    res: pd.DataFrame = field(repr=False)
    claims: pd.DataFrame | None = field(repr=False)
    stroma: pd.DataFrame | None = field(repr=False)
    look: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)


def read_run(folder: str | PathLike[str]) -> RunFolder:
    """Read the folder of a run; refuse what is none, is of an older version, or was changed since."""
    place = Path(folder)
    found = _manifest(place)
    here = [SCORED, CONTRASTS, *(name for name in MORE if name in found["files"])]
    if moved := changed_since(place, here):
        again = f": {found['command']}" if found.get("command") else "."
        msg = f"Not as the run wrote it into {str(place)!r}: {first(moved)}. Run again{again}"
        raise InputError(msg)
    from anndata import read_h5ad

    tables = {name.removesuffix(".csv"): read_table(place / name) for name in here[1:]}
    shares = tables.get("stroma_shares")
    known = shares is not None and bool(shares["share"].notna().any())
    return RunFolder(
        place,
        read_h5ad(place / SCORED),
        design_from(found["design"]),
        tables["contrasts"].drop(columns=ADDED, errors="ignore"),
        judged(tables.get("claims"), tables.get("questions")),
        tables.get("stroma") if known else None,
        found["look"],
        tables,
    )


def _manifest(place: Path) -> dict[str, Any]:
    if not place.is_dir():
        what = "is a file" if place.exists() else "is not there"
        msg = f"{str(place)!r} {what}. Name the folder that marrowsig run wrote."
        raise InputError(msg)
    found = noted(place)
    if not {SCORED, CONTRASTS} <= set(found.get("files", ())):
        msg = f"{str(place)!r} is not the folder of a run. Name the one that marrowsig run wrote."
        raise InputError(msg)
    if not {"design", "look"} <= set(found):
        again = found.get("command") or "the same command"
        msg = f"{str(place)!r} is of an older version, which did not keep its design. Run once more: {again}"
        raise InputError(msg)
    return found

"""The folder of a run: its tables, samples with scores, figures and the report, each whole or not there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.picture import Figure
    from marrowsig.design import Design

GZIP = {
    "method": "gzip",
    "compresslevel": 4,
    "mtime": 0,
}  # without the time, the same run gives the same file


def tables_of(
    adata: AnnData, res: pd.DataFrame, results: dict[str, Any], *, design: Design | FormulaDesign
) -> dict[str, pd.DataFrame]:
    """Every table of a run by the name of its file."""
    from marrowsig import get
    from marrowsig._as_claimed import judged
    from marrowsig._report.carried import ruled_out
    from marrowsig._unasked import once_asked
    from marrowsig.tl import explain
    from marrowsig.tl._model_tables import model_tables

    claims = judged(results.get("claims"), results.get("questions"))

    asked = "stroma" in results or ruled_out(results.get("claims"))
    told = once_asked(res) if asked else res
    tables = {
        "scores": get.scores(adata),
        "table": _short(res, claims, design, check=getattr(results.get("stroma"), "verdicts", None)),
        "contrasts": _beside(res, claims).assign(sentence=explain(told, null=results.get("null"))),
        "coverage": get.coverage(adata),
        "genes": recall(adata, "genes", {}).get("changes", pd.DataFrame()),
    }
    for method in dict.fromkeys(res["method"].astype(str)):
        tables[f"scores_{method}"] = adata.obsm[f"score_{method}"].rename_axis("sample").reset_index()
    tables["design"], tables["design_weights"] = model_tables(design.plans(adata.obs), adata.obs_names)
    for name, found in results.items():
        if isinstance(found, pd.DataFrame):
            tables["gene_tests" if name == "genes" else name] = (
                _with_unit(found) if name == "gene_sets" else found
            )
        elif name == "stroma":
            tables |= {"stroma": found.verdicts, "stroma_shares": found.shares}
            tables["stroma_genes"] = found.dropped
        elif name == "maturation":
            tables |= {"maturation": found.verdicts, "maturation_correlations": found.correlations}
        elif name == "multiverse":
            tables |= {"multiverse": found.table, "multiverse_summary": found.summary}
        elif name == "chain":
            tables |= {"chain": found.verdicts, "chain_links": found.links, "chain_steps": found.steps}
            tables |= {"chain_inhibitors": found.inhibitors, "chain_genes": found.levels}
            tables["chain_contrasts"] = found.contrasts
        else:
            tables |= {"cells": found.table, "cells_units": found.units, "cells_scores": found.scores}
    return tables


def _beside(res: pd.DataFrame, claims: pd.DataFrame | None) -> pd.DataFrame:
    """Add the claim's adjusted p and verdict where a claim, or a further question, asks a contrast."""
    from marrowsig._as_claimed import as_claimed
    from marrowsig.pl._kept_sizes import with_verdicts

    asked = with_verdicts(as_claimed(res, claims), claims)
    if "claimed" not in asked:
        return res
    return res.assign(claim_p_adj=asked["p_adj"].where(asked["claimed"].ne("")), claim=asked["claimed"])


def _short(
    res: pd.DataFrame,
    claims: pd.DataFrame | None,
    design: Design | FormulaDesign,
    *,
    check: pd.DataFrame | None,
) -> pd.DataFrame:
    """Give the few columns of the contrasts that one reads, three digits, for a supplement.

    Where a claim asks a contrast its adjusted p stands there, as on the page and in the figure, and its
    verdict as `claim`. `question` is the contrast in the levels of the design, as figures have it. Beside the
    size as scored stands that to cite, by the `check` of carry-over.
    """
    from marrowsig import get
    from marrowsig._as_claimed import as_claimed
    from marrowsig._contrasts import spelled
    from marrowsig._report.words import MINUS
    from marrowsig._size_to_cite import with_size_to_cite

    alpha = float(res.attrs.get("alpha", 0.05))
    told = get.table(as_claimed(res, claims, alpha)).frame.replace(MINUS, "-", regex=True)
    told = with_size_to_cite(told, res, check, claims)
    beside = _beside(res, claims)
    if "claim" in beside:
        told["claim"] = beside["claim"].to_numpy()
    for name in ("method", "signature"):  # what all rows have in common stands above a table that is shown
        if name not in told and name in res:
            told.insert(0, name, res[name].to_numpy())
    words = [spelled(str(name), design) for name in res["contrast"]]
    if words != res["contrast"].astype(str).to_list():  # contrasts of a formula have names of their own
        told.insert(
            list(told).index("contrast" if "contrast" in told else "signature") + 1, "question", words
        )
    return told


def _with_unit(sets: pd.DataFrame) -> pd.DataFrame:
    """Say beside the mean change of the genes that it is no log2 fold change."""
    units = {"variance trend": "SD of genes of such expression, not log2", "log2 units": "log2"}
    out = sets.copy()
    out.insert(out.columns.get_loc("estimate") + 1, "unit", sets["scale"].map(units).fillna(""))
    return out


def _without_empty_text(adata: AnnData) -> AnnData:
    """Make missing numbers of text columns without a word, such as comments on samples that were left out."""
    empty = [c for c in adata.obs if adata.obs[c].dtype == object and adata.obs[c].isna().all()]
    if not empty:
        return adata
    out = adata.copy()
    out.obs[empty] = out.obs[empty].astype(float)
    return out


def write(
    folder: Path,
    adata: AnnData,
    tables: dict[str, pd.DataFrame],
    text: str,
    figures: list[Figure],
    endings: Sequence[str] = (".png",),
) -> dict[str, Path]:
    """Write all, each figure in each of the formats `endings`; without `text` neither page nor figures."""
    drawn = {name: data for f in figures for name, data in f.files(endings).items()}
    (folder / "figures" if text else folder).mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, frame in tables.items():
        if name == "gene_tests":  # one row per gene and contrast
            save = partial(frame.to_csv, index=False, float_format="%.6g", compression=GZIP)
            paths[name] = _whole(folder / f"{name}.csv.gz", save)
        else:
            paths[name] = _whole(folder / f"{name}.csv", partial(frame.to_csv, index=False))
    paths["scored"] = _whole(folder / "scored.h5ad", _without_empty_text(adata).write_h5ad)
    for name, data in drawn.items():
        paths[name] = _whole(folder / name, partial(_bytes, data=data))
    if text:
        paths["report"] = _whole(folder / "report.html", partial(_bytes, data=text.encode("utf-8")))
    return paths


def _bytes(part: Path, *, data: bytes) -> None:
    part.write_bytes(data)


def _whole(path: Path, write: Callable[[Path], Any]) -> Path:
    from marrowsig.io._atomic import atomic

    with atomic(path) as part:
        write(part)
    return path

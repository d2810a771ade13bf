"""The folder of a run: its tables, samples with scores, figures and the report, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._h5ad import renamed, write_h5ad
from marrowsig._kept_design import kept
from marrowsig._manifest import changed_verdicts, note, set_aside, superseded
from marrowsig._provenance import recall
from marrowsig.io._together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.picture import Figure
    from marrowsig._run import Run
    from marrowsig.design import Design

LOG = "log.txt"
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
    from marrowsig._answered_by import with_answers
    from marrowsig._as_claimed import judged
    from marrowsig._report.carried import ruled_out
    from marrowsig._report.rescue_claimed import with_claims
    from marrowsig._unasked import once_asked
    from marrowsig.tl import explain
    from marrowsig.tl._model_tables import model_tables

    claims = judged(results.get("claims"), results.get("questions"))

    asked = "stroma" in results or ruled_out(results.get("claims"))
    told = once_asked(res) if asked else res
    tables = {
        "scores": get.scores(adata),
        "table": _short(
            res,
            claims,
            design,
            check=getattr(results.get("stroma"), "verdicts", None),
            behind=results.get("claim_genes"),
        ),
        "contrasts": _beside(res, claims).assign(
            sentence=with_answers(explain(told, null=results.get("null")), res, claims)
        ),
        "coverage": get.coverage(adata),
        "genes": recall(adata, "genes", {}).get("changes", pd.DataFrame()),
    }
    for method in dict.fromkeys(res["method"].astype(str)):
        tables[f"scores_{method}"] = adata.obsm[f"score_{method}"].rename_axis("sample").reset_index()
    tables["design"], tables["design_weights"] = model_tables(design.plans(adata.obs), adata.obs_names)
    for name, found in results.items():
        if name == "rescue":
            tables[name] = with_claims(found, claims, design, alpha=float(found.attrs.get("alpha", 0.05)))
        elif isinstance(found, pd.DataFrame):
            tables["gene_tests" if name == "genes" else name] = found
        elif name == "stroma":
            tables |= {"stroma": found.verdicts, "stroma_shares": found.shares}
            tables["stroma_genes"] = found.dropped
            if len(found.leukaemia_shares):
                tables["leukaemia_shares"] = found.leukaemia_shares
            if len(found.share_contrasts):
                tables["stroma_share_contrasts"] = found.share_contrasts
            kept = {f"scores_{m}_kept": scores for m, scores in found.filtered.items()}
            tables |= {file: scores.rename_axis("sample").reset_index() for file, scores in kept.items()}
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
    """Add adjusted p and verdict of the claim, or the further question, that asks a contrast, and which."""
    from marrowsig._as_claimed import as_claimed, asked_as
    from marrowsig.pl._kept_sizes import as_answered, with_verdicts

    asked = with_verdicts(as_claimed(as_answered(res, claims), claims), claims)
    if "claimed" not in asked:
        return res
    held = asked["claimed"].ne("")
    whose = pd.Series(asked_as(asked), index=asked.index).replace("contrast", "")
    return res.assign(claim_p_adj=asked["p_adj"].where(held), claim=asked["claimed"], asked_as=whose)


def _short(
    res: pd.DataFrame,
    claims: pd.DataFrame | None,
    design: Design | FormulaDesign,
    *,
    check: pd.DataFrame | None,
    behind: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give the few columns of the contrasts that one reads, three digits, for a supplement.

    Where a claim asks a contrast its adjusted p stands there, as on the page and in the figure, and its
    verdict as `claim`. `question` is the contrast in the levels of the design, as figures have it. Beside the
    size as scored stands that to cite, by the `check` of carry-over, and of supported claims how much of the
    size to cite is of genes too low to be tested, by the genes `behind` them.
    """
    from marrowsig import get
    from marrowsig._as_claimed import as_claimed, asked_as
    from marrowsig._contrasts import spelled
    from marrowsig._repeats import is_formula
    from marrowsig._report.words import MINUS
    from marrowsig._size_to_cite import as_scored, with_size_to_cite
    from marrowsig._unasked import of_rows
    from marrowsig.pl._kept_sizes import as_answered

    alpha = float(res.attrs.get("alpha", 0.05))
    asked = as_claimed(as_answered(res, claims, joint=True), claims, alpha)
    told = get.table(asked).frame.replace(MINUS, "-", regex=True)
    told = as_scored(with_size_to_cite(told, asked, check, claims))
    beside = _beside(res, claims)
    if "claim" in beside:
        told["claim"] = beside["claim"].to_numpy()
        if "p_adj" in told:  # a table of nothing that was tested has none
            told.insert(list(told).index("p_adj") + 1, "p_adj_as", asked_as(asked))
    told = _with_low_genes(told, res, claims, behind)
    if is_formula(design) and (left := of_rows(res)):
        told["carry_over"] = left
        told = as_scored(told)
    for name in ("method", "signature"):  # what all rows have in common stands above a table that is shown
        if name not in told and name in res:
            told.insert(0, name, res[name].to_numpy())
    words = [spelled(str(name), design) for name in res["contrast"]]
    if words != res["contrast"].astype(str).to_list():  # contrasts of a formula have names of their own
        told.insert(
            list(told).index("contrast" if "contrast" in told else "signature") + 1, "question", words
        )
    return told


def _with_low_genes(
    told: pd.DataFrame, res: pd.DataFrame, claims: pd.DataFrame | None, behind: pd.DataFrame | None
) -> pd.DataFrame:
    """Add the share of a size that is of genes too low to be tested; not where no claim has any."""
    from marrowsig._report.led_by import key, untested_parts

    parts = untested_parts(behind)
    if claims is None or not parts:
        return told
    name = ["signature", "method", "contrast", "stratum"]
    of = dict(zip(_texts(claims, name), map(parts.get, map(key, claims.to_dict("records"))), strict=True))
    at = list(told).index("genes_to_cite" if "genes_to_cite" in told else "estimate") + 1
    told.insert(at, "of_genes_too_low", [of.get(row) or "" for row in _texts(res, name)])
    return told


def _texts(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Give what tells rows apart, as texts."""
    return list(zip(*(table[n].astype(object).fillna("").astype(str) for n in names), strict=True))


def write(
    folder: Path,
    done: Run,
    text: str,
    figures: list[Figure],
    endings: Sequence[str] = (".png",),
    *,
    command: str = "",
    look: Mapping[str, Any] | None = None,
    log: Callable[[Run], str] | None = None,
) -> None:
    """Write all that was `done`, or nothing, each figure in each of the formats `endings`.

    Without `text` there are neither page nor figures. Paths are noted in `done`, and what there is to say of
    an earlier run in the folder; `log` makes the text of the last file from that. `look` is how the figure
    for a paper is drawn.
    """
    tables = done.tables
    with together(folder) as part:
        paths = _written(part.new, done.adata, tables, text, figures, endings)
        done.notes += changed_verdicts(folder, tables.get("claims"), tables.get("questions"), command=command)
        done.notes += set_aside(folder, tables)
        done.notes += superseded(part, later=[LOG] if log else [])
        done.paths = {name: folder / path.relative_to(part.new) for name, path in paths.items()}
        if log:
            done.paths["log"] = folder / LOG
            (part.new / LOG).write_text(log(done), encoding="utf-8")
        drawn_from: dict[str, Any] = {} if done.design is None else {"design": kept(done.design)}
        if columns := renamed(done.adata.obs):
            drawn_from["columns"] = columns
        note(part, command=command, drawn_from={**drawn_from, "look": dict(look or {})})


def _written(
    new: Path,
    adata: AnnData,
    tables: dict[str, pd.DataFrame],
    text: str,
    figures: list[Figure],
    endings: Sequence[str],
) -> dict[str, Path]:
    paths = {}
    for name, frame in tables.items():
        if name == "gene_tests":  # one row per gene and contrast
            paths[name] = new / f"{name}.csv.gz"
            frame.to_csv(paths[name], index=False, float_format="%.6g", compression=GZIP)
        else:
            paths[name] = new / f"{name}.csv"
            frame.to_csv(paths[name], index=False)
    paths["scored"] = new / "scored.h5ad"
    write_h5ad(adata, paths["scored"])
    drawn = {name: data for f in figures for name, data in f.files(endings).items()}
    drawn |= {"report.html": text.encode("utf-8")} if text else {}
    for name, data in drawn.items():
        paths["report" if name == "report.html" else name] = new / name
        (new / name).parent.mkdir(exist_ok=True)
        (new / name).write_bytes(data)
    return paths

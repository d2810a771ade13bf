"""Which column of a matrix holds its gene identifiers, and of what type they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._gene_ids import shares
from marrowsig._sets import transposed
from marrowsig.pp._joined_ids import parted
from marrowsig.pp._species_genes import combined

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._genes import GeneTable

SPECIES = ("auto", "human", "mouse")
_HALF = 0.5
_FEWEST = 0.1  # below this share of known names, the names are not gene names


def identifiers(
    adata: AnnData, *, column: str | None, species: str, table: GeneTable
) -> tuple[list[str], str, str]:
    """Return the identifiers, where they were found, and their type."""
    if column is not None and column not in adata.var:
        msg = f"adata.var has no column {column!r}. It has: {first(adata.var.columns) or 'none'}."
        raise InputError(msg)
    ids = _text(adata.var_names if column is None else adata.var[column])
    if not ids:
        msg = "The matrix has no genes (0 columns)."
        raise InputError(msg)
    if how := combined(ids):
        msg = f"These are genes of two species ({how}): {first(ids)}. Part them: ms.pp.split_species(adata)."
        raise InputError(msg)
    ids = parted(ids, table)
    found = recognise(ids, species, table)
    if not found:
        raise InputError(_unknown(adata, ids, column, species, table))
    return ids, column or "var_names", found


def recognise(ids: list[str], species: str, table: GeneTable) -> str:
    """Type of most identifiers, or "" if they are not gene identifiers that the tables know."""
    seen = shares(ids, table)
    mouse, human = seen["mouse_symbol"] + seen["mouse_ensembl"], seen["symbol"] + seen["ensembl"]
    if species == "human" and seen["mouse_ensembl"] > _HALF:
        msg = f"Mouse Ensembl ids, but species='human': {first(ids)}. Use species='mouse' or 'auto'."
        raise InputError(msg)
    if seen["other_ensembl"] > _HALF:
        msg = (
            f"Ensembl ids that are not of human or mouse genes: {first(ids)}. "
            "Sum transcripts to genes first, and use human or mouse genes."
        )
        raise InputError(msg)
    if seen["numeric"] > _HALF:
        return "entrez" if seen["entrez"] > _HALF * seen["numeric"] else ""
    if species == "mouse" or (species == "auto" and mouse > human):
        kinds = {"mouse_ensembl": seen["mouse_ensembl"], "mouse_symbol": seen["mouse_symbol"]}
    else:
        kinds = {"ensembl": seen["ensembl"], "symbol": seen["symbol"]}
    best = max(kinds, key=lambda kind: kinds[kind])
    return best if kinds[best] >= _FEWEST else ""


def _text(values: pd.Index | pd.Series) -> list[str]:
    column = pd.Series(values).astype(object)
    return [str(v).strip() for v in column.where(column.notna(), "")]


def _unknown(adata: AnnData, ids: list[str], column: str | None, species: str, table: GeneTable) -> str:
    if turned := transposed(adata.obs_names):
        return turned
    where = "adata.var_names" if column is None else f"adata.var[{column!r}]"
    kinds = {"symbol", "ensembl", "entrez", "mouse_symbol"}
    other = _column_with(adata, kinds, species, table, skip=column)
    remedy = (
        f"adata.var[{other!r}] looks like gene names: call map_genes(adata, column={other!r})."
        if other
        else "If these are probe ids, put the gene symbol or Entrez id of each probe (from the platform's "
        "annotation) into a column of adata.var and call map_genes(adata, column='its name')."
    )
    return f"{where} are not gene identifiers of a known kind: {first(ids)}. {remedy}"


def _column_with(
    adata: AnnData, kinds: set[str], species: str, table: GeneTable, *, skip: str | None = None
) -> str:
    for name in adata.var.columns:
        values = adata.var[name]
        if name == skip or pd.api.types.is_bool_dtype(values) or pd.api.types.is_float_dtype(values):
            continue
        try:
            if recognise(_text(values), species, table) in kinds:
                return str(name)
        except InputError:
            continue
    return ""

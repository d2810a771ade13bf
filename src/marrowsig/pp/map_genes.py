"""Bring gene identifiers of any common kind to approved human symbols."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from marrowsig._combine import ADDITIVE, combine, groups_of, strongest
from marrowsig._errors import GeneWarning, InputError, first
from marrowsig._gene_ids import LEVELS, Call, resolve, strip_ensembl
from marrowsig._genes import table
from marrowsig._layers import layers_of
from marrowsig._log import logger
from marrowsig._provenance import recall, record
from marrowsig._source import in_memory
from marrowsig.pp._gene_report import changes_of, summary_of, tell
from marrowsig.pp._identifiers import SPECIES, identifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData

RAW = (
    "adata.raw keeps its names, of which most are no longer in var_names, and scanpy looks there first: pass "
    "use_raw=False to sc.pl and sc.tl.score_genes, or drop it, adata.raw = None."
)
RULES = ("auto", "sum", "max", "mean", "error")


def map_genes(
    adata: AnnData,
    *,
    species: Literal["auto", "human", "mouse"] = "auto",
    duplicates: Literal["auto", "sum", "max", "mean", "error"] = "auto",
    column: str | None = None,
    copy: bool = False,
) -> AnnData | None:
    """Rename genes to approved human symbols, and say what was changed and what could not be.

    Reads symbols, Ensembl ids (with or without version), Entrez ids, a symbol joined with one of these
    (`SOCS3|9021`, `ENSG00000184557_SOCS3`), and symbols or Ensembl ids of mouse; the type is recognised from
    most names. A symbol resolves as approved, else as the only gene that had it
    before, else as the only gene that has it as an alias, else by its spelling in another case. Dates made by
    a spreadsheet are
    repaired where one gene fits. Only rows of the same identifier are combined. An old symbol whose gene has
    a row of its own keeps its old name, and so does a name that several genes share.

    Parameters
    ----------
    adata
        Samples x genes, any scale. Dense, CSR or CSC. Of a matrix on disk (backed) or a dask array only the
        names change, in memory; the file stays as it is.
    species
        `"mouse"` maps mouse symbols or Ensembl ids to their one-to-one human orthologues; genes without one
        keep their name. Of matrices with both species, see `ms.pp.split_species`.
    duplicates
        Several rows of one identifier: `"sum"`; `"max"` (the row with the highest mean in this matrix);
        `"mean"`; `"error"`; `"auto"`, which sums counts, TPM and FPKM and takes `"max"` otherwise, for X and
        for every layer by its own scale.
    column
        Column of `adata.var` that holds the identifiers. Default: the names of `adata.var`.
    copy
        Return a changed copy and leave `adata` as it is.

    Returns
    -------
    AnnData or None
        The copy if `copy`, else nothing. Written: `var_names` (unique), `var["original_id"]`,
        `var["ensembl_id"]` ("" if unknown), `var["mapped_symbol"]` (equal to `var_names`), and
        `uns["marrowsig"]["genes"]`: `changes` (original, symbol, status, note; one row for each identifier
        that was changed or could not be) and `summary`. A matrix that is mapped already is left as it is.
        `adata.raw` keeps its names, and scanpy looks there first: pass `use_raw=False`, or drop it
        (`adata.raw = None`).

    Raises
    ------
    InputError
        If the names are not gene identifiers of a known kind, the table is transposed, `duplicates="error"`
        and there are some, or there are some in a matrix that is not in memory.

    Warns
    -----
    GeneWarning
        If names are ambiguous, collide with another gene's, or were destroyed by a spreadsheet; if `raw`
        keeps names of another kind.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.map_genes(adata)
    >>> adata.uns["marrowsig"]["genes"]["summary"]["id_type"]
    'symbol'

    References
    ----------
    Seal RL et al. Nucleic Acids Res 2023, doi:10.1093/nar/gkac888 (HGNC).
    Ziemann M et al. Genome Biol 2016, doi:10.1186/s13059-016-1044-7 (symbols turned into dates).
    """
    _check(adata, species, duplicates, copy=copy)
    if copy:
        adata = _copied(adata)
    elif adata.is_view:
        adata._init_as_actual(_copied(adata))
    if column is None and adata.n_vars and _is_mapped(adata).all():
        logger.info("map_genes: already mapped; nothing to do")
        return adata if copy else None
    ids, where, id_type = identifiers(adata, column=column, species=species, table=table())
    calls = resolve(ids, id_type, table())
    groups = groups_of([call.key for call in calls])
    rules = _rules(adata, groups, ids, duplicates)
    kept = strongest(adata.X, groups) if "max" in rules.values() else np.array([g[0] for g in groups])
    names = _unique([calls[k] for k in kept], fallback=[str(adata.var_names[k]) for k in kept])
    stable = [strip_ensembl(ids[k]) or strip_ensembl(str(adata.var_names[k])) for k in kept]
    changes = changes_of(ids, groups, names, calls)
    summary = summary_of(calls, len(groups), rule=rules.get("X", "not needed")) | {
        "id_type": id_type,
        "column": where,
    }
    _shrink(adata, groups, kept, rules)
    if adata.raw is not None and adata.raw.var_names.isin(names).mean() < 0.5:
        warnings.warn(RAW, GeneWarning, stacklevel=2)
    _name(adata, names, stable)
    record(adata, "genes", {"changes": changes, "summary": summary})
    tell(changes, summary)
    return adata if copy else None


def _check(adata: AnnData, species: str, duplicates: str, *, copy: bool) -> None:
    for value, allowed, what in ((species, SPECIES, "species"), (duplicates, RULES, "duplicates")):
        if value not in allowed:
            msg = f"{what}={value!r} is not one of {', '.join(allowed)}."
            raise InputError(msg)
    if adata.isbacked and (copy or adata.is_view):
        what = "A view of a matrix" if adata.is_view else "A matrix"
        msg = f"{what} on disk (backed) cannot be copied. Map the whole in place, or use adata.to_memory()."
        raise InputError(msg)


def _in_memory(adata: AnnData) -> bool:
    return not adata.isbacked and all(
        in_memory(x) for x in (adata.X, *adata.layers.values()) if x is not None
    )


def _copied(adata: AnnData) -> AnnData:
    with _repeated_names():
        return adata.copy()


@contextmanager
def _repeated_names() -> Iterator[None]:
    """Silence anndata about names that occur twice, which is what is being put right."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Variable names are not unique")
        yield


def _is_mapped(adata: AnnData) -> np.ndarray:
    """Rows whose name is still the one that an earlier call gave."""
    if recall(adata, "genes") is None or not {"original_id", "mapped_symbol"} <= set(adata.var):
        return np.zeros(adata.n_vars, dtype=bool)
    return np.asarray(adata.var["mapped_symbol"].astype(str) == adata.var_names.astype(str))


def _rules(adata: AnnData, groups: list[np.ndarray], ids: list[str], duplicates: str) -> dict[str, str]:
    """How to combine X (key "X") and each layer (key "layer:<name>"); empty without duplicates."""
    repeated = [ids[g[0]] for g in groups if g.size > 1]
    if not repeated:
        return {}
    if duplicates == "error":
        msg = (
            f"{len(repeated)} identifiers occur more than once: {first(repeated)}. "
            "Use duplicates='sum' for counts, 'max' for log or array values, or 'auto'."
        )
        raise InputError(msg)
    if not _in_memory(adata):
        msg = (
            f"{len(repeated)} genes have more than one column: {first(repeated)}. To merge them takes the "
            "matrix in memory, and it is on disk or a dask array: use adata.to_memory(), or write the file "
            "once more with one column for each gene."
        )
        raise InputError(msg)
    places = {"X": adata.X} | {f"layer:{name}": values for name, values in layers_of(adata).items()}
    if duplicates != "auto":
        return dict.fromkeys(places, duplicates)
    return {place: _rule_for(adata, place, values) for place, values in places.items()}


def _rule_for(adata: AnnData, place: str, values: Any) -> str:
    from marrowsig.io._kind import guess_kind, kind_of

    if place == "X":
        return "sum" if kind_of(adata) in ADDITIVE else "max"
    try:
        return "sum" if guess_kind(values)[0] in ADDITIVE else "max"
    except InputError:  # a layer with missing values, say: keep its rows as they are
        return "max"


def _unique(calls: list[Call], *, fallback: list[str]) -> list[str]:
    """Names of the rows; the resolved ones keep theirs, a kept name that is taken gets -1, -2, ..."""
    taken = {call.name for call in calls if call.status in LEVELS}
    names = []
    for call, other in zip(calls, fallback, strict=True):
        if call.status in LEVELS:
            names.append(call.name)
            continue
        wish = name = call.name or other or "unnamed"
        number = 0
        while name in taken:
            number += 1
            name = f"{wish}-{number}"
        taken.add(name)
        names.append(name)
    return names


def _shrink(adata: AnnData, groups: list[np.ndarray], kept: np.ndarray, rules: dict[str, str]) -> None:
    if not rules:
        return
    whole = combine(adata.X, groups, rule=rules["X"], kept=kept)
    layers = {
        name: combine(values, groups, rule=rules[f"layer:{name}"], kept=kept)
        for name, values in layers_of(adata).items()
    }
    with _repeated_names():
        adata._inplace_subset_var(kept)
    adata.X = whole
    for name, values in layers.items():
        adata.layers[name] = values


def _name(adata: AnnData, names: list[str], stable: list[str]) -> None:
    earlier = _is_mapped(adata)
    given = adata.var_names.astype(str).to_numpy()
    if earlier.any():
        given = np.where(earlier, adata.var["original_id"].astype(str), given)
    known = table().ensembl_of
    adata.var_names = pd.Index(names, dtype=str)
    adata.var["original_id"] = given.astype(object)
    adata.var["ensembl_id"] = [i or known.get(name, "") for i, name in zip(stable, names, strict=True)]
    adata.var["mapped_symbol"] = names

"""Find the scores that are to be compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._errors import InputError, first, near, warn_once
from marrowsig._given import require_anndata
from marrowsig._provenance import in_order, recall, require_as_recorded
from marrowsig._signature_ids import signature_ids
from marrowsig.methods import METHODS
from marrowsig.sig._words import AXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData

    from marrowsig.sig import Signature, SignatureSet

_PREFIX = "score_"


def frames(
    adata: AnnData,
    *,
    method: str | list[str] | None,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None,
) -> dict[str, pd.DataFrame]:
    """Map each method to the frame of its scores (samples x signatures), cut down to what was asked for."""
    require_anndata(adata)
    records = recall(adata, "scores", {}).values()
    further = {key for entry in records for key in json.loads(str(entry.get("more", "[]")))}
    keys = [str(k) for k in adata.obsm if str(k).startswith(_PREFIX) and k not in further]
    scored = {key.removeprefix(_PREFIX): adata.obsm[key] for key in keys}
    tables = {name: table for name, table in scored.items() if isinstance(table, pd.DataFrame)}
    if not tables:
        if all(str(name).partition(".")[0] in AXES for name in adata.var_names):
            msg = "These are the scores, as of ms.get.as_adata: give the AnnData that was scored instead."
            raise InputError(msg)
        msg = "No scores found in adata.obsm. Run ms.tl.score(adata, ms.sig.load()) first."
        raise InputError(msg)
    asked = in_order(tables) if method is None else [method] if isinstance(method, str) else list(method)
    unknown = [name for name in asked if name not in tables]
    if unknown or not asked:
        meant = near(unknown[0], tables) if unknown else ""
        msg = (
            f"Not scored with {first(unknown) or 'no method'}.{meant} Scored with: {first(tables)}. "
            "Others are scored by ms.tl.score(adata, signatures, method=...)."
        )
        raise InputError(msg)
    for name in asked:
        _check(adata, name, tables[name])
    return {name: _select(tables, name, signatures) for name in asked}


def _check(adata: AnnData, method: str, table: pd.DataFrame) -> None:
    """Refuse scores that are not those of the record, or were made apart where rows depend on each other."""
    entry = recall(adata, "scores", {}).get(method)
    if entry is not None:
        require_as_recorded(table, entry)
    if method not in METHODS or METHODS[method].per_obs:
        return
    if entry is None:
        msg = (
            f"uns['marrowsig'] has no record of obsm['score_{method}'], as after anndata.concat. If its rows "
            f"were not scored together, their scores by {method} cannot be compared: run ms.tl.score again."
        )
        warn_once(msg, of=tuple(adata.obs_names), stacklevel=4)
    elif int(entry.get("n_obs", adata.n_obs)) < adata.n_obs:
        msg = (
            f"{entry['n_obs']} rows were scored at once, and there are {adata.n_obs} now. Scores by {method} "
            "of rows that were not scored together cannot be compared: run ms.tl.score again."
        )
        raise InputError(msg)


def _select(
    tables: Mapping[str, pd.DataFrame],
    method: str,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None,
) -> pd.DataFrame:
    table = tables[method]
    if signatures is None:
        return table
    columns = [str(c) for c in table.columns]
    chosen: list[str] = []
    for name in signature_ids(signatures):
        hits = _named(columns, name)
        if not hits and (others := [one for one in in_order(tables) if _named(tables[one].columns, name)]):
            msg = (
                f"Signature {name!r} has no {method} score, but was scored by {first(others)}: "
                f"give method={others[0]!r}."
            )
            raise InputError(msg)
        if not hits:
            meant = near(name, columns)
            msg = f"Signature {name!r} has no {method} score.{meant} Scored: {first(columns, 10)}."
            raise InputError(msg)
        chosen += hits
    return table[list(dict.fromkeys(chosen))]


def _named(columns: Iterable[object], name: str) -> list[str]:
    """Columns of the signature, or of all of the axis, of this name."""
    return [c for c in map(str, columns) if name in (c, c.split(".")[0])]

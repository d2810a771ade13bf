"""The same samples under several normalisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._kinds import COUNTS
from marrowsig._layers import layers_of
from marrowsig._provenance import recall, record
from marrowsig._stats.logcpm import cpm, log_cpm
from marrowsig._stats.tmm import tmm
from marrowsig._view import matrix, some_rows, whole
from marrowsig.pp._draws import keep_draws

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig.methods import Method

GIVEN, LOG_CPM, TMM = "as_given", "log_cpm", "tmm"


def normalisations_of(adata: AnnData, asked: Iterable[str] | None) -> list[str]:
    """Names of the normalisations to use; by default all that the data allow and that differ."""
    counted = counts_of(adata) is not None
    if asked is None:
        made = str(recall(adata, "lognorm", {}).get("formula", "")) == "log2(CPM + 1)"
        if recall(adata, "thin") is not None:
            return [GIVEN]  # the counts are those before thinning
        own = [] if made or _kind(adata) in COUNTS else [GIVEN]
        return [*own, *((LOG_CPM, TMM) if counted else ())] or [GIVEN]
    names = [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
    unknown = [n for n in names if n not in (GIVEN, LOG_CPM, TMM) and n not in layers_of(adata)]
    if unknown or not names:
        msg = (
            f"No normalisation or layer {first(map(repr, unknown)) or 'was named'}. "
            f"Use {GIVEN!r}, {LOG_CPM!r}, {TMM!r}, or a layer: {first(layers_of(adata)) or 'there is none'}."
        )
        raise InputError(msg)
    if not counted and {LOG_CPM, TMM} & set(names):
        msg = f"{LOG_CPM!r} and {TMM!r} are made from counts, but neither X nor a layer 'counts' holds any."
        raise InputError(msg)
    return names


def counts_of(adata: AnnData) -> Any:
    """Return the counts, in X or in `layers["counts"]`, or None."""
    if _kind(adata) in COUNTS:
        return matrix(adata)
    return matrix(adata, "counts") if "counts" in layers_of(adata) else None


def normalised(adata: AnnData, name: str) -> AnnData:
    """Make an AnnData of its own with `X` normalised as `name` says."""
    from anndata import AnnData

    obs, var = pd.DataFrame(index=adata.obs_names), pd.DataFrame(index=adata.var_names)
    if name in (LOG_CPM, TMM):
        work = AnnData(_logged(counts_of(adata), name), obs=obs, var=var)
        record(work, "input", {"kind": "log"})
        return work
    work = AnnData(matrix(adata, None if name == GIVEN else name), obs=obs, var=var)
    kind = recall(adata, "input")
    if name == GIVEN and kind is not None:
        record(work, "input", kind)
        keep_draws(adata, work)
    return work


def methods_for(name: str, names: list[str], methods: list[Method]) -> list[Method]:
    """Methods that this normalisation can change: ranks are the same for `log_cpm` and `tmm`."""
    seen = name == TMM and LOG_CPM in names
    return [m for m in methods if not (seen and m.needs == "rank")]


def _logged(counts: Any, name: str) -> np.ndarray:
    full = whole(counts)
    dense = np.asarray(full.toarray() if hasattr(full, "toarray") else full, dtype=np.float64)
    try:
        if name == LOG_CPM:
            return np.log2(cpm(dense) + 1)
        return log_cpm(dense, lib_size=dense.sum(axis=1) * tmm(dense))
    except ValueError as error:
        msg = f"{name}: {error}"
        raise InputError(msg) from error


def _kind(adata: AnnData) -> str:
    from marrowsig.io._kind import guess_kind, kind_of

    declared = recall(adata, "input", {}).get("kind")
    return kind_of(adata) if declared else guess_kind(some_rows(matrix(adata)))[0]

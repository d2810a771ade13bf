"""What `uns["marrowsig"]` holds: the only file that writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first
from marrowsig._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

KEY = "marrowsig"
SCHEMA = 1


def record(adata: AnnData, section: str, value: Any) -> None:
    """Store `value` as `uns["marrowsig"][section]`, beside schema and version.

    `value` must survive h5ad and zarr: str, int, float, bool, arrays, frames and dicts of these.
    """
    slot = dict(adata.uns.get(KEY, {}))
    slot["schema"] = SCHEMA
    slot["version"] = __version__
    slot[section] = value
    adata.uns[KEY] = slot


def recall(adata: AnnData, section: str, default: Any = None) -> Any:
    """Read `uns["marrowsig"][section]`, or `default`."""
    return adata.uns.get(KEY, {}).get(section, default)


def lists_scored(adata: AnnData) -> dict[str, dict[str, str]]:
    """Hash of the genes and weights of every signature, by method and id."""
    scores: dict[str, Any] = recall(adata, "scores", {})
    return {
        method: {str(id): str(sha) for id, sha in entry["signatures"][["id", "sha256"]].to_numpy()}
        for method, entry in scores.items()
        if {"id", "sha256"} <= set(entry.get("signatures", ()))
    }


DECOUPLER = {f"score_{name}" for name in ("aucell", "gsva", "mlm", "ulm", "zscore")}


def as_recorded(frame: Any, entry: Any) -> bool:
    """Whether scores have columns of the record; in its order where decoupler writes to the same key."""
    if "id" not in entry.get("signatures", ()):
        return True
    have = [str(name) for name in getattr(frame, "columns", ())]
    known = [id for id in map(str, entry["signatures"]["id"]) if id in have]
    if str(entry.get("key", "")) not in DECOUPLER:
        return bool(have) and sorted(have) == sorted(known)
    return bool(have) and have == known


def require_as_recorded(frame: Any, entry: Any) -> None:
    """Refuse scores that are not those of the record."""
    if not as_recorded(frame, entry):
        msg = (
            f"obsm[{str(entry['key'])!r}] is not what ms.tl.score wrote: it has the columns "
            f"{first(getattr(frame, 'columns', ())) or 'none'}, and the record says "
            f"{first(entry['signatures']['id'])}. decoupler writes to the same keys. Run ms.tl.score again, "
            "and decoupler on a copy, such as dc.mt.ulm(adata.copy(), net)."
        )
        raise InputError(msg)


def no_scores(adata: AnnData, *, otherwise: str = "") -> str:
    """Say that nothing was scored, or that the record of scores is gone."""
    there = [str(key) for key in adata.obsm if str(key).startswith("score_")]
    again = f"Run ms.tl.score(adata, signatures) first{otherwise}."
    if not there:
        return f"There are no scores in this AnnData. {again}"
    return (
        f"obsm has {', '.join(there[:5])}, but uns['marrowsig'], which says how they were made, is gone, as "
        f"after anndata.concat: use anndata.concat([...], uns_merge='first'). {again}"
    )


def in_order(methods: Iterable[str]) -> list[str]:
    """Sort methods, the default one first; stores give keys back by alphabet, whatever was written first."""
    return sorted(methods, key=lambda name: (name != "singscore", name))


def as_json(value: object) -> str:
    """Parameters as one stable string, because `None` and tuples do not survive h5ad."""
    return json.dumps(value, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value.tolist() if hasattr(value, "tolist") else str(value)

"""Tables of single samples inside the archive of a series, joined."""

from __future__ import annotations

import re
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._download import DownloadError, cache
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._provenance import recall, record
from marrowsig._unpack import unpack_tar
from marrowsig.io import read
from marrowsig.io._found import quiet

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.ds._geo_note import Options, Sources

_TENX = re.compile(r"(.*?)(matrix\.mtx|barcodes\.tsv|features\.tsv|genes\.tsv)(\.gz)?$")
_LEAST_SHARED = 0.5


def read_archive(
    path: Path, names: list[str], obs: pd.DataFrame, sources: Sources, *, options: Options
) -> AnnData:
    """Read these members of the archive and join them; several cells or columns of a sample keep its GSM.

    Raises
    ------
    InputError
        If a member is of no sample, a sample has several, or their genes are not the same.
    """
    prefixes = {m[1] for n in names if n.endswith(("matrix.mtx", "matrix.mtx.gz")) and (m := _TENX.match(n))}
    wanted = set(names)

    def is_wanted(name: str) -> bool:
        found = _TENX.match(name)
        return name in wanted or (found is not None and found[1] in prefixes)

    _check_members(names, obs, path.name)
    with tempfile.TemporaryDirectory(prefix="unpacked-", dir=cache()) as folder:
        try:
            files = unpack_tar(path, Path(folder), wanted=is_wanted)
        except OSError as error:
            msg = f"{path.name} cannot be unpacked in {cache()} ({error}). Make room, or set MARROWSIG_CACHE."
            raise DownloadError(msg) from error
        lost = wanted - {f.name for f in files}
        if lost:
            msg = f"{path.name} lacks {len(lost)} of the files that GEO lists in it: {first(sorted(lost))}."
            raise InputError(msg)
        parts = {_gsm(n): _read(Path(folder), n, options=options) for n in sorted(names)}
    sources.decisions.append(f"{len(names)} tables of samples inside {path.name}: {first(names, 2)}")
    with quiet():
        return _joined(parts, obs, path.name, sources)


def _gsm(name: str) -> str:
    return name.split("_", maxsplit=1)[0].split(".", maxsplit=1)[0]


def _check_members(names: list[str], obs: pd.DataFrame, archive: str) -> None:
    strange = [n for n in names if _gsm(n) not in obs.index]
    if strange:
        msg = (
            f"{archive} holds tables of no sample of the series: {first(strange)}. Choose the others by a "
            "pattern, as in file='*_counts.txt.gz'."
        )
        raise InputError(msg)
    seen: dict[str, list[str]] = {}
    for name in names:
        seen.setdefault(_gsm(name), []).append(name)
    twice = [name for group in seen.values() if len(group) > 1 for name in group]
    if twice:
        msg = (
            f"{archive} holds several tables of a sample: {first(twice)}. Say which by a pattern, as in "
            "file='*_counts.txt.gz'."
        )
        raise InputError(msg)


def _read(folder: Path, name: str, *, options: Options) -> AnnData:
    place = folder / name
    found = _TENX.match(name)
    if found is not None:
        place = folder / f"triplet {_gsm(name)}"
        place.mkdir()
        for part in [
            f for f in folder.iterdir() if f.is_file() and (m := _TENX.match(f.name)) and m[1] == found[1]
        ]:
            part.rename(place / part.name)
    try:
        return read(place, **options)
    except InputError as error:
        msg = f"{name} inside the archive: {error}"
        raise InputError(msg) from error


def _joined(parts: dict[str, AnnData], obs: pd.DataFrame, archive: str, sources: Sources) -> AnnData:
    import anndata as ad

    kinds = {recall(part, "input")["kind"] for part in parts.values()}
    if len(kinds) > 1:
        msg = f"{archive}: the tables hold different kinds of values ({first(sorted(kinds))}). Say kind=."
        raise InputError(msg)
    genes = _shared_genes(parts, archive)
    var = next(iter(parts.values())).var
    placed: list[AnnData] = []
    for gsm, part in parts.items():
        same = part[:, _positions(part, genes)].copy()
        if not placed:
            var = same.var.copy()
        about = part.obs.copy() if part.n_obs > 1 else part.obs.iloc[:, :0].copy()
        about["column"] = part.obs_names.astype(str)
        about["sample"] = gsm
        about.index = [gsm] if part.n_obs == 1 else [f"{gsm}_{name}" for name in part.obs_names]
        # Symbols repeat in 10x, and concat wants names that do not; the order is the same by now.
        places = pd.Index([str(i) for i in range(len(genes))], dtype=str)
        placed.append(ad.AnnData(same.X, obs=about, var=pd.DataFrame(index=places)))
    whole = ad.concat(placed)
    whole.var = var
    for name in obs:
        whole.obs[name] = obs[name].loc[whole.obs["sample"]].to_numpy()
    first_note = recall(next(iter(parts.values())), "input")
    record(whole, "input", first_note | {"file": archive, "n_obs": whole.n_obs, "n_var": whole.n_vars})
    sources.decisions.append(f"{len(parts)} of {len(obs)} samples of the series have a table")
    return whole


def _keys(part: AnnData) -> list[str]:
    """Ids of the genes: Ensembl ids of 10x, since symbols repeat, else the names."""
    names = part.var.get("gene_ids", part.var_names)
    return [str(n) for n in names]


def _shared_genes(parts: dict[str, AnnData], archive: str) -> list[str]:
    keys = {gsm: _keys(part) for gsm, part in parts.items()}
    repeated = [gsm for gsm, names in keys.items() if len(set(names)) < len(names)]
    start = next(iter(keys.values()))
    if all(names == start for names in keys.values()):
        return start
    if repeated:
        msg = f"{archive}: genes repeat in tables that differ ({first(repeated)}), so they cannot be joined."
        raise InputError(msg)
    shared = set(start).intersection(*keys.values())
    least, most = min(map(len, keys.values())), max(map(len, keys.values()))
    if len(shared) < _LEAST_SHARED * least:
        msg = f"{archive}: the tables share {len(shared)} genes of {least} to {most}. Join them by hand."
        raise InputError(msg)
    if len(shared) < most:
        text = (
            f"{archive}: the tables have {least} to {most} genes; the {len(shared)} that all have are kept. "
            "Genes that a table leaves out because nobody expressed them are lost by that."
        )
        warnings.warn(text, InputWarning, stacklevel=6)
    return [name for name in start if name in shared]


def _positions(part: AnnData, genes: list[str]) -> np.ndarray:
    names = _keys(part)
    if names == genes:
        return np.arange(len(genes))
    place = {name: i for i, name in enumerate(names)}
    return np.array([place[g] for g in genes], dtype=int)

"""The store that `ms.tl.score(..., out=...)` writes: an AnnData, its scores in chunks of rows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._engine import FLAT
from marrowsig._provenance import KEY
from marrowsig.tl._score_file import is_embedding, zarr
from marrowsig.tl._score_task import entries, remember

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.tl._score_task import Task

BUFFER = 16_000_000  # bytes of scores that are held before they are written
SHORTEST, LONGEST = 4096, 2**20  # rows of a chunk
NAMES = 2**15  # of rows in a chunk: zarr turns several chunks into Python's texts at a time


def create(place: Path, adata: AnnData, task: Task) -> None:
    """Write everything but the scores, which are NaN."""
    from anndata import AnnData
    from anndata.io import write_elem

    ours = {k: v for k, v in dict(adata.uns.get(KEY, {})).items() if k != "scores"}
    shell = AnnData(obs=adata.obs.iloc[:0], uns={KEY: ours})
    embeddings = {str(k): v for k, v in adata.obsm.items() if is_embedding(str(k), v)}
    remember(shell, entries(task))
    made: dict[str, Any] = {}  # in memory, as zarr takes long for each of many small files
    root = zarr().open_group(made, mode="w")
    index = pd.DataFrame(index=adata.obs_names)
    chunks = {"chunks": (min(NAMES, adata.n_obs),)}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*autosharding")  # of anndata 0.12, on a default to come
        write_elem(root, "/", shell)
        write_elem(root, "obs", adata.obs, dataset_kwargs=chunks)
        for key, values in embeddings.items():
            write_elem(root["obsm"], key, np.asarray(values))
        for key in task.keys.values():
            write_elem(root["obsm"], key, index, dataset_kwargs=chunks)
    for key in task.keys.values():
        group = root["obsm"][key]
        for name in task.sets.names:
            _column(group, name, adata.n_obs, _step(task))
        group.attrs["column-order"] = list(task.sets.names)
    _write(made, place)


def _write(made: dict[str, Any], place: Path) -> None:
    """Write the files of a store that was made in memory."""
    for key, value in made.items():
        path = place / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value.to_bytes() if hasattr(value, "to_bytes") else bytes(value))  # zarr 3, zarr 2


def _step(task: Task) -> int:
    """Rows of a chunk."""
    columns = max(1, len(task.keys) * len(task.sets))
    fit = 2 ** int(np.log2(max(BUFFER / 8 / columns, 1)))
    return int(min(max(fit, SHORTEST), LONGEST, task.x.shape[0]))


def _column(group: Any, name: str, n: int, step: int) -> None:
    make = getattr(group, "create_array", None) or group.create_dataset  # zarr 3, zarr 2
    array = make(name, shape=(n,), dtype="float64", chunks=(step,), fill_value=np.nan)
    array.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


class Columns:
    """Collects scores until a chunk of rows is full, so that no chunk is ever written twice."""

    def __init__(self, place: Path, task: Task) -> None:
        obsm = zarr().open_group(str(place), mode="r+")["obsm"]
        names = task.job.sets.names
        self.arrays = {name: [obsm[key][s] for s in names] for name, key in task.keys.items()}
        self.step = next(iter(self.arrays.values()))[0].chunks[0]
        self.n = task.x.shape[0]
        self.held = {name: np.empty((len(names), self.step)) for name in self.arrays}
        self.flat = np.zeros(self.step, bool)
        self.n_held = 0

    def take(
        self, start: int, scores: dict[str, NDArray[Any]], done: int
    ) -> Iterator[tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]]:
        """Add scores from row `start` on; for every chunk written, yield its `flat` and what has values.

        `done` rows are in the store; scores of rows that are there already are passed over.
        """
        at, size = done + self.n_held - start, len(scores[FLAT])
        if at < 0:
            msg = f"rows {done + self.n_held} to {start - 1} have no scores"
            raise ValueError(msg)
        while at < size:
            take = min(size - at, self.step - self.n_held)
            into = slice(self.n_held, self.n_held + take)
            for name, held in self.held.items():
                held[:, into] = scores[name][at : at + take].T
            self.flat[into] = scores[FLAT][at : at + take]
            at, self.n_held = at + take, self.n_held + take
            if self.n_held == self.step or done + self.n_held == self.n:
                yield self._write(done)
                done, self.n_held = done + self.n_held, 0

    def _write(self, done: int) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
        flat, valued = self.flat[: self.n_held].copy(), {}
        for name, held in self.held.items():
            for array, values in zip(self.arrays[name], held, strict=True):
                array[done : done + self.n_held] = values[: self.n_held]
            valued[name] = np.asarray(~np.isnan(held[:, : self.n_held][:, ~flat]).all(axis=1))
        return flat, valued

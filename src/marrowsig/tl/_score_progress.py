"""How far a run into a store has come: what was asked for, how many rows are done.

`<out>.partial` holds the store as `store`, which becomes `<out>` once all rows are there.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from marrowsig._errors import InputError, first
from marrowsig._kernels.moments import Genes
from marrowsig._our_methods import OURS
from marrowsig._provenance import as_json
from marrowsig._version import __version__
from marrowsig._view import some_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from anndata import AnnData
    from numpy.typing import NDArray

    from marrowsig.tl._score_task import Task

FORMAT = 2
STORE, ASKED, DONE, FLAT, GENES = "store", "asked.json", "done.json", "flat.npy", "genes.npz"
AT_ONCE = 100_000  # names that are hashed together


def asked_for(adata: AnnData, task: Task) -> dict[str, str]:
    """Name all that decides about the scores, as texts, so that two runs can be compared."""
    return {
        "format": str(FORMAT),
        "marrowsig": __version__,
        "method": as_json({m.name: task.options[m.name] for m in task.methods}),
        "kernels": as_json({m.name: _code(m.kernel) for m in task.methods if m not in OURS}),
        **{name: as_json(value) for name, value in task.how.items()},
        "results": as_json(list(task.keys)),
        "signatures": as_json({sig.id: sig.sha256 for sig in task.sigs}),
        "rows": str(task.x.shape[0]),
        "obs_names": _hash(adata.obs_names),
        "var_names": _hash(task.names),
        "values": _hash_of_values(some_rows(task.x)),
    }


def _hash_of_values(rows: Any) -> str:
    """Hash rows as if dense, one after the other: together they could take more than a round of the run."""
    out = sha256()
    for i in range(rows.shape[0]):
        row = rows[i : i + 1]
        dense = np.asarray(row.toarray() if issparse(row) else row, dtype=np.float64)
        out.update(np.ascontiguousarray(dense).tobytes())
    return out.hexdigest()


def _code(kernel: Any) -> str:
    """Hash what a function of the user does; functions that it calls are known by name only."""
    kernel = getattr(kernel, "py_func", kernel)  # that numba has compiled
    given: tuple[Any, ...] = ()
    if isinstance(kernel, partial):
        kernel, given = kernel.func, (kernel.args, kernel.keywords)
    return sha256(repr((_steps(getattr(kernel, "__code__", None)), given)).encode()).hexdigest()


def _steps(code: Any) -> tuple[Any, ...]:
    """Instructions, constants and names, without the place in a file."""
    if not isinstance(code, CodeType):
        return ()
    constants = [_steps(c) if isinstance(c, CodeType) else c for c in code.co_consts]
    return code.co_code, constants, code.co_names


def _hash(names: Sequence[str]) -> str:
    out = sha256()
    for i in range(0, len(names), AT_ONCE):
        out.update("\n".join(map(str, names[i : i + AT_ONCE])).encode("utf-8", "surrogatepass") + b"\n")
    return out.hexdigest()


@dataclass
class Progress:
    """A run into `folder`.

    done    rows whose scores are in the store
    flat    (n_obs,) which of them have no order
    valued  by result, (n_sets,) which signatures have a value in any other row
    """

    folder: Path
    done: int
    flat: Any
    valued: dict[str, NDArray[np.bool_]]

    @classmethod
    def begun(
        cls, folder: Path, asked: dict[str, str], task: Task, create: Callable[[Path], None]
    ) -> Progress:
        """Go on with the run in `folder`, or begin one there."""
        if (folder / ASKED).exists() and (folder / STORE).is_dir():
            _check_same(folder, asked)
            state = json.loads((folder / DONE).read_text())
            valued = {name: np.array(v, bool) for name, v in state["valued"].items()}
            return cls(folder, state["rows"], np.load(folder / FLAT, mmap_mode="r+"), valued)
        _clear(folder)
        create(folder / STORE)
        flat = np.lib.format.open_memmap(folder / FLAT, mode="w+", dtype=bool, shape=(task.x.shape[0],))
        progress = cls(folder, 0, flat, {name: np.zeros(len(task.job.sets), bool) for name in task.keys})
        progress.advance(np.zeros(0, bool), {})
        _replace(folder / ASKED, as_json(asked))  # last: from now on a run can go on
        return progress

    @property
    def store(self) -> Path:
        """The zarr store while it is being filled."""
        return self.folder / STORE

    def advance(self, flat: NDArray[np.bool_], valued: dict[str, NDArray[np.bool_]]) -> None:
        """Note that the next rows are in the store."""
        self.flat[self.done : self.done + flat.size] = flat
        self.flat.flush()
        self.done += flat.size
        self.valued = {name: old | valued.get(name, False) for name, old in self.valued.items()}
        state = {"rows": self.done, "valued": {name: v.tolist() for name, v in self.valued.items()}}
        _replace(self.folder / DONE, as_json(state))

    def keep(self, genes: Genes) -> None:
        """Store the moments of the first pass."""
        part = self.folder / f"new.{GENES}"
        np.savez(part, n=genes.n, total=genes.total, square=genes.square, low=genes.low, high=genes.high)
        part.replace(self.folder / GENES)

    def genes(self, columns: NDArray[np.int64]) -> Genes | None:
        """Moments of a first pass that was kept."""
        if not (self.folder / GENES).exists():
            return None
        with np.load(self.folder / GENES) as kept:
            return Genes(int(kept["n"]), columns, kept["total"], kept["square"], kept["low"], kept["high"])

    def finish(self, target: Path) -> None:
        """Give the store its name."""
        self.store.rename(target)
        shutil.rmtree(self.folder, ignore_errors=True)


def _check_same(folder: Path, asked: dict[str, str]) -> None:
    before = json.loads((folder / ASKED).read_text())
    differ = [name for name in {**before, **asked} if before.get(name) != asked.get(name)]
    if differ:
        told = (f"{name} {_short(before.get(name))} -> {_short(asked.get(name))}" for name in differ)
        msg = (
            f"{folder} holds an unfinished run that differs in {first(told)}. To go on with it, call with "
            f"the same arguments and data; to start anew, delete that folder or name another out=."
        )
        raise InputError(msg)


def _short(text: str | None) -> str:
    return str(text) if len(str(text)) <= 80 else f"{str(text)[:77]}..."


def _clear(folder: Path) -> None:
    """Remove what a run left behind that was stopped before its first row."""
    if folder.exists():
        ours = {STORE, ASKED, DONE, FLAT, GENES, f"new.{GENES}", f"new.{ASKED}", f"new.{DONE}"}
        other = (
            sorted(p.name for p in folder.iterdir() if p.name not in ours) if folder.is_dir() else ["a file"]
        )
        if other:
            msg = f"{folder} is in the way: it holds {first(other)}. Delete it, or name another out=."
            raise InputError(msg)
        shutil.rmtree(folder)
    folder.mkdir()


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"new.{path.name}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)

"""Dask arrays, chunk by chunk: on this machine's threads, or on the workers of a cluster."""

from __future__ import annotations

import sys
import warnings
from collections import deque
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from marrowsig._errors import InputError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT_ONCE = 64  # chunks whose results are waited for together on this machine
PER_THREAD = 4  # chunks per thread of a cluster that are asked for ahead of the one that is waited for
SHARE = 0.5  # of a worker's memory that a chunk may fill
PATIENCE = 60.0  # seconds without any worker until it is said


class Part(NamedTuple):
    """A chunk of rows."""

    start: int
    size: int
    block: Any


def mapped(
    x: Any, work: Callable[..., Any], *given: Any, bar: Callable[[int], None], first: int = 0
) -> Iterator[tuple[int, Any]]:
    """First row and `work(chunk, first row, *given)` of every chunk of rows, in order.

    Chunks that end before row `first` are skipped. With a `dask.distributed.Client` the tasks run on its
    workers, which repeat those of a worker that is lost.
    """
    if len(x.chunks[1]) > 1:
        x = x.rechunk({1: -1})
    sizes = np.array(x.chunks[0])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    blocks = x.to_delayed().ravel()
    parts = [
        Part(int(start), int(size), block)
        for start, size, block in zip(starts, sizes, blocks, strict=True)
        if start + size > first and size
    ]
    client = client_in_use()
    run = _here(parts, work, given) if client is None else _on_cluster(client, x, parts, work, given)
    for part, result in run:
        yield part.start, result
        bar(part.start + part.size - max(part.start, first))


def client_in_use() -> Any:
    """Give the `dask.distributed.Client` that dask would use now, or None."""
    if "distributed" not in sys.modules:
        return None
    from dask.base import get_scheduler
    from distributed import Client

    owner = getattr(get_scheduler(), "__self__", None)
    return owner if isinstance(owner, Client) else None


def _here(parts: list[Part], work: Callable[..., Any], given: tuple[Any, ...]) -> Iterator[tuple[Part, Any]]:
    import dask

    shared = [dask.delayed(g, traverse=False) for g in given]
    task = dask.delayed(work)
    for i in range(0, len(parts), AT_ONCE):
        some = parts[i : i + AT_ONCE]
        results = dask.compute(*(task(p.block, p.start, *shared) for p in some))
        yield from zip(some, results, strict=True)


def _on_cluster(
    client: Any, x: Any, parts: list[Part], work: Callable[..., Any], given: tuple[Any, ...]
) -> Iterator[tuple[Part, Any]]:
    """Keep some chunks per thread under way, so that no worker waits for the slowest one."""
    import cloudpickle
    import dask

    _check_room(client, x)
    # Submitted, not scattered: a task is repeated where the worker that held its result is lost.
    packed = client.submit(bytes, cloudpickle.dumps((work, given)), pure=False)
    task = dask.delayed(_unpacking())
    left, window = iter(parts), 0
    waiting: deque[tuple[Part, Any]] = deque()
    try:
        while True:
            if len(waiting) <= window // 2:
                window = PER_THREAD * max(2, sum(client.nthreads().values()))  # workers come and go
                some = list(islice(left, window - len(waiting)))
                tasks = [task(p.block, p.start, packed) for p in some]
                waiting.extend(zip(some, client.compute(tasks), strict=True))
            if not waiting:
                return
            part, future = waiting.popleft()
            yield part, _result(client, future, part)
    finally:
        client.cancel([*(future for _, future in waiting), packed])


def _unpacking() -> Callable[[Any, int, bytes], Any]:
    """Give the function that a worker runs, itself sent as code.

    dask ends a worker for good where a message names a module that the worker lacks, and the next one that
    gets the message as well. Inside of a task the missing module is an error of that task.
    """

    def unpacked(block: Any, start: int, packed: bytes) -> Any:
        import pickle

        work, given = pickle.loads(packed)
        return work(block, start, *given)

    return unpacked


def _result(client: Any, future: Any, part: Part) -> Any:
    from distributed import KilledWorker

    try:
        _wait(client, future)
        return future.result()
    except KilledWorker as error:
        msg = (
            f"Every worker that took rows {part.start} to {part.start + part.size - 1} was lost, probably "
            f"for want of memory. {_smaller(part.size)}, or give workers more memory and fewer threads."
        )
        raise InputError(msg) from error
    except ModuleNotFoundError as error:
        msg = (
            f"A worker cannot import {error.name}. Workers need marrowsig and the packages of this process; "
            f"send a file of your own with client.upload_file('{error.name}.py'), or define its functions in "
            "the script itself."
        )
        raise InputError(msg) from error


def _wait(client: Any, future: Any) -> None:
    """Wait for a result, and say so where no worker is left to make it."""
    from distributed import wait

    since, told = monotonic(), False
    while not future.done():
        try:
            wait(future, timeout=PATIENCE / 4)
        except TimeoutError:
            if client.nthreads():
                since, told = monotonic(), False
            elif not told and monotonic() - since >= PATIENCE:
                told = True
                msg = (
                    f"No worker is connected to {client.scheduler.address}: waiting for one. Logs of workers "
                    "say why they ended; 'Failed to deserialize' there means that they lack a module."
                )
                warnings.warn(msg, InputWarning, stacklevel=2)


def _check_room(client: Any, x: Any) -> None:
    """Refuse dense chunks that cannot fit into a worker; of sparse ones the size is not known before."""
    limits = [w.get("memory_limit") for w in client.scheduler_info()["workers"].values()]
    room = min((limit for limit in limits if limit), default=None)
    rows = int(max(x.chunks[0]))
    size = rows * x.shape[1] * x.dtype.itemsize
    if room is None or not isinstance(x._meta, np.ndarray) or size <= SHARE * room:
        return
    fit = max(1, int(SHARE * room * rows / size / 2))
    msg = (
        f"A chunk of the matrix holds {rows} rows x {x.shape[1]} genes, {size / 1e9:.2g} GB, and a worker "
        f"has {room / 1e9:.2g} GB for all it does. {_smaller(2 * fit)}."
    )
    raise InputError(msg)


def _smaller(rows: int) -> str:
    return f"Use chunks of fewer rows, e.g. adata.X = adata.X.rechunk(({max(1, rows // 2)}, -1))"

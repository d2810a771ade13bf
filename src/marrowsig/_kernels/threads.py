"""Threads over blocks of rows: kernels release the GIL, and no result depends on the split."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_limit: ContextVar[int | None] = ContextVar("threads", default=None)


def count() -> int:
    """Threads to use: what `limited` says, else NUMBA_NUM_THREADS, else the cores this process may use."""
    limit = _limit.get()
    if limit is not None:
        return limit
    given = os.environ.get("NUMBA_NUM_THREADS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def limited(n: int | None) -> Iterator[None]:
    """Use `n` threads inside the block; None changes nothing."""
    token = _limit.set(_limit.get() if n is None else n)
    try:
        yield
    finally:
        _limit.reset(token)


def over(n: int, step: int, work: Callable[[int, int], None]) -> None:
    """Call `work(start, stop)` for consecutive slices of `range(n)`, `step` long, in threads."""
    starts = range(0, n, step)
    threads = min(count(), len(starts))
    if threads < 2:
        for start in starts:
            work(start, min(start + step, n))
        return
    pool = ThreadPoolExecutor(threads)
    try:
        for done in [pool.submit(work, start, min(start + step, n)) for start in starts]:
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)

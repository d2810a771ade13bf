"""Distance to the limit: a method's time over the time that it takes to read the CSR arrays once.

By the clock, and in CPU seconds, which other work on the machine disturbs less.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from data import expression
from measure import threads
from peers import PER_CELL, kind_for
from sides import build, missing
from worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

READS = 20  # reads per timed call: one alone is over in milliseconds


def reading(kind: str, n: int) -> dict[str, Callable[[], Any]]:
    """Read `data` and `indices` READS times, half by each of the threads."""
    import numba

    @numba.njit(nogil=True)
    def add(words: Any) -> Any:
        total = np.uint64(0)
        for w in words:
            total += w
        return total

    x = expression(kind, n)
    parts = [
        p
        for a in (x.data, x.indices)
        for p in np.array_split(a[: a.size // 2 * 2].view(np.uint64), threads())
    ]
    add(parts[0][:10])
    pool = ThreadPoolExecutor(threads())
    return {"run": lambda: [list(pool.map(add, parts)) for _ in range(READS)]}


def table(n: int, n_sets: int, repeats: int) -> dict[str, Any]:
    with Worker(reading, "counts", n) as worker:
        worker.ask("run")
        reads = [worker.ask("run") for _ in range(repeats)]
    wall, cpu = (median(r[k] for r in reads) / READS for k in ("wall", "cpu"))
    print(
        f"\nReading the arrays of {n} cells once: {wall * 1e3:.2f} ms, {cpu * 1e3:.2f} ms of CPU "
        f"({threads()} threads). {n_sets} sets:\n"
    )
    print(
        "| method | s, wall | s, CPU | times the limit | times the limit, CPU | cells per s |",
        "|" + " --- |" * 6,
        sep="\n",
    )
    out = {"cells": n, "sets": n_sets, "read_s": wall, "read_cpu_s": cpu, "methods": {}}
    for method in PER_CELL:
        if missing((method,)):
            print(f"skipped: ms.methods lacks {method}")
            continue
        try:
            seen = _time(method, n, n_sets, repeats)
        except RuntimeError as error:
            print(f"skipped: {method}: {error}")
            continue
        times = {"times_limit": seen["wall"] / wall, "times_limit_cpu": seen["cpu"] / cpu}
        out["methods"][method] = {**seen, **times}
        cells = [seen["wall"], seen["cpu"], *times.values(), n / seen["wall"]]
        print(f"| {method} |", " | ".join(f"{c:.4g}" for c in cells), "|", flush=True)
    return out


def _time(method: str, n: int, n_sets: int, repeats: int) -> dict[str, float]:
    with Worker(build, ((method,), {}), kind_for(method), n, n, n_sets) as worker:
        runs = []
        for _ in range(repeats):
            worker.ask("fresh", "plain")
            runs.append(worker.ask("run"))
    return {k: median(r[k] for r in runs) for k in ("wall", "cpu")}

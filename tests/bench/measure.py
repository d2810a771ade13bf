"""Seconds, memory, and the machine on which they were measured."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = (
    "marrowsig",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "anndata",
    "scanpy",
    "decoupler",
    "pyucell",
    "gseapy",
)
THREAD_NAMES = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)
MB = 1 / 2**20


def set_threads(n: int) -> None:
    """The same number of threads for every child process; call it before numpy is imported."""
    os.environ.update(dict.fromkeys(THREAD_NAMES, str(n)), BENCH_THREADS=str(n), TQDM_DISABLE="1")


def threads() -> int:
    return int(os.environ["BENCH_THREADS"])


def machine() -> dict[str, Any]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next(
        (x.partition(":")[2].strip() for x in lines if x.startswith("model name")), platform.processor()
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": model,
        "cores": cores,
        "threads": threads(),
        "load": list(os.getloadavg()),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def cpu() -> float:
    """CPU seconds of this process with all its threads, and of its children, ended or alive."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(_stat(p)[0] for p in _descendants())


def timed(call: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Wall and CPU seconds of one call, and its result."""
    start, used = time.perf_counter(), cpu()
    result = call()
    wall = time.perf_counter() - start
    return {"wall": wall, "cpu": cpu() - used}, result


def peak(call: Callable[[], Any]) -> float:
    """MB that one call holds at its peak above what was held before, child processes included.

    The process itself: VmHWM, set back before the call, so nothing is missed; child processes: sampled.
    """
    before, children = start_peak(), _Children()
    with children:
        call()
    return resident("VmHWM") - before + children.peak * MB


def start_peak() -> float:
    """Set VmHWM back to what is held now, which is returned (MB)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # what an earlier call freed must not hide what the next one takes
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


def resident(key: str) -> float:
    """MB now (VmRSS), or at the highest so far (VmHWM)."""
    path = Path("/proc/self/status")
    if not path.exists():
        unit = MB if sys.platform == "darwin" else 1 / 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return float(next(x.split()[1] for x in path.read_text().splitlines() if x.startswith(key))) / 1024


class _Children:
    """Most memory that the child processes held together, sampled every 10 ms."""

    def __enter__(self) -> None:
        self.peak, self.before, self.done = 0.0, self._now(), threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.done.wait(0.01):
            self.peak = max(self.peak, self._now() - self.before)

    def _now(self) -> float:
        return sum(_stat(p)[1] for p in _descendants())


def _descendants() -> list[int]:
    found, todo = [], [os.getpid()]
    while todo:
        for task in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            with suppress(OSError):
                kids = [int(k) for k in task.read_text().split()]
                found += kids
                todo += kids
    return found


def _stat(pid: int) -> tuple[float, float]:
    """CPU seconds (its ended children included) and resident bytes of a process; 0 if it has gone."""
    try:
        rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    ticks = sum(int(x) for x in rest[11:15]) / os.sysconf("SC_CLK_TCK")
    return ticks, int(rest[21]) * os.sysconf("SC_PAGE_SIZE")

"""One line on the error stream where kernels are compiled, which the first score on a machine waits for."""

from __future__ import annotations

from functools import cache
from threading import Lock
from time import perf_counter
from typing import Any

PATIENCE = 1.0  # seconds of compiling before anything is said
SAID = "First use on this machine: code is compiled once (10 to 30 s)."


@cache
def tell_compiling() -> None:
    """Listen to numba from now on; what is read from its cache raises no event."""
    from numba.core import event

    event.register("numba:compile", _listener())


def _listener() -> Any:
    from numba.core import event

    class Compiling(event.Listener):
        """Adds up the time of compiling our functions; one calls for another, so that events are nested."""

        def __init__(self) -> None:
            self.depth, self.spent, self.began, self.told = 0, 0.0, 0.0, False
            self.lock = Lock()

        def on_start(self, event: Any) -> None:
            if not _ours(event):
                return
            with self.lock:
                now = perf_counter()
                self.began = self.began if self.depth else now
                self.depth += 1
                late = self.spent + now - self.began >= PATIENCE
                tell, self.told = late and not self.told, self.told or late
            if tell:
                from marrowsig._progress import say

                say(SAID)

        def on_end(self, event: Any) -> None:
            if not _ours(event):
                return
            with self.lock:
                self.depth -= 1
                self.spent += 0.0 if self.depth else perf_counter() - self.began

    return Compiling()


def _ours(event: Any) -> bool:
    function = event.data["dispatcher"].py_func
    return str(function.__module__).startswith("marrowsig.")

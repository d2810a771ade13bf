"""One fresh process per side, told what to run: the sides of a comparison take turns."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Self

from measure import peak, timed

if TYPE_CHECKING:
    from collections.abc import Callable


class Worker:
    """A fresh process that builds its calls once and then runs them when it is told to.

    `build(*args)` gives a dict of calls; `ask(name, how)` runs one: "plain" gives its result, "timed" the
    seconds, "peak" the memory. An error in the child comes back as `RuntimeError` with its last line.
    """

    def __init__(self, build: Callable[..., dict[str, Callable[[], Any]]], *args: Any) -> None:
        context = get_context("spawn")
        self.pipe, child = context.Pipe()
        self.process = context.Process(target=_serve, args=(child, build, args))
        self.process.start()
        child.close()
        self._answer()

    def ask(self, name: str, how: str = "timed") -> Any:
        self.pipe.send((name, how))
        return self._answer()

    def close(self) -> None:
        with suppress(OSError):
            self.pipe.send(None)
        self.process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self) -> Any:
        try:
            good, answer = self.pipe.recv()
        except EOFError:
            good, answer = False, "the process ended (out of memory?)"
        if not good:
            raise RuntimeError(answer)
        return answer


def _serve(pipe: Any, build: Callable[..., dict[str, Callable[[], Any]]], args: tuple[Any, ...]) -> None:
    warnings.simplefilter("ignore")
    ways = {"plain": lambda call: call(), "timed": lambda call: timed(call)[0], "peak": peak}
    try:
        calls = build(*args)
        pipe.send((True, list(calls)))
        while (order := pipe.recv()) is not None:
            pipe.send((True, ways[order[1]](calls[order[0]])))
    except Exception as error:  # noqa: BLE001 - whatever a method raises becomes the reason of a skipped row
        if os.environ.get("BENCH_TRACE"):
            traceback.print_exc()
        pipe.send(
            (False, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200])
        )
    finally:
        if "joblib" in sys.modules:  # its idle workers would keep this process for five minutes
            from joblib.externals.loky import get_reusable_executor

            get_reusable_executor().shutdown(wait=True, kill_workers=True)

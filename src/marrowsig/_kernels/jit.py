"""Options that every compiled function has: `@njit(**KERNEL)` and `@njit(**INNER)`.

`INNER` is for what only other compiled functions call: Python cannot, and a call from there would crash. What
numba would wrap around a function for callers that it does not have is a third of the time to compile it.
"""

from __future__ import annotations

from typing import Any

KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "no_cfunc_wrapper": True}
INNER: dict[str, Any] = KERNEL | {"no_cpython_wrapper": True}

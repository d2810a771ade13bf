"""marrowsig: EMT, IL-6 and JAK/STAT3 signatures in leukaemia and its marrow niche.

Menus are imported when they are first used, so that `import marrowsig` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from marrowsig._errors import (
    CoverageWarning,
    DesignError,
    DownloadError,
    GeneWarning,
    InputError,
    InputWarning,
    SignatureError,
)
from marrowsig._log import log
from marrowsig._version import __version__

if TYPE_CHECKING:
    from marrowsig import ds, get, io, methods, pl, pp, qc, sig, tl
    from marrowsig._batch import batch
    from marrowsig._report import report
    from marrowsig._study import Study
    from marrowsig.design import Design

_MENUS = frozenset({"ds", "get", "io", "methods", "pl", "pp", "qc", "sig", "tl"})
_NAMES = {
    "Design": "marrowsig.design",
    "Study": "marrowsig._study",
    "batch": "marrowsig._batch",
    "report": "marrowsig._report",
}

__all__ = [
    "CoverageWarning",
    "Design",
    "DesignError",
    "DownloadError",
    "GeneWarning",
    "InputError",
    "InputWarning",
    "SignatureError",
    "Study",
    "__version__",
    "batch",
    "ds",
    "get",
    "io",
    "log",
    "methods",
    "pl",
    "pp",
    "qc",
    "report",
    "sig",
    "tl",
]


def __getattr__(name: str) -> Any:
    if name in _MENUS:
        return import_module(f"marrowsig.{name}")
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    msg = f"module 'marrowsig' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)

"""The public names of marrowsig, read from its menus."""

from __future__ import annotations

import inspect
from functools import cache
from operator import attrgetter

import marrowsig as ms

MENUS = {
    "io": "Read files",
    "ds": "Data sets",
    "sig": "Signatures",
    "pp": "Prepare",
    "tl": "Score and compare",
    "qc": "Quality control",
    "pl": "Figures",
    "get": "Get results",
    "methods": "Scoring methods",
}
TOP = "top"


@cache
def names() -> dict[str, list[str]]:
    """Public names by menu, such as `{"tl": ["tl.chain", ...]}`; those of the package itself under `top`."""
    known = {menu: [f"{menu}.{name}" for name in getattr(ms, menu).__all__] for menu in MENUS}
    lost = {name for name in ms.__all__ if type(getattr(ms, name)).__name__ == "module"} - MENUS.keys()
    if lost:
        msg = f"docs/_ext/api_names.py has no title for the menus {sorted(lost)}"
        raise RuntimeError(msg)
    top = [name for name in ms.__all__ if name not in MENUS and not name.startswith("__")]
    return {TOP: top, **known}


@cache
def all_names() -> frozenset[str]:
    """All public names, without the `ms.`, and those of methods of the public classes."""
    found = [name for some in names().values() for name in some]
    for name in list(found):
        thing = attrgetter(name)(ms)
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            found += [f"{name}.{member}" for member in vars(thing) if not member.startswith("_")]
    return frozenset(found)

"""The command that was given, as a line to give again, and the Python that reads the same files."""

from __future__ import annotations

import shlex
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click
    from anndata import AnnData

    from marrowsig._cli.beside import Beside


def command_line(context: click.Context) -> str:
    """Return the command of `context` with what was said on it; what was left to its default is left out."""
    import click
    from click.core import ParameterSource

    words = ["marrowsig", str(context.info_name)]
    for parameter in context.command.params:
        name, value = str(parameter.name), context.params.get(str(parameter.name))
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or value is None:
            continue
        if isinstance(parameter, click.Argument):
            words.append(str(value))
        elif isinstance(parameter, click.Option):
            option = max(parameter.opts, key=len)
            values = value if parameter.multiple else [value]
            if parameter.is_flag:
                off = max(parameter.secondary_opts, key=len, default=option)
                words.append(option if value else off)
            else:
                words += [w for v in values for w in (option, str(v))]
    return shlex.join(words)


def made_by(
    given: Mapping[str, Any],
    *,
    stroma: AnnData | str | None,
    apart: Beside | None = None,
) -> dict[str, str]:
    """Python that makes the matrix, the signatures and the stroma (as it was read) that the options name.

    `apart` is stroma that was taken out of the matrix.
    """
    from marrowsig._named_inputs import is_lists
    from marrowsig._provenance import recall

    made = {"adata": _matrix(given)}
    names = [str(name) for name in given.get("signatures") or ()]
    if names:
        parts = []
        for is_file, same in groupby(names, key=is_lists):
            own = list(same)
            loaded = f"ms.sig.load({', '.join(map(repr, own))})"
            parts += [f"ms.sig.read({_read(name)})" for name in own] if is_file else [loaded]
        made["signatures"] = " | ".join(parts)
    if apart is not None:
        made["adata"] += apart.rest
        made["stroma"] = apart.sums
    elif stroma is not None and not isinstance(stroma, str):
        kind = given.get("stroma_kind") or recall(stroma, "input", {}).get("kind")
        told = given.get("stroma_kind") or kind in ("expected_counts", "fpkm", "tpm")
        said = f", kind={kind!r}" if told else ""
        made["stroma"] = f"ms.io.read({str(given['stroma'])!r}{said})"
    return made


def _read(name: str) -> str:
    from marrowsig.sig._words import AXES

    axis, said, file = name.partition("=")
    return f"{file!r}, axis={axis!r}" if said and axis in AXES else repr(name)


def _matrix(given: Mapping[str, Any]) -> str:
    from marrowsig._named_inputs import stroma_named

    names = ("samples", "kind", "genome", "sheet_key")
    said = {name: given.get(name) for name in names}
    shown = [f"{name}={str(value)!r}" for name, value in said.items() if value is not None]
    shown += [f"leave_out={list(given['leave_out'])!r}"] if given.get("leave_out") else []
    path = repr(str(given["matrix"]))
    keep = f"keep={list(given['keep'])!r}" if given.get("keep") else None
    floor = None if given.get("floor") is None else f"floor={given['floor']:g}"
    if given.get("layer") is None and floor is None and keep is None:
        return f"ms.io.read({', '.join([path, *shown])})"
    own = stroma_named(given.get("stroma"), given.get("compartment")) if keep else ""
    stroma = f"stroma={own!r}" if own else None  # of which rows may stay where others are kept
    layer = None if given.get("layer") is None else f"layer={given['layer']!r}"
    said_all = ", ".join(filter(None, [path, layer, floor, *shown, keep, stroma]))
    return f'ms.Study(name="study", input={said_all}, design=None).read()'

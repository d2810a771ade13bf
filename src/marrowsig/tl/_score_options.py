"""Methods and options of `ms.tl.score`, checked, with the genes that options name found in the matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._elsewhere import elsewhere
from marrowsig._errors import InputError, first
from marrowsig._kernels.sets import Sets
from marrowsig._provenance import recall
from marrowsig._view import some_rows
from marrowsig.methods import Method, get

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

Options = dict[str, dict[str, Any]]


def methods_of(method: str | Iterable[str]) -> list[Method]:
    if not isinstance(method, str | Iterable):
        msg = f"method={method!r} is not a name. Use e.g. method='singscore'."
        raise InputError(msg)
    names = [method] if isinstance(method, str) else list(dict.fromkeys(method))
    if not names:
        msg = "method is empty. Use e.g. method='singscore'."
        raise InputError(msg)
    return [get(name) for name in names]


def options_of(methods: list[Method], params: Mapping[str, Mapping[str, Any]] | None) -> Options:
    given = dict(params or {})
    names = [m.name for m in methods]
    other = [name for name in given if name not in names]
    if other:
        use = f"params={{{names[0]!r}: {{...}}}}"
        msg = f"params names {first(other)}, but the methods are {first(names)}. Use {use}."
        raise InputError(msg)
    for m in methods:
        own = given.get(m.name, {})
        if not isinstance(own, Mapping):
            msg = f"params[{m.name!r}] is {own!r}. Give its options by name, e.g. {dict(m.params)}."
            raise InputError(msg)
        unknown = [k for k in own if k not in m.params]
        if unknown:
            msg = f"{m.name} has no option {first(unknown)}. It has: {first(m.params) or 'none'}."
            raise InputError(msg)
        for name, value in own.items():
            _check_option(m.name, name, value, m.params[name])
    return {m.name: {**m.params, **given.get(m.name, {})} for m in methods}


def _check_option(method: str, name: str, value: Any, usual: Any) -> None:
    """Refuse a value of another type than the default, which a kernel would take for something else."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if isinstance(usual, bool):
        right, what = isinstance(value, bool | np.bool_), "True or False"
    elif isinstance(usual, int | float):
        right, what = number and bool(np.isfinite(value)), "a number"
    elif isinstance(usual, str):
        right, what = isinstance(value, str), "a word"
    elif name == "controls":
        lists = isinstance(value, Mapping) and all(_is_list(v) for v in value.values())
        right, what = value is None or lists, "a list of genes for every signature id"
    else:
        right, what = value is None or _is_list(value) or name != "stable", "a list of genes"
    if not right:
        msg = f"{method}: {name}={value!r} is not {what}. The default is {usual!r}."
        raise InputError(msg)


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def check_share(min_coverage: float) -> None:
    if isinstance(min_coverage, str) or not 0 <= min_coverage <= 1:
        msg = f"min_coverage={min_coverage!r} is not a share between 0 and 1. Use e.g. min_coverage=0.5."
        raise InputError(msg)


def check_kind(adata: AnnData, x: Any, layer: str | None, methods: list[Method], options: Options) -> None:
    """Refuse counts and linear values for methods that need log expression."""
    needy = [m.name for m in methods if m.needs != "rank" and not _any_unit(options[m.name])]
    if not needy:
        return
    from marrowsig.io._kind import guess_kind, kind_of

    declared = layer is None and recall(adata, "input", {}).get("kind")
    kind = kind_of(adata) if declared else guess_kind(_finite(some_rows(x)))[0]
    if kind != "log":
        where = "adata.X" if layer is None else f"layer {layer!r}"
        msg = (
            f"{first(needy)} needs log expression, but {where} holds {kind}. "
            f"{elsewhere(adata, ('log',), but=layer) or 'Run ms.pp.lognorm(adata) first.'} "
            "Or use a rank method such as 'singscore'."
        )
        raise InputError(msg)


def _any_unit(options: Mapping[str, Any]) -> bool:
    """Whether options make a method take counts: kernels of GSVA for counts, gseapy's ssGSEA on ranks."""
    return options.get("kcdf") in ("poisson", "none") or options.get("sample_norm_method") == "rank"


def _finite(rows: Any) -> Any:
    """Put zero for what is not finite; that is counted, and refused, when all rows are read."""
    if hasattr(rows, "indptr"):
        return type(rows)(
            (np.nan_to_num(rows.data, posinf=0, neginf=0), rows.indices, rows.indptr), rows.shape
        )
    return np.nan_to_num(rows, posinf=0, neginf=0) if rows.dtype.kind == "f" else rows


def check_uncertainty(uncertainty: str | None, methods: list[Method], options: Options) -> None:
    """Refuse an uncertainty that is not offered, or that a method cannot have."""
    if uncertainty not in (None, "genes"):
        msg = f"uncertainty={uncertainty!r} is not offered. Use uncertainty='genes' or leave it out."
        raise InputError(msg)
    if uncertainty is None:
        return
    joint = [m.name for m in methods if not m.alone]
    joint += [m.name for m in methods if options[m.name].get("normalize") == "range"]
    if joint:
        msg = (
            f"{first(joint)} cannot say how much a score depends on its genes, because it also depends on "
            "the other signatures. Leave uncertainty out, or use another method."
        )
        raise InputError(msg)


def with_columns(options: Options, names: Sequence[str], sets: Sets, *, known: Sequence[str] = ()) -> Options:
    """Options whose genes are columns: `stable` as an array, `controls` as `Sets` beside the sets."""
    out = {name: dict(given) for name, given in options.items()}
    if all(given.get(key) is None for given in out.values() for key in ("stable", "controls")):
        return out
    column = dict(zip(names, range(len(names)), strict=True))
    for given in out.values():
        if given.get("stable") is not None:
            found = [column[g] for g in dict.fromkeys(given["stable"]) if g in column]
            if not found:
                msg = f"None of the stable genes is in var_names: {first(given['stable'])}."
                raise InputError(msg)
            given["stable"] = np.array(found, np.int64)
        if given.get("controls") is not None:
            given["controls"] = _controls(given["controls"], column, sets, known or sets.names)
    return out


def _controls(
    given: Mapping[str, Iterable[str]], column: Mapping[str, int], sets: Sets, known: Sequence[str]
) -> Sets:
    lost = [name for name in sets.names if name not in given]
    if lost:
        msg = f"controls has no genes for {first(lost)}. Give a list of genes for every signature."
        raise InputError(msg)
    other = [name for name in given if name not in known]
    if other:
        msg = f"controls names {first(other)}, which are not scored. The signatures are {first(known)}."
        raise InputError(msg)
    found = [[column[g] for g in dict.fromkeys(given[name]) if g in column] for name in sets.names]
    idx = np.array([i for part in found for i in part], np.int64)
    ptr = np.cumsum([0, *map(len, found)]).astype(np.int64)
    size = np.array([len(set(given[name])) for name in sets.names], np.int64)
    return Sets(sets.names, ptr, idx, np.ones(idx.size), size, sets.n_genes, np.zeros_like(size))

"""Facts of a report as name and value: what was asked, the data, the versions."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._cell_types import at_same_shares
from marrowsig._contrasts import line_word, says_yes
from marrowsig._errors import first
from marrowsig._mixed_sums import SAID, mixed_among
from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig._report.cells_summed import cells, not_there, per
from marrowsig._version import __version__
from marrowsig.design import Design
from marrowsig.pp._draws import DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign

Facts = list[tuple[str, str]]
SAME_SHARES = " drawn so that every sum has the same shares of cell types"
_LEVELS = {"culture": ("mono", "co"), "line": ("parental", "resistant"), "inhibitor": ("vehicle",)}
_ROLES = {
    "culture": "culture",
    "line": "cell line",
    "inhibitor": "inhibitor",
    "compartment": "compartment, tested one by one",
    "time": "time, tested one by one",
    "pair": "pairs",
    "unit": "independent unit",
    "batch": "batch, held constant in the model",
    "covariates": "covariate, with a slope in the model",
}
_LIBRARIES = ("numpy", "scipy", "pandas", "anndata", "scanpy")


def asked(design: Design | FormulaDesign, adata: AnnData, *, units: Sequence[str] = ()) -> Facts:
    """Columns and levels of the design in words, or its formula with the `units` that were compared."""
    if not isinstance(design, Design):
        return _formula(design, [unit for unit in units if unit and unit != "row"])
    facts = []
    plain = says_yes(design, "culture", "line")
    roles = _ROLES | ({"culture": "factor", "line": "second factor"} if plain else {})
    for field in fields(design):
        column = getattr(design, field.name)
        if field.name not in roles or column is None:
            continue
        columns = [column] if isinstance(column, str) else list(column)
        levels = [str(getattr(design, level)) for level in _LEVELS.get(field.name, ())]
        text = f"column {words.listing(columns)}"
        if len(levels) == 2:
            text += f": {levels[1]} compared with {levels[0]}"
        elif levels:
            others = [str(v) for v in adata.obs[columns[0]].dropna().unique() if str(v) != levels[0]]
            text += f": {words.listing(sorted(others)) or 'nothing'} compared with {levels[0]}"
        groups = field.name == "line" and not plain and line_word(design) != "line"
        facts.append(("groups" if groups else roles[field.name], text))
    inside = int(design.arms(adata.obs).notna().sum())
    facts.append(("samples", f"{inside} of {adata.n_obs} have levels of the design"))
    return facts


def _formula(design: FormulaDesign, units: Sequence[str]) -> Facts:
    facts = [("formula", design.formula)]
    for column, named in design.levels.items():
        levels = [named] if isinstance(named, str) else list(map(str, named))
        rest = f" against {levels[0]}" if len(levels) > 1 else " is the reference"
        facts.append((column, f"{words.listing(levels[1:] or levels)}{rest}"))
    named = list(dict.fromkeys(units)) or ([design.unit] if design.unit else [])
    return [*facts, ("independent unit", f"column {words.listing(named)}" if named else "every row")]


def formula(logged: Mapping[str, Any]) -> str:
    """How the log was taken, and how much of array signal lies on the floor; empty where it was not."""
    near = f", with {logged['at_floor']:.0%} of the values at the floor" if "at_floor" in logged else ""
    return f"{logged.get('formula') or ''}{near}"


def data(adata: AnnData, design: Any = None) -> Facts:
    """Size, kind, what reading decided, what became of gene names, how the log was taken."""
    read: dict[str, Any] = recall(adata, "input", {})
    logged: dict[str, Any] = recall(adata, "lognorm", {})
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    thinned: dict[str, Any] = recall(adata, "thin", {})
    size = f"{words.count(adata.n_obs, 'sample')} x {words.count(adata.n_vars, 'gene')}"
    facts = [("file", str(read.get("file", ""))), ("size", size)]
    layer = str(summed.get("layer", "X"))
    where = f", from layers[{layer!r}]" if layer != "X" else ""
    facts.append(("kind", f"{words.kind(str(logged.get('from') or read.get('kind', '')))}{where}"))
    facts.append(("scored as", formula(logged) or "as it was read"))
    if summed:
        text = f"{cells(adata)} summed per {per(adata, design)}: {words.count(adata.n_obs, 'sum')}"
        gone = f"; {told}" if (told := not_there(adata)) else ""
        facts.append(("cells", f"{text}{within_sums(adata)}{gone}"))
    if thinned:
        each = depth(adata, ())
        same = at_same_shares(adata)
        used = "the first draw at the same shares of cell types" if same else "all"
        text = f"to {each} counts a row before scoring (seed {thinned.get('seed')})"
        facts.append(("thinned", f"{text}; tests of genes use {used}"))
    facts.append(("decisions when reading", str(read.get("decisions", ""))))
    summary: dict[str, Any] = recall(adata, "genes", {}).get("summary", {})
    facts.append(("gene names", names(summary) if summary else "taken as they are"))
    return [(name, value) for name, value in facts if value]


def recorded(adata: AnnData, rows: Iterable[int] = ()) -> list[str]:
    """Give the warnings that summing and thinning left in the records, of these rows or all."""
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    thinned: dict[str, Any] = recall(adata, "thin", {})
    dropped = str(summed.get("dropped", ""))
    least = summed.get("min_cells")
    found = [f"Sums of fewer than {least} cells were dropped: {dropped}."] if dropped else []
    for warned in (_of_sums(adata, rows), str(thinned.get("warning", ""))):
        found += [line for line in warned.split("\n") if line]
    return found


def _of_sums(adata: AnnData, rows: Iterable[int]) -> str:
    """Give the warning of mixed sums as it holds of these rows."""
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    warned = str(summed.get("warning", ""))
    here = mixed_among(adata, list(rows) or None)
    if not here.of:
        return warned
    if not here.several:
        return str(summed.get("stroma", ""))
    _, stop, rest = warned.partition(". If they are to stay apart")
    return f"{SAID} {here.several}{f' ({here.n} of {here.of} sums)' if here.some else ''}{stop}{rest}"


def without_values(read: Mapping[str, Any]) -> int:
    """Count the genes that reading left out for their missing values.

    >>> without_values({"decisions": "genes are rows; 3 genes with missing values left out: A, B, C"})
    3
    """
    found = re.search(r"(\d+) genes with missing values left out", str(read.get("decisions", "")))
    return int(found[1]) if found else 0


def within_sums(adata: AnnData, rows: Iterable[int] = ()) -> str:
    """Say which columns have several levels within a sum of these rows, or all, in brackets; or nothing.

    >>> import anndata as ad
    >>> within_sums(ad.AnnData(uns={"marrowsig": {"pseudobulk": {"several": "'day' (up to 3)"}}}))
    " (a sum holds several levels of 'day', up to 3)"
    """
    own = list(rows)
    here = mixed_among(adata, own or None)
    several = here.several.replace(" (up to ", ", up to ").replace(")", "")
    which, hold = "a sum", "holds"
    if here.some:
        compared = " compared" if own and len(set(own)) < adata.n_obs else ""
        which, hold = f"{here.n} of {here.of} sums{compared}", "holds" if here.n == 1 else "hold"
    return f" ({which} {hold} several levels of {several})" if several else ""


def too_few(summed: dict[str, Any]) -> str:
    """Say which sums were left out for their few cells; nothing where none was.

    >>> too_few({"min_cells": 20, "dropped": "d1|co (9 cells)"})
    'a sum of fewer than 20 cells was left out: d1|co (9 cells)'
    """
    gone = [name for name in str(summed.get("dropped", "")).split("; ") if name]
    if not gone:
        return ""
    least, named = f"fewer than {summed['min_cells']} cells", first(gone)
    if len(gone) == 1:
        return f"a sum of {least} was left out: {named}"
    return f"{len(gone)} sums of {least} were left out: {named}"


def depth(adata: AnnData, rows: Iterable[int]) -> str:
    """Write the counts that these rows were thinned to, or all where none is named."""
    made: dict[str, Any] = recall(adata, "thin", {})
    if DEPTH in adata.obs:
        own = adata.obs[DEPTH].to_numpy(dtype=float)[list(rows) or slice(None)]
    else:
        own = np.array([made["least"], made["most"]], dtype=float)
    few, most = f"{own.min():,.0f}", f"{own.max():,.0f}"
    return few if few == most else f"{few} to {most}"


def names(summary: dict[str, Any]) -> str:
    """Summary of gene mapping in a sentence."""
    parts = [f"{summary.get('n_input', 0):,} {summary.get('id_type', '')} identifiers".replace("  ", " ")]
    parts[0] += f" became {summary.get('n_output', 0):,} genes"
    done = {k[2:].replace("_", " "): v for k, v in summary.items() if k.startswith("n_")}
    skip = {"input", "output"}
    parts += [f"{v:,} {k}" for k, v in done.items() if k not in skip and v]
    date = summary.get("table_date")
    return "; ".join(parts) + (f" (gene table of {date})" if date else "")


def params(entry: dict[str, Any]) -> dict[str, Any]:
    """Options of a scoring method, from its record."""
    found: dict[str, Any] = json.loads(str(entry.get("params", "{}")))
    return found


def versions() -> Facts:
    """Version of marrowsig, Python and the libraries that computed."""
    import platform

    facts = [("marrowsig", __version__), ("python", platform.python_version())]
    return facts + [(name, installed(name)) for name in _LIBRARIES]


@cache
def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

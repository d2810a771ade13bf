"""The call that makes this page again: as a run kept it, or as the records of the data tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._calls import Calls, design_code, folded
from marrowsig._provenance import in_order, recall
from marrowsig._report import facts
from marrowsig._report.elements import Paste, Section, Words
from marrowsig._report.study import scored

if TYPE_CHECKING:
    from marrowsig._report.elements import Given, Part

RUN = "On the command line, in the folder of the files:"
STEPS = "In Python, with every call that was made and every argument that was set:"
RECORDS = (
    "In Python, as the records in the data tell it. Arguments of further results leave no record and stand "
    "at their defaults: change those that you set."
)
VERBS = {
    "rescue": "tl.rescue(adata, design)",
    "stroma": "qc.stroma(adata, design)  # with the reference that was given",
    "chain": "tl.chain(adata, design)",
    "genes": "tl.genes(adata, design)",
    "null": "qc.null(adata, signatures, design=design)",
    "gene_sets": "tl.gene_sets(adata, design, signatures=signatures)",
    "sensitivity": "tl.sensitivity(adata, design)",
    "cells": "tl.compare_cells(cells, design)  # with the cells behind the sums",
    "multiverse": "tl.multiverse(adata, design)",
    "claims": "tl.claims(adata, design)",
}


def section(given: Given) -> Section:
    """Command line, where there was one, and Python."""
    parts: list[Part] = []
    command = given.extras.get("command")
    if command:
        parts += [Words(RUN), Paste("command", "command", [command], code=True)]
    kept = given.extras.get("python")
    lines = [kept, report_call(given)] if kept else [recorded(given), report_call(given)]
    parts += [Words(STEPS if kept else RECORDS), Paste("python", "Python", ["\n".join(lines)], code=True)]
    return Section("reproduce", "Make this page again", parts)


def report_call(given: Given) -> str:
    """Call that writes a page of the same results."""
    names = {name: "by_cells" if name == "cells" and "python" in given.extras else name for name in VERBS}
    more = [f"{name}={said}" for name, said in names.items() if name in given.extras]
    more = [f"title={given.title!r}", *more] if given.title else more
    return folded("ms.report(", ["'report.html'", "adata", "res", "design=design", *more])


def recorded(given: Given) -> str:
    """Lines up to the report, from what scoring and comparing wrote into the data and the table."""
    adata, calls = given.adata, Calls()
    read: dict[str, Any] = recall(adata, "input", {})
    calls.say(f"adata = ms.io.read({str(read.get('file') or '...')!r})  # with its samples, as you read it")
    if recall(adata, "genes"):
        calls.say("ms.pp.map_genes(adata)")
    summed = recall(adata, "pseudobulk")
    if summed:
        calls.say(f"adata = ms.pp.pseudobulk(adata, unit={str(summed.get('unit'))!r}, by=[...])  # the arms")
    if recall(adata, "lognorm"):
        calls.say("ms.pp.lognorm(adata)")
    ids = scored(given)["id"].astype(str).tolist()
    calls.say(f"signatures = {ids!r}")
    for method, entry in ((m, recall(adata, "scores")[m]) for m in in_order(recall(adata, "scores"))):
        how = facts.params(entry)
        told = [
            f"{name}={how.pop(name)!r}" for name in ("layer", "min_coverage", "uncertainty") if how.get(name)
        ]
        set_ = {
            k: v
            for k, v in how.items()
            if v is not None and k not in ("layer", "min_coverage", "uncertainty")
        }
        told += [f"params={ {method: set_}!r}"] if set_ else []
        calls.say(f"ms.tl.score(adata, signatures, {', '.join([f'method={method!r}', *told])})")
    calls.say(f"design = {design_code(given.design)}")
    calls.say(f"res = ms.tl.compare(adata, design{_family(given)})")
    calls.lines += [f"{name} = ms.{verb}" for name, verb in VERBS.items() if name in given.extras]
    return calls.text()


def _family(given: Given) -> str:
    """Options of the comparison that its table shows."""
    res = given.res
    own = res[res["adjustment"].ne("BH")] if "adjustment" in res else res.iloc[:0]
    moderated = "test" in res and res["test"].astype(str).str.contains("variances moderated").any()
    more = ["moderate=True"] if moderated else []
    if own.empty:
        return "".join(f", {option}" for option in more)
    said = [*more, f"primary={list(dict.fromkeys(own['signature']))!r}"]
    said.append(f"primary_contrasts={list(dict.fromkeys(own['contrast']))!r}")
    if own["adjustment"].iloc[0] != "Holm":
        said.append("adjust='maxt'")
    return f", {', '.join(said)}"

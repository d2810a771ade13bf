"""The call that makes this page again: as a run kept it, or as the records of the data tell it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig._calls import Calls, design_code, folded
from marrowsig._command_lines import folded_command
from marrowsig._provenance import in_order, recall
from marrowsig._report import facts, words
from marrowsig._report.elements import Paste, Section, Words
from marrowsig._report.further_calls import CALLS, further
from marrowsig._report.study import scored

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._report.elements import Given, Part

RUN = "On the command line, in the folder of the files:"
STEPS = "In Python, with every call that was made and every argument that was set:"
RECORDS = (
    "In Python, as the records in the data and the tables of the results tell it. What these do not show, "
    "such as {}, stands at its default: change what you set."
)
UNSAID = ("seeds", "numbers of draws")


def section(given: Given) -> Section:
    """Command line, where there was one, and Python."""
    parts: list[Part] = []
    command = given.extras.get("command")
    if command:
        parts += [Words(RUN), Paste("command", "command", [folded_command(command)], code=True)]
    kept = given.extras.get("python")
    lines = [kept, report_call(given)] if kept else [recorded(given), report_call(given)]
    unsaid = [*UNSAID, *(["references of stroma"] if "stroma" in given.extras else [])]
    told = STEPS if kept else RECORDS.format(words.listing(unsaid))
    parts += [Words(told), Paste("python", "Python", ["\n".join(lines)], code=True)]
    return Section("reproduce", "Make this page again", parts)


def report_call(given: Given) -> str:
    """Call that writes a page of the same results."""
    names = {name: "by_cells" if name == "cells" else name for name in CALLS}
    more = [f"{name}={said}" for name, said in names.items() if name in given.extras]
    more = [f"title={given.title!r}", *more] if given.title else more
    return folded("ms.report(", ["'report.html'", "adata", "res", "design=design", *more])


def recorded(given: Given) -> str:
    """Lines up to the report, from what scoring and comparing wrote into the data and the table."""
    adata, calls = given.adata, Calls()
    read: dict[str, Any] = recall(adata, "input", {})
    summed: dict[str, Any] = recall(adata, "pseudobulk", {})
    whole = "cells" if summed else "adata"
    calls.say(f"{whole} = ms.io.read({str(read.get('file') or '...')!r})  # as you read it")
    if not summed and "cells" in given.extras:
        calls.say("cells = ms.io.read('...')  # the cells behind the sums")
    if recall(adata, "genes"):
        calls.say(f"ms.pp.map_genes({whole})")
    if summed:
        told = _told(summed, ("unit", "by", "layer", "min_cells"))
        calls.say(folded("adata = ms.pp.pseudobulk(", ["cells", *told]))
    if early := "outside" in recall(adata, "thin", {}):
        calls.say(f"design = {design_code(given.design)}")
    calls.lines += _depth_and_log(adata)
    few: dict[str, Any] = recall(adata, "expressed", {})
    if few:
        bounds = f"min_count={few['min_count']:g}, min_total={few['min_total']:g}"
        if not early:
            calls.say(f"design = {design_code(given.design)}")
        calls.say(f"ms.pp.expressed(adata, design, {bounds})")
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
    if not few and not early:
        calls.say(f"design = {design_code(given.design)}")
    calls.say(f"res = ms.tl.compare(adata, design{_family(given)})")
    calls.lines += further(given)
    return calls.text()


def _told(made: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """Arguments as a record holds them: lists as JSON, and X for no layer."""
    found = {name: made[name] for name in names if name in made}
    if "by" in found:
        found["by"] = json.loads(str(found["by"]))
    if found.get("layer") == "X":
        del found["layer"]
    return [
        f"{name}={value if isinstance(value, list) else _plain(value)!r}" for name, value in found.items()
    ]


def _plain(value: Any) -> str | int:
    """Take a number or text of a record out of its numpy type."""
    return str(value) if isinstance(value, str) else int(value)


def _depth_and_log(adata: AnnData) -> list[str]:
    """Lines of thinning and of the logarithm; a layer of counts is there only after the logarithm."""
    thinned: dict[str, Any] = recall(adata, "thin", {})
    logged: dict[str, Any] = recall(adata, "lognorm", {})
    floor = f", floor={logged['floor']:g}" if logged.get("floor", 1) != 1 else ""
    lines = [f"ms.pp.lognorm(adata{floor})"] if logged else []
    if thinned:
        told = _told(thinned, ("layer", "by", "draws", "seed"))
        # A warning of loss says that the depth was that of the shallowest row, which warns again.
        if thinned["least"] == thinned["most"] and not thinned.get("warning"):
            told.insert(0, f"depth={int(thinned['least'])}")
        told += ["design=design"] if "outside" in thinned else []
        after = thinned.get("layer") != "X"
        lines.insert(len(lines) if after else 0, folded("ms.pp.thin(", ["adata", *told]))
    return lines


def _family(given: Given) -> str:
    """Options of the comparison that its table shows."""
    res = given.res
    own = res[res["adjustment"].ne("BH")] if "adjustment" in res else res.iloc[:0]
    moderated = "test" in res and res["test"].astype(str).str.contains("variances moderated").any()
    more = ["moderate=True"] if moderated else []
    asked = res.dropna(subset="margin") if "margin" in res else res.iloc[:0]
    margins = dict(zip(asked["method"].astype(str), asked["margin"].tolist(), strict=True))
    more += [f"margin={margins!r}"] if margins else []
    if own.empty:
        return "".join(f", {option}" for option in more)
    said = [*more, f"primary={list(dict.fromkeys(own['signature']))!r}"]
    said.append(f"primary_contrasts={list(dict.fromkeys(own['contrast']))!r}")
    if own["adjustment"].iloc[0] != "Holm":
        said.append("adjust='maxt'")
    return f", {', '.join(said)}"

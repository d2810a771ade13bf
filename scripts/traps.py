"""What moves a score that should not: other samples, the order of genes; and what goes unsaid."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np
from peers import (
    backwards,
    bulk,
    cells,
    compare,
    decoupler,
    gseapy,
    ours,
    pyucell,
    scanpy,
    sets,
    varying,
)

from marrowsig.methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from peers import Row, Sets

FACTS = "| what was passed | the package | ours |\n|---|---|---|"


def other_samples() -> Iterator[Row]:
    x, S = bulk().logged, sets()
    for text, work in {
        "gseapy `ssgsea`, NES": lambda x: gseapy("ssgsea", x, S, column="NES"),
        "decoupler `zscore`": lambda x: decoupler("zscore", x, S),
        "decoupler `ulm`": lambda x: decoupler("ulm", x, S),
        "decoupler `aucell`": lambda x: decoupler("aucell", x, S),
        "gseapy `gsva`": lambda x: gseapy("gsva", x, S),
        "scanpy `score_genes`": lambda x: scanpy(x, S),
        **{f"ours, `{m.name}`": partial(ours, m.name, given=S) for m in METHODS.values()},
    }.items():
        yield compare(text, work(x).iloc[:4], work(x.iloc[:4]))


def other_gene_order() -> Iterator[Row]:
    x, S = cells().logged.iloc[:60], sets()
    x = varying(x)
    for text, work in {
        "gseapy `ssgsea`, ES": lambda x: gseapy("ssgsea", x, S),
        "gseapy `gsva`": lambda x: gseapy("gsva", x, S),
        "decoupler `aucell`": lambda x: decoupler("aucell", x, S),
        "scanpy `score_genes`": lambda x: scanpy(x, S),
        "pyucell": lambda x: pyucell(x, S),
        **{f"ours, `{m.name}`": partial(ours, m.name, given=S) for m in METHODS.values()},
    }.items():
        yield compare(text, work(x), work(backwards(x)))


def facts() -> Iterator[tuple[str, str, str]]:
    """Tell what was passed, what the package makes of it, and what we do."""
    x, S = cells().logged, sets()
    gone = {"emt.gone": dict.fromkeys(["A1", "A2", "A3"], 1.0)}
    mine = ours("ucell", x, S | gone)["emt.gone"]
    yield "pyucell: a signature without a measured gene", mean(pyucell(x, S | gone)["emt.gone"]), mean(mine)
    few = {"emt.few": dict.fromkeys(list(S["emt.s1"])[:4], 1.0)}
    default = decoupler("ulm", x, S | few, tmin=5)["emt.few"]
    theirs = "no column for it" if default.isna().all() else mean(default)
    yield "decoupler `ulm`: a signature of 4 genes", theirs, mean(ours("ulm", x, S | few)["emt.few"])
    empty = x * (np.arange(len(x)) > 0)[:, None]
    lost, kept = decoupler("ulm", empty, S).dropna(), ours("ulm", empty, S)
    said = f"{len(kept)} rows, {int(kept.isna().all(axis=1).sum())} of them NaN"
    yield "decoupler `ulm`: 300 cells, one of them empty", f"{len(lost)} rows", said
    floor = bulk().logged
    told = (
        "as without them"
        if constant_genes_are_harmless(floor, S)
        else "an exception or other scores, by chance"
    )
    same = ours("gsva", floor, S).equals(ours("gsva", varying(floor), S))
    yield (
        "decoupler `gsva`: genes that are constant and not zero",
        told,
        "as without them" if same else "other scores",
    )
    twice = x.rename(columns={"G0100": "G0000"})
    yield (
        "decoupler `ulm`: a gene name that occurs twice",
        *(mean(outcome(lambda work=work: work("ulm", twice, S))) for work in (decoupler, ours)),
    )
    same = gseapy("gsva", varying(floor), S, abs_ranking=True).equals(gseapy("gsva", varying(floor), S))
    told = outcome(lambda: ours("gsva", floor, S, abs_rnk=True))
    yield "gseapy `gsva`: an option that does not exist", "no effect" if same else "an effect", mean(told)
    moved = [moves_stream(work) for work in (lambda: scanpy(x, S), lambda: ours("module", x, S))]
    yield "scanpy `score_genes`: numpy's global stream afterwards", *(("kept", "moved")[m] for m in moved)


def constant_genes_are_harmless(x: pd.DataFrame, given: Sets) -> bool:
    """Say whether decoupler's GSVA gives the scores that it gives without them."""
    expected = decoupler("gsva", varying(x), given)
    # In a process of its own: the exception can stay pending, and then hits whatever comes next.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = outcome(pool.submit(decoupler, "gsva", x, given).result)
    return not isinstance(found, str) and np.allclose(found, expected, atol=1e-3)


def outcome(work: Callable[[], Any]) -> Any:
    """Give the result of `work`, or the name of what it raises."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is told
        return type(error).__name__


def mean(found: Any) -> str:
    if isinstance(found, str):
        return found
    values = np.asarray(found, dtype=float)
    known = values[np.isfinite(values)]
    return f"scores, mean {known.mean():.2g}" if known.size else "NaN"


def moves_stream(work: Callable[[], Any]) -> bool:
    before = np.random.get_state()  # noqa: NPY002 - the stream in question
    work()
    after = np.random.get_state()  # noqa: NPY002
    np.random.set_state(before)  # noqa: NPY002
    return not (np.array_equal(before[1], after[1]) and before[2] == after[2])

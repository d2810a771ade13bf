"""Measure where other packages' scores differ from ours, and why: python scripts/disagreements.py.

Fills the tables of docs/disagreements.md, between lines `<!-- NAME -->` and `<!-- end -->`; what is written
around them stays. Makes its own data (scripts/peers.py). Needs what `pip install "marrowsig[bench]"` adds;
the table of a package that is not installed stays as it was.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from peers import (
    P,
    Row,
    Sets,
    backwards,
    bulk,
    cells,
    compare,
    decoupler,
    frame,
    gseapy,
    ours,
    pyucell,
    scanpy,
    sets,
    signed,
    untied,
    varying,
)
from scipy import stats
from traps import FACTS, facts, other_gene_order, other_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "disagreements.md"
HEAD = "| compared | largest difference | share of the range | lowest correlation |\n|---|---|---|---|"


# The tables: the first row is the call as it is, the last one what is left without the reason


def gseapy_ssgsea() -> Iterator[Row]:
    x, S = cells().counts, sets()
    mine, theirs = ours("ssgsea", x, S, normalize="none"), gseapy("ssgsea", x, S)
    yield compare("as called, cells", mine, theirs)
    other = bulk().logged
    yield compare("as called, bulk", ours("ssgsea", other, S, normalize="none"), gseapy("ssgsea", other, S))
    turned = gseapy("ssgsea", backwards(x), S)
    yield compare("cells: gseapy, and gseapy with the genes in reverse order", theirs, turned)
    first = ours("ssgsea", backwards(x), S, normalize="none", ties="first")
    yield compare("cells: ours, `ties='first'` and genes in reverse order", first, theirs)
    yield compare("the same by definition, without cutting tied ranks to integers", es_in_order(x, S), theirs)
    yield compare("cells: ours, and the mean of gseapy's two gene orders", mine, (theirs + turned) / 2)


def es_in_order(x: pd.DataFrame, given: Sets) -> pd.DataFrame:
    """ES by its definition, of tied genes the later column first."""
    place = stats.rankdata(x.to_numpy(), axis=1, method="ordinal")
    step = stats.rankdata(x.to_numpy(), axis=1) ** 0.25
    out = pd.DataFrame(index=x.index)
    for name, genes in given.items():
        at = x.columns.get_indexer(list(genes))
        miss = (P * (P + 1) / 2 - place[:, at].sum(axis=1)) / (P - len(at))
        out[name] = (place * step)[:, at].sum(axis=1) / step[:, at].sum(axis=1) - miss
    return out


def gseapy_nes() -> Iterator[Row]:
    x, S = bulk().logged, sets()
    es, nes = (gseapy("ssgsea", x, S, column=c) for c in ("ES", "NES"))
    few, few_nes = (gseapy("ssgsea", x.iloc[:4], S, column=c) for c in ("ES", "NES"))
    yield compare("NES of four samples: scored with 24, and alone", nes.iloc[:4], few_nes)
    one = gseapy("ssgsea", x, {"emt.s0": S["emt.s0"]}, column="NES")
    yield compare("NES of one signature: scored with five more, and alone", nes[["emt.s0"]], one)
    yield compare("NES, and ES over the range of all ES of the call", nes, es / np.ptp(es.to_numpy()))
    yield compare("ES of four samples: scored with 24, and alone", es.iloc[:4], few)


def gseapy_gsva() -> Iterator[Row]:
    x, S = bulk().logged, sets()
    theirs = gseapy("gsva", x, S)
    yield compare("as called, bulk", ours("gsva", x, S), theirs)
    theirs = gseapy("gsva", varying(x), S)
    yield compare("constant genes removed for gseapy", ours("gsva", x, S), theirs)
    mine = ours("gsva", x, S, parity=True)
    yield compare("and ours with `parity=True`", mine, theirs)
    counts, poisson = varying(bulk().counts), {"kcdf": "poisson"}
    mine, free = ours("gsva", counts, S, **poisson), untied()
    yield compare("counts, Poisson", mine, gseapy("gsva", counts, S, kcdf="Poisson"))
    many = frame(np.random.default_rng(5).poisson(np.logspace(1, 4, P), (24, P)).astype(float), "s")
    mine, theirs_many = ours("gsva", many, S, **poisson), gseapy("gsva", many, S, kcdf="Poisson")
    yield compare("higher counts with few ties, Poisson", mine, theirs_many)
    yield compare("random numbers without ties", ours("gsva", free, S), gseapy("gsva", free, S))
    mine = ours("gsva", free, S, parity=True)
    yield compare("random numbers without ties, `parity=True`", mine, gseapy("gsva", free, S))
    mine = ours("gsva", backwards(x), S, parity=True)
    yield compare(
        "bulk, constant genes removed, ours with `parity=True` and genes in reverse order", mine, theirs
    )


def decoupler_ulm() -> Iterator[Row]:
    x, S = bulk().logged, signed()
    mine = ours("ulm", x, S)
    yield compare("as called, bulk", mine, decoupler("ulm", x, S))
    yield compare("as called, cells", ours("ulm", cells().logged, S), decoupler("ulm", cells().logged, S))
    used = ours("ulm", x.loc[:, (x > 0).any()], S)
    yield compare("bulk: ours without the genes that are zero everywhere", used, decoupler("ulm", x, S))
    p, theirs = ours("ulm", x, S, extra="_p"), decoupler("ulm", x, S, part=1, empty=False)
    yield compare("p: ours, and `padj`; `empty=False`", p, theirs)
    adjusted = p * 0 + stats.false_discovery_control(p, axis=1)
    yield compare("p: ours adjusted within the sample, and `padj`; `empty=False`", adjusted, theirs)
    yield compare("bulk, `empty=False`", mine, decoupler("ulm", x, S, empty=False))


def decoupler_mlm() -> Iterator[Row]:
    x, S = bulk().logged, signed()
    mine = ours("mlm", x, S)
    yield compare("as called, bulk", mine, decoupler("mlm", x, S))
    yield compare("as called, cells", ours("mlm", cells().logged, S), decoupler("mlm", cells().logged, S))
    one = {"emt.s2": S["emt.s2"]}
    yield compare("ours: a signature with the others, and alone", mine[["emt.s2"]], ours("mlm", x, one))
    yield compare("bulk, `empty=False`", mine, decoupler("mlm", x, S, empty=False))


def decoupler_zscore() -> Iterator[Row]:
    x, S, both = bulk().logged, sets(), signed()
    centred, plain = ours("zsample", x, S), ours("zsample", x, S, center=False)
    rokai, ksea = (decoupler("zscore", x, S, empty=False, flavor=f) for f in ("RoKAI", "KSEA"))
    yield compare("`zscore` as called, and our `zscore`", ours("zscore", x, S), decoupler("zscore", x, S))
    yield compare("as called, and our `zsample`", centred, decoupler("zscore", x, S))
    yield compare("`RoKAI` (documented: without centring) and `zsample` with `center=False`", plain, rokai)
    yield compare("`RoKAI` and `zsample` with `center=True`", centred, rokai)
    yield compare("`KSEA` (documented: centred) and `zsample` with `center=False`", plain, ksea)
    mine, theirs = ours("zsample", x, both), decoupler("zscore", x, both, empty=False)
    yield compare("signed, both centred", mine, theirs)
    w = np.array([list(genes.values()).count(1.0) for genes in both.values()])
    k = np.array([len(genes) for genes in both.values()])
    shift = np.outer(x.mean(axis=1) / x.std(axis=1), (1 - (2 * w - k) / k) * np.sqrt(k))
    yield compare(
        "signed, both centred, after subtracting mean x (1 - sum w / sum abs w) x sqrt(k) / SD",
        mine - shift,
        theirs,
    )


def decoupler_aucell() -> Iterator[Row]:
    x, S, free = cells().counts, sets(), untied()
    mine, theirs = ours("aucell", x, S), decoupler("aucell", x, S, empty=False)
    yield compare("as called, cells", mine, decoupler("aucell", x, S))
    yield compare("cells, `empty=False`", mine, theirs)
    turned = decoupler("aucell", backwards(x), S, empty=False)
    yield compare("cells: decoupler, and decoupler with the genes in reverse order", theirs, turned)
    yield compare("random numbers without ties", ours("aucell", free, S), decoupler("aucell", free, S))
    first = ours("aucell", x.iloc[:, their_order(P)], S, ties="first")
    yield compare(
        "cells, `empty=False`, ours with `ties='first'` in decoupler's order of genes", first, theirs
    )


def their_order(n: int) -> Any:
    """Order that decoupler gives the genes, to break ties."""
    return np.random.default_rng(0).choice(np.arange(n), n, replace=False)


def decoupler_waggr() -> Iterator[Row]:
    x, S = bulk().logged.iloc[:12], signed()
    draws = {n: decoupler("waggr", x, S, empty=False, times=n) for n in (1000, 4000)}
    again = decoupler("waggr", x, S, empty=False, times=1000, seed=1)
    mine = ours("wmean_z", x, S)
    yield compare("as called, z of 1000 permutations", mine, draws[1000])
    yield compare("z of 4000 permutations", mine, draws[4000])
    yield compare("decoupler, 1000 permutations: seed 42, and seed 1", draws[1000], again)
    total = decoupler("waggr", x, S, empty=False, times=1, fun="wsum")
    yield compare("weighted sum, no permutations", ours("wsum", x, S), total)
    mean = decoupler("waggr", x, S, empty=False, times=1)
    yield compare("weighted mean, no permutations", ours("mean", x, S), mean)


def decoupler_gsva() -> Iterator[Row]:
    x, S, free = varying(bulk().logged), sets(), untied()
    theirs = decoupler("gsva", x, S)
    yield compare("bulk, constant genes removed for decoupler", ours("gsva", x, S), theirs)
    yield compare("and ours with `parity=True`", ours("gsva", x, S, parity=True), theirs)
    mine = ours("gsva", x.iloc[:, their_order(x.shape[1])], S, parity=True)
    yield compare("and in decoupler's order of genes", mine, theirs)
    odd = free.iloc[:, :-1]
    theirs = decoupler("gsva", odd, S)
    yield compare("random numbers, odd number of genes", ours("gsva", odd, S, parity=True), theirs)
    theirs = decoupler("gsva", free, S)
    yield compare("random numbers, even number of genes", ours("gsva", free, S, parity=True), theirs)


def pyucell_ucell() -> Iterator[Row]:
    x, S, panel = cells().counts, signed(), cells().counts.iloc[:, :1000]
    theirs = pyucell(x, S)
    yield compare("as called, cells", ours("ucell", x, S), theirs)
    mine = ours("ucell", panel, S, zeros="max_rank")
    yield compare("1000 genes, ours with `zeros='max_rank'`", mine, pyucell(panel, S))
    yield compare("and `max_rank=1000` for pyucell", mine, pyucell(panel, S, max_rank=1000))
    mine, deep = ours("ucell", x, S, max_rank=500), pyucell(x, S, max_rank=500)
    yield compare("2000 genes, `max_rank=500` for both", mine, deep)
    yield compare("cells, ours with `zeros='max_rank'`", ours("ucell", x, S, zeros="max_rank"), theirs)


def scanpy_score_genes() -> Iterator[Row]:
    x, S = cells().logged, sets()
    mine, theirs = ours("module", x, S), scanpy(x, S)
    yield compare("as called, cells", mine, theirs)
    yield compare("scanpy: `random_state` 0, and 1", theirs, scanpy(x, S, seed=1))
    mean = sum(scanpy(x, S, seed=i) for i in range(50)) / 50
    yield compare("ours, and the mean over 50 seeds of scanpy", mine, mean)
    once = expected_module(x, S, per_gene=False)
    yield compare("by definition without chance, every bin once, and this mean", once, mean)
    each = expected_module(x, S, per_gene=True)
    yield compare("by definition without chance, a bin once per gene in it, and ours", each, mine)
    yield compare("scanpy: 50 cells scored with 300, and alone", theirs.iloc[:50], scanpy(x.iloc[:50], S))
    yield compare("ours: 50 cells scored with 300, and alone", mine.iloc[:50], ours("module", x.iloc[:50], S))
    drawn = ours("module", x, S, controls=their_controls(x, S))
    yield compare("cells, ours with scanpy's control genes", drawn, theirs)


def their_bins(x: pd.DataFrame) -> pd.Series:
    return x.mean().rank(method="min") // round(P / 24)


def expected_module(x: pd.DataFrame, given: Sets, *, per_gene: bool) -> pd.DataFrame:
    """Score against all genes of scanpy's bins that are not in the set."""
    bins, out = their_bins(x), {}
    for name, genes in given.items():
        inside = bins[list(genes)].value_counts().sort_index()
        size = bins.value_counts()[inside.index]
        others = x.drop(columns=list(genes)).T.groupby(bins).mean().T[inside.index]
        weight = inside if per_gene else np.minimum(size, 50) * (1 - inside / size)
        out[name] = x[list(genes)].mean(axis=1) - others @ (weight / weight.sum())
    return pd.DataFrame(out)


def their_controls(x: pd.DataFrame, given: Sets) -> dict[str, list[str]]:
    """Control genes that scanpy draws from numpy's global stream with `random_state=0`."""
    bins = their_bins(x)
    before, out = np.random.get_state(), {}  # noqa: NPY002 - scanpy's stream
    for name, genes in given.items():
        np.random.seed(0)  # noqa: NPY002
        pools = [bins[bins == b].index.to_series() for b in np.unique(bins[list(genes)])]
        drawn = [g for pool in pools for g in (pool.sample(50) if len(pool) > 50 else pool)]
        out[name] = sorted(set(drawn) - set(genes))
    np.random.set_state(before)  # noqa: NPY002
    return out


REASONS = {
    gseapy_ssgsea: "tied genes stand in reverse order of the columns; we take the mean over all orders",
    gseapy_nes: "NES is ES over the range of the call, so other samples move it; we give ES",
    gseapy_gsva: "constant genes stay in the ranking; table of the normal cdf; ties by column order",
    decoupler_ulm: "genes that are zero in all samples of the call are dropped",
    decoupler_mlm: "genes that are zero in all samples of the call are dropped",
    decoupler_zscore: "not the combined z but our `zsample`; flavours documented the wrong way round",
    decoupler_aucell: "ties follow one random order of the genes; we take the mean over all orders",
    decoupler_waggr: "z from 1000 permutations; ours is what infinitely many would give",
    decoupler_gsva: "table of the normal cdf; ties follow one random order of the genes",
    pyucell_ucell: "zeros count as `max_rank`; ours share the mean of their places, as in UCell for R",
    scanpy_score_genes: "control genes are drawn at random; we take all genes of the bin",
}
TABLES = (*REASONS, other_samples, other_gene_order, facts)
ALL = ("gseapy", "decoupler", "pyucell", "scanpy")
GLANCE = "| pair | as called, share of the range | without the reason | reason |\n|---|---|---|---|"


def fill(page: str, name: str, text: str) -> str:
    """Put `text` between `<!-- name -->` and the next `<!-- end -->`."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(page):
        msg = f"{PAGE.name} has no lines <!-- {name} --> and <!-- end -->."
        raise SystemExit(msg)
    return pattern.sub(lambda m: f"{m[1]}{text}\n{m[2]}", page, count=1)


def table(head: str, rows: list[tuple[str, ...]]) -> str:
    return "\n".join([head, *("| " + " | ".join(row) + " |" for row in rows), ""])


def versions(name: str) -> str:
    """Name the packages that a table takes, with their versions."""
    own = name.split("_", maxsplit=1)[0]
    return ", ".join(f"{p} {version(p)}" for p in ([own] if own in ALL else ALL))


def main() -> None:
    page, done = PAGE.read_text(encoding="utf-8"), []
    for work in TABLES:
        name = work.__name__
        try:
            measured = versions(name)
        except PackageNotFoundError as error:
            print(f"{name}: {error.name} is not installed; its table stays as it was")
            continue
        rows = list(work())
        print(f"{name} ({measured})", *("  " + "  ".join(row) for row in rows), sep="\n")
        page = fill(
            page, name, f"\nMeasured with {measured}.\n\n{table(FACTS if work is facts else HEAD, rows)}"
        )
        if work in REASONS:
            link = f"[{name.replace('_', ' ', 1)}](#{name.replace('_', '-', 1)})"
            done.append((link, rows[0][2], rows[-1][1], REASONS[work]))
    if len(done) == len(REASONS):
        page = fill(page, "glance", "\n" + table(GLANCE, done))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Does the cost grow in proportion? Four sizes of cells, of summed signature size, and of samples for GSVA.

python tests/bench/growth.py --cells 20000 --samples 1000 --repeats 5 --out growth.json --only ucell gsva
"""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from data import gene_sets
from measure import machine, set_threads
from peers import GSVA_MODES, PER_CELL, kind_for
from sides import build, missing
from worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

SETS = (10, 20, 40, 80)  # at these numbers of sets their summed size is counted
Case = tuple[str, str, Any, str, list[tuple[int, int, int]]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=20_000, help="the largest number")
    parser.add_argument("--samples", type=int, default=1_000, help="the largest number")
    parser.add_argument("--sets", type=int, default=50, help="where cells or samples grow")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=[*PER_CELL, "gsva", *GSVA_MODES], default=[])
    parser.add_argument("--out", type=Path, default=Path("growth.json"))
    args = parser.parse_args()
    set_threads(args.threads)
    done: dict[str, Any] = {"machine": machine(), "repeats": args.repeats, "growth": []}
    print("| method | grows | sizes | s, wall | s, CPU | R^2 of a line (CPU) | exponent (CPU) |")
    print("|" + " --- |" * 7)
    for label, axis, spec, kind, sizes in cases(args):
        if gone := missing(spec[0]):
            print(f"skipped: ms.methods lacks {gone[0]}")
            continue
        try:
            found = grow(spec, kind, sizes, args.repeats)
        except RuntimeError as error:
            print(f"skipped: {label}: {error}")
            continue
        done["growth"].append({"method": label, "axis": axis, **found})
        print(line(label, axis, found), flush=True)
        args.out.write_text(json.dumps(done, indent=1))


def cases(args: argparse.Namespace) -> Iterator[Case]:
    """Label, what grows, method, data, and (x, rows, sets) for each size."""
    cells = [max(args.cells * k // 4, 10) for k in (1, 2, 3, 4)]
    summed = [sum(map(len, gene_sets(n).values())) for n in SETS]
    for name in PER_CELL:
        if args.only and name not in args.only:
            continue
        spec = ((name,), {})
        kind = "counts" if missing((name,)) else kind_for(name)
        yield name, "cells", spec, kind, [(n, n, args.sets) for n in cells]
        pairs = zip(summed, SETS, strict=True)
        yield name, "summed signature size", spec, kind, [(x, cells[0], n) for x, n in pairs]
    samples = [max(args.samples * k // 4, 10) for k in (1, 2, 3, 4)]
    for label, spec in GSVA_MODES.items():
        if not args.only or {"gsva", label} & set(args.only):
            yield label, "samples", spec, "bulk", [(n, n, args.sets) for n in samples]


def grow(spec: Any, kind: str, sizes: list[tuple[int, int, int]], repeats: int) -> dict[str, Any]:
    """Medians per size; the sizes take turns, so that a slow minute hits all of them."""
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(build, spec, kind, n, n, s)) for _, n, s in sizes]
        runs: list[list[dict[str, float]]] = [[] for _ in workers]
        for _ in range(repeats):
            for seen, worker in zip(runs, workers, strict=True):
                worker.ask("fresh", "plain")
                seen.append(worker.ask("run"))
    x = [x for x, _, _ in sizes]
    out: dict[str, Any] = {
        "x": x,
        **{k: [median(r[k] for r in seen) for seen in runs] for k in ("wall", "cpu")},
    }
    return {**out, "fit": {k: fit(x, out[k]) for k in ("wall", "cpu")}}


def fit(x: list[int], y: list[float]) -> dict[str, float]:
    """A line by least squares with its R^2, and the exponent of a power law."""
    slope, start = np.polyfit(x, y, 1)
    rest, spread = np.sum((y - (slope * np.array(x) + start)) ** 2), np.sum((y - np.mean(y)) ** 2)
    power = np.polyfit(np.log(x), np.log(y), 1)[0]
    return {"slope": slope, "intercept": start, "r2": float(1 - rest / spread), "exponent": power}


def line(label: str, axis: str, found: dict[str, Any]) -> str:
    wall, used = (", ".join(f"{v:.3g}" for v in found[k]) for k in ("wall", "cpu"))
    sizes, cpu = ", ".join(map(str, found["x"])), found["fit"]["cpu"]
    return f"| {label} | {axis} | {sizes} | {wall} | {used} | {cpu['r2']:.4f} | {cpu['exponent']:.2f} |"


if __name__ == "__main__":
    main()

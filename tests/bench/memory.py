"""Peak memory: every per-cell method above its input, and a million cells from a file.

python tests/bench/memory.py --cells 20000 --sets 50 --out memory.json
python tests/bench/memory.py --million 1000000 --format h5ad --sets 10 50 --methods ucell    # a file of 12 GB

The large file repeats blocks of simulated cells; it is written to the folder of `--folder` and removed.
"""

from __future__ import annotations

import argparse
import inspect
import json
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bigfile import remove, write
from data import gene_sets
from measure import machine, resident, set_threads, start_peak
from peers import PER_CELL, kind_for
from sides import build, missing, signatures
from worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = 400  # cells of the file that the untimed first call reads


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--sets", type=int, nargs="+", default=[50])
    parser.add_argument(
        "--million", type=int, default=0, metavar="CELLS", help="score a file of so many cells"
    )
    parser.add_argument("--format", choices=["h5ad", "zarr"], default="h5ad")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the large file may be; a temporary folder"
    )
    parser.add_argument("--methods", nargs="+", choices=[*PER_CELL, "zscore"], default=list(PER_CELL))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("memory.json"))
    args = parser.parse_args()
    set_threads(args.threads)
    names = [m for m in args.methods if not missing((m,))]
    for name in [m for m in args.methods if m not in names]:
        print(f"skipped: ms.methods lacks {name}")
    rows = from_file(names, args) if args.million else in_memory(names, args)
    args.out.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1))


def in_memory(names: list[str], args: argparse.Namespace) -> list[dict[str, Any]]:
    print("| method | cells | sets | MB above input |", "|" + " --- |" * 4, sep="\n")
    rows = []
    for name, sets in product(names, args.sets):
        try:
            with Worker(build, ((name,), {}), kind_for(name), args.cells, args.cells, sets) as worker:
                worker.ask("fresh", "plain")
                above = worker.ask("run", "peak")
        except RuntimeError as error:
            print(f"skipped: {name}: {error}")
            continue
        rows.append({"method": name, "cells": args.cells, "sets": sets, "above_mb": above})
        print(f"| {name} | {args.cells} | {sets} | {above:.0f} |", flush=True)
    return rows


def from_file(names: list[str], args: argparse.Namespace) -> list[dict[str, Any]]:
    import marrowsig as ms

    if "out" not in inspect.signature(ms.tl.score).parameters:
        print("skipped: ms.tl.score has no `out`")
        return []
    rows = []
    print(
        "| method | file | cells | sets | MB before | peak MB | s, wall | s, CPU |",
        "|" + " --- |" * 8,
        sep="\n",
    )
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        for kind in sorted({kind_for(name) for name in names}):
            small, large = (Path(folder) / f"{kind}_{n}.{args.format}" for n in (SMALL, args.million))
            write(small, SMALL, kind)
            write(large, args.million, kind)
            for name, sets in product([m for m in names if kind_for(m) == kind], args.sets):
                try:
                    row = {"method": name, "format": args.format, "cells": args.million, "sets": sets}
                    rows.append({**row, **_scored(name, small, large, Path(folder) / str(sets), sets)})
                except RuntimeError as error:
                    print(f"skipped: {name}: {error}")
                    continue
                print(
                    "|",
                    " | ".join(f"{v:.5g}" if isinstance(v, float) else str(v) for v in rows[-1].values()),
                    "|",
                    flush=True,
                )
            remove(large)
    return rows


def _scored(name: str, small: Path, large: Path, folder: Path, n_sets: int) -> dict[str, float]:
    with Worker(file_calls, name, small, large, folder, n_sets) as worker:
        before = worker.ask("start", "plain")
        seconds = worker.ask("run")
        return {"before_mb": before, "peak_mb": worker.ask("peak", "plain"), **seconds}


def file_calls(
    name: str, small: Path, large: Path, folder: Path, n_sets: int
) -> dict[str, Callable[[], Any]]:
    import marrowsig as ms

    sigs = signatures(gene_sets(n_sets))
    ms.tl.score(str(small), sigs, method=name, out=str(folder / f"{name}_small.zarr"))
    return {
        "run": lambda: ms.tl.score(str(large), sigs, method=name, out=str(folder / f"{name}_large.zarr")),
        "start": start_peak,
        "peak": lambda: resident("VmHWM"),
    }


if __name__ == "__main__":
    main()

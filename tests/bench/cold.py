"""Cold start: import, first score in a fresh process with and without numba's cache, and warm.

python tests/bench/cold.py --methods ucell ssgsea mean --repeats 5 --out cold.json
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from measure import machine, set_threads
from peers import PER_CELL
from sides import missing

CELLS = 200
HERE = Path(__file__).resolve().parent
CLOCK = (
    "import time; t, c = time.perf_counter(), time.process_time(); {}; "
    "print(time.perf_counter() - t, time.process_time() - c)"
)
STARTS = {
    "import marrowsig": CLOCK.format("import marrowsig"),
    "ms.sig.load()": "import marrowsig as ms; " + CLOCK.format("ms.sig.load()"),
    "marrowsig --help": CLOCK.format(
        "from marrowsig.cli import main; main(['--help'], standalone_mode=False)"
    ),
}
SCORE = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
from data import as_anndata, expression, gene_sets
from peers import kind_for
from sides import ours
x = expression(kind_for(sys.argv[2]), int(sys.argv[3]))
run, _ = ours(gene_sets(10), (sys.argv[2],), {})
seconds = []
for _ in range(6):
    adata = as_anndata(x)
    start = time.perf_counter()
    run(adata)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"first": seconds[0], "warm": sorted(seconds[1:])[2]}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--methods", nargs="+", choices=PER_CELL, default=["ucell", "ssgsea", "mean", "ulm"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("cold.json"))
    args = parser.parse_args()
    set_threads(args.threads)
    own = starts(args.repeats)
    done: dict[str, Any] = {"machine": machine(), "import_s": own["clock"], "import_cpu_s": own["cpu"]}
    done["first_score"] = []
    print(", ".join(f"{k}: {v:.3f} s" for k, v in own["clock"].items()))
    print("of CPU: " + ", ".join(f"{k}: {v:.3f} s" for k, v in own["cpu"].items()))
    print(f"\n{CELLS} cells, 10 sets, s wall:\n\n| method | first, no cache | first, from the cache | warm |")
    print("|" + " --- |" * 4)
    for name in args.methods:
        if missing((name,)):
            print(f"skipped: ms.methods lacks {name}")
            continue
        try:
            row = {"method": name, **first_score(name, args.repeats)}
        except subprocess.CalledProcessError as error:
            print(f"skipped: {name}: {error.stderr.strip().splitlines()[-1][:200]}")
            continue
        done["first_score"].append(row)
        print(f"| {name} | {row['compiled']:.3f} | {row['cached']:.3f} | {row['warm']:.4f} |", flush=True)
        args.out.write_text(json.dumps(done, indent=1))


def starts(repeats: int) -> dict[str, dict[str, float]]:
    """What a user waits for, by the clock and in CPU, and whole processes: python alone, with the import."""
    out: dict[str, dict[str, float]] = {"clock": {}, "cpu": {}}
    for name, code in STARTS.items():
        runs = [[float(x) for x in _python(code).split()] for _ in range(repeats)]
        out["clock"][name], out["cpu"][name] = map(median, zip(*runs, strict=True))
    for label, code in (("process, python alone", ""), ("process, import marrowsig", "import marrowsig")):
        out["clock"][label] = median(_wall(code) for _ in range(repeats))
    return out


def first_score(name: str, repeats: int) -> dict[str, float]:
    """Each in a fresh process: once with an empty cache folder, then with the folder that this one filled."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [str(HERE), name, str(CELLS)]
        runs = [json.loads(_python(SCORE, *arguments, cache=folder)) for _ in range(repeats + 1)]
    return {
        "compiled": runs[0]["first"],
        "cached": median(r["first"] for r in runs[1:]),
        "warm": median(r["warm"] for r in runs[1:]),
    }


def _python(code: str, *args: str, cache: str = "") -> str:
    env = {**os.environ, **({"NUMBA_CACHE_DIR": cache} if cache else {})}
    done = subprocess.run(
        [sys.executable, "-c", code, *args], env=env, check=True, capture_output=True, text=True
    )
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def _wall(code: str) -> float:
    start = time.perf_counter()
    _python(code)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

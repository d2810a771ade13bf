"""Ours against the peers: seconds, memory and agreement, on the same data and threads, runs alternating.

python tests/bench/ratios.py --cells 20000 --sets 10 50 --repeats 5 --out ratios.json --only ucell aucell
"""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import limit
from agree import agreement
from measure import machine, set_threads
from peers import ROWS, Row
from sides import build
from worker import Worker

HEAD = (
    "| ours | against | sets | rows, ours | rows, peer | ours: s per 1000 rows, wall / CPU | peer: the same "
    "| times as fast, wall | times as fast, CPU | ours: MB above input | peer: the same | agreement |"
)


def main() -> None:
    args = arguments()
    set_threads(args.threads)
    done: dict[str, Any] = {"machine": machine(), "options": {**vars(args), "out": str(args.out)}}
    done |= {"rows": [], "skipped": [], "limit": []}
    print(HEAD, "|" + " --- |" * (HEAD.count("|") - 1), sep="\n")
    for row in [r for r in ROWS if not args.only or r.key in args.only]:
        for n_sets in args.sets:
            results, skipped = compare(row, n_sets, args)
            done["rows"] += results
            done["skipped"] += skipped
            print(*[line(r) for r in results], *[f"skipped: {s}" for s in skipped], sep="\n", flush=True)
            args.out.write_text(json.dumps(done, indent=1))
    if not args.only or "limit" in args.only:
        done["limit"] = [limit.table(args.cells, n_sets, args.repeats) for n_sets in args.sets]
        args.out.write_text(json.dumps(done, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=1_000, help="rows of the bulk matrix")
    parser.add_argument(
        "--peer-cells", type=int, help="at most so many cells for peers that score cell by cell"
    )
    parser.add_argument("--sets", type=int, nargs="+", default=[10, 50])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=[*(r.key for r in ROWS), "limit"], default=[])
    parser.add_argument("--out", type=Path, default=Path("ratios.json"))
    return parser.parse_args()


def compare(row: Row, n_sets: int, args: argparse.Namespace) -> tuple[list[dict[str, Any]], list[str]]:
    """Results of one row of the table: one per variant of ours; and what was skipped, and why."""
    n = args.samples if row.kind == "bulk" else args.cells
    # Only a peer that scores each cell by itself may see fewer of them.
    caps = [row.peer_rows, args.peer_cells if row.kind != "bulk" and row.key != "module" else None]
    peer_rows = min([n, *(c for c in caps if c)])
    with ExitStack() as stack:
        sides, skipped = {}, []
        for label, spec, rows in [*((k, v, n) for k, v in row.ours.items()), (row.peer, row.peer, peer_rows)]:
            if label == row.peer and not sides:
                break
            try:
                sides[label] = stack.enter_context(Worker(build, spec, row.kind, n, rows, n_sets))
            except RuntimeError as error:
                skipped.append(f"{row.key}, {n_sets} sets, {label}: {error}")
        if row.peer not in sides:
            return [], skipped
        try:
            seen = measured(sides, args.repeats)
        except RuntimeError as error:
            return [], [*skipped, f"{row.key}, {n_sets} sets: {error}"]
    peer = {"name": row.peer, "rows": peer_rows, **seen.pop(row.peer)}
    peer_scores = peer.pop("scores")
    results = []
    for label, side in seen.items():
        agree = agreement(row, label, side.pop("scores")[:peer_rows], peer_scores, n_sets)
        mine = {"name": label, "rows": n, **side}
        ratio = {k: (peer[k] / peer_rows) / (mine[k] / n) for k in ("wall", "cpu")}
        results.append(
            {"key": row.key, "sets": n_sets, "ours": mine, "peer": peer, "ratio": ratio, "agree": agree}
        )
    return results, skipped


def measured(sides: dict[str, Worker], repeats: int) -> dict[str, dict[str, Any]]:
    """One full call for the memory, then timed calls in turn: ours, peer, ours, peer, ..."""
    out: dict[str, dict[str, Any]] = {}
    for label, worker in sides.items():
        worker.ask("fresh", "plain")
        out[label] = {"memory_mb": worker.ask("run", "peak"), "runs": []}
    for _ in range(repeats):
        for label, worker in sides.items():
            worker.ask("fresh", "plain")
            out[label]["runs"].append(worker.ask("run", "timed"))
    for label, worker in sides.items():
        out[label] |= {k: median(run[k] for run in out[label]["runs"]) for k in ("wall", "cpu")}
        out[label]["scores"] = worker.ask("scores", "plain")
    return out


def line(r: dict[str, Any]) -> str:
    mine, peer = r["ours"], r["peer"]
    seconds = [f"{s['wall'] / s['rows'] * 1e3:.4g} / {s['cpu'] / s['rows'] * 1e3:.4g}" for s in (mine, peer)]
    cells = [mine["name"], peer["name"], r["sets"], mine["rows"], peer["rows"], *seconds]
    cells += [f"{r['ratio'][k]:.1f}" for k in ("wall", "cpu")]
    cells += [f"{s['memory_mb']:.0f}" for s in (mine, peer)]
    return "| " + " | ".join(str(c) for c in [*cells, r["agree"]["words"]]) + " |"


if __name__ == "__main__":
    main()

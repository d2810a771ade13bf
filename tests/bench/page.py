"""Several JSON files of the benchmarks as one, and the tables of docs/performance.md made from it.

python tests/bench/page.py --idle ratios.json limit.json --busy growth.json --out docs/performance.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

LISTS = ("rows", "skipped", "limit", "growth", "first_score")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--idle", type=Path, nargs="*", default=[], help="run while nothing else did")
    parser.add_argument("--busy", type=Path, nargs="*", default=[], help="run beside other work")
    parser.add_argument("--out", type=Path, default=Path("performance.json"))
    args = parser.parse_args()
    done: dict[str, Any] = {"runs": []}
    for path, state in [*((p, "idle") for p in args.idle), *((p, "busy") for p in args.busy)]:
        part = json.loads(path.read_text())
        done["runs"].append({**part.get("machine", {}), "part": path.stem, "state": state})
        for key in LISTS:
            values = [{**v, "state": state} if isinstance(v, dict) else v for v in part.get(key) or []]
            done.setdefault(_table_of(values) or key, []).extend(values)
        done |= {key: part[key] for key in ("import_s", "import_cpu_s") if key in part}
    args.out.write_text(json.dumps(done, indent=1) + "\n")
    for table in (ratios, limits, growth, cold, memory, files):
        print(*table(done), "", sep="\n")


def _table_of(values: list[Any]) -> str:
    """Where values go that are called rows in their file, as those of the ratios are."""
    first = values[0] if values and isinstance(values[0], dict) else {}
    return "memory" if "above_mb" in first else "files" if "peak_mb" in first else ""


def ratios(done: dict[str, Any]) -> list[str]:
    """Ours against other packages, in microseconds of CPU per row."""
    out = head(
        "ours | against | rows | signatures | ours, us per row | peer, us per row | times as fast (CPU) | "
        "times as fast (clock) | runs | machine"
    )
    for r in done.get("rows", []):
        us = [three(s["cpu"] / s["rows"] * 1e6) for s in (r["ours"], r["peer"])]
        faster = [three(r["ratio"][k]) for k in ("cpu", "wall")]
        names = [r["ours"]["name"], r["peer"]["name"], f"{r['ours']['rows']:,}", str(r["sets"])]
        out.append(row([*names, *us, *faster, str(len(r["ours"]["runs"])), r["state"]]))
    return out


def limits(done: dict[str, Any]) -> list[str]:
    """Each method over one read of the matrix, signatures by column."""
    tables = done.get("limit", [])
    out = head("method | " + " | ".join(f"{t['sets']} signatures, CPU (clock)" for t in tables))
    for name in tables[0]["methods"] if tables else ():
        seen = [t["methods"][name] for t in tables]
        out.append(row([name, *(f"{m['times_limit_cpu']:.1f} ({m['times_limit']:.1f})" for m in seen)]))
    return out


def growth(done: dict[str, Any]) -> list[str]:
    """CPU seconds at four sizes, with the fit."""
    out = head("method | what grows | sizes | s of CPU | R^2 of a line | exponent")
    for g in done.get("growth", []):
        sizes, used = (", ".join(f"{v:,.3g}" if k == "cpu" else f"{v:,}" for v in g[k]) for k in ("x", "cpu"))
        fit = g["fit"]["cpu"]
        out.append(row([g["method"], g["axis"], sizes, used, f"{fit['r2']:.4f}", f"{fit['exponent']:.2f}"]))
    return out


def cold(done: dict[str, Any]) -> list[str]:
    """First scores of a process, in seconds."""
    out = head("method | very first | first of a process | warm")
    for r in done.get("first_score", []):
        out.append(row([r["method"], *(f"{r[k]:.2f}" for k in ("compiled", "cached", "warm"))]))
    return out


def memory(done: dict[str, Any]) -> list[str]:
    """MB above the input."""
    out = head("method | cells | signatures | MB above the input")
    for r in done.get("memory", []):
        out.append(row([r["method"], f"{r['cells']:,}", str(r["sets"]), f"{r['above_mb']:.0f}"]))
    return out


def files(done: dict[str, Any]) -> list[str]:
    """Large files into a store: memory and seconds of processor time."""
    out = head(
        "method | file | cells | signatures | MB in all | MB above the package | s of CPU | s by the clock"
    )
    for r in done.get("files", []):
        mb = [f"{v:.0f}" for v in (r["peak_mb"], r["peak_mb"] - r["before_mb"])]
        seconds = [f"{r[k]:.0f}" for k in ("cpu", "wall")]
        out.append(row([r["method"], r["format"], f"{r['cells']:,}", str(r["sets"]), *mb, *seconds]))
    return out


def three(value: float) -> str:
    """Round to three digits that count."""
    value = float(f"{value:.3g}")
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"


def head(titles: str) -> list[str]:
    return [f"| {titles} |", "|" + "---|" * (titles.count("|") + 1)]


def row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()

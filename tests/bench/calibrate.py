"""Does it hold its level? All simulated studies, written to docs/calibration.md.

python tests/bench/calibrate.py --only counts permutation --store calibration.json --out docs/calibration.md

Finished scenarios are kept in the store, and not run again. Tables of studies that the store does not hold
stay as they are on the page.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from calibration import (
    cell_levels,
    cell_types,
    compare_levels,
    count_tests,
    covariate_models,
    depth_levels,
    effect_coverage,
    equivalence_levels,
    family_errors,
    moderated_scores,
    nested_donors,
    not_offered,
    page,
    permutations,
    power_table,
    random_sets,
    ratio_coverage,
    secondary_families,
    shared_donors,
    signature_levels,
)
from tqdm import tqdm

if TYPE_CHECKING:
    from calibration.case import Case

STUDIES = {
    "compare": compare_levels, "signature": signature_levels, "random": random_sets, "cells": cell_levels,
    "types": cell_types, "shared": shared_donors, "nested": nested_donors,
    "depth": depth_levels, "fraction": ratio_coverage, "effect": effect_coverage, "power": power_table,
    "family": family_errors, "secondary": secondary_families, "permutation": permutations,
    "covariates": covariate_models, "counts": count_tests, "moderation": moderated_scores,
    "equivalence": equivalence_levels, "not_offered": not_offered,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=list(STUDIES), default=list(STUDIES))
    parser.add_argument("--scale", type=float, default=1.0, help="times the runs of every scenario")
    parser.add_argument("--store", type=Path, default=Path("calibration.json"))
    parser.add_argument("--out", type=Path, default=Path("docs/calibration.md"))
    args = parser.parse_args()
    done = json.loads(args.store.read_text()) if args.store.exists() else {}
    todo = [case for name in args.only for case in STUDIES[name].cases() if case.key not in done]
    for case in (bar := tqdm(todo)):
        bar.set_description(case.key)
        done[case.key] = estimated(case, max(int(case.runs * args.scale), 20))
        _replace(args.store, json.dumps(done, indent=1))
    old = page.sections(args.out.read_text()) if args.out.exists() else {}
    _replace(args.out, page.page(STUDIES, done, "python tests/bench/calibrate.py", old))


def estimated(case: Case, runs: int) -> dict[str, Any]:
    start = time.perf_counter()
    found = case.draw(runs)
    free = {name: values.std(ddof=1) / np.sqrt(len(values)) for name, values in found.items()}
    errors = {n: case.aims[n].error(v) if n in case.aims else free[n] for n, v in found.items()}
    return {
        "runs": runs,
        "estimates": {name: float(values.mean()) for name, values in found.items()},
        "errors": {name: float(value) for name, value in errors.items()},
        "missed": [n for n, aim in case.aims.items() if n in found and not aim.met(found[n])],
        "seconds": round(time.perf_counter() - start, 1),
    }


def _replace(path: Path, text: str) -> None:
    """Write beside and move, so that an interruption leaves the old file."""
    beside = path.with_suffix(f".{os.getpid()}.part")
    beside.write_text(text)
    beside.replace(path)


if __name__ == "__main__":
    main()

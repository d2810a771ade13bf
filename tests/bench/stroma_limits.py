"""How often the limits of single shares are wrong in sums of cells: as `ms.qc.stroma` has them, and before.

Usage: python tests/bench/stroma_limits.py [--runs 20] [--cells 20 ...] [--shares 0 ...] [--pairs 3 4 6]
           [--mismatch 0] [--bulk paired|unpaired] [--out table.csv]

Sums of malignant cells of three to six donors per arm as in `stroma_depth.py`, with the same number of cells
alone and in co-culture; shares scatter by SD 0.5 (ln), and limits are held against that of each sample.
With --bulk, studies of `stroma.py` are drawn in place of sums of cells.
"""

from __future__ import annotations

import argparse
import os
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import stroma as bulk
import stroma_depth as sums

import marrowsig as ms
from marrowsig.qc import _stroma_shares as of_markers
from marrowsig.qc._stroma_study import study

CELLS, SHARES, PAIRS = (20, 50, 100, 200, 500, 1000), (0.0, 0.005, 0.01, 0.02, 0.05), (3, 4, 6)
SEED, DRAWS = 20261128, 199


def one(profiles, n: int, share: float, pairs: int, mismatch: float, rng) -> pd.DataFrame | None:
    """Shares and limits of the co-cultures of one study; None where fewer than ten markers are found."""
    genes, parts, stroma = profiles
    obs, counts, given = sums.labels(pairs), [], []
    for d in rng.permutation(len(parts))[:pairs]:
        for co in (False, True):
            times = np.bincount(rng.integers(len(parts[d]), size=n), minlength=len(parts[d]))
            x = (times @ parts[d]).astype(np.int64)
            f = min(share * np.exp(rng.normal(0.0, bulk.SHARE_SD)), 0.5) if co else 0.0
            counts.append(rng.binomial(x, 1 - f) + rng.poisson(f * x.sum() * stroma / stroma.sum()))
            given.append(f)
    adata = sums.as_adata(np.array(counts), obs.assign(given=given), genes)
    reference = pd.Series(stroma * np.exp(mismatch * rng.normal(size=len(genes))), genes)
    return limits(adata, sums.DESIGN, reference)


def limits(adata, design: ms.Design, reference: pd.Series) -> pd.DataFrame | None:
    """Shares and limits of the co-cultures, by the row alone and as given."""
    read = study(adata, design, stroma=reference, layer=None, scale=None)
    sigs = ms.sig.load(*sums.SIGNATURES)

    def choose(part):
        return of_markers.marker_columns(part, sigs, None)

    columns, tables = choose(read), {}
    if len(columns) < of_markers.LEAST_MARKERS:
        return None
    held = of_markers.hold_out
    for name, how in (("row", lambda part, *_: np.zeros(len(part.frame), dtype=bool)), ("both", held)):
        of_markers.hold_out = how
        rng_of = np.random.default_rng(0)
        tables[name] = of_markers.measured(read, columns, rng=rng_of, draws=DRAWS, choose=choose).table
    of_markers.hold_out = held
    out = pd.DataFrame({"given": adata.obs["given"].to_numpy(), "share": tables["both"]["share"]})
    for name, table in tables.items():
        out[f"low_{name}"], out[f"high_{name}"] = table["share_low"], table["share_high"]
    return out[(adata.obs["culture"] == "co").to_numpy()]


def as_markdown(table: pd.DataFrame) -> str:
    """One row per number of cells and share, of the row by itself / as `ms.qc.stroma` gives them."""
    head = ["cells", "share", "samples", "lower limit above 0", "in most of an arm", "lower limit too high"]
    head += ["upper limit too low", "upper limit, median"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for (n, share), rows in table.groupby(["cells", "nominal"]):
        by = []
        for name in ("row", "both"):
            low, high, f = rows[f"low_{name}"], rows[f"high_{name}"], rows["given"]
            most = (low > 0).groupby(rows["run"]).mean() > 0.5
            told = [(low > 0).mean(), most.mean(), (low > f).mean(), (high < f).mean()]
            by.append([f"{100 * x:.1f}".removesuffix(".0") for x in told] + [f"{100 * high.median():.2g}"])
        cells = [f"{a} / **{b}**" for a, b in zip(*by, strict=True)]
        lines.append("| " + " | ".join([str(n), f"{100 * share:g}", str(len(rows)), *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--cells", type=int, nargs="+", default=CELLS)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--pairs", type=int, nargs="+", default=PAIRS)
    parser.add_argument("--mismatch", type=float, default=0.0)
    parser.add_argument("--bulk", choices=("paired", "unpaired"))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    folder, every = Path(os.environ["MARROWSIG_SHARED"]), []
    profiles = bulk.shared_profiles(folder) if given.bulk else sums.donors(folder)
    for n, share, pairs in product(["bulk"] if given.bulk else given.cells, given.shares, given.pairs):
        key = 0 if given.bulk else n
        rng = np.random.default_rng([SEED, key, int(1000 * share), pairs, int(10 * given.mismatch)])
        for run in range(given.runs):
            if given.bulk:
                case = bulk.Case("null", "same", pairs, share, given.mismatch, given.bulk)
                told = limits(*bulk.simulate(profiles, case, rng))
            else:
                told = one(profiles, n, share, pairs, given.mismatch, rng)
            if told is not None:
                every.append(told.assign(cells=n, nominal=share, pairs=pairs, run=f"{pairs}-{run}"))
    table = pd.concat(every, ignore_index=True)
    if given.out:
        table.to_csv(given.out, index=False)
    print(as_markdown(table))


if __name__ == "__main__":
    main()

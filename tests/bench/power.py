"""Whether `ms.tl.power` says what is known otherwise, and how long it takes.

`python tests/bench/power.py` fills the tables of docs/howto/plan_an_experiment.md; a short version is in
tests/test_power.py.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from calibration.power_table import TABLE, exact
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower
from tqdm import tqdm

import marrowsig as ms
from marrowsig.tl._power_means import means
from marrowsig.tl._power_runs import Setup, study
from marrowsig.tl._power_spread import given

RUNS = 40_000
PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "plan_an_experiment.md"
DESIGNS = {
    "two groups": (ms.Design(culture="culture"), "co_vs_mono"),
    "pairs": (ms.Design(culture="culture", pair="pair"), "co_vs_mono"),
    "interaction": (ms.Design(culture="culture", line="line"), "interaction"),
    "interaction of pairs": (ms.Design(culture="culture", line="line", pair="pair"), "interaction"),
}
FULL = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
EFFECTS = {"co_in_parental": 1.5, "interaction": 2.0, "fraction": 0.6}
SOURCES = ("t84_il22_ifnl", "pbmc_il13_gse79027", "vangalen_aml_sc_a", "leukemia_all_aml_broad48")
SCORES = ("emt.hallmark", "il6.hallmark", "stat3.specific")


def closed() -> list[list[str]]:
    """Unadjusted power in the layouts of docs/calibration.md; deltas of pairs in SDs of differences."""
    rows = []
    for layout, n, delta in tqdm(TABLE, desc="closed forms"):
        design, contrast = DESIGNS[layout]
        within = np.sqrt(0.5) if design.pair else 1.0
        plan = ms.tl.power(
            design, {contrast: delta}, n=n, within=within, between=3.0 if design.pair else 0.0, runs=RUNS
        )
        found = plan.table.set_index("contrast").loc[contrast, "power_unadjusted"]
        one = {
            "two groups": lambda n, d: TTestIndPower().power(d, n, 0.025, alternative="larger"),
            "pairs": lambda n, d: TTestPower().power(d, n, 0.025, alternative="larger"),
        }.get(layout)
        wanted = exact(layout, n, delta)
        error = np.sqrt(wanted * (1 - wanted) / RUNS)
        other = f"{one(n, delta):.3f}" if one else ""
        rows.append(
            [
                layout,
                str(n),
                f"{delta:g}",
                f"{found:.3f}",
                f"{wanted:.3f}",
                other,
                f"{(found - wanted) / error:+.1f}",
            ]
        )
    return rows


def compared(n: int, runs: int) -> list[list[str]]:
    """Other studies than those of the plan, one by one through `ms.tl.compare` and `ms.tl.rescue`."""
    plan = ms.tl.power(FULL, EFFECTS, n=n, inhibitors="JAKi", within=1.0, between=2.0, runs=RUNS)
    setup = Setup(
        design=FULL, inhibitors=("JAKi",), batches=1, means=means(FULL, ("JAKi",), EFFECTS, 1.0), rng=77,
        spread=given(1.0, 2.0), primary_contrasts=None, n_primary=1, margin=np.nan, target=0.8, alpha=0.05,
        runs=runs,
    )  # fmt: skip
    made = study(setup, n)
    scores = made.scores()[0]
    hits: dict[str, int] = {}
    for run in tqdm(range(runs), desc=f"compare, n = {n}"):
        adata = AnnData(np.zeros((len(made.obs), 1)), obs=made.obs)
        adata.obsm["score_mean"] = pd.DataFrame({"emt.x": scores[:, run]}, index=made.obs.index)
        table = ms.tl.compare(adata, FULL, primary="emt.x", permutations=0).set_index("contrast")
        for name, row in table.iterrows():
            hits[name] = hits.get(name, 0) + (row["p_adj"] < 0.05 and row["estimate"] > 0)
        rescued = ms.tl.rescue(adata, FULL).query("kind == 'line' and line == 'resistant'").iloc[0]
        hits["fraction"] = hits.get("fraction", 0) + (rescued["fraction_kind"] == "interval")
        hits["reversed"] = hits.get("reversed", 0) + rescued["verdict"].startswith("reversed")
    said = plan.table[plan.table["effect"] > 0].set_index("contrast")["power"].to_dict()
    own = plan.fractions.set_index("line").loc["resistant"]
    said |= {"fraction": own["determined"], "reversed": own["reversed"]}
    words = {
        "fraction": "finite interval of the fraction, resistant",
        "reversed": "reversal by `ms.tl.rescue`, resistant",
    }
    rows = []
    for name, wanted in said.items():
        error = np.sqrt(wanted * (1 - wanted) * (1 / runs + 1 / RUNS))
        share = hits[name] / runs
        rows.append(
            [
                str(n),
                words.get(name, f"`{name}`"),
                f"{wanted:.3f}",
                f"{share:.3f}",
                f"{(share - wanted) / error:+.1f}",
            ]
        )
    return rows


def real() -> list[list[str]]:
    """Interaction that 4 and 6 pairs per line find in 80 %, unadjusted and exact, at measured SDs."""
    table = ms.ds.spreads()
    rows = []
    for signature in SCORES:
        for name in SOURCES:
            own = table.query("name == @name and signature == @signature and method == 'singscore'").iloc[0]
            cells = [detected(own["within"], n) for n in (3, 4, 6, 12)]
            told = f"{own['within']:.3g} [{own['within_low']:.2g}, {own['within_high']:.2g}]"
            rows.append(
                [f"`{signature}`", f"`{name}`", told, str(own["df"]), *(f"{cell:.2g}" for cell in cells)]
            )
    return rows


def detected(within: float, n: int) -> float:
    plan = ms.tl.power(
        DESIGNS["interaction of pairs"][0], {"interaction": within}, n=n, within=within, runs=100
    )
    return float(plan.table.set_index("contrast").loc["interaction", "detectable"])


def timed() -> str:
    start = time.perf_counter()
    ms.tl.power(
        FULL, {"induction": 1.0, "interaction": 1.0, "fraction": 0.5}, inhibitors=["A", "B"], within=1.0
    )
    return f"{time.perf_counter() - start:.1f} s"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    head = "| layout | n | delta | power | noncentral t | statsmodels | errors off |\n" + "|---" * 7 + "|"
    rows = closed()
    page = fill(page, "closed", head, rows)
    # Of thirteen rows one in 370 would lie beyond three errors by chance.
    off = max(abs(float(row[-1])) for row in rows)
    head = "| n | what | `ms.tl.power` | share of studies | errors off |\n|---|---|---|---|---|"
    rows = [row for n in (3, 6) for row in compared(n, 400)]
    page = fill(page, "compared", head, rows)
    off = max(off, *(abs(float(row[-1])) for row in rows))
    head = (
        "| signature | data | SD within [95 %] | df | n = 3 | 4 | 6 | 12 |\n|---|---|---|---|---|---|---|---|"
    )
    page = fill(page, "real", head, real())
    page = fill(
        page,
        "seconds",
        f"Ten sizes, 13 contrasts, two inhibitors, 4,000 experiments each: {timed()} (two cores, shared with "
        "other work).",
        [],
    )
    PAGE.write_text(page, encoding="utf-8")
    q = stats.norm.isf(0.025 / 40)
    print(f"largest distance {off:.1f} errors; {q:.1f} are to be expected once in twenty such pages")


def fill(page: str, name: str, head: str, rows: list[list[str]]) -> str:
    text = "\n".join([head, *("| " + " | ".join(row) + " |" for row in rows)])
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(page):
        msg = f"{PAGE.name} has no lines <!-- {name} --> and <!-- end -->."
        raise SystemExit(msg)
    return pattern.sub(lambda m: f"{m[1]}{text}\n{m[2]}", page, count=1)


if __name__ == "__main__":
    main()

"""How often `ms.qc.stroma` calls 'not explained by carry-over' what carry-over alone made, and what is true.

Usage: python tests/bench/stroma.py [--runs 100] [--profiles shared|demo] [--part 0 1] [--out table.csv]

Profiles: stroma is umbilical-cord MSC (GSE224190), blasts are the malignant cells of van Galen et al. 2019,
summed; both from the folder that MARROWSIG_SHARED names. `demo` takes those of the simulated study instead.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

import marrowsig as ms

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNATURE = "emt.hallmark"
SEED = 20261126
STANDS, NOTHING = "not explained by carry-over", "not asked: no effect established"
VERDICTS = (STANDS, "may be carry-over", "explained by carry-over", "cannot tell", NOTHING)
PAIR_SD = 0.2  # log2
DISPERSION = 0.03
DEPTH, DEPTH_SD = 15e6, 0.25
SHARE_SD = 0.5  # shares of samples scatter around the nominal one
N_GENES = 8000
PARTS = (0.25, 0.5, 0.75)
"""Parts of an estimate that "explained by carry-over" might ask for; the rule asks for half."""


class Profiles(NamedTuple):
    """Linear levels per million: blasts, stroma, stroma that was stirred up."""

    genes: list[str]
    blast: np.ndarray
    stroma: np.ndarray
    primed: np.ndarray


def shared_profiles(folder: Path) -> Profiles:
    import anndata

    fpkm = pd.read_csv(folder / "datasets/ucmsc_primed_gse224190/fpkm.tsv.gz", sep="\t", index_col=0)
    fpkm = fpkm[~fpkm.index.duplicated()]
    cells = anndata.read_h5ad(folder / "datasets/vangalen_aml_sc_a/data.h5ad")
    ill = (cells.obs["malignant_prediction"] == "malignant").to_numpy()
    blast = pd.Series(np.asarray(cells.X[ill].sum(axis=0)).ravel(), index=cells.var_names)
    parts = {"blast": blast, **{k: fpkm.filter(like=f"{k}-").mean(axis=1) for k in ("ctrl", "primed")}}
    return _some(pd.DataFrame(parts).dropna(), "blast", "ctrl", "primed")


def demo_profiles(n_genes: int = N_GENES) -> Profiles:
    study, msc = ms.ds.demo(), ms.ds.demo_stroma()
    alone = study[study.obs["culture"] == "mono"].X.sum(axis=0)
    stroma = msc.X.sum(axis=0)
    rng = np.random.default_rng(5)
    stirred = stroma * np.where(rng.random(stroma.size) < 0.3, 4.0, 1.0)
    table = pd.DataFrame({"blast": alone, "ctrl": stroma, "primed": stirred}, index=study.var_names)
    return _some(table, "blast", "ctrl", "primed", n_genes=n_genes)


def _some(table: pd.DataFrame, *columns: str, n_genes: int = N_GENES) -> Profiles:
    """Keep genes of signatures, genes high in stroma, and of the others as many as there is room for."""
    table = table / table.sum() * 1e6
    wanted = set(ms.sig.load("emt", "il6", "stat3").genes)
    first = table.index.isin(wanted) | (table[columns[1]] > 50)
    others = np.flatnonzero(~first)
    room = max(n_genes - int(first.sum()), 0)
    keep = np.sort(np.r_[np.flatnonzero(first), np.random.default_rng(1).permutation(others)[:room]])
    table = table.iloc[keep] / table.iloc[keep].sum() * 1e6
    return Profiles(list(table.index), *(table[c].to_numpy() for c in columns))


class Case(NamedTuple):
    """`truth`: null, emt (half the genes doubled), weak (a third more), own (emt, and stroma genes).

    `carried`: the stroma that was measured, or primed: what is carried over answered to the co-culture.
    """

    truth: str
    carried: str
    n: int
    share: float
    mismatch: float
    design: str = "paired"


def simulate(p: Profiles, case: Case, rng: np.random.Generator) -> tuple[AnnData, ms.Design, pd.Series]:
    """Draw counts of one study, and the reference that its analyst has."""
    place = {gene: i for i, gene in enumerate(p.genes)}
    members = np.array([place[g] for g in ms.sig.load(SIGNATURE).genes if g in place])
    answer = np.ones(len(p.genes))
    raised = {"emt": 2.0, "own": 2.0, "weak": 1.3}.get(case.truth, 1.0)
    answer[rng.permutation(members)[: members.size // 2]] = raised
    own = np.zeros(len(p.genes))
    if case.truth == "own":
        silent = np.flatnonzero((p.stroma > 50) & (p.stroma > 100 * (p.blast + 0.1)))
        own[rng.permutation(silent)[: int(0.3 * silent.size)]] = 0.003
    carried = _million(p.primed if case.carried == "primed" else p.stroma)
    lines = ("parental", "resistant") if case.design == "interaction" else ("",)
    rows, obs = [], []
    for line in lines:
        nominal = {"parental": 0.001, "resistant": 0.003}.get(line, case.share)
        for i in range(case.n):
            pair = 2.0 ** rng.normal(0.0, PAIR_SD, len(p.genes))
            for culture in ("mono", "co"):
                co = culture == "co"
                if case.design == "unpaired":
                    pair = 2.0 ** rng.normal(0.0, PAIR_SD, len(p.genes))
                f = min(nominal * np.exp(rng.normal(0, SHARE_SD)), 0.5) if co and nominal else 0.0
                x = _million((p.blast + co * own * p.stroma) * (answer if co else 1.0) * pair)
                rows.append((1 - f) * x + f * carried)
                obs.append((culture, line, f"{line}{i}", f))
    depth = DEPTH * np.exp(rng.normal(0.0, DEPTH_SD, len(rows)))
    mean = np.array(rows) * depth[:, None] / 1e6
    counts = rng.poisson(mean * rng.gamma(1 / DISPERSION, DISPERSION, mean.shape)).astype(float)
    names = [f"s{i}" for i in range(len(obs))]
    frame = pd.DataFrame(obs, columns=["culture", "line", "pair", "given"], index=names)
    adata = AnnData(counts, obs=frame, var=pd.DataFrame(index=p.genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    pair_by = None if case.design == "unpaired" else "pair"
    line_by = "line" if case.design == "interaction" else None
    noise = np.exp(case.mismatch * rng.normal(size=len(p.genes)))
    return (
        adata,
        ms.Design(culture="culture", line=line_by, pair=pair_by),
        pd.Series(p.stroma * noise, p.genes),
    )


def _million(x: np.ndarray) -> np.ndarray:
    return x / x.sum() * 1e6


def one(
    p: Profiles, case: Case, rng: np.random.Generator, methods: list[str], *, tipping: bool = True
) -> list[dict[str, object]]:
    adata, design, reference = simulate(p, case, rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ms.qc.stroma(
            adata, design, stroma=reference, signatures=SIGNATURE, method=methods, draws=199, tipping=tipping
        )
    contrast = "interaction" if case.design == "interaction" else "co_vs_mono"
    share = found.shares.loc[found.shares["arm"].str.endswith("co"), "share"].median()
    told = found.verdicts[found.verdicts["contrast"] == contrast]
    return [
        {
            "method": row["method"], "verdict": row["verdict"], "kept": row["n_kept"] / row["n_genes"],
            "naive": row["p"] < 0.05 and row["estimate"] > 0,
            "filtered": row["filtered_p"] < 0.05 and row["filtered_estimate"] > 0,
            "subtracted": row["subtracted_estimate"], "robust": row["robust"] == "yes", "share": share,
            "suffices": suffices(row), "part": row["carried"] / row["estimate"],
        }
        for row in told.to_dict("records")
    ]  # fmt: skip


def suffices(row: Mapping[Any, Any]) -> bool:
    """Whether what the shares give reaches the limit nearer to zero of a contrast that does not stand."""
    sign = 1.0 if row["estimate"] >= 0 else -1.0
    near = sign * row["ci_low" if sign > 0 else "ci_high"]
    judged = row["verdict"] not in (STANDS, NOTHING)
    return bool(judged and sign * row["carried"] >= near)


def cases() -> list[Case]:
    grid = [Case("null", "same", 4, f, m) for f in (0.001, 0.02) for m in (0, 0.5, 1)]
    grid += [Case("emt", "same", n, f, 0.5) for n in (3, 4, 6) for f in (0.001, 0.02)]
    grid += [Case("null", "same", n, f, 0.5) for n in (3, 6) for f in (0.001, 0.02)]
    grid += [Case("null", "primed", 4, f, 0) for f in (0.001, 0.02, 0.05)]
    grid += [Case("null", "same", 4, 0.0, 0), Case("null", "same", 4, 0.02, 0.5, "unpaired")]
    grid += [Case("null", "same", 4, 0.0, m, "interaction") for m in (0, 0.5)]
    grid += [Case("weak", "same", 4, f, 0.5) for f in (0.0, 0.001, 0.02)]
    grid += [Case("own", "same", 4, f, 0.5) for f in (0.0, 0.02)]
    grid += [Case("null", "same", 4, f, m) for f in (0.05, 0.005, 0.01) for m in (0, 0.5, 1)]
    grid += [Case("emt", "same", 4, f, m) for f in (0.0, 0.05) for m in (0, 1)]
    grid += [Case("null", "same", n, f, m) for n in (3, 6) for f in (0.001, 0.02) for m in (0, 1)]
    return grid


def study(
    p: Profiles,
    grid: list[Case],
    runs: int,
    methods: list[str],
    *,
    out: Path | None = None,
    tipping: bool = True,
) -> pd.DataFrame:
    """One row per case and method: how often each verdict was given. `out` grows case by case."""
    from tqdm import tqdm

    rows: list[dict[str, object]] = []
    for case in tqdm(grid, desc="cases"):
        rng = np.random.default_rng([SEED, *case._asdict().values().__repr__().encode()])
        told = pd.DataFrame([row for _ in range(runs) for row in one(p, case, rng, methods, tipping=tipping)])
        for method, part in told.groupby("method", sort=False):
            shares = part["verdict"].value_counts(normalize=True)
            rows.append(
                {
                    **case._asdict(), "method": method, "naive": part["naive"].mean(),
                    "filtered": part["filtered"].mean(), "suffices": part["suffices"].mean(),
                    **{v: shares.get(v, 0.0) for v in VERDICTS},
                    **{f"explained at {k}": (part["suffices"] & (part["part"] >= k)).mean() for k in PARTS},
                    "kept": part["kept"].mean(), "share found": part["share"].mean(), "runs": len(part),
                }
            )  # fmt: skip
        if out:
            pd.DataFrame(rows).to_csv(out, index=False)
    return pd.DataFrame(rows)


WORDS = {"null": "nothing", "weak": "weak EMT", "emt": "EMT", "own": "EMT and stroma genes"}


def as_markdown(table: pd.DataFrame) -> str:
    """The table of docs/stroma.md: one row per case, its methods side by side."""
    head = ["truth", "design", "n", "share, %", "mismatch", "as scored", "filter alone", "**not explained**"]
    head += ["stroma suffices", "explained", "genes left", "share found, %"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    order = {name: k for k, name in enumerate(["null", "weak", "emt", "own"])}
    keys = ["truth", "carried", "design", "n", "mismatch", "share"]
    table = table.assign(truth=table["truth"].map(order), carried=table["carried"].eq("primed"))
    for own, rows in table.groupby(keys):
        case = dict(zip(keys, own, strict=True))
        truth = list(WORDS.values())[case["truth"]] + (", stirred" if case["carried"] else "")
        share = "0.1 and 0.3" if case["design"] == "interaction" else f"{100 * case['share']:g}"
        cells = [truth, case["design"], case["n"], share, f"{case['mismatch']:g}"]
        for name in ("naive", "filtered", STANDS, "suffices", "explained by carry-over"):
            both = " / ".join(f"{value:.2f}" for value in rows[name])
            cells.append(f"**{both}**" if name == STANDS else both)
        first = rows.iloc[0]
        cells += [f"{100 * first['kept']:.0f} %", f"{100 * first['share found']:.2g}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


GROUPS = {
    "nothing, mismatch up to 0.5": "truth == 'null' and carried == 'same' and mismatch <= 0.5 and {stroma}",
    "nothing, mismatch 1": "truth == 'null' and carried == 'same' and mismatch == 1 and {stroma}",
    "nothing, stirred": "carried == 'primed'",
    "weak EMT": "truth == 'weak' and {stroma}",
    "EMT": "truth == 'emt' and {stroma}",
    "EMT and stroma genes": "truth == 'own' and {stroma}",
}


def parts_as_markdown(table: pd.DataFrame) -> str:
    """How often stroma explains, by the part of the estimate that it has to give."""
    head = ["truth, with stroma", "runs", "stroma suffices", *(f"explained at {k:g}" for k in PARTS)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for words, asked in GROUPS.items():
        rows = table.query(asked.format(stroma="(share > 0 or design == 'interaction')"))
        if rows.empty:
            continue
        cells = [words, f"{rows['runs'].sum():,}"]
        for name in head[2:]:
            by = rows.groupby("method", sort=False)["suffices" if name == "stroma suffices" else name]
            cells.append(" / ".join(f"{value:.2f}" for value in by.mean()))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Error rates of ms.qc.stroma.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--profiles", choices=("shared", "demo"), default="shared")
    parser.add_argument("--methods", nargs="+", default=["mean", "singscore"])
    parser.add_argument(
        "--part", type=int, nargs=2, default=(0, 1), help="every so many-th case, from this one"
    )
    parser.add_argument("--tipping", action="store_true", help="tell 'may be' from 'cannot tell': slower")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    p = shared_profiles(folder) if given.profiles == "shared" else demo_profiles()
    first, step = given.part
    table = study(p, cases()[first::step], given.runs, given.methods, out=given.out, tipping=given.tipping)
    print(f"{as_markdown(table)}\n\n{parts_as_markdown(table)}")
    false = table[(table["truth"] == "null") & (table["carried"] == "same") & (table["mismatch"] <= 0.5)]
    worst = false.sort_values(STANDS).iloc[-1]
    bound = 0.05 + 3 * np.sqrt(0.05 * 0.95 / worst["runs"])
    print(f"\nworst at mismatch <= 0.5: {worst[STANDS]:.3f} (bound {bound:.3f})")


if __name__ == "__main__":
    main()

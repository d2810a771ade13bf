"""How often the guard asks "Did you swap --mono and --co?" of who did not, and of who did.

Usage: python tests/bench/swapped.py [--runs 400] [--only right swapped real] [--check 0] [--out table.csv]

Profiles are those of tests/bench/stroma.py; cells that mature go over to the profile of monocyte-like blasts
(van Galen et al. 2019). The rule gets the arrays that `ms.qc.stroma` hands to it, without the scores and the
limits of the shares by markers, which have no part in it; `--check` holds so many runs of each case against
`ms.qc.stroma` itself. `real` draws both arms from samples of public studies without stroma, and mixes stroma
into one.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from claims import sibling

import marrowsig as ms
from marrowsig._stats.share import pooled_share
from marrowsig.qc import _stroma_shares as shares_of
from marrowsig.qc._linear import Linear
from marrowsig.qc._stroma_reference import Reference
from marrowsig.qc._stroma_study import Study
from marrowsig.qc._stroma_swapped import swapped

SEED = 20261127
N_GENES = 4000
PAIR_SD, DISPERSION, DEPTH, DEPTH_SD, SHARE_SD = 0.2, 0.03, 15e6, 0.25, 0.5  # as in stroma.py
TESTED = ms.sig.as_set("emt.hallmark")
NAMED = [
    "COL1A1", "COL1A2", "COL3A1", "COL6A3", "LUM", "DCN", "THY1", "PDGFRB", "POSTN", "FN1", "SPARC", "FBN1",
]  # fmt: skip
EVEN = (1.0, 1.0)
SWAPPED = (0.005, 0.01, 0.02, 0.05)


class Case(NamedTuple):
    """One design: who is called what, and what the cells and the stroma did.

    truth      right; or swapped: the co-cultures are called mono
    n, lines   pairs in each line; one line (2x1) or two (2x2)
    share      of stroma's RNA in the true co-cultures
    programme  what the cells alone express more of: nothing; emt (half of it doubled); genes (a fifth of all
               genes, 2^abs(N(0, 1))); leak (every gene that stroma expresses, doubled); mature, or one donor
               that does: half of the cells; own (30 % of stroma's genes, at 0.3 % of its level)
    depth      of the true mono-cultures and co-cultures, times 15 million
    reference  partner (three samples of the stroma carried over), or SD (ln) of another stroma about it
    source     rule (markers found by rule), named (twelve genes), sex (shares from reads of chromosome Y)
    """

    truth: str
    n: int = 4
    lines: int = 1
    share: float = 0.0
    programme: str = "nothing"
    depth: tuple[float, float] = EVEN
    reference: str = "0.5"
    source: str = "rule"


class Profiles(NamedTuple):
    genes: list[str]
    blast: np.ndarray
    mature: np.ndarray
    stroma: np.ndarray


def profiles(folder: Path) -> Profiles:
    """Levels per million of blasts, monocyte-like blasts, and stroma."""
    cells = read_h5ad(folder / "datasets/vangalen_aml_sc_a/data.h5ad")
    here = cells.obs["cell_type"].isin(["Mono-like", "ProMono-like", "cDC-like"]).to_numpy()
    mature = pd.Series(np.asarray(cells.X[here].sum(axis=0)).ravel(), cells.var_names)
    p = sibling().shared_profiles(folder)
    keep = np.sort(np.argsort(-np.maximum(p.stroma, p.blast), kind="stable")[:N_GENES])
    levels = (p.blast, mature[p.genes].to_numpy(), p.stroma)
    return Profiles([p.genes[i] for i in keep], *(_million(x[keep]) for x in levels))


def simulate(
    p: Profiles, case: Case, rng: np.random.Generator
) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Draw counts, their sheet as the analyst wrote it, and his reference."""
    up = _programme(p, case.programme, rng)
    rows, obs, share = [], [], []
    names = ("co", "mono") if case.truth == "swapped" else ("mono", "co")
    for line in range(case.lines):
        own = 2.0 ** rng.normal(0.0, line * 0.5, len(p.genes))  # the second line differs from the first
        for i in range(case.n):
            pair = own * 2.0 ** rng.normal(0.0, PAIR_SD, len(p.genes))
            for grown in (0, 1):
                x = p.blast if grown else p.blast * up
                if not grown and (case.programme == "mature" or (case.programme == "one donor" and i == 0)):
                    x = (p.blast + p.mature) / 2
                if not grown and case.programme == "own":
                    x = x + up * p.stroma
                f = min(case.share * np.exp(rng.normal(0, SHARE_SD)), 0.5) if grown else 0.0
                rows.append(((1 - f) * _million(x * pair) + f * p.stroma) * case.depth[grown])
                obs.append((names[grown], f"L{line}", f"{line}.{i}"))
                share.append(f)
    mean = np.array(rows) * DEPTH * np.exp(rng.normal(0.0, DEPTH_SD, (len(rows), 1))) / 1e6
    counts = rng.poisson(mean * rng.gamma(1 / DISPERSION, DISPERSION, mean.shape)).astype(float)
    sheet = pd.DataFrame(obs, columns=["culture", "line", "pair"], index=[f"s{i}" for i in range(len(obs))])
    return counts, sheet.assign(truth=share), _reference(p, case.reference, rng)


def _programme(p: Profiles, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Fold of every gene in cells alone; of `own`, the part of stroma's level that is added."""
    up = np.ones(len(p.genes))
    if kind == "emt":
        members = np.flatnonzero(np.isin(p.genes, ms.sig.load("emt.hallmark").genes))
        up[rng.permutation(members)[: members.size // 2]] = 2.0
    elif kind == "genes":
        some = rng.random(up.size) < 0.2
        up[some] = 2.0 ** np.abs(rng.normal(size=int(some.sum())))
    elif kind == "leak":
        up[p.stroma > 50] = 2.0
    elif kind == "own":
        up = 0.003 * ((p.stroma > 50) & (rng.random(up.size) < 0.3))
    return up


def _reference(p: Profiles, kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind != "partner":
        return p.stroma * np.exp(float(kind) * rng.normal(size=p.stroma.size))
    mean = np.tile(p.stroma * DEPTH / 1e6, (3, 1))
    return _million(rng.poisson(mean * rng.gamma(1 / DISPERSION, DISPERSION, mean.shape)).mean(axis=0))


def _million(x: np.ndarray) -> np.ndarray:
    return x / x.sum() * 1e6


def read(counts: np.ndarray, sheet: pd.DataFrame, genes: list[str], reference: np.ndarray) -> Study:
    """What `ms.qc.stroma` hands to the rule."""
    depth = counts.sum(axis=1)
    values = Linear(genes, counts / depth[:, None] * 1e6, depth, "")
    culture = sheet["culture"].to_numpy()
    place = np.unique(sheet["line"].to_numpy(), return_inverse=True)[1]
    frame = pd.DataFrame(
        {
            "culture": culture, "co": culture == "co", "alone": culture != "co", "base": place,
            "row": np.arange(len(sheet)), "name": sheet.index.to_numpy(), "arm": "", "stratum": "",
        }
    )  # fmt: skip
    alone = ~frame["co"].to_numpy()
    bases = np.array([values.matrix[alone & (place == b)].mean(axis=0) for b in np.unique(place)])
    level = _million(reference)
    return Study(values, frame, bases, [], [], Reference(level, level, ""), [values.matrix])


def shares_by_sex(study: Study, truth: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Shares from reads of chromosome Y: 330 per million in stroma; 3 per million, misplaced, in cells."""
    depth = study.linear.depth
    reads = rng.poisson(depth / 1e6 * (330 * truth + 3) * rng.gamma(1 / DISPERSION, DISPERSION, depth.size))
    alone = ~study.frame["co"].to_numpy()
    own = (reads / depth)[alone].mean() * depth
    share, low, high = pooled_share(reads.astype(float), 330e-6 * depth, own)
    return pd.DataFrame({"share": share, "share_low": np.minimum(low, share), "share_high": high})


def by_markers(study: Study, design: ms.Design, named: list[str] | None, rng: np.random.Generator) -> str:
    """What the rule says; shares of the co-cultures, which can only hush it, where it says something."""
    if not swapped(study, None, TESTED, design):
        return ""
    columns = shares_of.marker_columns(study, TESTED, named)
    enough = len(columns) >= shares_of.LEAST_MARKERS
    found = shares_of.measured(study, columns, rng=rng, draws=1) if enough else None
    return swapped(study, found, TESTED, design)


def one(p: Profiles, case: Case, rng: np.random.Generator, *, whole: bool = False) -> tuple[str, str]:
    """What the rule says; and what the whole call says, where that is asked for."""
    counts, sheet, reference = simulate(p, case, rng)
    study = read(counts, sheet, p.genes, reference)
    line = "line" if case.lines > 1 else None
    design = ms.Design(culture="culture", line=line, parental="L0", resistant="L1", pair="pair")
    named, given = NAMED if case.source == "named" else None, None
    if case.source == "sex":
        given = shares_by_sex(study, sheet["truth"].to_numpy(), rng).set_index(sheet.index)
        found = shares_of.given(study, given)
        told = swapped(study, found, TESTED, design)
    else:
        told = by_markers(study, design, named, rng)
    if not whole:
        return told, told
    adata = AnnData(counts, obs=sheet, var=pd.DataFrame(index=p.genes))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stroma = pd.Series(reference, p.genes)
        how = {"signatures": TESTED, "method": "mean", "tipping": False, "draws": 100}
        result = ms.qc.stroma(adata, design, stroma=stroma, markers=named, shares=given, **how)
    return told, str(result.params["swapped"])


class Real(NamedTuple):
    """Both arms are n samples of a public study, drawn at random; `share` of stroma is mixed into one."""

    truth: str
    study: str
    n: int = 4
    share: float = 0.0
    reference: str = "0.5"


def public(folder: Path) -> dict[str, pd.DataFrame]:
    """Counts of samples that hold no stroma, genes in columns; single cells summed by sample."""
    parts = {}
    for name in ("t84_il22_ifnl", "pbmc_il13_gse79027"):
        (file,) = (folder / "datasets" / name).glob("counts*")
        table = pd.read_csv(file, sep=None, index_col=0, engine="python")
        parts[name] = table[~table.index.duplicated()].T
    cells = read_h5ad(folder / "datasets/vangalen_aml_sc_a/data.h5ad")
    sums = {
        name: np.asarray(cells.X[(cells.obs["sample"] == name).to_numpy()].sum(axis=0)).ravel()
        for name in cells.obs["sample"].unique()
    }
    parts["vangalen_aml_sc_a"] = pd.DataFrame(sums, index=cells.var_names).T
    return parts


def one_real(
    parts: dict[str, pd.DataFrame], p: Profiles, case: Real, rng: np.random.Generator
) -> tuple[str, str]:
    table = parts[case.study]
    genes = [g for g in p.genes if g in table]
    stroma = _million(pd.Series(p.stroma, p.genes)[genes].to_numpy())
    drawn = rng.permutation(len(table))[: 2 * case.n]
    counts = table[genes].to_numpy(dtype=float)[drawn]
    grown = np.repeat([False, True], case.n)
    share = np.minimum(case.share * np.exp(rng.normal(0, SHARE_SD, len(grown))), 0.5) * grown
    depth = counts.sum(axis=1)
    counts += rng.poisson((share / (1 - share) * depth)[:, None] * stroma / 1e6)
    co = ~grown if case.truth == "swapped" else grown
    sheet = pd.DataFrame({"culture": np.where(co, "co", "mono"), "line": "L"}, index=table.index[drawn])
    noise = np.exp(float(case.reference) * rng.normal(size=len(genes)))
    study = read(counts, sheet, genes, stroma * noise)
    told = by_markers(study, ms.Design(culture="culture"), None, rng)
    return told, told


def cases() -> list[Case]:
    """All programmes by share, n and lines; then one thing changed at a time."""
    kinds = ("nothing", "emt", "genes", "leak", "mature", "one donor", "own")
    some = ("nothing", "leak", "mature")
    sizes = ((3, 1, 0.0), (4, 1, 0.0), (6, 1, 0.0), (3, 1, 0.005), (3, 1, 0.02), (6, 1, 0.02))
    sizes += ((3, 2, 0.0), (6, 2, 0.0), (3, 2, 0.02))
    grid = [Case("right", n, lines, f, k) for k in kinds for n, lines, f in sizes]
    uneven = ((2.0, 1.0), (1.0, 2.0), (5.0, 1.0), (1.0, 5.0), (0.05, 0.05))
    grid += [Case("right", 3, 1, 0.0, k, d) for k in ("nothing", "leak") for d in uneven]
    grid += [Case("right", 3, 1, 0.0, k, EVEN, r) for k in some for r in ("partner", "1")]
    grid += [Case("right", 3, 1, f, k, EVEN, "0.5", s)
             for k in some for s in ("named", "sex") for f in (0.0, 0.005)]  # fmt: skip
    grid += [Case("right", n, 1, 0.0, "nothing", (0.2, 0.2), "0.5", "sex") for n in (3, 4, 6)]
    grid += [Case("swapped", n, lines, f) for n in (3, 6) for lines in (1, 2) for f in SWAPPED]
    grid += [Case("swapped", 3, 1, f, k) for k in kinds[1:] for f in (0.005, 0.02)]
    grid += [Case("swapped", 3, 1, f, "nothing", d) for d in uneven for f in (0.005, 0.02)]
    grid += [Case("swapped", 3, 1, f, "nothing", EVEN, r) for r in ("partner", "1") for f in (0.005, 0.02)]
    grid += [Case("swapped", 3, 1, f, "nothing", EVEN, "0.5", s) for s in ("named", "sex") for f in SWAPPED]
    return grid


def real_cases() -> list[Real]:
    names = ("t84_il22_ifnl", "pbmc_il13_gse79027", "vangalen_aml_sc_a")
    grid = [Real("right", name, n, f) for name in names for n in (3, 4) for f in (0.0, 0.005, 0.02)]
    return grid + [Real("swapped", name, 3, f) for name in names for f in SWAPPED]


def label(row: dict[str, Any]) -> str:
    """Words for what was done to the samples, n and share left out."""
    if isinstance(row.get("study"), str):
        return str(row["study"])
    words = [str(row["programme"])]
    if str(row["depth"]) != str(EVEN):
        words.append("depth " + " and ".join(f"{float(d):g}x" for d in str(row["depth"])[1:-1].split(",")))
    if str(row["reference"]) != "0.5":
        words.append(f"reference {row['reference']}")
    if row["source"] != "rule":
        words.append({"named": "twelve markers named", "sex": "shares by sex"}[row["source"]])
    return ", ".join(words)


def as_markdown(table: pd.DataFrame) -> str:
    """Alarms where nobody swapped, and below them those where somebody did."""
    table = table.assign(what=[label(row) for row in table.to_dict("records")])
    lines = ["| nobody swapped | scenarios | runs | alarms | worst scenario |", "|---|---|---|---|---|"]
    for what, part in table[table["truth"] == "right"].groupby("what", sort=False):
        alarms, worst = (part["alarms"] * part["runs"]).sum(), part.loc[part["alarms"].idxmax()]
        most = f"{worst['alarms']:.2%} (SE {worst['error']:.2%})" if alarms else "0"
        lines.append(f"| {what} | {len(part)} | {part['runs'].sum()} | {alarms:.0f} | {most} |")
    lines += ["", f"| swapped | n | {' | '.join(f'{f:.1%}' for f in SWAPPED)} |", "|---|---|" + "---|" * 4]
    own = table[table["truth"] == "swapped"]
    lined = own.get("lines", pd.Series(np.nan, own.index)).fillna(1)
    for (what, arms, n), part in own.groupby(["what", lined, "n"], sort=False):
        told = part.set_index("share")["alarms"]
        cells = " | ".join(f"{told[f]:.1%}" if f in told else "" for f in SWAPPED)
        lines.append(f"| {what}{', 2x2' if arms > 1 else ''} | {n} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    from tqdm import tqdm

    parser = argparse.ArgumentParser(description="False alarms and detection of levels that were swapped.")
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--only", nargs="+", default=["right", "swapped", "real"])
    parser.add_argument("--check", type=int, default=0, help="runs of each case to hold against ms.qc.stroma")
    parser.add_argument("--part", type=int, nargs=2, default=(0, 1), help="every so many-th, from this one")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    p = profiles(folder)
    parts = public(folder) if "real" in given.only else {}
    grid: list[Any] = [c for c in cases() if c.truth in given.only]
    grid += real_cases() if "real" in given.only else []
    first, step = given.part
    rows = []
    for case in tqdm(grid[first::step], desc="cases"):
        rng = np.random.default_rng([SEED, *repr(tuple(case)).encode()])
        if isinstance(case, Real):
            told = [one_real(parts, p, case, rng) for _ in range(given.runs)]
        else:
            told = [one(p, case, rng, whole=i < given.check) for i in range(given.runs)]
        differ = sum(a != b for a, b in told)
        alarms = float(np.mean([bool(a) for a, _ in told]))
        error = float(np.sqrt(alarms * (1 - alarms) / given.runs))
        rows.append(
            {**case._asdict(), "alarms": alarms, "error": error, "runs": given.runs, "differ": differ}
        )
        if given.out:
            pd.DataFrame(rows).to_csv(given.out, index=False)
    print(as_markdown(pd.DataFrame(rows)))
    if given.check:
        print(f"\nms.qc.stroma said otherwise in {sum(row['differ'] for row in rows)} runs")


if __name__ == "__main__":
    main()

"""Judge marrowsig's own signatures on real data: fill the tables of docs/derived.md and draw its figure.

    python scripts/judge_derived.py ../shared/datasets

Nothing here decides what is in a signature; scripts/make_derived.py does, and has not seen these data.
"""

from __future__ import annotations

import argparse
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from anndata import AnnData, read_h5ad
from disagreements import fill

import marrowsig as ms
from marrowsig.pl._colours import OKABE_ITO
from marrowsig.pl._style import SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "derived.md"
METHODS = ("singscore", "ssgsea", "ucell", "aucell", "mean", "wmean_z")  # those that score a row by itself
EMT = (
    "emt.hallmark", "emt.mak2016", "emt.tan2014_cellline", "emt.gotzmann2006", "emt.jechlinger2003",
    "emt.gavish2023_mp12", "emt.gavish2023_mp13", "emt.gavish2023_mp14", "emt.barkley2022_pemt", "emt.blast",
    "emt.blast_mature_free",
)  # fmt: skip
STAT = (
    "il6.hallmark", "stat3.dauer2005", "stat3.azare2007", "stat3.specific", "stat1.specific",
    "control.progeny_jak_stat", "control.hallmark_ifn_alpha",
)  # fmt: skip
SHARES = (0.005, 0.01, 0.02, 0.05)
MIN_CELLS = 100  # summed to one profile
IMMATURE, MATURE = ("HSC-like", "Prog-like", "GMP-like"), ("ProMono-like", "Mono-like", "cDC-like")


def read(folder: Path) -> AnnData:
    """Read a bulk set: current symbols, log expression in X, what it was made from in a layer."""
    (matrix,) = [f for f in folder.glob("*.tsv.gz") if not f.name.startswith("genes")]
    adata = ms.io.read(matrix, samples=folder / "samples.tsv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.GeneWarning)
        ms.pp.map_genes(adata)
    if adata.uns["marrowsig"]["input"]["kind"] != "log":
        ms.pp.lognorm(adata)
    return adata


def cells(folder: Path) -> AnnData:
    adata = read_h5ad(folder / "data.h5ad")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.GeneWarning)
        ms.pp.map_genes(adata)
    return adata


def score(adata: AnnData, signatures: Sequence[str], methods: Sequence[str] = METHODS) -> None:
    ms.tl.score(adata, ms.sig.load(*signatures), method=list(methods), min_coverage=0.1)


def effects(
    adata: AnnData, case: str, control: str, block: str, signatures: Sequence[str],
    methods: Sequence[str] = METHODS,
) -> pd.DataFrame:  # fmt: skip
    """Difference of two arms within blocks, per method and signature."""
    score(adata, signatures, methods)
    design = ms.Design(culture="condition", mono=control, co=case, batch=block)
    res = ms.tl.compare(adata, design, permutations=0)
    return res.set_index(["method", "signature"])[["estimate", "ci_low", "ci_high", "effect", "p"]]


# ---------------------------------------------------------------- stroma and maturation


@cache
def malignant(folder: Path) -> AnnData:
    adata = cells(folder / "vangalen_aml_sc_a")
    blasts = (adata.obs["malignant_prediction"] == "malignant") & (adata.obs["condition"] == "diagnosis")
    line = adata.obs["source"] == "cell_line"
    return adata[(blasts | line).to_numpy()].copy()


def blasts(folder: Path) -> pd.DataFrame:
    """Malignant cells of each patient at diagnosis, and OCI-AML3, per million counts."""
    return per_million(ms.pp.pseudobulk(malignant(folder), unit="donor", min_cells=MIN_CELLS).to_df())


def stroma(folder: Path) -> pd.Series:
    """Mean of the unprimed stromal cells, FPKM scaled to a million."""
    adata = read(folder / "ucmsc_primed_gse224190")
    linear = adata.to_df(layer="linear")[(adata.obs["condition"] == "control").to_numpy()]
    return per_million(linear).mean()


def per_million(x: pd.DataFrame) -> pd.DataFrame:
    return x.div(x.sum(axis=1), axis=0) * 1e6


def as_log(x: pd.DataFrame) -> AnnData:
    adata = AnnData(np.log2(x.to_numpy(dtype=float) + 1), obs=pd.DataFrame(index=list(map(str, x.index))))
    adata.var_names = list(x.columns)
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


def carried_over(
    folder: Path, signatures: Sequence[str] = EMT, methods: Sequence[str] = METHODS,
    shares: Sequence[float] = SHARES,
) -> pd.DataFrame:  # fmt: skip
    """Mean change of the score over the blast profiles, per method and signature, by share."""
    profiles, msc = blasts(folder), stroma(folder)
    genes = profiles.columns.intersection(msc.index)
    profiles, msc = per_million(profiles[genes]), per_million(msc[genes].to_frame().T).iloc[0]
    pure = as_log(profiles)
    score(pure, signatures, methods)
    columns = {}
    for share in shares:
        mixed = as_log((1 - share) * profiles + share * msc)
        score(mixed, signatures, methods)
        change = {m: (mixed.obsm[f"score_{m}"] - pure.obsm[f"score_{m}"]).mean() for m in methods}
        columns[share] = pd.concat(change, names=["method", "signature"])
    return pd.DataFrame(columns)


def tgfb(folder: Path, signatures: Sequence[str] = EMT, methods: Sequence[str] = METHODS) -> pd.DataFrame:
    return effects(read(folder / "tgfb_emt_foroutan20"), "TGFb", "Ctrl", "batch", signatures, methods)


def matured(folder: Path, signatures: Sequence[str] = EMT, methods: Sequence[str] = METHODS) -> pd.Series:
    """Mean change from immature to mature malignant cells of the same patient."""
    adata = malignant(folder).copy()
    kind = adata.obs["cell_type"].astype(str)
    adata.obs["stage"] = np.select([kind.isin(IMMATURE), kind.isin(MATURE)], ["immature", "mature"], "")
    adata = adata[(adata.obs["stage"] != "").to_numpy()].copy()
    bulk = ms.pp.pseudobulk(adata, unit="donor", by="stage", min_cells=30)
    pure = as_log(per_million(bulk.to_df()))
    pure.obs = bulk.obs
    score(pure, signatures, methods)
    change = {}
    for m in methods:
        by = [bulk.obs[column].astype(str) for column in ("donor", "stage")]
        stage = pure.obsm[f"score_{m}"].groupby(by).mean()
        change[m] = (stage.xs("mature", level="stage") - stage.xs("immature", level="stage")).mean()
    return pd.concat(change, names=["method", "signature"])


def stroma_table(folder: Path, **kind: Sequence[str]) -> pd.DataFrame:
    """Signal of TGF-beta, change at each share, and that at 1 % as a share of the signal."""
    signal, change = tgfb(folder, **kind), carried_over(folder, **kind)
    frame = pd.DataFrame({"signal": signal["estimate"], "g": signal["effect"]}).join(change)
    frame["ratio"] = (frame[0.01] / frame["signal"]).where(signal["ci_low"] > 0)
    frame["matured"] = matured(folder, **kind) / frame["signal"]
    return frame


# ---------------------------------------------------------------- STAT3 and STAT1


def stimuli(folder: Path, methods: Sequence[str] = METHODS, signatures: Sequence[str] = STAT) -> pd.DataFrame:
    """Effects of five stimuli on each signature, rows as in `effects` with the stimulus in front."""
    t84, pbmc = read(folder / "t84_il22_ifnl"), read(folder / "pbmc_il13_gse79027")
    t84.obs["time_h"] = t84.obs["time_h"].astype(str)
    found = {
        "IL-22": effects(t84, "IL22", "Mock", "time_h", signatures, methods),
        "IFN-lambda": effects(t84, "IFNL", "Mock", "time_h", signatures, methods),
        "both": effects(t84, "IL22_IFNL", "Mock", "time_h", signatures, methods),
        "IL-13": effects(pbmc, "IL13", "control", "batch", signatures, methods),
        "IFN-beta, cells": over_cells(folder / "kang_pbmc_ifnb_sc", signatures, methods),
    }
    return pd.concat(found, names=["stimulus"])


def over_cells(folder: Path, signatures: Sequence[str], methods: Sequence[str]) -> pd.DataFrame:
    """Difference over the SD of cells: cells are no replicates, so without a test."""
    adata = cells(folder)
    ms.pp.lognorm(adata)
    score(adata, signatures, methods)
    treated = (adata.obs["condition"] == "IFNb").to_numpy()
    rows = {}
    for m in methods:
        s = adata.obsm[f"score_{m}"]
        gap = s[treated].mean() - s[~treated].mean()
        sd = np.sqrt((s[treated].var() + s[~treated].var()) / 2)
        rows[m] = pd.DataFrame({"estimate": gap, "effect": gap / sd})
    return pd.concat(rows, names=["method", "signature"])


# ---------------------------------------------------------------- page and figure


def stroma_rows(frame: pd.DataFrame) -> str:
    """Ratio at 1 % per signature and method; the lower, the less stroma per unit of EMT."""
    ratio = frame["ratio"]
    lines = [f"| signature | {' | '.join(METHODS)} |", "|---" * (len(METHODS) + 1) + "|"]
    lines += [f"| {id} | {' | '.join(cell(ratio[m, id]) for m in METHODS)} |" for id in EMT]
    return "\n".join(lines)


def share_rows(frame: pd.DataFrame, method: str = "mean") -> str:
    columns = ["signal", "g", *SHARES, "matured"]
    head = [
        "signature",
        "TGF-beta",
        "g",
        *(f"{s:.1%} stroma" for s in SHARES),
        "matured, in units of TGF-beta",
    ]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [f"| {id} | {' | '.join(map(cell, frame.loc[(method, id), columns]))} |" for id in EMT]
    return "\n".join(lines)


def stimulus_rows(frame: pd.DataFrame, value: str, methods: Sequence[str]) -> str:
    names = list(dict.fromkeys(frame.index.get_level_values("stimulus")))
    lines = [f"| method | signature | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    lines += [
        f"| {m} | {id} | {' | '.join(cell(frame.loc[(n, m, id), value]) for n in names)} |"
        for m in methods
        for id in STAT
    ]
    return "\n".join(lines)


def interval_rows(frame: pd.DataFrame, method: str = "mean") -> str:
    lines = ["| signature | IL-22 | IFN-lambda | IL-13 |", "|---|---|---|---|"]
    for id in STAT:
        found = [frame.loc[(n, method, id)] for n in ("IL-22", "IFN-lambda", "IL-13")]
        texts = [f"{r['estimate']:+.2f} [{r['ci_low']:+.2f}, {r['ci_high']:+.2f}]" for r in found]
        lines.append(f"| {id} | {' | '.join(texts)} |")
    return "\n".join(lines)


def funnels() -> str:
    blocks = []
    for id in (
        "emt.blast",
        "emt.blast_mature_free",
        "stat3.specific",
        "stat1.specific",
        "control.stroma_blood_absent",
    ):
        steps = ms.sig.load(id)[id].source["steps"]
        rows = "\n".join(f"| {step.partition(': ')[0]} | {step.partition(': ')[2]} |" for step in steps)
        blocks.append(f"**{id}**\n\n| genes left | step |\n|---|---|\n{rows}")
    return "\n\n".join(blocks)


def cell(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.2g}" if abs(value) < 0.1 else f"{value:.2f}"


def draw(frame: pd.DataFrame, stat: pd.DataFrame, path: Path) -> None:
    import matplotlib.pyplot as plt

    from marrowsig.pl._style import MM, WIDE, bare, dress
    from marrowsig.pl._words import title

    mpl.use("Agg")
    fig, axes = plt.subplot_mosaic(
        [["steps", "steps"], ["stroma", "stimuli"]], figsize=(WIDE * MM, 115 * MM), layout="constrained",
        width_ratios=[1.0, 1.0], height_ratios=[1.0, 1.25],
    )  # fmt: skip
    for ax in axes.values():
        dress(ax)
    _draw_steps(axes["steps"])
    _draw_stroma(axes["stroma"], frame)
    _draw_stimuli(axes["stimuli"], stat)
    for ax, letter in zip(axes.values(), "ABC", strict=True):
        told = f"{letter}  {ax.get_title(loc='right')}"
        ax.set_title("", loc="right")
        title(ax, told, pad=14.0 if ax.get_legend() else 4.0)  # last: all titles share one pad
        ax.invert_yaxis()
        bare(ax)
    ms.pl.save(fig, path, dpi=200)


def _draw_steps(ax: Axes) -> None:
    steps = ms.sig.load("emt.blast_mature_free")["emt.blast_mature_free"].source["steps"]
    parts = [step.partition(": ") for step in steps]
    counts = [int(n) for n, _, _ in parts]
    ax.barh(range(len(counts)), counts, color=OKABE_ITO[0])
    for y, n in enumerate(counts):
        ax.text(n, y, f" {n}", va="center", fontsize=SMALL)
    words = (what.replace(" (Hay 2018), not ESTIMATE stromal", "") for _, _, what in parts)
    ax.set_yticks(
        range(len(counts)), [what.replace(", by measurement", "") for what in words], fontsize=SMALL
    )
    ax.set_xlabel("genes left after each rule")
    ax.set_title("emt.blast (last but one) and emt.blast_mature_free", loc="right")


def _draw_stroma(ax: Axes, frame: pd.DataFrame) -> None:
    for m, marker, colour in (("mean", "o", 0), ("singscore", "s", 1), ("ucell", "^", 2)):
        ratio = frame["ratio"].xs(m).reindex(list(EMT))
        ax.plot(ratio, range(len(EMT)), marker, color=OKABE_ITO[colour], label=m, ms=4, alpha=0.85)
    ax.axvline(1, color="black", lw=0.6, ls="--", zorder=0)
    ax.set_yticks(range(len(EMT)), EMT, fontsize=SMALL)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("change by 1 % stroma / change by TGF-beta")
    ax.set_title("stroma per unit of EMT", loc="right")
    _legend(ax)


def _draw_stimuli(ax: Axes, stat: pd.DataFrame) -> None:
    own = stat["estimate"].xs("mean", level="method")
    for i, (name, colour) in enumerate((("IL-22", 0), ("IFN-lambda", 1), ("IL-13", 7))):
        y = np.arange(len(STAT)) + (i - 1) * 0.27
        ax.barh(y, own[name].loc[list(STAT)], 0.25, color=OKABE_ITO[colour], label=name)
    ax.axvline(0, color="black", lw=0.6)
    ax.set_yticks(range(len(STAT)), STAT, fontsize=SMALL)
    ax.set_xlabel("change of the mean score, log2 units")
    ax.set_title("STAT3 and interferon", loc="right")
    _legend(ax)


def _legend(ax: Axes) -> None:
    ax.legend(
        frameon=False, fontsize=SMALL, ncols=3, loc="lower left", bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.1, columnspacing=1.0, handletextpad=0.4,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("datasets", type=Path, help="folder with one folder per data set")
    folder = parser.parse_args().datasets
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ms.InputWarning)
        frame, stat = stroma_table(folder), stimuli(folder)
    page = PAGE.read_text(encoding="utf-8")
    for name, text in {
        "funnels": funnels(),
        "ratios": stroma_rows(frame),
        "shares": share_rows(frame),
        "intervals": interval_rows(stat),
        "stimuli": stimulus_rows(stat, "effect", ("singscore", "ucell", "mean")),
    }.items():
        page = fill(page, name, text)
    PAGE.write_text(page, encoding="utf-8")
    draw(frame, stat, PAGE.with_suffix(".png"))


if __name__ == "__main__":
    main()

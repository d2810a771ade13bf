"""What leaving out genes that a study does not express does to scores of bulk samples.

    python tests/bench/silent_genes.py

T84 cells under IL-22 and interferon lambda at four times, three cultures an arm (`t84_il22_ifnl` of the
folder that MARROWSIG_SHARED names), scored on all genes and on those that `ms.pp.expressed` keeps. Prints the
table of docs/methods/singscore.md, the numbers of the text below it, and those of emt.hallmark in
docs/statistics/index.md.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import marrowsig as ms

SIGNATURES = ["il6.hallmark", "emt.hallmark"]
METHODS = ["singscore", "mean", "ulm", "gsva", "ucell", "ssgsea", "zscore"]
TIMES = ["3", "6", "12", "24"]
DESIGN = ms.Design(
    culture="il22", mono="no", co="yes", line="ifnl", parental="no", resistant="yes", time="time_h"
)
FORMULA = ms.Design.from_formula(
    "~ condition * time_h",
    levels={"condition": ["Mock", "IL22", "IFNL", "IL22_IFNL"], "time_h": TIMES},
    contrasts={
        "IL-22, 6 h": "IL22:6 - Mock:6",
        "interaction, 24 h": "IL22_IFNL:24 - IFNL:24 - IL22:24 + Mock:24",
    },
)
ASKED = {
    ("il6.hallmark", "interaction"): "`il6.hallmark`, IL-22 x IFN-lambda: p",
    ("emt.hallmark", "co_in_parental"): "`emt.hallmark`, IL-22: p",
}


def study(folder: Path):
    """Counts with both cytokines as columns of yes and no."""
    adata = ms.io.read(folder / "counts.tsv.gz", samples=folder / "samples.tsv")
    ms.pp.map_genes(adata)
    adata.obs["il22"] = np.where(adata.obs["condition"].isin(["IL22", "IL22_IFNL"]), "yes", "no")
    adata.obs["ifnl"] = np.where(adata.obs["condition"].isin(["IFNL", "IL22_IFNL"]), "yes", "no")
    adata.obs["time_h"] = adata.obs["time_h"].astype(str)
    return adata


def compared(adata) -> pd.DataFrame:
    """Contrasts of both signatures by all methods, on the genes of `adata`."""
    ms.pp.lognorm(adata)
    ms.tl.score(adata, SIGNATURES, method=METHODS)
    res = ms.tl.compare(adata, DESIGN, permutations=0)
    res["hours"] = res["stratum"].str.extract(r"(\d+)$", expand=False)
    return res.set_index(["method", "signature", "contrast", "hours"]).sort_index()


def table(found: dict[str, pd.DataFrame]) -> str:
    """The table of the page, of singscore."""
    lines = ["| contrast, singscore | genes | 3 h | 6 h | 12 h | 24 h |", "|---|---|---|---|---|---|"]
    for (signature, contrast), head in ASKED.items():
        own = {k: res.loc["singscore", signature, contrast] for k, res in found.items()}
        for title, cell in ((head, _p), ("its estimate (standard error)", _estimate)):
            for name, (genes, rows) in zip((title, ""), own.items(), strict=True):
                cells = " | ".join(cell(rows.loc[hours]) for hours in TIMES)
                lines.append(f"| {name} | {genes} | {cells} |" if name else f"| | {genes} | {cells} |")
    return "\n".join(lines)


def _p(row: pd.Series) -> str:
    return f"{row['p']:#.2g}"


def _estimate(row: pd.Series) -> str:
    return f"{row['estimate']:.4f} ({row['se']:.4f})"


def main() -> None:
    """Print the table, p by every method at 3 h, the ratio of standard errors, and the SD of a pilot."""
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (ms.GeneWarning, ms.CoverageWarning, ms.InputWarning))
        every = study(folder / "datasets" / "t84_il22_ifnl")
        some = every.copy()
        ms.pp.expressed(some, DESIGN)
        found = {"all": compared(every), "expressed": compared(some)}
        print(table(found))
        print(f"\ngenes: {every.n_vars:,} and {some.n_vars:,}")
        for name in SIGNATURES:
            lists = [len(set(ms.sig.load(name).genes) & set(x.var_names)) for x in (every, some)]
            print(f"{name}: {lists[0]} members, {lists[0] - lists[1]} of them go")
        for signature, contrast in ASKED:
            print(f"\n{signature}, {contrast}, 3 h: p by method")
            at = pd.DataFrame(
                {k: res.xs((signature, contrast, "3"), level=(1, 2, 3))["p"] for k, res in found.items()}
            )
            print(at.loc[METHODS].map("{:.2g}".format).to_string())
        se = {k: res.loc["singscore"]["se"] for k, res in found.items()}
        keys = [(s, c, t) for s, c in ASKED for t in TIMES]
        ratio = (se["expressed"] / se["all"]).loc[keys]
        print("\nstandard error, expressed over all:", ratio.round(2).to_dict())
        print("\nall 16 arms in one model, emt.hallmark (docs/statistics/index.md)")
        sets = ms.tl.gene_sets(every, FORMULA, signatures="emt.hallmark", test="trend")
        print(sets[["contrast", "direction", "p", "roast_p", "camera_p"]].to_string())
        for k, x in (("all", every), ("expressed", some)):
            res = ms.tl.compare(x, FORMULA, signatures="emt.hallmark", method="singscore")
            print(k, res[["contrast", "stat", "p"]].to_string())
        for k, x in (("all", every), ("expressed", some)):
            arms = x.obs[["il22", "ifnl", "time_h"]].agg("|".join, axis=1).to_numpy()
            scores = x.obsm["score_singscore"]["il6.hallmark"]
            print(f"SD within arms of il6.hallmark, {k}: {np.sqrt(scores.groupby(arms).var().mean()):.4f}")


if __name__ == "__main__":
    main()

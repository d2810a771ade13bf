"""How often any genes at all are called, by tests of a change and by tests of more change than elsewhere.

python tests/bench/self_contained.py [--sets 100] [--size 40] [--out table.md]

Random sets of expressed genes stand for signatures, in T84 cells under IL-22 and interferon-lambda at four
times, three cultures an arm (`t84_il22_ifnl` of the folder that MARROWSIG_SHARED names). Where much of the
transcriptome changes, a random set changes with it.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import marrowsig as ms

CONTRASTS = {
    "IL-22 less mock, 3 h": "IL22:3 - Mock:3",
    "IL-22 less mock, 24 h": "IL22:24 - Mock:24",
    "mock, 24 h less 3 h": "Mock:24 - Mock:3",
}
DESIGN = ms.Design.from_formula(
    "~ condition * time_h",
    levels={"condition": ["Mock", "IL22", "IFNL", "IL22_IFNL"], "time_h": ["3", "6", "12", "24"]},
    contrasts=CONTRASTS,
)
SEED = 20_26


def study(folder: Path):
    adata = ms.io.read(folder / "counts.tsv.gz", samples=folder / "samples.tsv")
    ms.pp.map_genes(adata)
    ms.pp.lognorm(adata)
    return adata


def random_sets(adata, n: int, size: int) -> ms.sig.SignatureSet:
    """Sets of genes with 10 counts or more in the median sample; no expression bins, no programme."""
    counts = adata.layers["counts"]
    counts = counts.toarray() if hasattr(counts, "toarray") else np.asarray(counts)
    names = adata.var_names[np.median(counts, axis=0) >= 10]
    rng = np.random.default_rng(SEED)
    drawn = [sorted(rng.choice(names, size, replace=False)) for _ in range(n)]
    return ms.sig.SignatureSet(
        [ms.sig.Signature(f"emt.random{i}", axis="emt", genes=genes) for i, genes in enumerate(drawn)]
    )


def shares(adata, sets: ms.sig.SignatureSet) -> pd.DataFrame:
    """Share of the sets with p < 0.05, per contrast and test; and of the t, with p_adj < 0.05."""
    ms.tl.score(adata, sets, method=["singscore", "mean"])
    scores = ms.tl.compare(adata, DESIGN, signatures=sets)
    genes = ms.tl.gene_sets(adata, DESIGN, signatures=sets, test="trend")
    null = ms.qc.null(adata, sets, design=DESIGN)
    key = ["contrast", "signature"]
    own = {f"t of {name}": part.set_index(key)["p"] for name, part in scores.groupby("method")}
    own |= {
        name: genes.set_index(key)[column]
        for name, column in (("signature test", "p"), ("roast", "roast_p"), ("camera", "camera_p"))
    }
    own["`ms.qc.null`, singscore"] = null.set_index(key)["p_null"]
    table = pd.DataFrame({name: (p < 0.05).groupby("contrast").mean() for name, p in own.items()})
    return table.loc[list(CONTRASTS)]


def hallmarks(adata) -> pd.DataFrame:
    """What the signatures of the study itself look like beside random sets."""
    ids = ["emt.hallmark", "il6.hallmark"]
    every = ms.sig.load()
    ms.tl.score(adata, every, method="singscore")
    scores = ms.tl.compare(adata, DESIGN, method="singscore", signatures=every)  # no random sets
    null = ms.qc.null(adata, ids, design=DESIGN)
    genes = ms.tl.gene_sets(adata, DESIGN, signatures=ids, test="trend")
    keys = ["signature", "contrast"]
    found = scores.merge(null[[*keys, "p_null"]], on=keys)
    return found.merge(genes[[*keys, "p", "camera_p"]], on=keys, suffixes=("", "_genes"))[
        [*keys, "estimate", "p", "p_adj", "verdict", "p_null", "p_genes", "camera_p"]
    ]


def as_markdown(table: pd.DataFrame) -> str:
    lines = [
        "| contrast | " + " | ".join(table.columns) + " |",
        "| --- |" + " ---: |" * len(table.columns),
    ]
    rows = [(name, " | ".join(f"{v:.0%}" for v in row)) for name, *row in table.itertuples()]
    lines += [f"| {name} | {row} |" for name, row in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="How often random sets of genes are called.")
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = Path(os.environ.get("MARROWSIG_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (ms.GeneWarning))
        adata = study(folder / "datasets" / "t84_il22_ifnl")
        text = as_markdown(shares(adata, random_sets(adata, given.sets, given.size)))
        rest = hallmarks(adata)
    print(text)
    print(rest.to_string())
    if given.out:
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()

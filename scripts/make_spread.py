"""Measure how much scores vary in real data: write data/spread/spread.tsv.

    python scripts/make_spread.py ../shared/datasets

Only standard deviations, means and one contrast of scores leave this script, no expression.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from judge_derived import cells, read
from scipy import stats

import marrowsig as ms
from marrowsig._stats.components import components

OUT = Path(__file__).resolve().parents[1] / "data" / "spread" / "spread.tsv"
SIGNATURES = (
    "emt.hallmark", "emt.blast", "emt.mak2016", "emt.tan2014_cellline",
    "il6.hallmark", "il6.brocke2004", "il6.reactome",
    "stat3.dauer2005", "stat3.azare2007", "stat3.specific", "stat3.go_jak_stat",
)  # fmt: skip
METHODS = ("singscore", "ucell", "mean", "ssgsea")
MIN_COVERAGE = 0.3
MIN_CELLS = 50


@dataclass(frozen=True)
class Source:
    """Columns that make an arm, the donor where donors recur, and the contrast (test, base) to show."""

    name: str
    accession: str
    replicates: str
    assay: str
    arms: tuple[str, ...]
    contrast: tuple[str, str]
    donor: str | None = None


SOURCES = (
    Source(
        "t84_il22_ifnl", "", "cultures of one cell line", "bulk RNA-seq", ("condition", "time_h"),
        ("IL22", "Mock"),
    ),
    Source(
        "ucmsc_primed_gse224190", "GSE224190", "cultures of umbilical-cord MSC", "bulk RNA-seq",
        ("condition",), ("IFNg_TNFa_IL1b", "control"),
    ),
    Source(
        "pbmc_il13_gse79027", "GSE79027", "samples of human blood cells", "bulk RNA-seq",
        ("condition",), ("IL13", "control"),
    ),
    Source(
        "tgfb_emt_foroutan20", "", "cultures of epithelial lines, four studies", "microarray",
        ("condition", "batch"), ("TGFb", "Ctrl"),
    ),
    Source(
        "leukemia_all_aml_broad48", "", "patients", "microarray", ("condition",), ("AML", "ALL"),
    ),
    Source(
        "vangalen_aml_sc_a", "GSE116256", "patients, sums of cells, before and after chemotherapy",
        "single cells", ("condition",), ("on_or_after_chemotherapy", "diagnosis"), "donor",
    ),
)  # fmt: skip


def load(folder: Path, source: Source):
    if source.donor is None:
        return read(folder / source.name)
    adata = cells(folder / source.name)
    adata = adata[adata.obs["condition"].isin(source.contrast).to_numpy()].copy()
    summed = ms.pp.pseudobulk(adata, unit="donor", by=["condition"], min_cells=MIN_CELLS)
    ms.pp.lognorm(summed)
    return summed


def rows(adata, source: Source):
    """Yield the SDs of every method and signature."""
    arm = adata.obs[list(source.arms)].astype(str).agg(" ".join, axis=1)
    X = pd.get_dummies(arm).to_numpy(dtype=float)
    block = None if source.donor is None else pd.factorize(adata.obs[source.donor])[0]
    first = adata.obs["condition"].astype(str)
    rest = [column for column in source.arms if column != "condition"]
    stratum = pd.Series("", index=adata.obs_names)
    for column in rest:
        stratum = stratum + " " + adata.obs[column].astype(str)
    for method in METHODS:
        table = adata.obsm[f"score_{method}"]
        for name in table:
            y = table[name].to_numpy(dtype=float)
            if not np.isfinite(y).all() or np.ptp(y) == 0:
                continue
            found = components(y[:, None], X, block)
            within, df = float(np.sqrt(found.within[0])), found.df
            low, high = np.sqrt(df / stats.chi2.ppf([0.975, 0.025], df)) * within
            test, base = (pd.Series(y, stratum)[(first == c).to_numpy()] for c in source.contrast)
            gap = (test.groupby(level=0).mean() - base.groupby(level=0).mean()).dropna()
            yield {
                "name": source.name, "accession": source.accession, "replicates": source.replicates,
                "assay": source.assay, "signature": name, "method": method, "n_samples": len(y),
                "n_arms": X.shape[1], "df": df, "within": within, "within_low": low, "within_high": high,
                "between": float(np.sqrt(found.between[0])), "level": y.mean(),
                "contrast": f"{source.contrast[0]} - {source.contrast[1]}", "effect": gap.mean(),
            }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    found = []
    for source in SOURCES:
        adata = load(folder, source)
        ms.tl.score(adata, ms.sig.load(*SIGNATURES), method=list(METHODS), min_coverage=MIN_COVERAGE)
        found += rows(adata, source)
    OUT.parent.mkdir(exist_ok=True)
    pd.DataFrame(found).to_csv(OUT, sep="\t", index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

"""Simulate the study in `data/demo`: two lines, alone, in co-culture, and with two made-up JAK inhibitors.

Usage: python scripts/simulate_demo.py --seed 20261123 [--out data/demo] [--pick-genes]

The study depends on the seed and on genes.csv only. `--pick-genes` writes a new genes.csv from the shipped
signatures first. Everything that is put in is written to truth.csv, to hold an analysis against it.
"""

from __future__ import annotations

import argparse
import gzip
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20261123
FOLDER = Path(__file__).resolve().parents[1] / "data" / "demo"
N_GENES = 8000
DEPTH = 15e6  # median reads per library, before thinning
DEPTH_LOG_SD = 0.28
KEPT = 0.2  # every library is thinned to a fifth of its reads, to keep the file small
PAIR_SD = 0.2  # log2, per gene and pair
INHIBITED = {"none": 0.0, "JAKi_A": 0.8, "JAKi_B": 0.5}  # share of the co-culture effect taken away
EFFECTS: dict[str, dict[str, float]] = {  # log2 effect of co-culture; `reversed` 1 if inhibitors take it away
    "emt": {"parental": 0.3, "resistant": 1.2, "reversed": 1},
    "il6_stat3": {"parental": 0.8, "resistant": 1.3, "reversed": 1},
    "cell_cycle": {"parental": -0.3, "resistant": -0.3, "reversed": 0},
    "control": {"parental": 0.0, "resistant": 0.0, "reversed": 0},
}
AXES = ("emt", "il6", "stat3", "control")
ECM = ("control.mcpcounter_fibroblasts", "control.naba2012_core_matrisome")
MARROW = ("control.hay2018_stroma",)
MONOCYTIC = ("control.hay2018_monocyte", "control.maester2022_mono", "control.maester2022_promono")
CYCLE = ("control.tirosh2016_s", "control.tirosh2016_g2m")
# With the four axes: what the catalogue held when the study was drawn, so that it can be drawn again.
FURTHER = (
    "emt.alonso2007", "il6.brocke2004", "il6.dasu2004", "il6.dasu2004_scar", "il6.pid_il6_7", "il6.reactome",
    "il6.reactome_family", "il6.wikipathways", "stat3.numata2005",
)  # fmt: skip
MARKERS = frozenset({"PTPRC", "CD34", "CD33"})
RESPONSE = frozenset({"SOCS3", "PIM1", "BCL3", "STAT3", "CEBPD", "JUNB", "SOCS1", "IRF1"})


def arms() -> pd.DataFrame:
    """One row per sample; a pair is one independent culture series of one line."""
    rows = []
    for line, letter in (("parental", "P"), ("resistant", "R")):
        for culture, inhibitor in (("mono", "none"), ("co", "none"), ("co", "JAKi_A"), ("co", "JAKi_B")):
            for k in range(1, 5):
                sample = f"{letter}{k}_{culture}" + ("" if inhibitor == "none" else f"_{inhibitor}")
                rows.append((sample, culture, line, inhibitor, f"{letter}{k}"))
    return pd.DataFrame(rows, columns=["sample", "culture", "line", "inhibitor", "pair"]).set_index("sample")


def pick_genes(seed: int) -> pd.DataFrame:
    """Take all current symbols of the signatures, fill up from the gene table, and give them their parts."""
    import marrowsig as ms
    from marrowsig._genes import table

    def members(*ids: str) -> set[str]:
        return {gene for signature in ms.sig.load(*ids) for gene in signature.up}

    listed = {
        gene for signature in ms.sig.load(*AXES, *FURTHER) for gene in signature.genes
    } & table().approved
    # Short names without a pseudogene's P or a non-coding gene's prefix are, nearly all, protein-coding.
    coding = re.compile(
        r"(?!LINC|MIR|RN[AU7]|SNOR|OR\d|TR[ABGD]|IG[HKL]|H[1-4]|KRT|LOC)[A-Z]{2,5}\d{0,3}[A-OQ-Z]?"
    )
    others = sorted(gene for gene in set(table().ensembl_of) - listed if coding.fullmatch(gene))
    rng = np.random.default_rng(seed)
    genes = sorted(listed | set(rng.choice(others, N_GENES - len(listed), replace=False)))
    off = members(*ECM) | members(*MARROW)
    parts = {
        "cell_cycle": members(*CYCLE) - off,
        "il6_stat3": (members("il6.hallmark") | RESPONSE) - off,
        "emt": members("emt.hallmark", "emt.gavish2023_mp14") - off,
        "control": members("control.ng2016_lsc17", "control.hallmark_ifn_alpha") - off,
    }
    levels = {
        "ecm": members(*ECM),
        "stroma": members(*MARROW),
        "marker": MARKERS,
        "monocytic": members(*MONOCYTIC),
    }
    rows = [(gene, first_of(parts, gene), first_of(levels, gene)) for gene in genes]
    return pd.DataFrame(rows, columns=["gene", "programme", "level"]).set_index("gene")


def first_of(groups: dict[str, set[str]], gene: str) -> str:
    return next((name for name, genes in groups.items() if gene in genes), "")


def baselines(genes: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw shares of RNA in blasts and in stroma; genes of stroma are as good as off in blasts."""
    blast = rng.normal(3.5, 2.6, len(genes))
    stroma = blast + rng.normal(0.0, 1.0, len(genes))
    answers = (genes["programme"] != "").to_numpy()
    blast[answers] = np.maximum(rng.normal(5.5, 1.4, answers.sum()), 2.5)
    for level, in_blast, in_stroma in (
        ("ecm", (-5.0, 1.5), (8.0, 2.0)),
        ("stroma", (-2.0, 2.0), (6.5, 1.5)),
        ("marker", (8.0, 0.5), (-6.0, 0.5)),
        ("monocytic", (6.5, 1.5), (0.0, 1.5)),
    ):
        mask = (genes["level"] == level).to_numpy()
        blast[mask] = rng.normal(*in_blast, mask.sum())
        stroma[mask] = rng.normal(*in_stroma, mask.sum())
    return 2.0**blast / (2.0**blast).sum(), 2.0**stroma / (2.0**stroma).sum()


def effect(programme: str, arm: dict[str, str]) -> float:
    """Log2 change against mono-culture that a programme was given in an arm."""
    if arm["culture"] == "mono":
        return 0.0
    given = EFFECTS[programme]
    return round(given[arm["line"]] * (1.0 - given["reversed"] * INHIBITED[arm["inhibitor"]]), 6)


def draw(seed: int, genes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Draw counts (genes x samples); with samples and truth."""
    rng = np.random.default_rng(seed)
    samples = arms()
    blast, stroma = baselines(genes, rng)
    pairs, of_pair = np.unique(samples["pair"], return_inverse=True)
    pair_effect = rng.normal(0.0, PAIR_SD, (len(pairs), len(genes)))
    # A resistant line differs from its parent in many genes that no signature asks for.
    line_effect = rng.normal(0.0, 0.35, len(genes)) * (rng.random(len(genes)) < 0.3)
    # Genes of one programme do not answer alike: their effects scatter around the programme's.
    answer = np.maximum(rng.normal(1.0, 0.3, len(genes)), 0.0)
    in_co = (samples["culture"] == "co").to_numpy()
    carried = in_co * np.clip(np.exp(rng.normal(np.log(0.0025), 0.4, len(samples))), 0.001, 0.005)
    depth = KEPT * DEPTH * np.exp(np.clip(rng.normal(0.0, DEPTH_LOG_SD, len(samples)), -0.62, 0.51))
    counts = np.empty((len(genes), len(samples)), dtype=np.int64)
    for j, arm in enumerate(samples.to_dict("records")):
        given = genes["programme"].map({name: effect(name, arm) for name in EFFECTS}).fillna(0.0).to_numpy()
        own = blast * 2.0 ** (
            pair_effect[of_pair[j]] + line_effect * (arm["line"] == "resistant") + answer * given
        )
        mean = depth[j] * ((1.0 - carried[j]) * own / own.sum() + carried[j] * stroma)
        counts[:, j] = negative_binomial(mean, rng)
    return (
        pd.DataFrame(counts, index=genes.index, columns=samples.index),
        samples,
        truth(samples, genes, carried),
    )


def draw_stroma(seed: int, genes: pd.DataFrame) -> pd.DataFrame:
    """Draw counts (genes x samples) of four cultures of the stroma that is carried over, grown alone."""
    _, stroma = baselines(genes, np.random.default_rng(seed))
    rng = np.random.default_rng([seed, 1])
    counts = {}
    for k in range(1, 5):
        own = stroma * 2.0 ** rng.normal(0.0, PAIR_SD, len(genes))
        depth = KEPT * DEPTH * np.exp(np.clip(rng.normal(0.0, DEPTH_LOG_SD), -0.62, 0.51))
        counts[f"MSC{k}"] = negative_binomial(depth * own / own.sum(), rng)
    return pd.DataFrame(counts, index=genes.index)


def negative_binomial(mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gamma-Poisson counts, dispersion 0.03 + 2 / mean and at most 1: replicate cultures of one line."""
    dispersion = np.minimum(0.03 + 2.0 / np.maximum(mean, 1e-9), 1.0)
    return rng.poisson(mean * rng.gamma(1.0 / dispersion, dispersion))


def truth(samples: pd.DataFrame, genes: pd.DataFrame, carried: np.ndarray) -> pd.DataFrame:
    """Per programme and arm the mean log2 effect, then per sample the share of its RNA that is stroma's."""
    arm_columns = ["culture", "line", "inhibitor"]
    size = genes["programme"].value_counts()
    rows: list[dict[str, object]] = [
        {
            "what": "log2_effect",
            "programme": name,
            "n_genes": str(size[name]),
            **arm,
            "value": effect(name, arm),
        }
        for arm in samples[arm_columns].drop_duplicates().to_dict("records")
        for name in EFFECTS
    ]
    for name, arm, part in zip(samples.index, samples[arm_columns].to_dict("records"), carried, strict=True):
        rows.append({"what": "stroma_fraction", "sample": name, **arm, "value": round(float(part), 6)})
    return pd.DataFrame(rows, columns=["what", "programme", "n_genes", "sample", *arm_columns, "value"])


def write_gz(counts: pd.DataFrame, path: Path) -> None:
    """Write a table; without a time in its header, a gzip file of the same content is the same file."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as handle:
        handle.write(counts.to_csv(lineterminator="\n").encode())
    path.write_bytes(buffer.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the simulated study of data/demo.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--pick-genes", action="store_true", help="write genes.csv anew from the signatures")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.pick_genes:
        pick_genes(given.seed).to_csv(given.out / "genes.csv", lineterminator="\n")
    source = given.out / "genes.csv" if given.pick_genes else FOLDER / "genes.csv"
    genes = pd.read_csv(source, index_col=0, keep_default_na=False)
    counts, samples, known = draw(given.seed, genes)
    write_gz(counts, given.out / "counts.csv.gz")
    write_gz(draw_stroma(given.seed, genes), given.out / "stroma.csv.gz")
    samples.to_csv(given.out / "samples.csv", lineterminator="\n")
    known.to_csv(given.out / "truth.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

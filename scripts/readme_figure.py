"""Draw the README's figure from the simulated demonstration study: python scripts/readme_figure.py."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

import marrowsig as ms

OUT = Path(__file__).resolve().parents[1] / "docs" / "interaction.png"


def main() -> None:
    mpl.use("Agg")
    adata = ms.ds.demo()
    ms.pp.map_genes(adata)
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt", "il6", "stat3"])
    design = ms.Design(culture="culture", line="line", pair="pair", inhibitor="inhibitor")
    fig, axes = plt.subplots(1, 2, figsize=(180 / 25.4, 66 / 25.4), layout="constrained")
    for ax, signature in zip(axes, ("emt.hallmark", "il6.hallmark"), strict=True):
        ms.pl.interaction(adata, signature, design=design, ax=ax)
    OUT.parent.mkdir(exist_ok=True)
    ms.pl.save(fig, OUT, dpi=200)


if __name__ == "__main__":
    main()

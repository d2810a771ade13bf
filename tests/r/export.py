"""Write what `check.R` reads: the untreated samples of the demo study, with scores and signatures.

python tests/r/export.py FOLDER; Rscript tests/r/check.R FOLDER tests/r/check.csv
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import marrowsig as ms

if TYPE_CHECKING:
    import anndata as ad

SIGNATURES = ("emt", "il6", "stat3", "stat1", "control")
DESIGN = ms.Design(culture="culture", line="line", pair="pair")
SHOWN = ["emt.hallmark", "il6.hallmark", "stat3.specific"]
COHORT = {"gsva": {"parity": True}, "ssgsea": {"ties": "first", "normalize": "none"}}


def study() -> ad.AnnData:
    """Sixteen samples: both cultures of four pairs of each line."""
    adata = ms.ds.demo()
    adata = adata[(adata.obs["inhibitor"] == "none").to_numpy()].copy()
    ms.pp.lognorm(adata)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # signatures that were not measured
        ms.tl.score(adata, SIGNATURES)
    ms.tl.score(adata, SHOWN, method=["gsva", "ssgsea", "zscore"], params=COHORT)
    return adata


def main(folder: Path) -> None:
    """Write tables as docs/howto/r.md does, and the signatures as one table and as GMT."""
    adata = study()
    folder.mkdir(parents=True, exist_ok=True)
    adata.to_df("counts").T.to_csv(folder / "counts.csv")
    adata.to_df().T.to_csv(folder / "log.csv")
    adata.obs.to_csv(folder / "samples.csv", index_label="sample")
    adata.obsm["score_singscore"].T.to_csv(folder / "scores.csv")
    ms.sig.to_net(SIGNATURES).to_csv(folder / "net.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What can be said of stroma without its profile: whether genes that blood lacks rise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig.qc._stroma_shares import COLUMNS, claimed
from marrowsig.sig import evidence

if TYPE_CHECKING:
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import SignatureSet


def unknown(study: Study, sigs: SignatureSet) -> tuple[pd.DataFrame, list[str]]:
    """Table of shares without shares: `reading` says how marrow-stroma genes that blood lacks compare.

    How much RNA of stroma that takes depends on how high stroma expresses them, which is not known here.
    """
    out = claimed() | {gene for sig in sigs if sig.axis != "control" for gene in sig.genes}
    known = evidence(study.linear.names)
    absent = (known["blood_absent_stroma"] & known["k562"].isna()).to_numpy()
    keep = absent & ~np.array([gene in out for gene in study.linear.names])
    frame = study.frame
    level = study.expression[:, keep].sum(axis=1)
    base = study.bases[:, keep].sum(axis=1)[frame["base"].to_numpy()]
    table = pd.DataFrame(
        {
            "sample": frame["name"].to_numpy(), "arm": frame["arm"].to_numpy(),
            "stratum": frame["stratum"].to_numpy(), "share": np.nan, "share_low": np.nan,
            "share_high": np.nan, "n_markers": int(keep.sum()), "positive": np.nan, "spread": np.nan,
        }
    )  # fmt: skip
    table["reading"] = [
        f"stroma genes {a:.3g} per million, {b:.3g} in cells alone" for a, b in zip(level, base, strict=True)
    ]
    names = [gene for gene, k in zip(study.linear.names, keep, strict=True) if k]
    return table[list(COLUMNS)], names

"""One row of a meta-analysis: what may be pooled, the numbers, and what to know before reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import first
from marrowsig.tl._pooled import pooled

if TYPE_CHECKING:
    from marrowsig.tl._pooled import Pooled

FAR = 0.2  # difference in the share of genes measured that is worth a word
ARMS = "arms are not the same: "
DIFFERS = 0.1  # p of Cochran's test below which studies are said to differ; its power is low
SHOWN = (
    "study", "signature", "method", "contrast", "stratum", "unit", "test_arm", "base_arm", "n_samples",
    "n_pairs", "test",
)  # fmt: skip


def pooled_row(
    group: pd.DataFrame, *, tau2: str, scale: str, min_studies: int, alpha: float
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Row of one signature and contrast, and the studies in it with their weights."""
    usable = group["why"] == ""
    rows = group[usable]
    reason = _reason(rows, group, min_studies)
    shown = [name for name in SHOWN if name in group]
    own = group[[*shown, "y", "v", "low", "high"]].rename(columns={"y": "estimate"}).assign(weight=np.nan)
    own["reason"] = group["why"].where(~usable, reason)
    row: dict[str, Any] = {
        "on": " / ".join(dict.fromkeys(group["unit"])),
        "n_studies": int(usable.sum()),
        "n_samples": int(rows["n_samples"].sum()),
        "reason": reason,
        "notes": "; ".join(_notes(rows, group)),
        "heterogeneity": "",
    }
    if not reason:
        found = pooled(rows["y"].to_numpy(), rows["v"].to_numpy(), tau2=tau2, scale=scale, alpha=alpha)
        own.loc[usable, "weight"] = found.weights
        row |= found.numbers() | {"heterogeneity": in_words(found)}
    return row, own


def without_each(own: pd.DataFrame, *, tau2: str, scale: str, alpha: float) -> pd.DataFrame:
    """Pooled estimate without each study; empty where nothing was pooled."""
    used = own[own["weight"].notna()]
    y, v = used["estimate"].to_numpy(), used["v"].to_numpy()
    rows = []
    for i, study in enumerate(used["study"]):
        rest = np.arange(len(used)) != i
        found = pooled(y[rest], v[rest], tau2=tau2, scale=scale, alpha=alpha)
        kept = {name: found.numbers()[name] for name in ("estimate", "ci_low", "ci_high", "p", "tau2", "i2")}
        rows.append({"without": study, "n_studies": int(rest.sum()), **kept})
    return pd.DataFrame(rows)


def in_words(found: Pooled) -> str:
    """How far the studies differ, and what a further study may show.

    A test that does not find a difference is no evidence that there is none.
    """
    share = f"I2 {found.i2:.0%} [{found.i2_low:.0%}, {found.i2_high:.0%}]"
    word = "studies differ" if found.q_p < DIFFERS else "a difference between studies is not established"
    crosses = found.pi_low <= 0 <= found.pi_high
    ahead = "could go either way" if crosses else f"is expected {'above' if found.pi_low > 0 else 'below'} 0"
    return f"{word} ({share}); a further study {ahead}"


def _reason(rows: pd.DataFrame, group: pd.DataFrame, min_studies: int) -> str:
    """Say why the rows are not pooled; empty if they are."""
    if len(rows) < min_studies:
        lost = group[group["why"] != ""]
        out = "; ".join(lost["study"].astype(str) + ": " + lost["why"])
        return f"{len(rows)} of {min_studies} studies that are needed" + (f" ({out})" if out else "")
    units = rows.groupby("unit", sort=False)["study"].agg(list)
    if len(units) > 1:
        told = "; ".join(f"{unit}: {first(names)}" for unit, names in units.items())
        return f"effects per different kinds of SD are not comparable ({told})"
    versions = rows.groupby("sha256", sort=False)["study"].agg(list) if "sha256" in rows else []
    if len(versions) > 1:
        told = "; ".join(map(first, versions))
        return f"the signature's genes are not the same in all studies ({told})"
    return ""


def _notes(rows: pd.DataFrame, group: pd.DataFrame) -> list[str]:
    notes = []
    lost = group[group["why"] != ""]
    if len(lost):
        notes.append(
            "left out: " + ", ".join(f"{s} ({w})" for s, w in zip(lost["study"], lost["why"], strict=True))
        )
    if "coverage" in rows and len(rows) > 1 and rows["coverage"].max() - rows["coverage"].min() > FAR:
        low, high = rows.loc[rows["coverage"].idxmin()], rows.loc[rows["coverage"].idxmax()]
        notes.append(
            f"genes measured range from {low['coverage']:.0%} ({low['study']}) "
            f"to {high['coverage']:.0%} ({high['study']})"
        )
    arms = (rows["test_arm"].astype(str) + " - " + rows["base_arm"].astype(str)).drop_duplicates()
    if len(arms) > 1:
        notes.append(f"{ARMS}{first(arms)}")
    return notes

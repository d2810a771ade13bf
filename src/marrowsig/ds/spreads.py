"""How much scores vary in real data."""

from __future__ import annotations

import pandas as pd

from marrowsig._paths import resource


def spreads() -> pd.DataFrame:
    """List standard deviations of scores that were measured in public data, for planning.

    Returns
    -------
    DataFrame
        One row per data set, method and signature: `name` and `accession` of the data set, what its
        `replicates` are, `assay`, `signature`, `method`, `n_samples`, `n_arms`, `df`; `within`, the SD of
        samples about the mean of their arm (and about their donor, where donors recur in several arms), with
        its 95 % interval `within_low` to `within_high`; `between`, the SD of donors, NaN where they do not
        recur; `level`, the mean score; and a `contrast` of the data set with the `effect` that was seen.
        All in units of the score. Made by `scripts/make_spread.py`; sources in `data/spread/README.md`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> table = ms.ds.spreads()
    >>> own = table[(table["name"] == "t84_il22_ifnl") & (table["signature"] == "il6.hallmark")]
    >>> own.loc[own["method"] == "singscore", ["replicates", "df"]].values.tolist()
    [['cultures of one cell line', 32]]
    """
    with resource("data").joinpath("spread", "spread.tsv").open("rb") as handle:
        return pd.read_csv(handle, sep="\t", keep_default_na=False, na_values={"between": [""]})

"""One study under two names: rows that agree in every digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    import pandas as pd

SAME = ("n_test", "n_base", "estimate", "se", "df", "stat")


def refuse_copies(rows: pd.DataFrame, key: tuple[str, ...]) -> None:
    """Raise if two studies have the same estimate, error and n in a row of the same question.

    Other samples do not give the same numbers, to the last digit, of anything that varies.
    """
    tested = rows[rows["se"] > 0]
    pairs: dict[tuple[str, str], pd.Series] = {}
    for _, group in tested.groupby([*key, *SAME], sort=False, observed=True):
        names = list(dict.fromkeys(group["study"].astype(str)))
        for other in names[1:]:
            pairs.setdefault((names[0], other), group.iloc[0])
    if not pairs:
        return
    row = next(iter(pairs.values()))
    msg = (
        f"{first(f'{a!r} and {b!r}' for a, b in pairs)} have the same estimate and standard error in every "
        f"digit ({row['signature']}, {row['contrast']}: {row['estimate']:.4g}, {row['se']:.4g}): one study "
        "under two names. Studies have to be independent: keep one of them."
    )
    raise InputError(msg)

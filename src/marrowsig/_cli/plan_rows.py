"""The table of a plan on the terminal: power by the number of replicates, around the number to plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._cli.lines import columns, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from marrowsig.tl._power_result import Power

ON_THESE, SCORED = ", on the genes that stroma could not move", ", as scored"


def rows_of(plan: Power) -> Iterator[str]:
    """Lines of the table of power as a claim; of a plan on fewer genes and as scored, of both."""
    from marrowsig.tl._power_tables import ON_KEPT
    from marrowsig.tl._power_words import ONE

    kept = plan.spread.unit == ON_KEPT
    parts = [(plan, ON_THESE if kept else "")] + ([(plan.scored, SCORED)] if plan.scored is not None else [])
    for part, where in parts:
        rows = part.table[part.table["contrast"].isin(part.primary["contrast"])]
        known = rows.groupby("contrast")["power_claims"].first().notna()
        one = " or ".join(word for family, word in ONE.items() if rows["asked_as"].eq(family).any())
        what = f" as {one}" if known.all() else ""
        of = f" (as {one}, where a run makes one of it)" if known.any() and not known.all() else ""
        goal = 100 * part.params["target"]
        text, less = fitting(whole(part.wide(claims=True), goal), _needed(part), width=columns())
        left = "; other n: power.csv" if less else ""
        yield wrapped(f"Power{what} in %{of}, by the number of replicates per arm{where}{left}:")
        yield text


def _needed(plan: Power) -> list[float]:
    """Numbers at which effects reach the target."""
    least = plan.primary["n_needed_claims"].fillna(plan.primary["n_needed"])
    return [float(n) for n in least.dropna()]


def whole(wide: pd.DataFrame, goal: float) -> pd.DataFrame:
    """Round, but what falls short of the goal not up to it.

    >>> import pandas as pd
    >>> whole(pd.DataFrame([[79.4, 79.6, 80.2]]), 80).to_numpy().tolist()
    [[79.0, 79.0, 80.0]]
    """
    near = wide.round()
    return near.mask((wide < goal) & (near >= goal), near - 1)


def fitting(wide: pd.DataFrame, needed: list[float], *, width: int) -> tuple[str, bool]:
    """Write the table with as many of its columns as `width` holds, nearest to what is needed, and the ends.

    The second is whether some were left out. Three columns are shown however narrow it is.
    """

    def text(sizes: list[int]) -> str:
        return wide[sorted(sizes)].round().astype("Int64").reset_index().to_string(index=False)

    sizes = [int(n) for n in wide.columns]
    full = text(sizes)
    if max(map(len, full.splitlines())) <= width:
        return full, False
    aims = needed or [sizes[-1]]
    most = max(aims)
    first = list(dict.fromkeys([sizes[0], sizes[-1], *(n for n in sizes if n in aims)]))
    rest = sorted((n for n in sizes if n not in first), key=lambda n: (abs(n - most), n))
    shown = first[:3]
    for n in [*first[3:], *rest]:
        if max(map(len, text([*shown, n]).splitlines())) > width:
            break
        shown.append(n)
    return text(shown), True

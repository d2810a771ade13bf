"""What the check of carry-over says of the lines of a figure: ticks, which marks stand, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from marrowsig._as_claimed import KEYS
from marrowsig._check_words import OF_CARRY_OVER, STANDS
from marrowsig._errors import InputError, first
from marrowsig._provenance import recall
from marrowsig._unasked import SHORT, left_open
from marrowsig.pl._colours import GREY
from marrowsig.pl._kept_sizes import with_stroma
from marrowsig.pl._rows import needed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes

NEEDED = ("signature", "method", "contrast", "stratum", "verdict", "carried")
CALL = "ms.qc.stroma(adata, design)"


def by_stroma(parts: Sequence[pd.DataFrame], stroma: Any) -> list[pd.DataFrame]:
    """Add to each part verdict and share of the check, a result of `ms.qc.stroma` or its `verdicts`."""
    if stroma is None:
        return list(parts)
    table = needed(getattr(stroma, "verdicts", stroma), NEEDED, call=CALL)
    if not set(table["verdict"]) <= set(OF_CARRY_OVER):
        msg = f"stroma= holds other verdicts than those of carry-over. Pass what {CALL} returns."
        raise InputError(msg)
    drawn, known = set(parts[0]["method"].astype(str)), list(dict.fromkeys(table["method"].astype(str)))
    if not drawn & set(known):
        msg = (
            f"stroma= checked scores of {first(known)}, and {first(sorted(drawn))} is drawn. Give "
            f"method={known[0]!r}, or make stroma= by {CALL[:-1]}, method={sorted(drawn)[0]!r})."
        )
        raise InputError(msg)
    return [with_stroma(part, table) for part in parts]


def recorded(adata: AnnData, rows: pd.DataFrame) -> pd.DataFrame | None:
    """Verdicts that `ms.qc.stroma` left with the samples, of contrasts that have the estimate of `rows`.

    Others are of another design, or of other numbers. None where the shares are not known.
    """
    found: dict[str, Any] = recall(adata, "stroma", {})
    if not {"shares", "verdicts"} <= set(found) or not found["shares"]["share"].notna().any():
        return None
    keys = list(KEYS)
    table, drawn = (
        t.astype(dict.fromkeys(keys, str)) for t in (found["verdicts"], rows[[*keys, "estimate"]])
    )
    both = table[keys].merge(drawn, on=keys, how="left")["estimate"].to_numpy(float)
    own = table["estimate"].to_numpy(float)
    same = abs(both - own) <= 1e-6 * abs(own)
    return cast("pd.DataFrame", table[same]) if same.any() else None


def stands(row: Mapping[str, Any]) -> bool:
    """Whether the check, where it was asked, lets a contrast stand.

    >>> stands({}), stands({"stroma": "not explained by carry-over"}), stands({"stroma": "cannot tell"})
    (True, True, False)
    """
    said = row.get("stroma")
    return not isinstance(said, str) or said == STANDS


def tick(ax: Axes, carried: Any, y: float) -> None:
    """Draw a tick at what stroma gives by itself, where that is known."""
    if carried is not None and carried == carried:
        ax.plot([carried], [y], "|", ms=7, mew=1.2, color=GREY, zorder=1)


def filled_words(rows: pd.DataFrame, res: pd.DataFrame, alpha: float, over: str) -> str:
    """Say which marks are filled, `over` how many tests p is adjusted, and what a tick is."""
    p, records = f"filled: adj. p < {alpha:g}", rows.to_dict("records")
    if "stroma" not in rows:
        told = f"{p} as scored{f', {over}' if over else ''}"
        return f"{told}; {SHORT}" if any(left_open(res, row) for row in records) else told
    asked = [isinstance(row["stroma"], str) for row in records]
    found = [bool(row["p_adj"] < alpha) for row in records]
    where = ", where checked," if any(f and not a for f, a in zip(found, asked, strict=True)) else ""
    told = f"{p}{f' ({over})' if over else ''} and{where} {STANDS}"
    return f"{told}; tick: what stroma gives by itself" if rows["carried"].notna().any() else told

"""What a plan says of its pilot: sizes on fewer genes, and inhibitors that an effect needs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from marrowsig._cli.of_pilot import drugs_in
from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from marrowsig.tl._power_result import Power

NEEDED = {"signature", "method", "contrast", "estimate", "filtered_estimate", "cite"}
SMALLER = 0.95
"""Of the size as scored: below this, the size on fewer genes is named."""


def require_drug(contrasts: pd.DataFrame | None, effects: Iterable[str], inhibitors: tuple[str, ...]) -> None:
    """Raise InputError, with the option to add, where an effect needs an inhibitor and none is planned."""
    found = [name for name in effects if name.startswith(("reversal", "residual")) or name == "fraction"]
    if inhibitors or not found:
        return
    drugs = [] if contrasts is None else drugs_in(contrasts)
    add = " ".join(f"--inhibitor {shlex.quote(drug)}" for drug in drugs) or "--inhibitor NAME"
    of = " (those of the pilot)" if len(drugs) > 1 else ""
    msg = f"--effect names {found[0]!r}, which needs an inhibitor: add {add}{of}."
    raise InputError(msg)


def on_fewer_genes(plan: Power, pilot: Path | None, *, signature: str | None, method: str) -> str:
    """Name the pilot's sizes that are smaller on the genes that stroma could not move, and to be cited."""
    path = pilot and (pilot if pilot.is_dir() else pilot.parent) / "claims.csv"
    if path is None or not path.exists():
        return ""
    import pandas as pd

    from marrowsig._contrasts import spelled

    claims = pd.read_csv(path)
    if not set(claims) >= NEEDED:
        return ""
    own = claims[claims["method"].eq(method) & claims["cite"].eq("filtered_estimate")]
    own = own if signature is None else own[own["signature"].eq(signature)]
    own = own[own["contrast"].isin(plan.primary["contrast"])].drop_duplicates("contrast")
    own = own[own["filtered_estimate"].abs() < SMALLER * own["estimate"].abs()]
    told = [
        f"{spelled(row['contrast'], plan.design)} {row['filtered_estimate']:.2g}, as scored "
        f"{row['estimate']:.2g}"
        for row in own.to_dict("records")
    ]
    if not told:
        return ""
    return (
        "This takes sizes as scored. A claim has to pass on the genes that stroma could not move, too, where "
        f"the pilot's are smaller ({'; '.join(told)}): plan both, with --kept-genes, --effect of these genes "
        "and --as-scored."
    )

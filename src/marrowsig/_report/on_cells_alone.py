"""Cells grown alone, in a line: what an inhibitor does to them, and how the lines differ. No claims."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from marrowsig._contrast_kinds import DRUG_ALONE, inhibitor_of
from marrowsig._contrasts import said
from marrowsig._report import words
from marrowsig.tl._claims_asked import WORDS
from marrowsig.tl._families import MAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    Row = Mapping[str, Any]

LINE = re.compile(r"_in_(parental|resistant)$")
FILE = "contrasts.csv"


def on_cells_alone(
    main: pd.DataFrame, design: object, ids: Collection[str], *, alpha: float = 0.05, full: bool = False
) -> str:
    """Say what each inhibitor lowered, or raised, in cells grown alone; empty where no such cells had one.

    `ids` are the signatures that are told. Of what is not established there is a number, with the least p
    where nothing is; a `full` text has its sizes, and all intervals.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> row = {"contrast": "drug_alone_JAKi", "stratum": "", "signature": "il6.hallmark", "estimate": 0.013}
    >>> row |= {"ci_low": 0.005, "ci_high": 0.021, "p_adj": 0.03}
    >>> design = Design(culture="arm", inhibitor="drug")
    >>> on_cells_alone(pd.DataFrame([row]), design, ["il6.hallmark"])
    "JAKi in 'mono' (contrasts, no claims) lowers the IL-6 response by 0.013, adj. p 0.03."
    """
    own = main[main["contrast"].astype(str).str.startswith(DRUG_ALONE) & main["signature"].isin(ids)]
    own = own[own["estimate"].notna()]
    axes = Counter(id.partition(".")[0] for id in dict.fromkeys(own["signature"].astype(str)))
    several = len(set(own["stratum"].astype(str))) > 1
    told = []
    for drug in dict.fromkeys(_drug(name) for name in own["contrast"].astype(str)):
        rows = [row for row in own.to_dict("records") if _drug(str(row["contrast"])) == drug]
        moved = [row for row in rows if row["p_adj"] < alpha]
        parts = []
        for way, up in (("lowers", True), ("raises", False)):
            sign = 1 if up else -1
            found = [
                _size(r, axes, design, sign, several=several, full=full)
                for r in moved
                if sign * r["estimate"] > 0
            ]
            parts += [f"{way} {'; '.join(found)}"] if found else []
        still = [row for row in rows if not row["p_adj"] < alpha]
        lead = f"{drug} in {said(design, 'mono')} (contrasts, no claims{_family(rows)})"
        if not moved:
            parts = [f"was not established to change any of {len(rows)} scores"]
            least = min(still, key=_p)
            if not full and _p(least) < math.inf:
                way, sign = ("fall", 1) if least["estimate"] > 0 else ("rise", -1)
                size = _size(least, axes, design, sign, several=several, full=False)
                parts[0] += f" (least p: a {way} of {size})"
        elif still:
            parts.append(f"{len(still)} of {len(rows)} not established")
        if still and full:
            sizes = (_size(row, axes, design, 1, several=several, full=True) for row in still)
            parts[-1] += f" ({'; '.join(sizes)}; positive where it lowers)"
        told.append(f"{lead} {'; '.join(parts)}.")
    return " ".join(told)


def lines_alone(main: pd.DataFrame, design: object, ids: Collection[str], *, alpha: float = 0.05) -> str:
    """Say in which scores resistant cells grown alone differ from parental ones; empty where none is tested.

    >>> import pandas as pd
    >>> from marrowsig.design import Design
    >>> row = {"contrast": "resistance_in_mono", "stratum": "", "signature": "emt.hallmark", "p_adj": 0.0024}
    >>> row |= {"estimate": 0.018, "ci_low": 0.014, "ci_high": 0.022}
    >>> design = Design(culture="arm", line="cells", parental="wt", resistant="AraC-R")
    >>> lines_alone(pd.DataFrame([row]), design, ["emt.hallmark"])
    "AraC-R against wt in 'mono' (contrasts, no claims): higher: EMT by 0.018, adj. p 0.0024."
    """
    own = main[main["contrast"].eq("resistance_in_mono") & main["signature"].isin(ids)]
    rows = own[own["p_adj"].notna()].to_dict("records")
    if not rows:
        return ""
    axes = Counter(id.partition(".")[0] for id in dict.fromkeys(str(row["signature"]) for row in rows))
    several = len({str(row["stratum"]) for row in rows}) > 1
    parts = []
    for way, sign in (("higher:", 1), ("lower:", -1)):
        moved = [row for row in rows if row["p_adj"] < alpha and sign * row["estimate"] > 0]
        sizes = (_size(row, axes, design, sign, several=several, full=False) for row in moved)
        parts += [f"{way} {', '.join(sizes)}"] if moved else []
    still = sum(not row["p_adj"] < alpha for row in rows)
    if still:
        parts.append(f"{still} of {len(rows)} differences not established")
    lines = f"{getattr(design, 'resistant', '')} against {getattr(design, 'parental', '')}"
    return f"{lines} in {said(design, 'mono')} (contrasts, no claims{_family(rows)}): {'; '.join(parts)}."


def _p(row: Row) -> float:
    return float(row["p_adj"]) if row["p_adj"] == row["p_adj"] else math.inf


def _family(rows: list[dict[Any, Any]]) -> str:
    """Say over what p of these rows are adjusted, where they tell it."""
    told = []
    for row in rows:
        if row.get("adjustment") and row.get("family_size"):
            main = MAIN in str(row.get("family")) or row["adjustment"] != "BH"
            n, kind = int(row["family_size"]), "main signature" if main else "signature"
            told.append(
                f"Benjamini-Hochberg over {words.count(n, kind)}"
                if row["adjustment"] == "BH"
                else f"{row['adjustment']} over {words.count(n, 'test')} of the {kind}s"
            )
    return f"; adj. p by {words.listing(dict.fromkeys(told))}" if told else ""


def _drug(contrast: str) -> str:
    return inhibitor_of(LINE.sub("", contrast))[1]


def _size(row: Row, axes: Mapping[str, int], design: object, sign: int, *, several: bool, full: bool) -> str:
    """Name the programme and the cells, with the size, times `sign`, and its p."""
    low, high = sorted(sign * float(row[name]) for name in ("ci_low", "ci_high"))
    id, axis = str(row["signature"]), str(row["signature"]).partition(".")[0]
    line = LINE.search(str(row["contrast"]))
    level = str(row["stratum"]).partition("=")[2] if several else ""
    where = ", ".join(filter(None, [level, str(getattr(design, line[1])) if line else ""]))
    size = words.estimate(sign * float(row["estimate"]), low, high).replace(words.MINUS, "-")
    size = size if full else size.partition(" [")[0]
    name = WORDS.get(axis, id) if axes[axis] == 1 else id
    p = words.p_phrase(float(row["p_adj"])).replace("adjusted p", "adj. p").replace(" = ", " ")
    return f"{name} by {size}, {p}{f' ({where})' if where else ''}"

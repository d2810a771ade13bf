"""The same questions by other methods and versions of the signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._contrast_kinds import is_secondary
from marrowsig._report import frames, words
from marrowsig._report.drawn_as_scored import as_scored, for_alt, kept_of
from marrowsig._report.elements import Fold, Pictures, Section, Sentences, Words
from marrowsig._report.look import look_of
from marrowsig._report.picture import picture

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from marrowsig._report.elements import Given, Part
    from marrowsig._report.picture import Figure
    from marrowsig.tl.multiverse import Multiverse


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def effect(row: Mapping[str, Any]) -> str:
    """Median effect with the lowest and the highest."""
    ends = (row["median_effect"], row["lowest"], row["highest"])
    return "{} [{}, {}]".format(*(f"{end:.1f}".replace("-", words.MINUS) for end in ends))


SIGNS = {1: "up", -1: "down"}
HALF = "half up, half down: no majority"


def _half(row: Mapping[str, Any]) -> bool:
    return bool(row["share_same_sign"] == 0.5)


COLUMNS = {
    "axis": "axis",
    "signature": lambda row: row["signature"] or "all versions",
    "contrast": "contrast",
    "stratum": "stratum",
    "specifications": "n_specifications",
    "sign of most": lambda row: HALF if _half(row) else SIGNS.get(int(row["sign"]), ""),
    "share with it": lambda row: _percent(row["share_same_sign"]),
    "share excluding zero": lambda row: _percent(row["share_excludes_zero"]),
    "median effect [lowest, highest]": effect,
}


def section(given: Given) -> Section | None:
    """Shares of specifications that agree, one curve per axis, and all shares."""
    found: Multiverse | None = given.extras.get("multiverse")
    if found is None:
        return None
    table, summary = found.table, found.summary
    tried = [f"{words.listing(dict.fromkeys(table[name]))}" for name in ("method", "test")]
    text = (
        f"Each contrast was estimated for every version of a signature by {tried[0]} (test: {tried[1]}). "
        "Effects are in SD units. That specifications agree says that no single choice made the result, not "
        "that it is true: all see the same samples, and a share is no probability."
    )
    whole = summary[summary["signature"].eq("")]
    shares = "Share of specifications with the sign of most, and share that exclude zero"
    main = whole[[not is_secondary(c) for c in whole["contrast"]]]
    parts: list[Part] = [
        Words(text, soft=True),
        frames.grid(shares, main if len(main) else whole, _short, by="axis"),
    ]
    parts += _against(summary)
    curves = [_curve(table, whole, axis, given) for axis in dict.fromkeys(table["axis"])]
    parts.append(Fold("Curves of all specifications", [Pictures(curves)]))
    caption = "Agreement of specifications, by axis and signature"
    parts.append(Fold(caption, [frames.table(caption, summary, COLUMNS)]))
    return Section("multiverse", "Would another method or signature say the same?", parts)


def _short(row: Mapping[str, Any]) -> str:
    clear, n = _percent(row["share_excludes_zero"]), row["n_specifications"]
    share = f"{_percent(row['share_same_sign'])} {words.way(row['contrast'], SIGNS[int(row['sign'])])}"
    return f"{HALF if _half(row) else share}; {clear} clear of zero (of {n})"


def _against(summary: pd.DataFrame) -> list[Part]:
    """Name the lists that go the other way than most specifications of their axis, and where."""
    at = ["axis", "contrast", "stratum"]
    whole = summary[summary["signature"].eq("")].set_index(at)["sign"]
    each = summary[summary["signature"].ne("") & summary["share_same_sign"].gt(0.5)]
    own = each[[row["sign"] != whole[tuple(row[k] for k in at)] for row in each.to_dict("records")]]
    own = own[[not is_secondary(c) for c in own["contrast"]]]
    if own.empty:
        return []
    said = []
    own = own.assign(goes=[_goes(row["contrast"], row["sign"]) for row in own.to_dict("records")])
    for (sig, goes), rows in own.groupby(["signature", "goes"], sort=False):
        places = words.listing(frames.where(row) for row in rows.to_dict("records"))
        said.append(f"{sig} {goes} in {places}.")
    names = words.listing(dict.fromkeys(own["signature"]))
    note = (
        "These are the signs of most estimates of a list, established or not. Where an axis is split in "
        "halves, the lists that go down are named."
    )
    return [
        Fold(f"Lists that go the other way than most in some contrast: {names}", [Sentences([*said, note])])
    ]


def _goes(contrast: object, sign: float, *, many: bool = False) -> str:
    """Say which way a list goes, or many of them.

    >>> _goes("co_vs_mono", -1), _goes("reversal_X", -1), _goes("reversal_X", 1, many=True)
    ('goes down', 'is raised by inhibitor', 'are lowered by inhibitor')
    """
    told = words.way(contrast, SIGNS[int(sign)])
    verbs = ("goes", "go") if told in SIGNS.values() else ("is", "are")
    return f"{verbs[many]} {told}"


def _said(row: Mapping[str, Any]) -> str:
    return (
        f"{row['axis']}, {frames.where(row)}: {_percent(row['share_same_sign'])} of "
        f"{row['n_specifications']} specifications {_goes(row['contrast'], row['sign'], many=True)}, "
        f"{_percent(row['share_excludes_zero'])} exclude zero; median effect and range {effect(row)}."
    )


def _curve(table: pd.DataFrame, whole: pd.DataFrame, axis: str, given: Given) -> Figure:
    from marrowsig import pl

    own = whole[whole["axis"] == axis]
    joint = own[own["contrast"].eq("interaction")]
    row = (joint if len(joint) else own).iloc[0].to_dict()
    one = {"contrast": row["contrast"], "stratum": row["stratum"]}
    ax = pl.multiverse(table, signature=axis, **one, design=given.design, labels=look_of(given).labels)
    alt = f"Effects of every specification in order, over a grid of the choices. {_said(row)}"
    named = words.asked(str(row["contrast"]), given.design)
    lists = table.loc[table["axis"] == axis, "signature"].astype(str).unique()
    told = as_scored(kept_of(given), lists, str(row["stratum"]))
    caption = f"{axis}, {named}: every specification by its effect{told}"
    return picture(f"multiverse_{axis}", ax, f"{alt}{for_alt(told)}", caption)

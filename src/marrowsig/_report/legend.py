"""The legend of the figure for a paper: what a journal wants to stand below it, ready to paste."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from marrowsig._carry_over import of_stroma
from marrowsig._repeats import is_formula
from marrowsig._report import words
from marrowsig._report.carried import guard_drawn
from marrowsig._report.lead import families
from marrowsig._report.legend_arms import of_arms
from marrowsig._report.legend_scores import of_scores, panels
from marrowsig._report.points import point
from marrowsig._unasked import SHORT
from marrowsig.pl._clip import limits_of_panel
from marrowsig.pl._kept_sizes import JOINT, drawn_on_kept, p_to_cite
from marrowsig.pl._key import GID, MORE
from marrowsig.pl._overview_crowd import NO_ROOM
from marrowsig.pl._overview_key import CITED, left_open, marks, where_asked
from marrowsig.pl._overview_labels import told_stratum
from marrowsig.pl._words import scored_by
from marrowsig.tl._carried_unasked import unasked
from marrowsig.tl._claims_size import genes_kept
from marrowsig.tl._design_variants import quiet_plans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from marrowsig._report.elements import Given

    Row = Mapping[str, Any]

NO_EVIDENCE = ", which is no evidence of no change"


def legend(
    given: Given,
    shown: pd.DataFrame,
    named: Sequence[str],
    ids: list[str],
    empty: Sequence[str],
    look: str,
    *,
    unlike: Sequence[str] = (),
) -> str:
    """Say what is drawn: units, n, bars, model, marks, what levels are called, and families of adjusted p.

    A mark is named where one is drawn: `shown` are the rows of the figure, `empty` the strata left out of it,
    `unlike` the signatures whose axes have other values for each kind of cells.
    """
    alpha, records = given.alpha, shown.to_dict("records")
    drawn = panels(given, shown, empty)
    span = _axes(ids, unlike) if len(drawn) > len(ids) else ""
    tables = (guard_drawn(given), given.judged)
    return (
        f"{words.listing(named)}. (a) {scored_by(given.method)} of each {point(given)}"
        f"{of_scores(drawn)} by arm{of_arms(given, ids, empty, pairs(shown))}{span}. "
        f"(b) Contrasts with {words.level(alpha)} confidence intervals of the model"
        f"{_model(shown, given.design)}. "
        f"{_filled(shown, alpha)}{_cited(records, tables, alpha, given.design)}"
        f"{_carried(records, tables, given.design)}"
        f"{_cut(shown)}{look}"
        f"{_adjusted(shown) or families(given)}{_apart(records, alpha)}{_unasked(given, shown)}"
    )


HEIGHTS = "heights compare within a panel, not between panels"


def _axes(ids: Sequence[str], unlike: Sequence[str]) -> str:
    """Say whether heights compare between the axes of one signature.

    >>> _axes(["a"], [])
    '; y axes of one signature are the same'
    >>> _axes(["a", "b"], ["a"])[:54]
    '; y axes of a have the same span, not the same values:'
    """
    if not unlike:
        return "; y axes of one signature are the same"
    of = words.listing(unlike) if set(ids) - set(unlike) else "one signature"
    return f"; y axes of {of} have the same span, not the same values: {HEIGHTS}"


def without_room(figure: Any) -> str:
    """Say where contrasts are for which a figure had no room, as its key says; empty where it had.

    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> figure.text(0, 0, f"{NO_ROOM}fall under Rux: draw fewer levels of 'cells'").set_gid("key")
    >>> without_room(figure), without_room(Figure())
    (' Not drawn for want of room, but in table.csv: fall under Rux.', '')
    >>> figure.texts[0].set_text(f"{NO_ROOM}fall")
    >>> figure.text(0, 0, "under Pac: draw fewer levels of 'cells'").set_gid("key, continued")
    >>> without_room(figure)
    ' Not drawn for want of room, but in table.csv: fall under Pac.'
    """
    said: list[str] = []
    for text in figure.texts:
        if text.get_gid() == GID:
            said.append(text.get_text())
        elif text.get_gid() == MORE:
            said[-1] += f" {text.get_text()}"
    left = next((one for one in said if one.startswith(NO_ROOM)), "")
    what = left.removeprefix(NO_ROOM).rpartition(": draw")[0]
    return f" Not drawn for want of room, but in table.csv: {what}." if what else ""


def pairs(rows: pd.DataFrame) -> str:
    """Count the pairs that a contrast was tested in, where any was."""
    own = rows.loc[rows["estimate"].notna(), "n_pairs"].astype(int)
    if not own.any():
        return ""
    return f", {_span(own[own > 0])} in each {'' if own.all() else 'paired '}contrast"


def _span(known: Iterable[int]) -> str:
    low, high = min(known), max(known)
    return f"{low} to {high}" if high > low else f"{low}"


def _model(rows: pd.DataFrame, design: object = None) -> str:
    """Name model and residual degrees of freedom of each stratum, where its rows have the same.

    Rows of stroma that was grown alone for both lines are of the model of a question, in pairs where it has
    some. What the design alone could not estimate, and a claim on a gene answers, has no model here.
    """
    if not {"test", "df"} <= set(rows):
        return ""
    strata = rows["stratum"].astype(object).where(rows["stratum"].notna(), "").astype(str)
    told: dict[str, list[str]] = {}
    asked = rows["estimate"].notna() & ~rows["test"].fillna("").astype(str).str.startswith("not estimable")
    for stratum, own in rows[asked].groupby(strata, sort=False):
        tests, known = (
            own["test"].dropna().unique(),
            sorted({round(float(df), 1) for df in own["df"].dropna()}),
        )
        parts = [str(tests[0])] if len(tests) == 1 and tests[0] else []
        pair = getattr(design, "pair", None)
        if parts == [JOINT] and pair and own.get("n_pairs", pd.Series(0, own.index)).gt(0).all():
            parts.append(f"paired by {pair!r}")
        parts += [f"{known[0]:g} residual degrees of freedom"] if len(known) == 1 else []
        if parts:
            where = told_stratum(str(stratum), design)
            told.setdefault(", ".join(parts), []).append(where)
    if len(set(strata)) == 1:
        return f" ({''.join(told)})" if told else ""
    each = [f"{words.listing(where)}: {model}{' each' if where[1:] else ''}" for model, where in told.items()]
    return f" ({'; '.join(each)})" if each else ""


def _carried(records: Sequence[Row], tables: Sequence[pd.DataFrame | None], design: object = None) -> str:
    partners = of_partners(tables)
    there = [row for row in records if row.get("carried") is not None and row["carried"] == row["carried"]]
    of_partner = _where((str(r.get("stratum")) for r in there), partners, design)
    others = any(str(row.get("stratum")) not in partners for row in there)
    told = ["what stroma's RNA gives by itself"] if others else []
    where = f"in rows of {words.listing(of_partner)} " if others else ""
    told += [f"{where}what leukaemia RNA gives{'' if others else ' by itself'}"] if of_partner else []
    return f"Vertical ticks: {', '.join(told)}. " if told else ""


def _cut(rows: pd.DataFrame) -> str:
    cut = any(limits_of_panel(own) for _, own in rows.groupby("signature"))
    return "Arrow heads end intervals that go on beyond the axis. " if cut else ""


def _filled(rows: pd.DataFrame, alpha: float) -> str:
    """Say which marks are filled, where any is, and which are open, where any is."""
    records = rows.to_dict("records")
    every = [filled for row in records for filled in marks(row, alpha)]
    claimed = rows["claimed"].astype(bool) if "claimed" in rows else pd.Series(dtype=bool)
    full = f"have an adjusted p below {alpha:g}{where_asked(records)}"
    if claimed.any():
        asked = "as_question" in rows and rows["as_question"].astype(bool).any()
        of = f"are supported claims{' and questions' if asked else ''}"
        full = of if claimed.all() else f"{of} or, where none asks, {full}"
    told = [f"filled marks {full}"] if any(every) else []
    told += [] if all(every) else [f"open marks{_is(left_open(records, alpha))}"]
    said = "; ".join(told)
    return f"{said[:1].upper()}{said[1:]}. " if said else ""


def _is(what: str) -> str:
    """Join what open marks are; that carry-over was not asked is said of changes that are there.

    >>> _is("not supported"), _is("carry-over not asked")
    (' are not supported, which is no evidence of no change', ': carry-over not asked')
    >>> _is("not established or carry-over not asked")
    ' are not established, which is no evidence of no change, or established with carry-over not asked'
    """
    parts = re.split(", | or ", what)
    there = [part for part in parts if part.startswith("carry-over ")]
    rest = [part for part in parts if part not in there]
    beside = f", or established with {' or '.join(there)}" if there and rest else ""
    told = words.listing(rest or there, word="or")
    return f"{' are' if what.startswith('not ') else ':'} {told}{NO_EVIDENCE if rest else ''}{beside}"


def _cited(
    records: Sequence[Row],
    tables: Sequence[pd.DataFrame | None],
    alpha: float,
    design: object = None,
) -> str:
    """Say what the triangles are that stand below contrasts, and which p are theirs."""
    drawn = {(row["signature"], str(row.get("stratum"))) for row in records if drawn_on_kept(row)}
    known = [row for t in tables if t is not None and "cite" in t for row in t.to_dict("records")]
    known = [row for row in known if row["cite"] and row["filtered_estimate"] == row["filtered_estimate"]]
    own = [row for row in known if (row["signature"], str(row.get("stratum"))) in drawn]
    every = {row["signature"] for row in records}
    partners = of_partners(tables)
    sides = [[row for row in own if (str(row.get("stratum")) in partners) == side] for side in (False, True)]
    told = [_of_side(rows, every) for rows in sides]
    if not any(told):
        return ""
    on = told[0] or told[1]
    if told[1] and any(str(row.get("stratum")) not in partners for row in records):
        of_partner = _where((str(row["stratum"]) for row in sides[1]), partners, design)
        where = f"in rows of {words.listing(of_partner)}"
        on = f"{told[0]}, and {where} on {told[1]}" if told[0] else f"{told[1]} ({where})"
    if any(len({str(row.get("stratum")) for row in rows}) > 1 for rows in sides):
        on += f", a set of its own for each {_stratum(design)}"
    p = "the p are of circles"
    if any(p_to_cite(row, alpha) is not None for row in records):
        p = f"p is the one to cite, with {CITED} on these genes"
    open_ = ", open where only that p is: the test as scored decides" if _second(records, alpha) else ""
    return (
        f"Circles are contrasts as scored, triangles the same on {on}: filled where the circle is and p on "
        f"these genes is below {alpha:g}{open_}; {p}. "
    )


def _stratum(design: object) -> str:
    """Name what has genes of its own.

    >>> from marrowsig.design import Design
    >>> _stratum(Design(culture="arm", compartment="cells")), _stratum(Design(culture="arm", time="hours"))
    ('kind of cells', 'time')
    """
    names = {"compartment": "kind of cells", "time": "time"}
    return " and ".join(name for field, name in names.items() if getattr(design, field, None)) or "stratum"


def _where(strata: Iterable[str], partners: set[str], design: object) -> list[str]:
    return sorted({told_stratum(stratum, design) for stratum in strata if stratum in partners})


def of_partners(tables: Sequence[pd.DataFrame | None]) -> set[str]:
    """Strata of stroma, which RNA of leukaemia cells moves."""
    known = [row for t in tables if t is not None for row in t.to_dict("records")]
    asked = [row for row in known if row.get("verdict") != "not asked"]  # those have no stratum
    return {str(row.get("stratum")) for row in asked if of_stroma(row)}


def _of_side(own: Sequence[Row], every: Collection[str]) -> str:
    """Name the genes that are left of stroma, or of the cells; strata may keep different numbers."""
    kept: dict[str, str] = {}
    for sig in dict.fromkeys(row["signature"] for row in own):
        rows = [row for row in own if row["signature"] == sig]
        n = _span([int(row["n_kept"]) for row in rows])
        kept[sig] = genes_kept(rows[0]).replace(f"{int(rows[0]['n_kept'])} of", f"{n} of", 1)
    if not kept:
        return ""
    alone = set(every) == set(kept)
    return next(iter(kept.values())) if alone and len(kept) == 1 else _on_genes(kept)


def _on_genes(kept: Mapping[str, str]) -> str:
    """Name the genes that are left, what they are said once where it is the same of all signatures.

    >>> _on_genes({"a": "the 8 of 9 genes that stroma could not move"})
    'the 8 of 9 genes that stroma could not move (a)'
    >>> _on_genes({"a": "the 8 of 9 genes that stay", "b": "the 3 of 4 genes that stay"})
    'genes that stay (8 of 9 of a, 3 of 4 of b)'
    """
    parts = {sig: genes.removeprefix("the ").partition(" genes ") for sig, genes in kept.items()}
    ends = {end for *_, end in parts.values()}
    if len(kept) == 1 or len(ends) > 1 or "" in ends:
        return words.listing(f"{genes} ({sig})" for sig, genes in kept.items())
    return f"genes {ends.pop()} ({', '.join(f'{n} of {sig}' for sig, (n, *_) in parts.items())})"


def _second(records: Sequence[Row], alpha: float) -> bool:
    """Whether p on fewer genes is below the bound where that as scored is not."""
    return any(drawn_on_kept(r) and float(r["filtered_p_adj"]) < alpha <= float(r["p_adj"]) for r in records)


def _apart(records: Sequence[Row], alpha: float) -> str:
    """Say how p on fewer genes are adjusted of contrasts that no claim asks."""
    own = any(p_to_cite(row, alpha) is not None and not row.get("claimed") for row in records)
    how = "by Benjamini-Hochberg within the contrast, in the check of carry-over"
    return f" Those with {CITED} and no dagger are adjusted {how}." if own else ""


def _unasked(given: Given, shown: pd.DataFrame) -> str:
    """Say of contrasts of a formula about co-culture that carry-over was not asked."""
    if given.design is None or not is_formula(given.design):
        return ""
    plans, _ = quiet_plans(given.design, given.adata.obs)
    left = {contrast for contrast, *_ in unasked(given.adata, given.design, plans)}
    return f" {SHORT.capitalize()}." if left & set(shown["contrast"].astype(str)) else ""


def _adjusted(rows: pd.DataFrame) -> str:
    """Say how p values are adjusted, where those of all rows are adjusted together."""
    none = pd.Series(data=False, index=rows.index)
    asked, further = (rows.get(name, none) for name in ("as_claim", "as_question"))
    others = rows[~asked & ~further]
    n, m = (int(rows.loc[own, "family_size"].max()) if own.any() else 0 for own in (asked, further))
    if n and others.empty:
        apart = f" and, by themselves, over {words.count(m, 'further question')} (‡)" if m else ""
        return f"P values are adjusted by Holm over {words.count(n, 'claim')} (†){apart}."
    how = others["adjustment"].unique() if "adjustment" in rows else []
    if len(how) != 1 or how[0] == "BH":
        return ""
    text = f"P values are adjusted by {how[0]} over {words.count(int(others['family_size'].max()), 'test')}"
    return f"{text}, those with a dagger (†) over {words.count(n, 'claim')}." if n else f"{text}."

"""The answers of a run in a dozen lines: verdict, adjusted p and size of each claim."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import NO_REFERENCE
from marrowsig._check_words import CARRY_OVER, EXPLAINED, MAY_BE
from marrowsig._cli.listed import level_of, listed, parted_from
from marrowsig._cli.taken_back import taken_back
from marrowsig._cli.together import Cells, together
from marrowsig._drug_alone import without_note
from marrowsig._drug_named import by_drug
from marrowsig._in_brackets import parted
from marrowsig._out_folder import LOG
from marrowsig.tl._claims_il6 import COUNTS
from marrowsig.tl._claims_null import as_much
from marrowsig.tl._claims_rules import NOT_SUPPORTED
from marrowsig.tl._claims_stroma import in_short
from marrowsig.tl._claims_words import COMPARED, TWO_ARMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from marrowsig._cli.taken_back import Fractions

    Where = tuple[str, ...]

MARKS = {
    "*": "on the genes that stroma could not move (a scale of its own)",
    "~": "borderline",
    "!": "another test differs, or nearly",
}
"""What stands before a claim."""
THERE = "(*size) there, of a row as scored"
"""What stands behind a claim, so that sizes of one signature can be compared."""
OF_RISE = "(*size of *size) and of its rise"
"""What stands behind a reversal shown as scored whose rise is not: the two cannot be divided."""
CARRIED = "carry-over: numbers and reasons"
OF_IT = " of the rise"
"""What the fraction behind the first reversal is of; of claims, whose rows are short, the key says it."""
LATE = ": not counted, the p as scored decides"
"""What is said of a size that would be established on the genes that are left alone."""
TWICE = "cannot tell: the check of carry-over cannot tell: "
FEW = 2
"""Pairs of a claim that hardly support any."""
NAMED = 3
"""Claims of one reason that stand there with their names."""
_P = r"p ([=<] [\d.e-]+)"
MANY = 2
"""Needs of questions that were not asked, from which on the log has them."""
REASONS = 3
"""Reasons of claims that cannot be told, of which so many stand below the claims."""


def brief_claims(
    claims: pd.DataFrame, *, explained: pd.DataFrame | None = None, fractions: Fractions | None = None
) -> Iterator[str]:
    """Give each claim that was asked in one line, and below what a reader has to know of them.

    `explained` are claims above, whose marks need no second explanation; of what is asked below them, rows
    of one question are one line, and of reasons carry-over alone is said. Where that is the reason of several
    claims, it stands behind each, and its numbers are in the log. `fractions` are those that reversals took
    back.
    """
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in claims.to_dict("records")]
    asked = [row for row in rows if row["verdict"] != "not asked"]
    alpha = float(claims.attrs.get("alpha", 0.05))
    above = [] if explained is None else explained[explained["verdict"].ne("not asked")].to_dict("records")
    rises = _rises([*above, *asked])
    below = explained is not None
    often = below or len({str(row["reason"]) for row in asked if _carried(row)}) > 1
    back = [taken_back(row, fractions or {}) for row in (*above, *asked)]
    first = next((at - len(above) for at, said in enumerate(back) if said), len(asked))
    asides = [
        _aside(row, alpha, rises, carried=often, back=f"{said}{OF_IT}" if below and at == first else said)
        for at, (row, said) in enumerate(zip(asked, back[len(above) :], strict=True))
    ]
    cells = [
        Cells(_marks(row), str(row["verdict"]), _p(row), _size(row), _short(row), aside)
        for row, aside in zip(asked, asides, strict=True)
    ]
    lines, common = (list(together(cells)), "") if below else listed(asked, cells)
    yield from lines
    if explained is not None:
        short = in_short(claims)
        yield from short if len(short) < MANY else []
    elif unasked := _unasked(asked, [row for row in rows if row not in asked]):
        yield f"not asked of these samples: {'; '.join(unasked)}"
    told = _key(asked, above, rises)
    told += [CARRIED] if often and not below else []
    told.insert(0, f"%{OF_IT}") if not below and any(back) else None
    told.insert(0, f"of {common}, where no other cells are named") if common else None
    if told:
        yield "; ".join(told) + (f" ({LOG})" if {one[0] for one in told} & {*"~!c"} else "")
    if not below:
        yield from _reasons([row for row in asked if not (often and _carried(row))], asked)
        yield from filter(None, map(_checks, asked))
    if least := [size for row in asked if (size := _smallest(row))]:
        tests = max(int(row["family_size"]) for row in asked)
        yield f"{_could_have_shown(tests, alpha)}: {'; '.join(least)}"
    known = {without_note(_said(row, "note")) for row in above}
    beside = _beside(asked, alpha)
    yield from (one for one in beside if one not in known)


def _unasked(asked: Sequence[Mapping[str, Any]], rest: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name what was not asked; with its cells, where it was asked of others, all of one question at once."""
    from marrowsig._report.words import listing

    here = {parted(_label(row))[0] for row in asked}
    named = [(parted(_label(row))[0], _label(row), level_of(row)) for row in rest]
    found: dict[str, dict[str, None]] = {}
    for what, label, level in named:
        one = label if what in here else what
        key = re.sub(rf"(?<= in ){re.escape(level)}(?=$| )", "{}", one, count=1) if level else one
        found.setdefault(key, {})[level] = None
    return [key.replace("{}", listing(levels, word="or")) for key, levels in found.items()]


def _key(
    asked: Sequence[Mapping[str, Any]], above: Sequence[Mapping[str, Any]], rises: Mapping[Where, str]
) -> list[str]:
    """Explain the marks of these rows that no row above has had explained."""
    here, known = ({mark for row in rows for mark in _marks(row)} for rows in (asked, above))
    both = any(map(_there, asked)), any(map(_there, above))
    here, known = (
        marks | {"*"} if there else marks for marks, there in zip((here, known), both, strict=True)
    )
    told = [f"{mark} {what}" for mark, what in MARKS.items() if mark in here - known]
    if both[0] and not both[1]:
        told.insert(1 if "*" in here - known else 0, THERE)
    shares = [any(_of_rise(row, rises) for row in rows if _there(row)) for rows in (asked, above)]
    if shares[0] and not shares[1]:
        told.insert(1 + told.index(THERE) if THERE in told else 0, OF_RISE)
    return told


def _where(row: Mapping[str, Any]) -> Where:
    return tuple(str(row.get(name, "")) for name in ("method", "signature", "line", "stratum"))


def _rises(rows: Iterable[Mapping[str, Any]]) -> dict[Where, str]:
    """Sizes of the rises in co-culture that are listed on the genes that are left."""
    own = [row for row in rows if str(row.get("contrast", "")).startswith("co_") and _on_kept(row)]
    return {_where(row): _size(row).split(" [")[0] for row in own}


def _of_rise(row: Mapping[str, Any], rises: Mapping[Where, str]) -> str:
    """Give the rise that a reversal is of, where that is listed on the genes that are left."""
    own = str(row.get("contrast", "")).startswith("reversal_") and rises.get(_where(row))
    return f" of *{own}" if own else ""


def _there(row: Mapping[str, Any]) -> str:
    """Give the size on the genes that are left, where the row shows that as scored."""
    from marrowsig._report.words import MINUS, estimate
    from marrowsig.tl._claims_size import on_these_genes

    if _on_kept(row) or not on_these_genes(row):
        return ""
    size = estimate(*(float(row[f"filtered_{name}"]) for name in ("estimate", "ci_low", "ci_high")))
    return f"*{size.replace(MINUS, '-').split(' [')[0]}"


def _aside(
    row: Mapping[str, Any],
    alpha: float,
    rises: Mapping[Where, str],
    *,
    carried: bool,
    back: str = "",
) -> str:
    """Give in brackets the size on the genes left, what stroma hides, and pairs that are two only.

    With `carried` also that carry-over explains it, or may, where no reason below says so.
    """
    from marrowsig.tl._claims_size import hidden, no_second_chance, rna

    hides = row["verdict"] == NOT_SUPPORTED and hidden(row)
    there = _there(row)
    late = LATE if there and no_second_chance(row, alpha) else ""
    there += f", adj. p {_plain(row['filtered_p_adj'])}" if there and hides and not late else ""
    there += _of_rise(row, rises) if there else ""
    there += late
    two = "2 pairs" if row.get("n_pairs") == FEW else ""
    stroma = str(row["stroma"]) if carried and row.get("stroma") in (EXPLAINED, MAY_BE) else ""
    less = f"{rna(row)} makes the size as scored smaller" if hides else ""
    said = "; ".join(filter(None, [there, less, stroma, back, two]))
    return f" ({said})" if said else ""


def _beside(asked: Sequence[Mapping[str, Any]], alpha: float) -> Iterator[str]:
    """Say of which supported claims random sets moved as much, what receptors lack, and counts of IL6."""
    held = [row for row in asked if row["verdict"] == "supported"]
    moved = [f"{_short(row)} (p {_plain(row['p_null'])})" for row in held if as_much(row, alpha)]
    if moved:
        yield f"supported, but random sets of genes moved as much: {'; '.join(moved)}"
    notes = ((without_note(_said(row, "note")), _short(row)) for row in held)
    told = [(note, what) for note, what in notes if note]
    several = sum(note.startswith(COUNTS) for note, _ in told) > 1
    yield from dict.fromkeys(f"{n} ({w})" if several and n.startswith(COUNTS) else n for n, w in told)


def _carried(row: Mapping[str, Any]) -> bool:
    """Whether a claim cannot be told since carry-over explains it, or may."""
    return row.get("stroma") in (EXPLAINED, MAY_BE) and row.get("rule") == CARRY_OVER


def _reasons(asked: Sequence[Mapping[str, Any]], whole: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say why claims, of the `whole` of them, cannot be told, or why they turned out the other way."""
    reasons: dict[str, list[Mapping[str, Any]]] = {}
    for row in asked:
        if row["verdict"] in ("cannot tell", "contradicted"):
            why = re.sub(r" \(borderline(: [^()]*)?\)$", "", str(row["reason"]))  # there is a mark for it
            why = why.replace(NO_REFERENCE, f"{NO_REFERENCE} (give it with --stroma)", 1)
            told = f"{row['verdict']}: {why}".replace(TWICE, "cannot tell (carry-over): ", 1)
            if row.get("stroma") in (EXPLAINED, MAY_BE) and row.get("rule") != CARRY_OVER:
                how = "explains" if row["stroma"] == EXPLAINED else "may explain"
                told += f"; carry-over {how} it as well"
            reasons.setdefault(told, []).append(row)
    alone = len(reasons) == 1 and len(asked) == len(whole)
    for why, rows in list(reasons.items())[:REASONS]:
        yield why if alone else f"{why} ({_named(rows, whole)})"
    if (left := len(reasons) - REASONS) > 0:
        yield f"{left} more reason{'s' if left > 1 else ''} in {LOG}"


def _named(rows: Sequence[Mapping[str, Any]], every: Sequence[Mapping[str, Any]]) -> str:
    """Name claims; of many, how many of those that say the same of other cells and times."""
    if len(rows) <= NAMED:
        return "; ".join(map(_short, rows))
    levels = set(map(level_of, rows))
    if len(levels) == 1 and (level := next(iter(levels))):
        whole = len(rows) == sum(level_of(row) == level for row in every)
        return f"{'all ' if whole else ''}{len(rows)} claims in {level}"
    count = [Counter(parted_from(_short(row), level_of(row))[0] for row in part) for part in (rows, every)]
    several = count[1]
    told = [
        what if several[what] == 1 else f"{what}: {'all ' if n == several[what] else ''}{n}"
        for what, n in count[0].items()
    ]
    return f"{len(rows)} claims: {'; '.join(told)}" if len(told) > 1 else told[0]


def _label(row: Mapping[str, Any]) -> str:
    return str(row["sentence"]).split(f": {row['verdict']}", maxsplit=1)[0]


def _short(row: Mapping[str, Any]) -> str:
    return by_drug(_label(row), str(row.get("inhibitor") or ""))


def _marks(row: Mapping[str, Any]) -> str:
    found = _on_kept(row), bool(_said(row, "borderline")), _differs(row)
    return "".join(mark if there else " " for mark, there in zip(MARKS, found, strict=True))


def _said(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    return value if isinstance(value, str) else ""


def _differs(row: Mapping[str, Any]) -> bool:
    """Whether there is more to say of other tests than which list this is, and of two arms alone."""
    rest = re.sub(r"\S+ is not the list that .*", "", _said(row, "other_tests"))
    return bool(re.sub(f"({TWO_ARMS}|{COMPARED}) p .*? not adjusted\\.", "", rest).strip())


def _checks(row: Mapping[str, Any]) -> str:
    """Say of a claim that is not supported its p by pairs of both lines, and without a far sample."""
    if row["verdict"] != NOT_SUPPORTED:
        return ""
    said, found = _said(row, "other_tests"), []
    if both := re.search(rf"by one number of each, {_P},", said):
        found.append(f"{both[1].removeprefix('= ')} by one difference per pair of both lines")
    if far := re.search(rf"Without (.+?) \(.*?, an arm not compared here, .*?: {_P},", said):
        p = far[2].removeprefix("= ")
        found.append(f"{p} without {far[1]}, an outlier of another arm (one SD is shared by all arms)")
    return f"{_short(row)}: p {', '.join(found)} (checks, which do not decide)" if found else ""


def _could_have_shown(size: int, alpha: float) -> str:
    """Say of what power and level a smallest difference is.

    >>> _could_have_shown(27, 0.05)
    'smallest difference that these data could have shown at 80 % power and p below 0.05 / 27'
    """
    level = f"{alpha:g} / {size}" if size > 1 else f"{alpha:g}"
    return f"smallest difference that these data could have shown at 80 % power and p below {level}"


def _smallest(row: Mapping[str, Any]) -> str:
    """Give what the design finds of an interaction that is not supported, at the level of its family."""
    from marrowsig._report.words import numbers

    size = float(row.get("detectable", float("nan")))
    if row["verdict"] != NOT_SUPPORTED or row.get("contrast") != "interaction" or size != size:
        return ""
    return f"{numbers(size)[0]} ({_short(row)})"


def _plain(p: float) -> str:
    from marrowsig._report.words import p_value

    return p_value(float(p))


def _p(row: Mapping[str, Any]) -> str:
    p = float(row["filtered_p_adj" if _on_kept(row) else "p_adj"])
    return "-" if p != p else _plain(p)


def _on_kept(row: Mapping[str, Any]) -> bool:
    from marrowsig.tl._claims_size import to_cite

    return bool(to_cite(row))


def _size(row: Mapping[str, Any]) -> str:
    from marrowsig._report.words import MINUS, estimate

    kept = _on_kept(row)
    names = [f"{'filtered_' if kept else ''}{name}" for name in ("estimate", "ci_low", "ci_high")]
    return estimate(*(float(row[name]) for name in names)).replace(MINUS, "-")

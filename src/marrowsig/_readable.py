"""The few columns of a result that one reads, as text and for notebooks."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._claims_shown import answers_first, shortened, with_sizes
from marrowsig._errors import InputError
from marrowsig._p_values import p_value
from marrowsig._sizes import sizes
from marrowsig._slope_unit import per_unit
from marrowsig._titles import KEY as TITLES
from marrowsig._titles import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

HIDDEN = frozenset((
    "axis", "se", "df", "stat", "test", "test_arm", "base_arm", "effect_name", "family", "family_size",
    "expected", "p_welch", "n_both", "p_perm", "p_perm_min", "perm", "se_inflation", "detectable",
    "p_equivalence", "equivalence_low", "equivalence_high",
    "sha256", "sentence", "reason", "note", "notes", "why", "genes", "missing", "removed", "question", "rule",
    "df_lost", "change", "share_left", "kernel", "params", "weights", "model", "unit", "n_removed", "ref",
))  # fmt: skip
HIDDEN_ENDS = ("_welch", "_p", "_p_adj", "_p_holm", "_note", "_arm")
SHOWN = (
    ("exaggeration", "contrast effect n n_samples power half_width exaggeration"),
    ("fraction_kind", "signature method stratum line inhibitor induction reversal fraction verdict"),
    (
        "statement",
        (
            "claim stratum line inhibitor signature method estimate p_adj size_to_cite genes_to_cite "
            "p_adj_to_cite carry_over as_scored verdict reason"
        ),
    ),
    (
        "filtered_estimate",
        "signature method contrast stratum estimate filtered_estimate n_kept n_genes verdict",
    ),
    ("link", "stratum link adjusted_for given r p_adj n verdict"),
    (
        "detectable",
        (
            "study signature title method route contrast words stratum genes estimate per_unit_of "
            "effect effect_name "
            "p_adj adjustment n verdict margin equivalent"
        ),
    ),
    (
        "camera_p",
        (
            "signature contrast stratum n_genes direction estimate scale p p_adj roast_p camera_direction "
            "camera_p prerank_p n agree"
        ),
    ),
    ("verified", "name what assay n verified"),
    ("tier", "id title kind tier n_up n_down status"),
    ("replicates", "name replicates signature method within between effect"),
)
"""A column that tells a kind of table, and what is shown of it, in this order."""
FIRST = ("study", "signature", "title", "gene", "method", "contrast", "link", "specification")
LAST = (
    "p",
    "p_adj",
    "adjustment",
    "n",
    "n_pairs",
    "n_studies",
    "fully_reversed",
    "answer",
    "verdict",
    "equivalent",
)
OF_ROLES = ("co_", "resistan", "interaction", "reversal_", "residual_", "drug_alone_")
LONG = 60  # letters of a cell that are shown
IN_SHORT = "Reasons are in short; in full: .frame['reason'], or ms.tl.explain(result)."
CUT = "Texts that end in ... stand in full in .frame."
ROWS = 60  # rows that are shown


@dataclass(frozen=True, eq=False, repr=False)
class Readable:
    """A result to look at; `frame` holds the cells as texts, `said` what all rows have in common.

    `frame` is a DataFrame: `.frame.T` turns it. There, and in what is written, long texts are in full.
    """

    frame: pd.DataFrame
    said: str

    def __len__(self) -> int:
        return len(self.frame)

    def head(self, n: int = 5) -> Readable:
        """Give the first `n` rows, to look at."""
        return replace(self, frame=self.frame.head(n))

    def to_string(self) -> str:
        """All rows as text, with what they have in common on top."""
        return self._text(self.frame, self._cut(self.frame))

    def to_csv(self, path: str | PathLike[str] | None = None) -> str | None:
        """Write the texts of `frame` with commas between them, to a file or as a text.

        Numbers are rounded, and columns that all rows share are left out: `result.to_csv` has all.
        """
        text: str | None = self.frame.to_csv(path, index=False)
        return text

    def to_markdown(self) -> str:
        """All rows as a table of Markdown, below what they have in common."""
        rows = [list(self.frame), ["---"] * self.frame.shape[1], *self.frame.to_numpy().tolist()]
        table = ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
        return "\n".join([*([self.said, ""] if self.said else []), *table])

    def __getattr__(self, name: str) -> Any:
        frames = not name.startswith("_") and hasattr(pd.DataFrame, name)
        hint = (
            f" Its texts are a frame: .frame.{name}; the numbers are in the result itself." if frames else ""
        )
        msg = f"A table to read has no {name!r}.{hint}"
        raise AttributeError(msg)

    def __repr__(self) -> str:
        return self._text(self.frame.head(ROWS), self._rest())

    def _cut(self, shown: pd.DataFrame) -> list[str]:
        """Say where texts stand in full, of which some are shown in short."""
        long = [name for name, cells in _in_short(shown).items() if cells.ne(shown[name]).any()]
        said = [IN_SHORT] if "reason" in long else []
        return said + ([CUT] if set(long) - {"reason"} else [])

    def _text(self, shown: pd.DataFrame, rest: list[str]) -> str:
        if shown.empty:
            return "no rows"
        shown = _in_short(shown)
        # Words to the left, numbers to the right; each column as wide as its cells.
        numbers = {name for name in shown if _numeric(shown[name])}
        width = {name: max(len(name), *shown[name].map(len)) for name in shown}
        lines = [{name: name for name in shown}, *shown.to_dict("records")]
        text = [
            "  ".join(
                row[name].rjust(width[name]) if name in numbers else row[name].ljust(width[name])
                for name in shown
            ).rstrip()
            for row in lines
        ]
        return "\n".join([*([self.said] if self.said else []), *text, *rest])

    def _repr_html_(self) -> str:
        said = f"<p>{html.escape(self.said)}</p>" if self.said else ""
        table = _in_short(self.frame.head(ROWS)).to_html(index=False, border=0, escape=True)
        return said + table + "".join(f"<p>{line}</p>" for line in self._rest())

    def _rest(self) -> list[str]:
        more = len(self.frame) - ROWS
        rest = [f"... {more} more rows, in .frame and in the result itself."] if more > 0 else []
        return [*rest, *self._cut(self.frame.head(ROWS))]


def _in_short(shown: pd.DataFrame) -> pd.DataFrame:
    """Cut long texts at a word; reasons have their own way."""
    cut = {name: shown[name].map(shortened if name == "reason" else _to_a_word) for name in shown}
    return shown.assign(**cut) if cut else shown


def _to_a_word(text: str) -> str:
    """Give as many whole words as a cell has room for.

    >>> _to_a_word("a short text"), _to_a_word("word " * 20)[-17:], len(_to_a_word("x" * 99))
    ('a short text', 'ord word word ...', 60)
    """
    if len(text) <= LONG:
        return text
    head = text[: LONG - 4]
    return f"{(head.rpartition(' ')[0] or head).rstrip(',;:')} ..."


def readable(table: pd.DataFrame) -> Readable:
    """Join estimates with their intervals, leave out what is for machines, say once what is common."""
    rows = table.reset_index(drop=True).copy()
    if "statement" in rows:
        rows = answers_first(rows)
    titles = table.attrs.get(TITLES, {})
    if "signature" in rows and "title" not in rows and titles:
        told = [str(titles.get(str(name), "")) for name in rows["signature"]]
        rows["title"] = [SHORT.get(name, name) for name in told]  # as figures call them
    if {"n_test", "n_base"} <= set(rows):
        rows["n"] = [sizes(row) for row in rows.to_dict("records")]
        if "estimate" in rows:  # a model counts its rows, in pairs those with a partner
            rows["n"] += rows["estimate"].isna().map({True: " seen", False: ""})
        if "df" in rows:  # next to nothing can be established, however small its p
            rows["n"] += rows["df"].eq(1).map({True: " (1 df)", False: ""})
        rows = rows.drop(columns=["n_test", "n_base", "n_pairs"], errors="ignore")
    if "adjustment" in rows and not ("p_adj" in rows and len({*rows["adjustment"].dropna()} - {""}) > 1):
        rows = rows.drop(columns="adjustment")  # shown only where p_adj is not the same in all rows
    if {"genes_found", "genes_listed"} <= set(rows):
        few = (rows["genes_found"] < rows["genes_listed"] / 2).any()  # shown where a list is hardly measured
        if few:
            rows["genes"] = [
                f"{a:.0f} of {b:.0f}" if b == b else ""
                for a, b in zip(rows["genes_found"], rows["genes_listed"], strict=True)
            ]
        rows = rows.drop(columns=["genes_found", "genes_listed"])
    if {"test_arm", "base_arm", "test"} <= set(rows):
        units = [per_unit(row).removeprefix(" per unit of ") for row in rows.to_dict("records")]
        if any(units):
            rows["per_unit_of"] = units
    if {"contrast", "test_arm", "base_arm"} <= set(rows) and any(words := list(map(_words, *_sides(rows)))):
        rows["words"] = words
    joined = _joined(rows)
    if "statement" in rows:
        joined = with_sizes(joined, rows)
    chosen = next((names.split() for key, names in SHOWN if key in rows), None)
    if chosen is not None:
        joined = joined[[name for name in chosen if name in joined]]
    hidden = {name for name in joined if name in HIDDEN or str(name).endswith(HIDDEN_ENDS)}
    hidden |= {"p"} & set(joined) if "p_adj" in joined else set()
    hidden = hidden if chosen is None else set()
    kept = joined.drop(columns=list(hidden))
    kept = kept.loc[:, [bool(kept[name].ne("").any()) for name in kept]]
    common = [name for name in kept if len(kept) > 1 and len(set(kept[name])) == 1 and name not in LAST]
    once = _in_short(kept)
    said = "; ".join(f"{name} {once[name].iloc[0]}" for name in common)
    kept = kept.drop(columns=common)
    if chosen is not None:
        return Readable(kept, said)
    start = [name for name in FIRST if name in kept]
    end = [name for name in LAST if name in kept]
    middle = [name for name in kept if name not in (*start, *end)]
    return Readable(kept[[*start, *middle, *end]], said)


def of_result(result: Any) -> Readable:
    """Take the table of a result, whatever kind of result it is."""
    for name in ("verdicts", "table"):
        part = getattr(result, name, None)
        if isinstance(part, pd.DataFrame):
            return readable(part)
    if isinstance(result, pd.DataFrame):
        return readable(result)
    if isinstance(result, pd.Series):
        return Readable(result.astype(str).rename("").reset_index(drop=True).to_frame(), "")
    msg = (
        f"This is a {type(result).__name__}, not a result. Pass what ms.tl.compare(...) and the like return."
    )
    raise InputError(msg)


def paragraph(text: str) -> str:
    """Paragraph, escaped; empty without a text."""
    return f"<p>{html.escape(text)}</p>" if text else ""


def as_html(lines: Iterable[str], table: pd.DataFrame | None = None) -> str:
    """Paragraphs, escaped, and a table to read below them."""
    text = "".join(map(paragraph, lines))
    return text if table is None or table.empty else text + readable(table)._repr_html_()


def _joined(rows: pd.DataFrame) -> pd.DataFrame:
    """Every column as text; an estimate with its interval is one column."""
    ends = {"estimate": ("ci_low", "ci_high")}
    ends |= {
        str(name).removesuffix("_low"): (str(name), f"{str(name).removesuffix('_low')}_high")
        for name in rows
        if str(name).endswith("_low") and not str(name).endswith("ci_low")
    }
    ends |= {"filtered_estimate": ("filtered_ci_low", "filtered_ci_high")}
    used = {column for base, pair in ends.items() if base in rows for column in pair if column in rows}
    out = {}
    for name in rows:
        if name in used:
            continue
        cells = [_cell(value, p=_is_p(str(name))) for value in rows[name]]
        pair = ends.get(str(name))
        if pair is not None and set(pair) <= set(rows):
            limits = zip(*(rows[end] for end in pair), strict=True)
            cells = [
                f"{cell} [{_cell(low)}, {_cell(high)}]" if _known(low) and _known(high) else cell
                for cell, (low, high) in zip(cells, limits, strict=True)
            ]
        out[str(name)] = cells
    return pd.DataFrame(out, index=rows.index)


def _sides(rows: pd.DataFrame) -> list[list[str]]:
    return [rows[name].astype(str).tolist() for name in ("contrast", "test_arm", "base_arm")]


def _words(contrast: str, test: str, base: str) -> str:
    """Write the arms of a contrast that is named by roles, where arms are named by a column and its level."""
    if "=" not in test or not contrast.startswith(OF_ROLES):
        return ""
    lines = [side.partition(":")[0] for side in (test, base)]
    if contrast == "interaction" and lines[0] != lines[1]:
        test, base = lines
    return f"{test} vs {base}"


def _is_p(name: str) -> bool:
    return name in ("p", "p_adj", "p_bh", "p_null") or name.endswith(("_p", "_p_adj", "_p_bh"))


def _known(value: object) -> bool:
    return isinstance(value, float | int | np.number) and not bool(np.isnan(value))


def _cell(value: object, *, p: bool = False) -> str:
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else p_value(float(value)) if p else f"{value:.3g}"
    return " ".join(str(value).split())


def _numeric(column: pd.Series) -> bool:
    return bool(column.str.fullmatch(r"[-<\d ].*|").all())

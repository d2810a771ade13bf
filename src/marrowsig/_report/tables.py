"""The tables of a report: columns, rows of text, caption."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import first
from marrowsig._report import address, words
from marrowsig._report.answer import by_contrast
from marrowsig._report.elements import Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from marrowsig.sig import Signature


def contrasts(frame: pd.DataFrame) -> Table:
    """List what was asked, one row per contrast, with the reason where it cannot be estimated."""
    strata = frame["stratum"].astype(str).ne("").any()
    names = ["contrast", *(["stratum"] if strata else []), "question", "test", "base", "n"]
    rows = []
    for row in frame.to_dict("records"):
        arms = " / ".join(re.findall(r": (\d+)(?:, |$)", str(row["n"])))
        row["n"] = f"{arms} seen" if not row["estimable"] else _in_pairs(arms, row)
        state = str(row["model"]) if row["estimable"] else f"cannot be estimated: {row['reason']}"
        rows.append([*(row[n] for n in names), state])
    columns = [Column(n, "wide" if n == "question" else "keep") for n in names]
    return Table("Contrasts that follow from the design", [*columns, Column("model", "wide")], rows)


def numbers(res: pd.DataFrame, *, alpha: float) -> list[Table]:
    """Every row of the comparison, one table per contrast, stratum and method."""
    tables = []
    for method, part in res.groupby("method", sort=False, observed=True):
        for (contrast, stratum), rows in by_contrast(part):
            one = rows.iloc[0]
            where = f" in {stratum}" if stratum else ""
            caption = f"{contrast}{where}, {method}: {one['test_arm']} against {one['base_arm']}"
            shown = dict(_NUMBERS)
            if len(rows["family"].unique()) == 1:
                size = words.count(int(one["family_size"]), "test")
                caption += f"; p adjusted over {size} (family: {one['family']})"
                del shown["adjusted by"]
            for head, column in _OPTIONAL.items():
                if column not in rows or rows[column].isna().all():
                    del shown[head]
            if len(rows["test"].unique()) == 1:
                caption += f"; {one['test']}"
                del shown["test"]
            found = rows.to_dict("records")
            cells = [[cell(row, alpha) for cell in shown.values()] for row in found]
            ids, heads = map(address.row, found), map(address.head, found)
            columns = [replace(_column(n), name=words.at_level(n, alpha)) for n in shown]
            tables.append(Table(caption, columns, cells, list(ids), list(heads)))
    return tables


def coverage(frame: pd.DataFrame) -> Table:
    """Genes found per signature, fewest first."""
    one = frame.drop_duplicates("signature").sort_values("coverage", kind="stable")
    rows = [
        [r["signature"], int(r["found"]), int(r["listed"]), f"{r['coverage']:.0%}", _missing(r["missing"])]
        for _, r in one.iterrows()
    ]
    columns = [Column("signature"), Column("found", "n"), Column("listed", "n"), Column("share", "n")]
    return Table("Genes of each signature in this matrix", [*columns, Column("missing", "wide")], rows)


def problems(changes: pd.DataFrame, limit: int = 30) -> Table | None:
    """Gene names that could not be resolved or were destroyed, the first `limit`."""
    if "status" not in changes:
        return None
    from marrowsig._gene_ids import PROBLEMS

    bad = changes[changes["status"].isin(PROBLEMS)]
    if bad.empty:
        return None
    rest = f", the first {limit} of {len(bad):,}" if len(bad) > limit else ""
    rows = bad.head(limit)[["original", "symbol", "status", "note"]].astype(str).to_numpy().tolist()
    names = ("in the file", "kept as", "problem", "note")
    return Table(f"Gene names that could not be resolved{rest}", [Column(n) for n in names], rows)


def signatures(frame: pd.DataFrame, known: dict[str, Signature], link: Callable[[str, str], Any]) -> Table:
    """Source, licence, citation and hash of each signature; `known` are those of the package."""
    rows = []
    for _, row in frame.iterrows():
        sig = known.get(str(row["id"]))
        same = sig is not None and sig.sha256 == row["sha256"]
        source = sig.source if sig is not None and same else {}
        what = sig.title if sig is not None and same else "not one that comes with marrowsig"
        kind = _kind(sig) if sig is not None and same else ""
        cells = [row["id"], what, kind, int(row["n"]), source.get("where", ""), source.get("licence", "")]
        rows.append(
            [*cells, link(str(source.get("cite", "")), str(source.get("doi", ""))), str(row["sha256"])[:12]]
        )
    names = [
        Column("signature"),
        Column("title", "wide"),
        Column("kind", "wide"),
        Column("genes", "n"),
        Column("source", "wide"),
    ]
    names += [Column("licence", "keep"), Column("citation", "cite"), Column("sha256", "keep")]
    return Table("Signatures scored; the hash is over genes and weights", names, rows)


def _kind(sig: Signature) -> str:
    """Kind of list in words that forbid to read components as a response, and what to mind."""
    words = {"components": "components, not a response", "stroma_response": "response of stromal cells"}
    caution = str(sig.use.get("caution", ""))
    return words.get(sig.kind, sig.kind) + (f"; {caution}" if caution else "")


_NUMBERS: dict[str, Callable[[Any, float], Any]] = {
    "signature": lambda r, a: r["signature"],
    "verdict": words.verdict,
    "estimate [95 % CI]": lambda r, a: words.estimate(r["estimate"], r["ci_low"], r["ci_high"]),
    "effect [95 % CI]": lambda r, a: _effect(r),
    "t": lambda r, a: "" if pd.isna(r["stat"]) else f"{words.numbers(round(r['stat'], 2))[0]}",
    "df": lambda r, a: "" if pd.isna(r["df"]) else f"{r['df']:.3g}",
    "p": lambda r, a: words.p_value(r["p"]),
    "adj. p": lambda r, a: words.p_value(r["p_adj"]),
    "Welch p": lambda r, a: "" if pd.isna(r["p_welch"]) else words.p_value(r["p_welch"]),
    "permutation p": lambda r, a: _permuted(r),
    "detectable": lambda r, a: "" if pd.isna(r["detectable"]) else words.numbers(float(r["detectable"]))[0],
    "within the margin": lambda r, a: _within(r),
    "adjusted by": lambda r, a: f"{r.get('adjustment', 'BH')} over {int(r['family_size'])}",
    "n": lambda r, a: _n(r),
    "test": lambda r, a: r["test"],
}
_RIGHT = {*_NUMBERS} - {"signature", "verdict", "test", "adjusted by", "within the margin"}
_OPTIONAL = {
    "Welch p": "p_welch",
    "permutation p": "p_perm_min",
    "detectable": "detectable",
    "within the margin": "p_equivalence",
}


def _n(row: Any) -> str:
    """Rows of both sides that the model holds, and its pairs; where there is no estimate, rows seen."""
    arms = f"{int(row['n_test'])} / {int(row['n_base'])}"
    return f"{arms} seen" if pd.isna(row["estimate"]) and not row["n_pairs"] else _in_pairs(arms, row)


def _in_pairs(arms: str, row: Any) -> str:
    pairs = int(row["n_pairs"])
    return f"{arms}, {words.count(pairs, 'pair')}" if pairs else arms


def _column(name: str) -> Column:
    css = "n" if name in _RIGHT else {"test": "wide", "verdict": "keep"}.get(name, "")
    return Column(name, css)


def _effect(row: Any) -> str:
    if pd.isna(row["effect"]):
        return ""
    name = {"hedges_g": "g"}.get(str(row["effect_name"]), str(row["effect_name"]))
    return f"{name} {words.estimate(row['effect'], row['effect_low'], row['effect_high'])}"


def _permuted(row: Any) -> str:
    """P of the permutations, or the smallest that there could be where it is of no use."""
    if pd.notna(row["p_perm"]):
        return f"{words.p_value(row['p_perm'])} ({row['perm']})"
    return "" if pd.isna(row["p_perm_min"]) else f"at best {words.p_value(row['p_perm_min'])}"


def _within(row: Any) -> str:
    """Whether the difference was shown to be no more than the margin, with p of that."""
    if pd.isna(row["p_equivalence"]):
        return ""
    return f"{row['margin']:g}: {row['equivalent']}, p {words.p_value(row['p_equivalence'])}"


def _missing(text: Any) -> str:
    names: Iterable[str] = [g.strip() for g in str(text).split(",") if g.strip()] if pd.notna(text) else []
    return first(names, 12)

"""The genes behind each claim: what each adds to the size to cite, its own change, and what else it is."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._carry_over import of_stroma
from marrowsig._errors import CoverageWarning, DesignError, InputError
from marrowsig.qc._leukaemia_in_stroma import kept as found_in_stroma
from marrowsig.tl._claims_asked import GENE
from marrowsig.tl._claims_size import to_cite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.sig import Signature

    Row = Mapping[str, Any]

LICENSING = frozenset(f"MCM{i}" for i in range(2, 8))
"""The six of the complex that licenses replication, of which the lists of the cell cycle have some."""
OF = ("cell cycle", "maturation")
OWN = {
    "estimate": "log2_change", "ci_low": "log2_change_low", "ci_high": "log2_change_high", "p": "p",
    "p_adj": "p_adj", "ave_expr": "mean_log2_expression",
}  # fmt: skip
KEYS = ["claim", "statement", "compartment", "line", "inhibitor", "stratum", "verdict", "signature"]
ALPHA = 0.05
FLOOR = 1.0
"""Per million: what `ms.pp.lognorm` adds, too."""


def claim_genes(
    adata: AnnData,
    design: Design,
    claims: pd.DataFrame,
    *,
    genes: pd.DataFrame,
    dropped: pd.DataFrame | None = None,
    levels: pd.DataFrame | None = None,
    signatures: Mapping[str, Signature],
    method: str,
    min_coverage: float = 0.5,
) -> pd.DataFrame:
    """Give one row per claim on a signature, and gene of it; `genes` are those of `ms.tl.genes`.

    `adds` and `share` are of the size to cite: as scored, or on the genes that stroma could not move
    (`counted`), where those that it could move (`dropped`) have none. `leads` numbers the genes that move
    most in the claim's direction, on log2(1 + level), of those counted that have a p below 0.05 of their
    own; `tested` says which have a p. Levels are means per million: of the cells of the claim's line grown
    alone (the lower one of a claim on both lines), and of stroma (`levels`, as of `ms.qc.stroma`). Claims of
    other cells than those of the design's contrasts are left out.
    """
    asked = claims[claims["estimate"].notna() & claims["signature"].ne(GENE)]
    rows: list[dict[str, Any]] = [{str(k): v for k, v in r.items()} for r in asked.to_dict("records")]
    members = {gene for sig in signatures.values() for gene in sig.genes}
    own = genes[genes["gene"].isin(members)].groupby(["contrast", "stratum"], sort=False)
    change = {key: part.set_index("gene") for key, part in own}
    groups = dict.fromkeys((to_cite(row), str(row["stratum"])) for row in rows)
    tables: list[pd.DataFrame] = []
    for on_kept, stratum in groups:
        part = [row for row in rows if (to_cite(row), str(row["stratum"])) == (on_kept, stratum)]
        gone = _of_stratum(dropped, stratum)
        lists = dict.fromkeys(str(row["signature"]) for row in part)
        added = _added(
            adata,
            design,
            [signatures[name] for name in lists if name in signatures],
            set(gone.index) if on_kept else set(),
            method=method,
            min_coverage=min_coverage,
        )
        for row in part:
            at = (str(row["contrast"]), stratum)
            adds = added[added["contrast"].eq(at[0]) & added["stratum"].eq(stratum)]
            adds = adds[adds["signature"].eq(row["signature"])].set_index("gene")
            if len(adds):
                moved = [gene for gene in signatures[str(row["signature"])].genes if gene in gone.index]
                every = adds.reindex(adds.index.union(moved, sort=False))
                own_levels = _levels(levels, row)
                unasked = dropped is None or (levels is not None and own_levels is None)
                kept = "not asked" if unasked else "kept"
                tables.append(_of_claim(row, every, change.get(at), gone, own_levels, kept=kept))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*KEYS, "gene"])


def leading(table: pd.DataFrame, most: int = 5) -> pd.DataFrame:
    """Keep the genes that lead each claim that is supported, in their order."""
    if "leads" not in table:
        return table.iloc[:0]
    return table[table["verdict"].eq("supported") & table["leads"].le(most)]


def behind_claims(asked: Any, genes: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the table of a run: of its claims and further questions; nothing where neither was asked."""
    from marrowsig._as_claimed import judged
    from marrowsig.sig import load

    claims = judged(asked.found.get("claims"), asked.found.get("questions"))
    if claims is None or not claims["estimate"].notna().any():
        return
    known = {sig.id: sig for sig in asked.sigs}
    more = set(claims["signature"].dropna().astype(str)) - set(known)
    known |= {name: load(name)[name] for name in more & set(load().ids)}
    found = asked.found.get("stroma")
    partner = found_in_stroma(asked.found.get("questions"))
    table = claim_genes(
        asked.adata,
        asked.design,
        claims,
        genes=genes,
        dropped=_both(found, partner, "dropped"),
        levels=_both(found, partner, "levels"),
        signatures=known,
        method=asked.method,
        min_coverage=asked.min_coverage,
    )
    yield "claim_genes", table


def _both(found: Any, partner: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame | None:
    """Put the tables of leukaemia cells and of stroma, which are of other strata, one below the other."""
    tables = [
        *([] if found is None else [getattr(found, name)]),
        *filter(len, [partner.get(name, pd.DataFrame())]),
    ]
    return pd.concat(tables, ignore_index=True) if tables else None


def _added(
    adata: AnnData,
    design: Design,
    lists: Sequence[Signature],
    out: Collection[str],
    *,
    method: str,
    min_coverage: float,
) -> pd.DataFrame:
    from marrowsig.tl import contributions

    left = [gene for gene in adata.var_names if gene in out]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)  # told with the scores
        try:
            return contributions(
                adata, lists, design=design, method=method, min_coverage=min_coverage, without=left
            )
        except (InputError, DesignError):
            return pd.DataFrame(columns=["contrast", "stratum", "signature"])


def _of_claim(
    row: Row,
    adds: pd.DataFrame,
    change: pd.DataFrame | None,
    gone: pd.DataFrame,
    levels: pd.DataFrame | None,
    *,
    kept: str,
) -> pd.DataFrame:
    table = adds[["weight", "adds"]].copy()
    table["share"] = table["adds"] / (float(adds["full"].dropna().iloc[0]) or np.nan)
    table["counted"] = "on genes kept" if to_cite(row) else "as scored"
    own = pd.DataFrame(index=table.index) if change is None else change.reindex(table.index)
    for name, to in OWN.items():
        table[to] = own.get(name, np.nan)
    table["carry_over"] = gone["why"].reindex(table.index).fillna(kept)
    table["tested"] = table["p"].notna()
    for name, to in (("alone", "level_in_cells_alone"), ("stroma", "level_in_stroma")):
        of = "stroma" if (name == "alone") == of_stroma(row) else "alone"
        table[to] = np.nan if levels is None else levels[of].reindex(table.index)
    table = _what_else(table)
    up = np.sign(table["log2_change"] * table["weight"].fillna(1.0)) == np.sign(row["estimate"])
    free = table["adds"].notna() & up & table["p"].lt(ALPHA)
    order = _above_floor(table.loc[free]).rank(ascending=False, method="first")
    table["leads"] = order.reindex(table.index).astype("Int64")
    table = table.reset_index(names="gene")
    table = table.sort_values(["leads", "adds"], ascending=[True, False], kind="stable", na_position="last")
    for place, name in enumerate(KEYS):
        table.insert(place, name, row.get(name, ""))
    return table


def _above_floor(table: pd.DataFrame) -> pd.Series:
    """Size of a change, less where the gene is hardly there: of levels with `FLOOR` added to each side."""
    middle, half = table["mean_log2_expression"], table["log2_change"].abs() / 2
    return np.log2((2.0 ** (middle + half) + FLOOR) / (2.0 ** (middle - half) + FLOOR))


def _what_else(table: pd.DataFrame) -> pd.DataFrame:
    """Say which genes are of the cell cycle or of maturation, and what evidence there is of stroma."""
    from marrowsig._confounders import genes
    from marrowsig.sig import evidence

    cycle, mature, told = genes("cycle") | LICENSING, genes("maturation"), evidence()["class"]
    table["gene_of"] = [OF[0] if g in cycle else OF[1] if g in mature else "" for g in table.index]
    table["evidence"] = told.reindex(table.index).fillna("").astype(str)
    return table


def _levels(levels: pd.DataFrame | None, row: Row) -> pd.DataFrame | None:
    """Give the levels of the cells that a claim is on, by gene; None where no check was asked of them."""
    if levels is None:
        return None
    own = levels[levels["stratum"].astype(str).eq(str(row["stratum"]))]
    if own.empty:
        return None
    line = own["line"].astype(str).eq(str(row.get("line", "")))
    return (own[line] if line.any() else own).groupby("gene")[["alone", "stroma"]].min()


def _of_stratum(dropped: pd.DataFrame | None, stratum: str) -> pd.DataFrame:
    if dropped is None or dropped.empty:
        return pd.DataFrame(columns=["why", "alone", "stroma"])
    return dropped[dropped["stratum"].astype(str).eq(stratum)].set_index("gene")

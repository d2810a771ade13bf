"""What other ways of scoring say of an established answer, where no claim counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._cli.answered import main_blocks
from marrowsig._cli.of_counts import of_counts
from marrowsig.tl._claims_border import least
from marrowsig.tl._claims_data import METHODS, SIGNATURES
from marrowsig.tl._claims_numbers import agreement, opposed
from marrowsig.tl._claims_ways import named, turned
from marrowsig.tl.claims import AGREEMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from marrowsig._report.answer import Block
    from marrowsig._run import Run

HEAD = (
    "Other ways of scoring (the lists and methods that a claim would count) disagree on what is established:"
)
ALPHA = 0.05


def ways_disagree(
    blocks: Sequence[Block],
    many: pd.DataFrame | None,
    ids: Sequence[str],
    method: str,
    *,
    every: bool = False,
) -> list[str]:
    """Say of each established answer of these signatures where the rule of claims would find disagreement.

    `many` is the table of `ms.tl.multiverse`; with `every` also which agree.
    """
    if many is None:
        return []
    held = [
        (block, claim.signature)
        for block in main_blocks(blocks)
        for claim in block.claims
        if claim.css != "open" and claim.signature in ids
    ]
    several = len({block.name for block, _ in held}) > 1
    strata = many["stratum"].fillna("").astype(str)
    names = many["contrast"].astype(str) + (", " + strata).where(strata.ne(""), "")
    differ, agree = [], []
    for block, id in held:
        where = f"{id}, {block.shown}" if several else id
        told, counted = _of(many[names == block.name], id, method)
        if told:
            differ.append(f"  {where}: {told}")
        elif counted:
            agree.append(f"{where} ({counted})")
    lines = [HEAD, *differ] if differ else []
    if every and agree:
        lines.append(f"Ways of scoring agree, as a claim would need: {'; '.join(agree)}")
    return lines


def unclaimed(done: Run, ways: Sequence[str]) -> list[str]:
    """Give the checks that the log has of a run without claims: `ways`, signs of genes, few counts."""
    from marrowsig._report.gene_level import opposite

    sets = done.tables.get("gene_sets")
    told = [*ways, "" if sets is None else opposite(sets), of_counts(done.adata)]
    return [*said, ""] if (said := [one for one in told if one]) else []


def _of(rows: pd.DataFrame, id: str, method: str) -> tuple[str, str]:
    """Write where ways differ, nothing where they agree; and how many of how many agree."""
    lists = next((own for own in SIGNATURES.values() if own[0] == id), (id,))
    methods = list(dict.fromkeys([method, *METHODS]))
    own = rows[rows["signature"].isin(lists) & rows["method"].isin(methods)]
    first = own.loc[own["signature"].eq(id) & own["method"].eq(method), "estimate"]
    if len(first) != 1:
        return "", ""
    main = float(first.iloc[0])
    estimate, p = own["estimate"].to_numpy(dtype=float), own["p"].to_numpy(dtype=float)
    found = agreement(main, estimate, p, ALPHA)
    n = found["n_specifications"]
    counted = f"{round(found['agreement'] * n)} of {n}"
    enough = found["agreement"] >= AGREEMENT
    if enough and not found["n_against"]:
        return "", counted
    seen = list(dict.fromkeys(own["method"]))
    ways = list(zip(own["signature"], own["method"], strict=True))
    clear = set(np.flatnonzero(opposed(main, estimate, p, ALPHA)))
    parts = [
        f"{counted} ways have this sign{'' if enough else f', where a claim needs {least(found, AGREEMENT)}'}"
    ]
    for what, at in (
        ("the other way, with a 95 % interval beyond zero", clear),
        ("the other way, not established", set(turned(main, estimate)) - clear),
    ):
        if at:
            parts.append(f"{what}: {named((ways[i] for i in sorted(at)), seen)}")
    return "; ".join(parts), counted

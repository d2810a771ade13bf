"""The first lines of a run, as Python: where the matrix, the design and the signatures come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._calls import design_code, folded, shipped
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

    from marrowsig._calls import Calls
    from marrowsig._formula import FormulaDesign
    from marrowsig._report.look import Look
    from marrowsig.design import Design
    from marrowsig.sig import SignatureSet


def opening(calls: Calls, mapped: AnnData, design: Design | FormulaDesign) -> None:
    """Say where the matrix is from, its gene names, and the design."""
    file = recall(mapped, "input", {}).get("file", "")
    given = f"  # from {file!r}, as it was given" if file else "  # as it was given"
    calls.say(f"adata = {calls.made.get('adata', f'...{given}')}")
    calls.say("ms.pp.map_genes(adata)")
    calls.say(f"design = {design_code(design)}")
    calls.name(mapped, "adata")
    calls.name(design, "design")


def only_expressed(
    calls: Calls, adata: AnnData, design: Design | FormulaDesign, *, asked: bool | Mapping[str, float]
) -> AnnData | None:
    """Leave out what the study does not express, where it is `asked`: by bounds of its own, or the usual.

    Returns the samples with all genes, as they were; None where nothing is left out.
    """
    if asked is False:
        return None
    calls.name(adata, "adata")
    whole = adata.copy()
    calls.say("whole = adata.copy()")
    calls.call("", "pp.expressed", adata, design, **({} if asked is True else asked))
    calls.name(whole, "whole")
    return whole


def thinned(calls: Calls, sums: AnnData, seed: int) -> None:
    """Say that sums of cells were thinned to one depth, where they were."""
    if not recall(sums, "thin"):
        return
    depths, made = sums.obs["thinned_to"].unique(), recall(sums, "pseudobulk", {}).get("n_sums")
    if len(depths) == 1 and made == sums.n_obs:  # all to one depth, and none left out
        calls.say(f"ms.pp.thin(adata, depth={int(depths[0])}, seed={seed})")
    else:
        calls.say("from marrowsig.tl._even_depth import even")
        calls.say(f"even(adata, design, depth='auto', seed={seed}, drop=True)")


def scored(
    calls: Calls,
    sigs: SignatureSet,
    methods: Any,
    min_coverage: float,
    params: Mapping[str, Any] | None = None,
) -> None:
    """Say which signatures were scored, and how."""
    from marrowsig import sig

    written = calls.made.get("signatures")
    if written is None and all(map(shipped, sigs)):
        ids = list(sigs.ids)
        written = "ms.sig.load()" if ids == list(sig.load().ids) else f"ms.sig.load{_listed(ids)}"
    calls.say(f"signatures = {written or '...  # a set of your own'}")
    how = f"method={list(methods)!r}, min_coverage={min_coverage!r}" + (
        f", params={params!r}" if params else ""
    )
    calls.say(f"ms.tl.score(adata, signatures, {how})")


def grown_alone(calls: Calls, stroma: AnnData) -> None:
    """Say where the samples of stroma alone are from."""
    calls.say(f"alone = {calls.made.get('stroma', '...  # stroma grown alone')}")
    calls.say("ms.pp.map_genes(alone)")
    calls.name(stroma, "alone")


def drawn(calls: Calls, look: Look | None, results: Mapping[str, Any]) -> None:
    """Say how the figure for a paper is drawn, where levels have words, colours or an order of their own."""
    if look is None:
        return
    known = ["adata", "design=design", "res=res"]
    if "questions" in results:
        calls.say("import pandas as pd")
        known.append("claims=pd.concat([claims, questions])")
    elif "claims" in results:
        known.append("claims=claims")
    known += ["stroma=stroma.verdicts"] if "stroma" in results else []
    how = [f"{name}={value!r}" for name, value in look.given().items()]
    calls.say(folded("ms.pl.overview(", [*known, *how]))


def _listed(ids: list[str]) -> str:
    line = f"({', '.join(map(repr, ids))})"
    return line if len(line) < 80 else "".join(["(\n", *(f"    {id!r},\n" for id in ids), ")"])

"""Lists of one's own beside the main signatures: asked of the same checks, in families of their own."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._calls import shipped
from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning, count
from marrowsig._provenance import as_json, record
from marrowsig.qc._stroma_filter import movable

if TYPE_CHECKING:
    from collections.abc import Collection

    from anndata import AnnData

    from marrowsig._further import Asked
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import SignatureSet

MOST = 10
"""Lists that are checked: random sets take about a second for each."""
BESIDE = "beside"
"""Which parameter of the joined check names the lists that were asked apart."""


def own_lists(asked: Asked, but: Collection[str] = ()) -> list[Any]:
    """Signatures that have an estimate and do not come with the package: the first `MOST`, none of `but`."""
    rows = asked.res[asked.res["method"].eq(asked.method) & asked.res["estimate"].notna()]
    known = set(rows["signature"].astype(str)).difference(but)
    return [s for s in asked.sigs if s.id in known and not shipped(s)][:MOST]


def main_and_own(asked: Asked) -> SignatureSet:
    """Put these lists behind the signatures of the answer and the controls of stroma."""
    return type(main := asked.main())([*main, *own_lists(asked, main.ids)])


def with_own(asked: Asked, found: Stroma, how: dict[str, Any]) -> Stroma | None:
    """Ask the check of carry-over of these lists, too; None where there are none, or none can be asked.

    They are asked by themselves, so that neither markers nor adjusted p of the claims' check depend on what
    was scored beside. Like claims, they are not asked where carry-over is said to be impossible.
    """
    own = own_lists(asked, set(found.verdicts["signature"]))
    if not own or not asked.carry_over:
        return None
    with warnings.catch_warnings(), suppress(InputError, DesignError):
        for told in (CoverageWarning, GeneWarning, InputWarning):  # with the check of the claims
            warnings.simplefilter("ignore", told)
        more = {**how, "signatures": own, "genes": None}
        more = {name: value for name, value in more.items() if value is not None}
        apart = asked.calls.call("beside", "qc.stroma", asked.adata, asked.design, **more)
        both = joined(asked.adata, found, apart)
        asked.calls.say("from marrowsig._own_lists import joined")
        asked.calls.say("of_claims, stroma = stroma, joined(adata, stroma, beside)")
        asked.calls.name(found, "of_claims")
        asked.calls.name(both, "stroma")
        return both
    return None


def joined(adata: AnnData, found: Stroma, apart: Stroma) -> Stroma:
    """Put the lists of the second check below those of the first, whose shares and parameters stay."""
    verdicts = pd.concat([found.verdicts, apart.verdicts], ignore_index=True)
    verdicts.attrs = {**apart.verdicts.attrs, **found.verdicts.attrs}
    for name, held in found.verdicts.attrs.items():
        if isinstance(held, dict):
            verdicts.attrs[name] = {**apart.verdicts.attrs.get(name, {}), **held}
    dropped = pd.concat([found.dropped, apart.dropped], ignore_index=True)
    listed = dropped.groupby(["gene", "stratum"], sort=False)["signatures"].agg(_listed).to_numpy()
    dropped = dropped.drop_duplicates(["gene", "stratum"], ignore_index=True).assign(signatures=listed)
    both = replace(
        found,
        verdicts=verdicts,
        versions=pd.concat([found.versions, apart.versions], ignore_index=True),
        dropped=dropped,
        levels=pd.concat([found.levels, apart.levels]).drop_duplicates(
            ["gene", "stratum", "line"], ignore_index=True
        ),
        params={**found.params, BESIDE: list(dict.fromkeys(apart.verdicts["signature"]))},
        filtered={m: own.join(apart.filtered[m]) for m, own in found.filtered.items()},
    )
    noted = {"shares": found.shares, "verdicts": verdicts, "movable": movable(found.dropped)}
    record(adata, "stroma", {**noted, "params": as_json(both.params)})
    return both


def asked_of(found: Stroma) -> str:
    """Count the signatures over which p of the check are adjusted, and apart from them one's own."""
    own = len(found.params.get(BESIDE, []))
    told = f"{count(found.verdicts['signature'].nunique() - own, 'signature')} that the check was asked of"
    return f"{told} (lists of your own apart: {own})" if own else told


def _listed(names: pd.Series) -> str:
    return ", ".join(filter(None, names))

"""What the sections are written from, put together once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, count, first
from marrowsig._provenance import lists_scored
from marrowsig._report.answer import named
from marrowsig._report.elements import Given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

ALPHA = 0.05
NEEDED = ("signature", "method", "contrast", "stratum", "estimate", "ci_low", "ci_high", "p", "p_adj")


def gathered(
    adata: AnnData,
    res: pd.DataFrame,
    design: Design | FormulaDesign,
    *,
    title: str | None = None,
    notes: Sequence[str] = (),
    extras: Mapping[str, Any] | None = None,
) -> Given:
    """Find the method that answers, its contrasts, main signatures and the bound that its verdicts kept."""
    from marrowsig import get

    _require_same_lists(adata, res)
    main = res[res["method"] == res["method"].iloc[0]]
    return Given(
        adata,
        res,
        main,
        design,
        contrasts=design.contrasts(adata.obs),
        coverage=get.coverage(adata),
        named=named(main),
        notes=list(dict.fromkeys(notes)),
        extras=_with_p_of_claims({k: value for k, value in (extras or {}).items() if value is not None}),
        alpha=float(res.attrs.get("alpha", ALPHA)),
        title=title or "",
    )


def _with_p_of_claims(extras: dict[str, Any]) -> dict[str, Any]:
    """Judge the check of stroma by the p of the claims that are given with it, as a run does."""
    from marrowsig.qc._stroma_result import Stroma

    found, claims = extras.get("stroma"), extras.get("claims")
    if not isinstance(found, Stroma) or claims is None or "asked_as" in found.verdicts:
        return extras
    return {**extras, "stroma": found.as_claimed(claims, extras.get("questions"))}


def require_contrasts(res: pd.DataFrame) -> None:
    """Refuse what is no table of `ms.tl.compare`."""
    absent = [c for c in NEEDED if c not in res]
    if absent or res.empty:
        what = f"lacks the columns {first(absent)}" if absent else "has no rows"
        msg = f"The table of contrasts {what}. Pass what ms.tl.compare(adata, design) returned."
        raise InputError(msg)


def _require_same_lists(adata: AnnData, res: pd.DataFrame) -> None:
    """Refuse contrasts of signatures that were scored again since with other genes or weights."""
    then, now = res.attrs.get("sha256", {}), lists_scored(adata)
    other = [
        name
        for method, name in res[["method", "signature"]].drop_duplicates().itertuples(index=False)
        if (old := then.get(method, {}).get(name)) and old != now.get(method, {}).get(name, old)
    ]
    if other:
        msg = (
            f"{count(len(set(other)), 'signature has', 'signatures have')} other genes or weights in adata "
            f"than when the contrasts were computed: {first(dict.fromkeys(other))}. "
            "Run ms.tl.compare(adata, design) again."
        )
        raise InputError(msg)

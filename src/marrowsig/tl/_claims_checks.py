"""What stroma and maturation have to say to a claim: looked up in results, or worked out."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from marrowsig._as_claimed import KEYS
from marrowsig._carry_over import AS_SCORED, NO_REFERENCE, RULED_OUT, SHOWN, of_stroma
from marrowsig._errors import DesignError, InputError, InputWarning
from marrowsig._rounded import percent
from marrowsig._stimulus import no_coculture
from marrowsig.qc._stroma_limit import LONE, lone_told
from marrowsig.tl._claims_asked import GENE
from marrowsig.tl._claims_matured import settle
from marrowsig.tl._claims_size import COUNTS, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.qc._confounder_result import Confounder
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import SignatureSet
    from marrowsig.tl._claims_data import Data

    Row = dict[str, Any]


def stroma_of(
    adata: AnnData,
    design: Design,
    given: Stroma | AnnData | pd.Series | str | None,
    *,
    main: SignatureSet,
    method: str,
    alpha: float,
) -> Stroma | None:
    """Return the result that was given, or work it out from a reference; nothing without one."""
    from marrowsig.qc import stroma
    from marrowsig.qc._stroma_result import Stroma

    if given is None or isinstance(given, Stroma):
        return given
    genes = [GENE] if GENE in adata.var_names else []
    return stroma(adata, design, stroma=given, signatures=main, method=method, genes=genes, alpha=alpha)


def warn_of_share(data: Data, design: Design, given: Any, *, alpha: float) -> None:
    """Estimate how much RNA of stroma there is where it was said to be impossible, and say it."""
    whole = data.whole if isinstance(given, str) else data.blasts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # too few markers: then no share is known
        found = stroma_of(whole, design, given, main=data.main(), method=data.method, alpha=alpha)
    if found is None:
        return
    shown = found.shares[found.shares["share_low"] > SHOWN]
    unknown = lone_told(found.shares)
    if shown.empty and not unknown:
        return
    own = found.shares[found.shares["reading"] == LONE] if shown.empty else shown
    top = own.loc[own["share"].idxmax()]
    share, high = (percent(top[name]) for name in ("share", "share_high"))
    most = f"at most {share} (limit {high}; {top['sample']!r}, {top['arm']})"
    said = "carry_over=False says that no RNA of stroma can be in the samples"
    if shown.empty:
        msg = f"{said}, and this cannot be checked. {unknown} By the reference they hold {most}."
    else:
        msg = (
            f"{said}; {len(shown)} of {len(found.shares)} hold some by the reference, {most}. Membranes "
            "leak, and vesicles carry RNA. Leave carry_over=False out, and the claims are checked for it."
        )
    warnings.warn(msg, InputWarning, stacklevel=3)


def maturation_of(
    adata: AnnData,
    design: Design,
    given: Confounder | None,
    *,
    main: Sequence[Any],
    method: str,
    alpha: float,
) -> pd.DataFrame:
    """Verdicts of the result that was given, or of one worked out."""
    from marrowsig.qc import maturation

    if given is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InputWarning)  # what has no estimate says so
            given = maturation(adata, design, signatures=list(main), method=method, alpha=alpha)
    verdicts = getattr(given, "verdicts", given)
    lacking = [c for c in ("signature", "method", "contrast", "stratum", "verdict") if c not in verdicts]
    if lacking:
        msg = f"maturation= has no {lacking[0]}. Give what ms.qc.maturation(adata, design) returns."
        raise InputError(msg)
    return verdicts


def checked(
    row: Row,
    found: Stroma | None,
    matured: pd.DataFrame,
    *,
    method: str,
    carry_over: bool,
    none: str = NO_REFERENCE,
) -> dict[str, Any]:
    """Stroma verdict, p of the filtered contrast and maturation verdict of one claim of a signature.

    `none` is the verdict without any result on stroma.
    """
    own = _row(matured, row, signature=row["signature"], method=method)
    told = {"maturation": "" if own is None else str(own["verdict"])}
    if not carry_over:
        return told | {"stroma": RULED_OUT, "filtered_p": row["p"], "cite": AS_SCORED}
    if found is None:
        return told | {"stroma": none, "filtered_p": np.nan}
    own = _row(found.verdicts, row, signature=row["signature"], method=method)
    if own is None:
        return told | {"stroma": "", "filtered_p": np.nan}
    verdict = {"stroma": str(own["verdict"]), "filtered_p": float(own["filtered_p"])}
    size = {name: own.get(name, "") for name in ("cite", "cite_for", *NUMBERS, *COUNTS)}
    size["filtered_p_welch"] = float(own.get("filtered_p_welch", np.nan))
    kept = {"checked": (found, _key(own))}
    return told | verdict | size | _of_check(found, own) | kept


def recheck(rows: list[Row], claims: pd.DataFrame | None = None) -> None:
    """Judge carry-over, and name the size to cite, by the adjusted p of these rows where they establish more.

    That size answers for maturation.
    `claims` are those above further questions: of leukaemia cells, as the rows that are not about stroma.
    """
    import pandas as pd

    from marrowsig.qc._check_family import as_claimed
    from marrowsig.qc._stroma_clause import clause

    known = claims is not None and {*KEYS, "claim", "p_adj", "filtered_p_adj"} <= set(claims)
    checks = {id(row["checked"][0]): row["checked"][0] for row in rows if "checked" in row}
    for key, found in checks.items():
        own = [row for row in rows if "checked" in row and id(row["checked"][0]) == key]
        columns = {name: [row[name] for row in own] for name in ("p_adj", "filtered_p_adj")}
        asked = pd.DataFrame([row["checked"][1] for row in own], columns=list(KEYS)).assign(
            **columns, family=[row.get("family", "") for row in own]
        )
        above = [claims] if known and not any(map(of_stroma, own)) else []
        table = as_claimed(found.verdicts, [*above, asked], found.params).to_dict("records")
        told = {_key(one): one for one in reversed(table)}  # of several the first, as in `checked`
        alpha, unknown = float(found.params.get("alpha", 0.05)), str(found.params.get("unknown_share", ""))
        for row in own:
            now = told[row["checked"][1]]
            row["stroma"], row["stroma_why"] = now["verdict"], clause(now, alpha=alpha, unknown=unknown)
            row["cite"], row["cite_for"] = now["cite"], now["cite_for"]
    settle(rows)


def _key(row: Any) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in KEYS)


def checked_gene(
    row: Row, found: Stroma | None, *, carry_over: bool, none: str = NO_REFERENCE
) -> dict[str, Any]:
    """Give the same of IL6 in the leukaemia cells; there is no list of genes to filter."""
    if not carry_over:
        return {"maturation": "", "stroma": RULED_OUT, "filtered_p": row["p"]}
    if found is None:
        return {"maturation": "", "stroma": none, "filtered_p": row["p"]}
    own = _row(found.genes, row, gene=GENE) if len(found.genes) else None
    told = {"maturation": "", "stroma": "" if own is None else str(own["verdict"]), "filtered_p": row["p"]}
    return told | _of_check(found, own)


def _of_check(found: Stroma, own: pd.Series | None) -> dict[str, Any]:
    """Say whether levels look swapped in the whole check, and why it does not support this contrast."""
    from marrowsig.qc._stroma_clause import clause

    why, alpha = str(found.params.get("unknown_share", "")), float(found.params.get("alpha", 0.05))
    return {
        "swapped": bool(found.params.get("swapped")),
        "largest_share": np.nan if own is None else float(own.get("share", own.get("share_up", np.nan))),
        "stroma_why": "" if own is None else clause(own, alpha=alpha, unknown=why),
    }


def _row(table: pd.DataFrame, row: Row, **levels: str) -> pd.Series | None:
    asked = {**levels, "contrast": row["contrast"], "stratum": row["stratum"]}
    for column, value in asked.items():
        table = table[table[column] == value]
    return None if table.empty else table.iloc[0]


def require_arms(design: Any) -> None:
    """Refuse a formula, which names no arms, and a stimulus in the place of the co-culture."""
    if not hasattr(design, "mono"):
        msg = (
            "ms.tl.claims asks about arms (alone, co-culture, inhibitor), which a formula does not name. "
            "Use ms.Design(culture=...), with line= where there are two and inhibitor= where there is one."
        )
        raise DesignError(msg)
    told = no_coculture(design)
    if told:
        msg = f"ms.tl.claims holds statements about co-culture against the samples. {told}"
        raise DesignError(msg)

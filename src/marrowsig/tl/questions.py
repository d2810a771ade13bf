"""What the study claims of some programmes, asked of all three, in leukaemia cells and in stroma."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from marrowsig._carry_over import NO_REFERENCE, NOT_EXAMINED, RULED_OUT
from marrowsig._contrast_levels import cause_in_levels
from marrowsig._drug_apart import drug_apart
from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning
from marrowsig._people import name_people
from marrowsig._two_cultures import name_cultures
from marrowsig.tl._claims_asked import FURTHER, QUESTIONS
from marrowsig.tl._claims_checks import recheck, require_arms
from marrowsig.tl._claims_data import data_of
from marrowsig.tl._claims_given import as_claimed
from marrowsig.tl._claims_leukaemia_rna import with_leukaemia_rna
from marrowsig.tl._claims_null import fill_null
from marrowsig.tl._claims_numbers import adjust, by_method
from marrowsig.tl._claims_rows import signature_rows, stroma_rows
from marrowsig.tl._claims_stroma import IN_STROMA
from marrowsig.tl._claims_verdicts import as_rows, not_asked, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.qc._confounder_result import Confounder
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import Signature

NEEDED = ("claim", "stratum", "line", "verdict")


def questions(
    adata: AnnData,
    design: Design,
    *,
    claims: pd.DataFrame,
    stroma: Stroma | AnnData | pd.Series | str | None = None,
    partner: str | None = None,
    carry_over: bool | None = None,
    maturation: Confounder | None = None,
    null: pd.DataFrame | None = None,
    signatures: Mapping[str, str | Signature | Iterable[str | Signature]] | None = None,
    methods: str | Iterable[str] | None = None,
    min_coverage: float | None = None,
    agreement: float | None = None,
    alpha: float | None = None,
) -> pd.DataFrame:
    """Ask of every programme and both partners what the study claims of some: no claims, a family apart.

    Of leukaemia cells: does the IL-6 response, and does JAK/STAT3 activity, rise more in resistant cells, and
    does each inhibitor reverse it? Of the stroma of the co-cultures: does EMT, the IL-6 response or JAK/STAT3
    activity rise, more so with resistant cells, and does each inhibitor reverse it? The rules are those of
    `ms.tl.claims`, whose p stay as they are. `adata` is not changed.

    Parameters
    ----------
    adata, design
        As for `ms.tl.claims`.
    claims
        What it returned for them: a reversal, and "more in resistant", need a rise that is itself supported.
        It knows what it was given with, until it is saved or joined with another table.
    stroma, partner, carry_over, maturation, null, signatures, methods, min_coverage, agreement, alpha
        As for `ms.tl.claims`; what is None is as the claims had it. Stroma is asked about where `partner` (or
        `stroma`) is a level of the compartment column, of two samples or more in each arm; `claims` do not
        hold it. Stroma alone that belongs to no line is compared with that of each line; "more with resistant
        cells" is then the stroma with resistant less that with parental cells.

    Returns
    -------
    DataFrame
        Columns as of `ms.tl.claims`; `family` is "further questions", and `p_adj` is Holm over them. Rows of
        compartment "stroma" are checked for RNA carried over from leukaemia cells, as `ms.qc.stroma` does
        with leukaemia cells grown alone in the place of stroma: `stroma`, `carried` and the `filtered_`
        columns are about that. Stroma is not asked about maturation, and has one version of each signature.
        `ms.qc.stroma(...).as_claimed(claims, questions).leukaemia_shares` has the share of leukaemia RNA in
        each sample of stroma.

    Raises
    ------
    DesignError
        As `ms.tl.claims` does.
    InputError
        If `claims` is no result of `ms.tl.claims`, and as that does.

    Warns
    -----
    InputWarning
        If the claims had a reference of stroma that their table no longer knows, and none is given here.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata, msc = ms.ds.demo(), ms.ds.demo_stroma()
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> claims = ms.tl.claims(adata, design, stroma=msc, methods="mean")
    >>> further = ms.tl.questions(adata, design, claims=claims)
    >>> further.set_index("claim").loc["il6_response_more_in_resistant", "verdict"]
    'supported'
    """
    require_arms(design)
    lacking = [name for name in NEEDED if name not in claims]
    if lacking:
        msg = f"claims= has no column {lacking[0]}. Give what ms.tl.claims(adata, design) returns."
        raise InputError(msg)
    given = as_claimed(
        claims, stroma=stroma, partner=partner, carry_over=carry_over, maturation=maturation, null=null,
        signatures=signatures, methods=methods, min_coverage=min_coverage, agreement=agreement, alpha=alpha,
    )  # fmt: skip
    return _answers(adata, design, claims, **given)


def _answers(
    adata: AnnData,
    design: Design,
    claims: pd.DataFrame,
    *,
    stroma: Any,
    partner: str | None,
    carry_over: bool,
    maturation: Confounder | None,
    null: pd.DataFrame | None,
    signatures: Mapping[str, str | Signature | Iterable[str | Signature]] | None,
    methods: str | Iterable[str] | None,
    min_coverage: float,
    agreement: float,
    alpha: float,
) -> pd.DataFrame:
    with warnings.catch_warnings():
        for known in (CoverageWarning, GeneWarning, InputWarning):  # the claims have said it
            warnings.simplefilter("ignore", known)
        data = data_of(adata, design, signatures, methods, stroma, partner, min_coverage=min_coverage)
    rows = signature_rows(
        data, design, stroma, maturation, carry_over=carry_over, alpha=alpha, statements=FURTHER
    )
    _ask_for_stroma(claims, rows)
    own, why = stroma_rows(data, design, stroma, carry_over=carry_over, alpha=alpha)
    rows += own
    fill_null(rows, null)
    for row in rows:
        row["family"] = QUESTIONS
    adjust(rows, alpha=alpha)
    recheck(rows, claims)
    cause_in_levels(rows, design)
    name_people(rows, design, data.blasts.obs)
    name_cultures(rows, design)
    by_method(rows, list(data.scores), alpha=alpha)
    rises = {
        (str(row["claim"]), str(row["stratum"]), str(row["line"])): str(row["verdict"])
        for row in claims.to_dict("records")
    }
    verdicts(rows, alpha=alpha, agreement=agreement, known=rises)
    apart = drug_apart(adata, design)
    rows += not_asked(rows, FURTHER, apart)
    rows += [{**row, "reason": why or row["reason"]} for row in not_asked(rows, IN_STROMA, apart)]
    return with_leukaemia_rna(as_rows(rows, alpha=alpha, family=QUESTIONS), data.checks, data, design)


def _ask_for_stroma(claims: pd.DataFrame, rows: list[dict[str, Any]]) -> None:
    """Warn if the claims were examined for stroma, and these rows for want of a reference are not."""
    if "stroma" not in claims or all(row["stroma"] != NO_REFERENCE for row in rows):
        return
    if not claims["stroma"].fillna("").isin(["", NO_REFERENCE, NOT_EXAMINED, RULED_OUT]).all():
        msg = (
            "The claims were made with stroma=, which their table, read from a file or joined with another, "
            "no longer knows, so what needs it is answered 'cannot tell'. Give it again, as in "
            "ms.tl.questions(adata, design, claims=claims, stroma=msc)."
        )
        warnings.warn(msg, InputWarning, stacklevel=4)

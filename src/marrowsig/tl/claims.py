"""What the study says of co-culture, resistance and inhibitors, held against the user's own data."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._contrast_levels import cause_in_levels
from marrowsig._drug_apart import drug_apart
from marrowsig._errors import CoverageWarning, GeneWarning, InputError
from marrowsig._people import name_people
from marrowsig._two_cultures import name_cultures
from marrowsig.tl._claims_checks import recheck, require_arms, warn_of_share
from marrowsig.tl._claims_data import data_of
from marrowsig.tl._claims_gene import check_genes
from marrowsig.tl._claims_given import keep
from marrowsig.tl._claims_null import fill_null
from marrowsig.tl._claims_numbers import adjust, by_method
from marrowsig.tl._claims_partners import joint, partner_rows
from marrowsig.tl._claims_rows import signature_rows
from marrowsig.tl._claims_verdicts import as_rows, not_asked, verdicts
from marrowsig.tl._depth import warn_of_depth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.qc._confounder_result import Confounder
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import Signature

AGREEMENT = 0.75


def claims(
    adata: AnnData,
    design: Design,
    *,
    stroma: Stroma | AnnData | pd.Series | str | None = None,
    partner: str | None = None,
    carry_over: bool = True,
    maturation: Confounder | None = None,
    genes: pd.DataFrame | None = None,
    null: pd.DataFrame | None = None,
    signatures: Mapping[str, str | Signature | Iterable[str | Signature]] | None = None,
    methods: str | Iterable[str] | None = None,
    min_coverage: float = 0.5,
    agreement: float = AGREEMENT,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Judge each statement of the co-culture study on these samples: supported, contradicted, or neither.

    The statements: EMT rises in co-culture; more in resistant cells; the IL-6 response rises; JAK/STAT3
    activity rises; each inhibitor reverses EMT; IL6 itself rises in both partners. The table is wide:
    `ms.get.table(claims)` shows the size and p to cite. `adata` is not changed. `ms.tl.questions` takes from
    the table what was given here.

    Parameters
    ----------
    adata
        Samples x genes (bulk, or sums of cells per donor), `var_names` current symbols; counts or log
        expression. It need not have been scored: what the claims need is scored in a copy.
    design
        Which columns of `adata.obs` say what each sample is.
    stroma
        What `ms.qc.stroma` returned (with the first signature of each axis, the first method and
        `genes=["IL6"]`), or the reference to work it out from: the level that names stroma in the study, an
        AnnData of stroma grown alone, or a Series of linear expression. Without it no claim about the
        leukaemia cells can be supported.
    partner
        Level of the compartment column that names the stroma of the co-cultures, for IL6 in both partners.
        By default `stroma`, where that is such a level.
    carry_over
        False where no RNA of stroma can be in the samples (reads told apart by species): not asked then.
        Membranes leak, and vesicles carry RNA: with `stroma` given too, a warning says what samples hold.
    maturation
        What `ms.qc.maturation` returned; worked out if None.
    genes
        What `ms.tl.genes` returned for the leukaemia cells; worked out for IL6 if None.
    null
        What `ms.qc.null` returned with the same design: then `p_null` is the p against random sets of genes,
        and a claim that is supported says where these moved as much. It changes no verdict.
    signatures
        Axis (`"emt"`, `"il6"`, `"stat3"`) to ids, also of your own lists that were scored, or `Signature`
        objects, one or several: the first answers, the others are versions that have to agree. Choose them
        before the data are seen. By default those of `docs/claims.md`.
    methods
        Scoring methods: the first answers, the others have to agree. By default those that `adata` was
        scored with if these are two or more, else singscore, the mean and UCell.
    min_coverage
        Share of a signature's genes that must be in `var_names`.
    agreement
        Share of all methods and versions that must have the sign of the estimate.
    alpha
        Bound of adjusted p, and one minus the level of the intervals.

    Returns
    -------
    DataFrame
        One row per claim, stratum, line and inhibitor.

        - `claim` and `statement`; `signature` that answers, `versions` and `method`.
        - `estimate`, `ci_low`, `ci_high`: in units of the score (of IL6 a difference on the scale that
          `scale` names, such as "log2 CPM"; of a reversal, positive when the score falls). `n_test` and
          `n_base` count the samples of the smallest arm on that side.
        - `p` is two-sided, on `df` degrees of freedom as the interval is; `p_adj` Holm over all claims of the
          table (`family_size`), `filtered_p_adj` the same for the contrasts without the genes that carry-over
          could move.
        - `verdict`: "supported", "contradicted", "not supported", "cannot tell", or "not asked" where the
          samples hold no such comparison; `rule` says which of `ms.tl.claim_rules` gave it, `reason` and
          `sentence` say why. "Not supported" is no evidence of no change; `detectable` is the difference that
          this design finds with power 0.8 at `alpha / family_size`.
        - `borderline`: what little would have turned the verdict; empty for nothing.
        - `agreement`: share of `n_specifications` (methods x versions) with the sign of the estimate;
          `other_sign` names the rest, of which `n_against` exclude zero at `alpha`, unadjusted.
        - `stroma`, `maturation`: verdicts of `ms.qc.stroma` and, of the size that `maturation_of` names, by
          the rule of `ms.qc.maturation`, such as "not explained by maturation".
        - `cell_types`, of sums of cells: the verdict with the same shares of types in all sums, where shares
          differ (`types_moved`, points); `same_shares_estimate` with its interval is the size there, of the
          mean over `same_shares_draws` draws.
        - `note`: of a reversal that no sample alone had the drug, of the IL-6 response which receptor the
          cells do not express, and of IL6 how many counts it has.

        Rows of compartment "both" have the larger p of both partners and are not counted.

    Raises
    ------
    DesignError
        If the samples do not fit the design, the design is a formula, the level given as `co` names a
        cytokine or a drug in place of stroma, or no sample of a line grew alone.
    InputError
        If a result given lacks columns, or an axis, signature or method is not known.

    Warns
    -----
    InputWarning
        If arms differ in depth, as `ms.tl.compare` does; or samples hold RNA of stroma that
        `carry_over=False` says is impossible, or this cannot be told beside one sample alone.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> table = ms.tl.claims(ms.ds.demo(), design, stroma=ms.ds.demo_stroma())
    >>> table.set_index("claim").loc["emt_more_in_resistant", "verdict"]
    'supported'

    References
    ----------
    Lu et al., Cancer Science 2023, doi:10.1111/cas.15855 (the statements).
    Holm, Scandinavian Journal of Statistics 1979, 6:65-70.
    """
    require_arms(design)
    _check(alpha, agreement)
    check_genes(genes)
    with warnings.catch_warnings():
        for known in (
            CoverageWarning,
            GeneWarning,
        ):  # `n_specifications` counts the rest
            warnings.simplefilter("ignore", known)
        data = data_of(adata, design, signatures, methods, stroma, partner, min_coverage=min_coverage)
    warn_of_depth(data.blasts, data.plans)
    rows = signature_rows(data, design, stroma, maturation, carry_over=carry_over, alpha=alpha)
    if not carry_over:
        warn_of_share(data, design, stroma, alpha=alpha)
    rows += partner_rows(data, design, genes, carry_over=carry_over, alpha=alpha)
    fill_null(rows, null)
    adjust(rows, alpha=alpha)
    recheck(rows)
    cause_in_levels(rows, design)
    name_people(rows, design, data.blasts.obs)
    name_cultures(rows, design)
    by_method(rows, list(data.scores), alpha=alpha)
    verdicts(rows, alpha=alpha, agreement=agreement)
    rows += joint(rows, data, stroma, design, alpha=alpha)
    rows += not_asked(rows, apart=drug_apart(adata, design))
    return keep(
        as_rows(rows, alpha=alpha), stroma=stroma, partner=partner, carry_over=carry_over,
        maturation=maturation, null=null, methods=list(data.scores), min_coverage=min_coverage,
        signatures={axis: [data.signatures[id] for id in own] for axis, own in data.ids.items()},
        agreement=agreement, alpha=alpha,
    )  # fmt: skip


def _check(alpha: float, agreement: float) -> None:
    for name, value, top in (("alpha", alpha, 1.0), ("agreement", agreement, 1.0 + 1e-9)):
        if not 0 < value < top:
            msg = f"{name} is {value!r}; it has to lie between 0 and 1."
            raise InputError(msg)

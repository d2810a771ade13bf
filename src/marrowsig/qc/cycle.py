"""Whether the cell cycle moves, and whether it explains an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.qc._confounder import Confounder, confounder

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature, SignatureSet


def cycle(
    adata: AnnData,
    design: Design | FormulaDesign | None = None,
    *,
    signatures: SignatureSet | Signature | str | list[str | Signature] | None = None,
    method: str | list[str] | None = None,
    layer: str | None = None,
    sensitivity: pd.DataFrame | None = None,
    alpha: float = 0.05,
) -> Confounder:
    """Score the cell cycle, say whether it moves between the arms, and judge effects in its light.

    Parameters
    ----------
    adata
        Samples x genes, in any unit; for verdicts, after `ms.tl.score`.
    design
        As for `ms.tl.compare`. Without it there are only scores, shares and correlations over all units.
    signatures, method
        As for `ms.tl.sensitivity`.
    layer
        Layer to score instead of `X`.
    sensitivity
        What `ms.tl.sensitivity` returned for the same samples, design, signatures, methods and `alpha`;
        worked out if None.
    alpha
        One minus the level of the intervals.

    Returns
    -------
    Confounder
        Five tables. `scores`, one row per sample: sample, s, g2m and their mean `cycle` (singscore of the
        lists of Tirosh 2016; NaN where fewer than ten genes of a part are measured).
        `shifts`, one row per part, contrast and stratum: estimate with ci_low and ci_high (score units), p
        (not adjusted), effect with interval (SD units, named in effect_name), test.
        `shares`, one row per signature: n_genes (measured), n_confounded, share and genes that are genes of
        the cell cycle.
        `verdicts`, one row per method, signature, contrast and stratum: estimate, shift of the cycle score,
        `without` (scored without cell-cycle genes) and `adjusted` (for a cycle score without the genes of
        the signature), each with its interval, n_removed, se_inflation of the adjustment, `verdict` and
        `sentence`.
        `correlations`, one row per method, signature, stratum and `over` ("between units": means of each unit
        beyond arms, batches and covariates; "within units": what the model with pairs leaves; without a
        design "over all units"): n_units, df, r with interval (partial correlation with the cycle score
        without the genes of the signature), share (its square), and the same `without` cell-cycle genes.
        `unit` is the column that names the units; cells are none. NaN, with a note, below four units.
        `describe()` writes all of it in words. Nothing is written.

    Raises
    ------
    InputError, DesignError
        As `ms.tl.sensitivity` does.

    Warns
    -----
    InputWarning
        If too few genes are measured for a score.

    Notes
    -----
    The verdict is the first that fits:

    1. "not asked: no effect established": the interval of the effect as it is holds zero, so there
       is nothing that the cell cycle could explain; it does not say that the cell cycle stands still.
    2. "not explained by the cell cycle": without cell-cycle genes, and also when adjusted, the estimate has
       the same sign and its interval excludes zero.
    3. "may be the cell cycle": the interval of the shift of the cycle score excludes zero, and either sign
       or exclusion of zero are lost without the genes, or less than half of the estimate is left when
       adjusted. Not if more is left than there was: a confounder that pushed the other way explains nothing.
    4. "cannot tell": all else. It comes before 3 where adjusting says little (a standard error at least three
       times as wide, the unadjusted estimate within the interval) while the score without the genes moves as
       before: it stands, or keeps three quarters of the estimate.

    A signature without cell-cycle genes passes the first half of 2 by itself: its verdict then ends with
    "by adjusting alone: none of its genes is a cell-cycle gene".

    How often these verdicts are right is in docs/confounders.md: in simulated studies with no effect but the
    confounder's, "not explained" came out in 1.3 % (at worst in 8 % of 60).
    Intervals are at `alpha` and not adjusted for the number of contrasts, so that no effect that a claim
    establishes, which has an adjusted p, is "not asked". "Not explained" is said of what
    was measured: a covariate with noise takes away too little. Where the arms themselves change the cell
    cycle, "may be" does not say that the effect is not real, only that it cannot be told from this change.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.sarrio2008")
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> found = ms.qc.cycle(adata, design)
    >>> found.shares[["n_genes", "n_confounded"]].values.tolist()
    [[311, 39]]
    >>> found.verdicts.set_index("contrast").loc["co_in_resistant", "verdict"]
    'may be the cell cycle'

    References
    ----------
    Fisher, Metron 1921, 1:3-32 (the interval of a correlation).
    Tirosh et al., Science 2016, doi:10.1126/science.aad0501.
    """
    return confounder(
        adata,
        "cycle",
        design,
        signatures=signatures,
        method=method,
        layer=layer,
        table=sensitivity,
        alpha=alpha,
    )

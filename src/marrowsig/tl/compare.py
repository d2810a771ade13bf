"""Compare signature scores between the arms of a design."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from marrowsig._arms import read as read_arms
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputError, count
from marrowsig._given import require_design
from marrowsig._joined_levels import may_hold_drug
from marrowsig._log import logger
from marrowsig._plan import require_one, warn_outside, warn_unanswered
from marrowsig._provenance import lists_scored
from marrowsig._repeats import is_formula
from marrowsig._titles import CONTRASTS, in_words, titles_scored
from marrowsig._titles import KEY as TITLES
from marrowsig._unasked import CAUTIONS
from marrowsig.tl._borrowed import panel_values
from marrowsig.tl._carried_unasked import unasked
from marrowsig.tl._cautions import cautions
from marrowsig.tl._composition import warn_of_composition
from marrowsig.tl._depth import warn_of_depth
from marrowsig.tl._estimates import estimates
from marrowsig.tl._expected import expectations, expected_of
from marrowsig.tl._families import adjusted, primary_family, require_known
from marrowsig.tl._few_cells import few_cells
from marrowsig.tl._genes_measured import with_genes
from marrowsig.tl._margins import equivalent, margins
from marrowsig.tl._own_contrasts import averaged_rows, lacking_rows
from marrowsig.tl._same_lists import warn_of_same_lists
from marrowsig.tl._scored import frames
from marrowsig.tl._unlike_batches import unlike_batches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.sig import Signature, SignatureSet

COLUMNS = (
    "signature", "axis", "method", "contrast", "stratum", "test_arm", "base_arm", "n_test", "n_base",
    "n_pairs", "estimate", "ci_low", "ci_high", "se", "df", "stat", "p", "p_adj",
    "effect", "effect_name", "effect_low", "effect_high", "test", "p_welch",
    "family", "family_size", "unit", "expected", "verdict",
    "adjustment", "p_perm", "p_perm_min", "perm", "se_inflation", "detectable", "df_welch", "n_both",
    "margin", "p_equivalence", "equivalence_low", "equivalence_high", "equivalent",
    "genes_found", "genes_listed",
)  # fmt: skip

MOVED = dict.fromkeys(("inhibitor", "drug"), ("lowered by inhibitor", "raised by inhibitor"))
"""Verdicts of contrasts that are positive when the score falls."""


def compare(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    method: str | list[str] | None = None,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None = None,
    primary: str | list[str] | None = None,
    primary_contrasts: str | list[str] | None = None,
    adjust: str = "holm",
    moderate: bool = False,
    margin: float | dict[str, float] | None = None,
    permutations: int | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Estimate every contrast of a design for every scored signature.

    One linear model per stratum: a mean per arm, pairs (within a line) and batches as fixed effects, and the
    contrast read off with its t on the residual degrees of freedom. Contrasts between lines are fitted on
    their own two arms, paired where the levels of `pair` span them. `adata` is not changed.

    What is tested is whether the score moved, not whether it moved more than scores of other genes would
    (a self-contained test). Where much of the transcriptome changes, most signatures move with it: of random
    sets of 40 genes 63 % had p below 0.05 in a comparison of real cells 21 hours apart. Whether *these* genes
    moved more is asked by `ms.qc.null` and by camera in `ms.tl.gene_sets`.

    Parameters
    ----------
    adata
        Samples x genes, with `obsm["score_<method>"]` from `ms.tl.score`.
    design
        Which columns of `adata.obs` say what each sample is, or a formula from `ms.Design.from_formula`.
    method
        Scoring methods to compare; all that were scored if None.
    signatures
        Signatures, ids or axes (`"emt"`) to compare; all that were scored if None. They are the family over
        which p is adjusted: one alone is a family of one, with `p_adj` equal to `p`. So name them before
        looking, and do not ask one by one.
    primary
        Signatures, ids or axes that the study is about, named before the data were seen. Their tests form
        one family per method and stratum, adjusted by Holm; all others are secondary.
    primary_contrasts
        Contrasts of the primary family, by name (`"co_in_resistant"`) or kind (`"induction"`, `"resistance"`,
        `"interaction"`, `"reversal"`, `"residual"`, `"drug"`). If None: induction, interaction and reversal,
        and all contrasts of a formula.
    adjust
        Of the primary family: `"holm"`, or `"maxt"`, which rotates the residuals to use how the tests are
        correlated (all its contrasts have to be of one model).
    moderate
        Draw the residual variances towards those of all signatures that were scored (50 or more), as limma
        does with genes: more power at three samples per arm, at a level of 0.05 to 0.06. `df` and `test` say
        what was added; `p_welch` and `p_perm` stay as they are.
    margin
        How small a difference counts as none, in units of the score and chosen before the data were seen;
        with several methods a dict of method to margin. Every contrast is then also tested for lying within
        it, which "was not moved" asks for. A p above 0.05 does not show that.
    permutations
        Arrangements of the samples to draw for `p_perm`, and the most that are enumerated; 0 for none. If
        None: up to 9999, fewer in larger studies, and none where a model has many hundred samples.
    alpha
        One minus the level of the intervals, and the bound of `p_adj` for a verdict.

    Returns
    -------
    DataFrame
        One row per method, stratum, contrast and signature; docs/howto/result_table.md goes through its
        columns one by one.

        - `estimate`, `ci_low`, `ci_high`, `se`: in units of the score; intervals are not adjusted.
        - `n_test`, `n_base`: rows of the smallest arm on that side that the model uses (in pairs those with a
          partner; of rows that were not tested, those that are there). `n_pairs`: blocks that hold both sides
          (of an interaction: in each line; 0 without pairs). Of a formula with a term for donors: those that
          hold both sides, in the arm that has fewest of them; `n_both` are those in all of four arms.
        - `stat`, `df`, `p`, and `p_adj`: Benjamini-Hochberg over the signatures of one method, contrast and
          stratum, controls (axis `"control"`) by themselves, or Holm (maxT) over the primary family;
          `adjustment`, `family` and `family_size` say which. Signatures of the primary family are a family by
          themselves in every other contrast, too (Benjamini-Hochberg), so that no p of theirs hangs on what
          else is scored. Lists of your own that `primary=` does not name are adjusted with all other
          secondary signatures.
        - `effect`: Hedges' g, or `g_z` (per SD of the within-pair difference) for two paired arms and for
          averages by unit; for an interaction of paired differences, g is per SD of those differences;
          `g_residual` is per residual SD within the units of a formula. All carry Hedges' factor, which takes
          out the bias of small samples. `effect_low` and `effect_high` are the interval of the true effect,
          by the noncentral t, without that factor: multiplied by it, it would cover too rarely. `detectable`
          is the effect before the factor that this design finds with power 0.8 at `alpha`, unadjusted. At
          one degree of freedom (two pairs) all four are NaN.
        - `p_welch` (t with `df_welch`): without one variance for all arms. In pairs the one-sample t of the
          contrast's own differences, of an interaction of pairs Welch's of the differences of the two lines,
          or where `n_both` pairs (three or more, and most) stand in both lines, the t of one difference of
          differences per pair, adjusted as the model is. Else NaN with covariates and numbers, with batches
          that are not constant within pairs, and where `p` is that test (two arms in whole pairs alone). Of
          a formula: that page.
        - `p_perm`: permutes the residuals of the model without the contrast (Freedman and Lane), within pairs
          and batches; of an interaction of pairs, their differences between the lines. `perm` is "exact" if
          all arrangements were visited, else "sampled"; empty, and p NaN, where the smallest possible value
          `p_perm_min` is above `alpha`. Nothing is permuted, and `p_perm_min` is NaN too, with fewer than
          four rows in an arm, for interactions without pairs and with covariates, for two arms in pairs with
          covariates, and for a formula.
        - `se_inflation`: how many times covariates widen the standard error at equal noise.
        - `genes_found` of the `genes_listed` of a signature were measured when it was scored.
        - `expected`: the direction that a shipped signature states for co-culture, resistance or inhibitor;
          empty for differences of these and where the levels do not say which is which.
        - `verdict` (of the score, not against other genes): "up", "down", "not established" or "not tested";
          of a reversal, which is positive when the score falls, "lowered by inhibitor" or "raised by
          inhibitor". "Not established" is no evidence of no change.
        - With a `margin`, `p_equivalence`: two one-sided t tests of a difference of `margin` or more, either
          way; not adjusted and no part of a family. `equivalence_low` to `equivalence_high` is the
          `1 - 2 alpha` interval; `equivalent` is "yes" where it lies within the margin, "no" where the
          `1 - alpha` interval lies beyond it, else "not shown". A small difference can be established and
          equivalent at once.

        `attrs["alpha"]` is `alpha`, and `attrs["cautions"]` what `ms.tl.explain`, which writes the rows as
        sentences, says of unlike or unlabelled cells, thinned counts, rows of one unit that a formula
        averages, carry-over that was not asked, and effects that differ between batches (F of effect x batch,
        p < 0.01).

    Raises
    ------
    DesignError
        If the samples do not fit the design, answer none of its questions, or are cells, or samples of one
        donor, that `unit` names as replicates; the message holds the call that sums them.
    InputError
        If nothing was scored, a method, signature or contrast asked for is not there, or a number is out of
        its range.

    Warns
    -----
    InputWarning
        If contrasts cannot be estimated, rows have no partner, a donor recurs unpaired, or arms differ more
        than twofold in `layers["counts"]` (1.25-fold in sums of cells below two million counts), or if
        sums of cells are of unlike cell types in two arms (`ms.pp.pseudobulk` keeps their shares).

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.hallmark", min_coverage=0.0)
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> result = ms.tl.compare(adata, design)
    >>> sorted(result["contrast"].unique())
    ['co_in_parental', 'co_in_resistant', 'interaction', 'resistance_in_co', 'resistance_in_mono']

    References
    ----------
    Hedges, Journal of Educational Statistics 1981, doi:10.3102/10769986006002107.
    Smyth, Statistical Applications in Genetics and Molecular Biology 2004, doi:10.2202/1544-6115.1027.
    Benjamini and Hochberg, Journal of the Royal Statistical Society B 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x.
    Holm, Scandinavian Journal of Statistics 1979, 6:65-70.
    Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 1987, doi:10.1007/BF01068419 (margin).
    Langsrud, Statistics and Computing 2005, doi:10.1007/s11222-005-4789-5 (rotation).
    Freedman and Lane, Journal of Business and Economic Statistics 1983, doi:10.1080/07350015.1983.10509354.
    Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology 2010,
    doi:10.2202/1544-6115.1585.
    """
    _check(alpha, permutations, asked=margin is not None)
    require_known(adjust)
    scored = frames(adata, method=method, signatures=signatures)
    require_design(design)
    allowed = margins(margin, list(scored))
    with naming_counts(adata):
        plans = design.plans(adata.obs)
    more = few_cells(adata, design, plans)
    require_one(plans, more=more)
    if moderate and adjust == "maxt":
        msg = "moderate=True and adjust='maxt' cannot be had together. Use adjust='holm'."
        raise InputError(msg)
    named = [name for table in scored.values() for name in table.columns]
    family = primary_family(primary, primary_contrasts, plans=plans, scored=named)
    if not is_formula(design):
        fields = cast("Design", design)
        warn_outside(read_arms(fields, adata.obs), more=may_hold_drug(fields, adata.obs))
    warn_unanswered(plans, more=more)
    warn_of_same_lists(scored, lists_scored(adata))
    warn_of_depth(adata, [plan for plan in plans if plan.contrast.weights])
    warn_of_composition(adata, plans)
    tables = []
    for name, scores in scored.items():
        for stratum in dict.fromkeys(plan.stratum for plan in plans):
            own = [plan for plan in plans if plan.stratum == stratum]
            every = adata.obsm[f"score_{name}"] if moderate else None
            table = _stratum(own, name, scores, alpha, permutations, every, allowed[name])
            tables.append(_judged(adjusted(table, family, adjust, own, scores), own, alpha))
    result = _with_expected(pd.concat(tables, ignore_index=True), plans)
    result = with_genes(adata, result)[list(COLUMNS)]
    result.attrs["alpha"] = float(alpha)  # for figures and reports, which name the level
    result.attrs["sha256"] = lists_scored(adata)  # for reports, which refuse a result of other lists
    result.attrs[TITLES] = titles_scored(adata)
    result.attrs[CONTRASTS] = in_words(result["contrast"], design)
    found = [
        *cautions(adata, plans),
        *averaged_rows(plans),
        *lacking_rows(plans),
        *unasked(adata, design, plans),
    ]
    if found := [*found, *unlike_batches(plans, scored, design.columns)]:
        result.attrs[CAUTIONS] = found
    _tell(result, plans)
    return result


def _tell(result: pd.DataFrame, plans: list[Plan]) -> None:
    models = dict.fromkeys(plan.model.words for plan in plans if plan.model is not None)
    told = ", ".join(f"{n} {word}" for word, n in result["verdict"].value_counts().items())
    logger.info(
        "compare: %s x %s by %s (%s); %s",
        count(result.groupby(["contrast", "stratum"]).ngroups, "contrast"),
        count(result["signature"].nunique(), "signature"),
        ", ".join(result["method"].unique()), "; ".join(models), told,
    )  # fmt: skip


def _check(alpha: float, permutations: int | None, *, asked: bool) -> None:
    most = 0.5 if asked else 1  # the interval of an equivalence is one of 1 - 2 alpha
    if not 0 < alpha < most:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and {most}, for example 0.05."
        raise InputError(msg)
    if permutations is None:
        return
    if isinstance(permutations, bool) or not isinstance(permutations, int | np.integer) or permutations < 0:
        msg = f"permutations is {permutations!r}; it has to be a whole number, 0 for none."
        raise InputError(msg)


def _stratum(
    plans: list[Plan],
    method: str,
    scores: pd.DataFrame,
    alpha: float,
    permutations: int | None,
    every: pd.DataFrame | None,
    margin: float,
) -> pd.DataFrame:
    """Estimate the contrasts of one method and stratum; variances borrow from `every` signature."""
    tables = []
    for plan in plans:
        panel = None
        if every is not None and plan.model is not None:
            panel = panel_values(plan.model, every, method)
        table = estimates(plan, scores, alpha, permutations=permutations, panel=panel, margin=margin)
        if panel is not None:
            told = table["p"].notna()
            table.loc[told, "test"] += f", variances moderated over {panel.shape[1]} signatures"
        table["margin"], table["equivalent"] = margin, equivalent(table, margin, alpha)
        tables.append(_labelled(plan, method, table, scores))
    return pd.concat(tables, ignore_index=True)


def _labelled(plan: Plan, method: str, table: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    # All at once, as one column after the other takes a fifth of the time of a comparison.
    labels = {
        "axis": [str(s).split(".")[0] if "." in str(s) else "" for s in scores.columns],
        "method": method,
        "contrast": plan.contrast.name,
        "stratum": plan.stratum,
        "test_arm": plan.contrast.test,
        "base_arm": plan.contrast.base,
        "n_test": plan.n(test=True),
        "n_base": plan.n(test=False),
        "n_pairs": plan.n_pairs,
        "n_both": plan.n_both,
        "unit": plan.unit,
    }
    return pd.DataFrame({"signature": list(scores.columns), **dict(table.items()), **labels})


def _judged(table: pd.DataFrame, plans: list[Plan], alpha: float) -> pd.DataFrame:
    factor = {plan.contrast.name: plan.contrast.factor for plan in plans}
    words = np.array([MOVED.get(factor[name], ("up", "down")) for name in table["contrast"]])
    moved = np.where(table["estimate"] > 0, words[:, 0], words[:, 1])
    told = np.where(table["p_adj"] < alpha, moved, "not established")
    table["verdict"] = np.where(table["p_adj"].isna(), "not tested", told).astype(object)
    return table


def _with_expected(result: pd.DataFrame, plans: list[Plan]) -> pd.DataFrame:
    stated = expectations(result["signature"].unique())
    asked = {plan.contrast.name: plan.contrast for plan in plans}
    keys = zip(result["signature"], result["contrast"], strict=True)
    result["expected"] = [expected_of(asked[contrast], signature, stated) for signature, contrast in keys]
    return result

"""The same contrasts without the genes of confounders, adjusted for them, among other genes and columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._confounders import KINDS, require_kinds
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import InputError, InputWarning, first
from marrowsig._given import require_design
from marrowsig._plan import require_one
from marrowsig._titles import CONTRASTS, in_words, titles_scored
from marrowsig._titles import KEY as TITLES
from marrowsig.tl._design_variants import further
from marrowsig.tl._rescored import can_be_scored_alone, require_current, signatures_of
from marrowsig.tl._scored import frames
from marrowsig.tl._sensitivity_genes import among, of_other_genes
from marrowsig.tl._sensitivity_rows import rows
from marrowsig.tl._sensitivity_specs import MAIN, Specification, of_columns, of_genes, of_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anndata import AnnData

    from marrowsig._confounders import Kind
    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.sig import Signature, SignatureSet


def sensitivity(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    method: str | list[str] | None = None,
    signatures: SignatureSet | Signature | str | list[str | Signature] | None = None,
    confounders: str | Sequence[str] = KINDS,
    batch: str | list[str] | None = None,
    covariates: str | list[str] | None = None,
    other_genes: AnnData | bool = True,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Estimate every contrast again without the genes of confounders, adjusted for them, among other genes.

    Nothing is adjusted anywhere else unless the design says so: what co-culture changes in the cell cycle or
    the maturation of cells may be part of how it works, and the total effect is what `ms.tl.compare` gives.
    This table says how much of a result hangs on it; `ms.get.table` shows the columns of it that one reads.
    `adata` is not changed.

    Parameters
    ----------
    adata
        Samples x genes, after `ms.tl.score`; the matrix as it was then.
    design
        As for `ms.tl.compare`, with the batches and covariates of the main model.
    method
        Scoring methods; all that were scored if None, except those that score all signatures at once.
    signatures
        Ids or axes to look at; all that were scored if None. Lists that `ms.sig.fetch` got have to be passed
        themselves, because their genes are needed and are not kept with the scores.
    confounders
        Of `"cycle"` and `"maturation"`; see `ms.qc.cycle` and `ms.qc.maturation` for what they are.
    batch, covariates
        Further columns of `obs`, each put into the model by itself. Those of the design are taken out, each
        by itself; of a formula the numbers, batches and other factors that no contrast is about.
    other_genes
        Whether to score also among the genes that `ms.pp.expressed` keeps, by its rule and bounds. Not asked
        where it refuses: of sums of cells, and without counts. After `ms.pp.expressed`, give the samples as
        they were before, and they are scored among all genes.
    alpha
        One minus the level of the intervals.

    Returns
    -------
    DataFrame
        One row per method, signature, contrast, stratum and `specification`: "as is"; "without cell-cycle
        genes", "without maturation genes" (scored again with the same method and options); "adjusted for
        the cell cycle", "adjusted for maturation" (a covariate scored without the genes of the signature);
        "expressed genes only", or "all genes" (scored again, ranks and totals among these; `attrs` has their
        number, `other_genes`); "without batch 'x'", "with batch 'x'", and the same for covariates (of a
        formula also "without factor 'x'").
        `estimate`, `ci_low`, `ci_high` and `se` are in units of the score, `p` is not adjusted for the number
        of tests. `change` is the estimate less that of "as is", `share_left` their ratio. `se_inflation` is
        how many times the standard error widens at equal noise and `df_lost` the degrees of freedom spent,
        both against "as is".
        `n_genes` counts the measured genes of the signature, `n_removed` and `removed` those left out.
        `same_sign` as "as is"; `excludes_zero`; `holds` if the sign and the exclusion of zero, or its lack,
        are those of "as is"; missing where not known. `note` says why there is no estimate, and `sentence`
        says all of it, with what adjustment means. Nothing is written.

    Raises
    ------
    InputError
        If nothing was scored, scores and matrix do not belong together, the genes of a signature are not
        known, a column is not there, a number is out of its range, or `other_genes` are other samples.
    DesignError
        If the samples do not fit the design, or answer none of its questions.

    Warns
    -----
    InputWarning
        If methods are left out that score all signatures at once; and as `ms.tl.compare` does.

    Notes
    -----
    Without its cell-cycle genes a signature is another one, on another scale: compare signs and intervals
    rather than sizes. A covariate that itself shifts by 1, 2 or 3 SD between the arms widens the standard
    error 1.2, 1.7 and 2.2 times with three samples an arm, and is measured with error: what is left after
    adjustment is not free of it.

    Among which genes to score is settled before results are seen; the row says what the other way would have
    given, for a reader to be told, and not for the better of two to be taken.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.sarrio2008")
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> table = ms.tl.sensitivity(adata, design, confounders="cycle")
    >>> one = table.query("contrast == 'co_in_resistant'")
    >>> one[["specification", "n_removed", "df_lost"]].values.tolist()[:3]
    [['as is', 0, 0.0], ['without cell-cycle genes', 39, 0.0], ['adjusted for the cell cycle', 0, 1.0]]
    >>> one["specification"].iloc[3], table.attrs["other_genes"]
    ('expressed genes only', 6834)

    References
    ----------
    Tirosh et al., Science 2016, doi:10.1126/science.aad0501 (cell cycle).
    Hay et al., Experimental Hematology 2018, doi:10.1016/j.exphem.2018.09.004 (maturation).
    """
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
    kinds = require_kinds(confounders)
    batches = further(design, adata.obs, batch, "batch")
    numbers = further(design, adata.obs, covariates, "covariates")
    scored = _alone(
        adata, frames(adata, method=method, signatures=_ids(signatures)), asked=method is not None
    )
    require_design(design)
    with naming_counts(adata):
        plans = design.plans(adata.obs)
    require_one(plans)
    measured = set(map(str, adata.var_names))
    tables, known = [], dict[Any, Any]()
    other = among(adata, design, given=other_genes)
    for name, table in scored.items():
        sigs = signatures_of(adata, name, map(str, table.columns), signatures)
        require_current(adata, name, sigs, table)
        n_genes = {id: sum(g in measured for g in sig.genes) for id, sig in sigs.items()}
        main = Specification(MAIN, "main", table, plans)
        others = [*_others(adata, name, sigs, table, plans, kinds, known)]
        if other is not None:
            others.append(of_other_genes(other, adata, name, sigs, plans))
        others += of_columns(adata.obs, table, design, batches, numbers)
        tables.append(rows(main, others, name, n_genes, alpha))
    result = pd.concat(tables, ignore_index=True)
    result.attrs["alpha"] = float(alpha)
    if other is not None:
        result.attrs["other_genes"] = int(other.n_vars)
    result.attrs[TITLES] = titles_scored(adata)
    result.attrs[CONTRASTS] = in_words(result["contrast"], design)
    return result


def _others(
    adata: AnnData,
    method: str,
    sigs: dict[str, Signature],
    table: pd.DataFrame,
    plans: list[Plan],
    kinds: list[Kind],
    known: dict[Any, Any],
) -> Iterator[Specification]:
    for kind in kinds:
        yield of_genes(adata, method, kind, sigs, plans)
    for kind in kinds:
        yield from of_scores(adata, method, kind, sigs, table, plans, known)


def _ids(signatures: Any) -> Any:
    """Names of what was asked for, as `frames` takes them."""
    if isinstance(signatures, list | tuple):
        return [str(getattr(one, "id", one)) for one in signatures]
    return signatures


def _alone(adata: AnnData, scored: dict[str, pd.DataFrame], *, asked: bool) -> dict[str, pd.DataFrame]:
    joint = [name for name in scored if not can_be_scored_alone(adata, name)]
    if joint and (asked or len(joint) == len(scored)):
        msg = (
            f"{first(joint)} scores all signatures at once, so that one without some of its genes would "
            "change the others. Use e.g. method='singscore'."
        )
        raise InputError(msg)
    if joint:
        msg = f"{first(joint)} scores all signatures at once, and is left out."
        warnings.warn(msg, InputWarning, stacklevel=3)
    return {name: table for name, table in scored.items() if name not in joint}

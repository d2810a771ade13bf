"""Compare every gene between the arms of a design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import special

from marrowsig._log import logger
from marrowsig._stats.fdr import bh
from marrowsig.tl._expression import read, warn_of_doubts
from marrowsig.tl._gene_models import Models, told_of_flat
from marrowsig.tl._gene_plans import check_alpha, plans_of
from marrowsig.tl._own_contrasts import of_rows

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._plan import Plan
    from marrowsig._stats.ols import Array
    from marrowsig.design import Design
    from marrowsig.tl._gene_model import GeneModel

COLUMNS = (
    "gene", "contrast", "stratum", "n_test", "n_base", "n_pairs", "estimate", "ci_low", "ci_high", "se", "df",
    "stat", "p", "p_adj", "ave_expr", "test",
)  # fmt: skip
NUMBERS = ("estimate", "ci_low", "ci_high", "se", "df", "stat", "p", "p_adj", "ave_expr")


def genes(
    adata: AnnData,
    design: Design | FormulaDesign,
    *,
    layer: str | None = None,
    test: Literal["auto", "trend", "voom"] = "auto",
    robust: bool = False,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Estimate every contrast of a design for every gene, with moderated t tests.

    The model of each contrast is that of `ms.tl.compare`: a mean per arm, pairs and batches as fixed effects.
    Where a formula averages over rows of one donor, each side of a donor is averaged before the fit, and
    `test` says of how many donors; where donors lack samples their rows count as independent, and `test` says
    so. The residual variances of all genes are shrunk towards a common prior. Of counts, genes with too few
    of them for the design are left out and libraries are scaled by TMM. `adata` is not changed.

    Parameters
    ----------
    adata
        Samples (n_obs) x genes (n_vars), counts or log expression; cells summed by `ms.pp.pseudobulk` first.
    design
        Which columns of `adata.obs` say what each sample is.
    layer
        Layer to test. By default the counts that `ms.pp.lognorm` kept, or else `X`.
    test
        `"trend"`: log2 CPM (or log expression), the prior variance follows the mean expression. `"voom"`:
        a weight for every count. `"auto"`: trend, but voom for counts where the largest library has three
        times the reads of the smallest, or more.
    robust
        Keep genes with outlying variances from weakening the prior of the others.
    alpha
        One minus the level of the intervals.

    Returns
    -------
    DataFrame
        One row per stratum, contrast and gene. `estimate`, `ci_low`, `ci_high` and `se` are differences on
        the scale that `test` names: log2 CPM of counts (a log2 fold change; two reads are added in a library
        of mean size, by voom half a read in each), the log that `ms.pp.lognorm` took, such as log2(TPM + 1),
        or the log values given. Where a gene is low these differ. `df` are residual plus prior degrees of
        freedom, `stat` the moderated t. `p_adj` is Benjamini-Hochberg over the genes of one contrast and
        stratum. `ave_expr` is the mean log expression over the rows (or averages) of the model; `n_test` and
        `n_base` count rows of the smallest arm on that side. A gene that was not tested has NaN, and the
        reason in `test`. `attrs["models"]` lists per contrast and stratum: test, genes, genes_kept,
        library_fold (largest over smallest library), prior_df, prior_s2 (medians where the prior varies
        between genes).

    Raises
    ------
    DesignError
        If the samples do not fit the design, or answer none of its questions.
    InputError
        If the values are neither counts nor log expression, genes are duplicated, or `test` or `alpha` is
        none.

    Warns
    -----
    InputWarning
        If contrasts cannot be estimated, or the values are logs that were rounded, centred or scaled. Genes
        that do not vary within the arms are counted in the log.

    Notes
    -----
    What can be found in single genes turns on how alike the replicates are. With three samples per arm and
    a tenth of the genes changed, a log2 fold change of 1 had power 0.93 at a biological coefficient of
    variation of 0.1 (cultures of one line), 0.79 at 0.2 and none at 0.4 (donors); one of 0.5 had 0.55,
    0.01 and none (one simulated study each, 400 changed genes, BH at 0.05, median count about 150).
    `ms.tl.gene_sets` and `ms.tl.compare` ask the question of a signature.
    Trend holds its level where libraries differ tenfold; voom, which finds a little more, has a level of 0.06
    and 6 % false discoveries there at three samples per arm (simulated, docs/calibration.md). `"auto"`
    follows the guide of limma, which takes voom beyond threefold; `"trend"` is the safer one.
    Libraries are made comparable by the genes between them, most of which must not change: in a panel
    chosen to respond, as the toy study is, the others seem to fall.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> result = ms.tl.genes(adata, ms.Design(culture="culture", line="line", pair="pair"))
    >>> told = result.attrs["models"][0]
    >>> told["test"], told["genes"], told["genes_kept"]
    ('trend', 300, 290)

    References
    ----------
    Smyth, Stat Appl Genet Mol Biol 2004, doi:10.2202/1544-6115.1027.
    Law et al., Genome Biology 2014, doi:10.1186/gb-2014-15-2-r29.
    Chen, Lun and Smyth, F1000Research 2016, doi:10.12688/f1000research.8987.2 (which genes are kept).
    """
    from marrowsig._progress import tqdm

    check_alpha(alpha)
    plans = plans_of(adata, design)
    data = read(adata, layer, test, robust=robust)
    warn_of_doubts(data)
    models, tables, told = Models(data), [], []
    fitted: dict[str, GeneModel] = {}
    for plan in tqdm(plans, desc="tests of every gene", unit="contrast", delay=2, leave=False):
        model = models.of(plan) if plan.model is not None else None
        tables.append(rows_of(plan, model, data.names, alpha))
        if model is not None:
            fitted[", ".join(filter(None, (plan.contrast.name, plan.stratum)))] = model
            told.append({"contrast": plan.contrast.name, "stratum": plan.stratum, **model.told()})
    if flat := told_of_flat(fitted):
        logger.info("genes: %s", flat)
    result = pd.concat(tables, ignore_index=True)[list(COLUMNS)]
    result.attrs |= {"models": told, "alpha": float(alpha)}
    return result


def rows_of(plan: Plan, model: GeneModel | None, names: list[str], alpha: float) -> pd.DataFrame:
    """Rows of one contrast and stratum."""
    table = pd.DataFrame(np.nan, index=range(len(names)), columns=list(NUMBERS))
    table.insert(0, "gene", names)
    table["contrast"], table["stratum"] = plan.contrast.name, plan.stratum
    table["n_test"], table["n_base"] = plan.n(test=True), plan.n(test=False)
    table["n_pairs"] = plan.n_pairs
    if model is None or plan.model is None:
        table["test"] = f"not estimable: {plan.reason}"
        return table
    words = f"moderated t: {model.words}; {plan.model.words}{of_rows(plan)}"
    table["test"] = np.where(model.kept, words, model.why)
    if model.kept.any():
        numbers = _numbers(model, plan, alpha)
        table.loc[model.kept, list(numbers)] = np.column_stack(list(numbers.values()))
    return table


def _numbers(model: GeneModel, plan: Plan, alpha: float) -> dict[str, Array]:
    result = model.moderated(plan)
    half = special.stdtrit(result.df, 1 - alpha / 2) * result.se
    return {
        "estimate": result.estimate,
        "ci_low": result.estimate - half,
        "ci_high": result.estimate + half,
        "se": result.se,
        "df": result.df,
        "stat": result.t,
        "p": result.p,
        "p_adj": bh(result.p),
        "ave_expr": result.ave_expr,
    }

"""`ms.methods_text`: the methods paragraph of `ms.report`, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first
from marrowsig._report.gathered import gathered, require_contrasts
from marrowsig._report.methods_meta import of_meta
from marrowsig._report.methods_short import short
from marrowsig._same_design import require_same_design
from marrowsig.tl.meta import Meta

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig._report.cited import MethodsText
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma


def methods_text(
    adata: AnnData | Meta,
    res: pd.DataFrame | None = None,
    *,
    design: Design | FormulaDesign | None = None,
    rescue: pd.DataFrame | None = None,
    stroma: Stroma | None = None,
    genes: pd.DataFrame | None = None,
    gene_sets: pd.DataFrame | None = None,
    claims: pd.DataFrame | None = None,
    null: pd.DataFrame | None = None,
) -> MethodsText:
    """Write the methods paragraph of a paper from the records of an analysis, as `ms.report` does.

    Parameters
    ----------
    adata
        After `ms.tl.score`: samples x genes, with the scores. Or, by itself, what `ms.tl.meta` returned: how
        its studies were pooled.
    res
        What `ms.tl.compare` returned for `adata` and `design`.
    design
        The design that was compared.
    rescue, stroma, genes, gene_sets, claims, null
        What `ms.tl.rescue`, `ms.qc.stroma`, `ms.tl.genes`, `ms.tl.gene_sets`, `ms.tl.claims` and
        `ms.qc.null` (with the design) returned, if the paper uses them: each adds a sentence or a
        clause. A check that is not given here is not told of, although it was made.

    Returns
    -------
    MethodsText
        To print. `text` is the paragraph: data and n, signatures and score, contrasts, model and replicates,
        adjustment, intervals and effect sizes, version. `references` are the numbered papers that it cites,
        `bibtex` holds these and those of all signatures that were scored.

    Raises
    ------
    InputError
        If `res` or `design` is missing beside `adata`, or given beside a meta-analysis, `adata` holds no
        scores, or `res` is empty, not a table of contrasts, of signatures that were scored again since
        with other genes, or of another design; or `claims` are of other lines.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "il6.hallmark")
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> said = ms.methods_text(adata, ms.tl.compare(adata, design), design=design)
    >>> said.text.split(". ")[1][:75]
    'Signatures of the IL-6 response (il6.hallmark [1]) were scored by singscore'
    >>> print(said.references[0][:70])
    [1] Liberzon, A. et al. (2015). The Molecular Signatures Database hall
    """
    if isinstance(adata, Meta):
        beside = {"res": res, "design": design, "rescue": rescue, "stroma": stroma, "genes": genes}
        beside |= {"gene_sets": gene_sets, "claims": claims, "null": null}
        if given := [name for name, value in beside.items() if value is not None]:
            msg = f"{first(given)} is of one study. Give a meta-analysis by itself: ms.methods_text(pooled)."
            raise InputError(msg)
        return of_meta(adata)
    if res is None or design is None:
        what = "res=, what ms.tl.compare returned" if res is None else "design=, which was compared"
        msg = f"A study needs {what}. Type ms.methods_text(adata, res, design=design)."
        raise InputError(msg)
    require_contrasts(res)
    extras = {"rescue": rescue, "stroma": stroma, "genes": genes, "gene_sets": gene_sets, "claims": claims}
    extras["null"] = null
    study = gathered(adata, res, design, extras=extras)
    require_same_design(res, design, asked=study.contrasts, claims=claims)
    return short(study)

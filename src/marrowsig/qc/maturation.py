"""Whether myeloid maturation moves, and whether it explains an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.qc._confounder import Confounder, confounder

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design
    from marrowsig.sig import Signature, SignatureSet


def maturation(
    adata: AnnData,
    design: Design | FormulaDesign | None = None,
    *,
    signatures: SignatureSet | Signature | str | list[str | Signature] | None = None,
    method: str | list[str] | None = None,
    layer: str | None = None,
    sensitivity: pd.DataFrame | None = None,
    alpha: float = 0.05,
) -> Confounder:
    """Score myeloid maturation, say whether it moves between the arms, and judge scores in its light.

    Blasts that mature towards monocytes raise IL-6 and JAK/STAT scores, and move EMT scores in either
    direction, without any such programme being switched on.

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
        As for `ms.qc.cycle`.
    alpha
        One minus the level of the intervals.

    Returns
    -------
    Confounder
        Five tables as in `ms.qc.cycle`. The parts of `scores` and `shifts` are monocytic (monocytes of Hay
        2018 and Miller 2022), granulocytic (neutrophils of Hay 2018), immature (stem and progenitor cells of
        both, without genes of the cell cycle), and `maturation`: the mean of the first two less the third.
        The maturation genes of `shares` and of `without` are those of the first two, and genes that the
        evidence for EMT genes finds at least five times higher in mature myeloid cells than in progenitors
        (Human Protein Atlas, `ms.sig.evidence`). `correlations` says of every score, also where no effect is
        established, how closely it goes along with maturation over units. Nothing is written.

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
    The verdicts follow the rules and words of `ms.qc.cycle`; how often they are right is told there. Genes
    outside the lists may rise with maturation too, so that removal alone does not clear a signature.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "il6.hallmark")
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> found = ms.qc.maturation(adata, design)
    >>> found.verdicts.set_index("contrast").loc["co_in_resistant", "verdict"]
    'not explained by maturation'

    References
    ----------
    Hay et al., Experimental Hematology 2018, doi:10.1016/j.exphem.2018.09.004.
    Miller et al., Nature Biotechnology 2022, doi:10.1038/s41587-022-01210-8.
    """
    return confounder(
        adata,
        "maturation",
        design,
        signatures=signatures,
        method=method,
        layer=layer,
        table=sensitivity,
        alpha=alpha,
    )

"""Expression of single genes arm by arm, such as IL6 in both partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig import get
from marrowsig._errors import InputError
from marrowsig._provenance import record
from marrowsig.pl.scores import MOST, scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anndata import AnnData
    from matplotlib.axes import Axes

    from marrowsig.design import Design


def expression(
    adata: AnnData,
    genes: str | Iterable[str],
    *,
    design: Design,
    layer: str | None = None,
    shared: bool = False,
    labels: Mapping[str, str] | None = None,
    palette: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
    width: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the expression of one gene in every arm, or of up to twelve, a panel each.

    As `ms.pl.scores` draws scores: a point per independent unit, lines within pairs, and the mean of an arm
    with its 95 % t interval. Compartments stand beside each other, so that a gene is seen in both partners of
    a co-culture; stroma alone that belongs to no line stands before the stroma of the lines.

    Parameters
    ----------
    adata
        Samples x genes: counts, or log expression.
    genes
        One or several of `var_names`.
    design
        Which columns of `obs` hold the arms and pairs.
    layer
        Where the values are; by default the counts that `ms.pp.lognorm` kept, or `X`.
    shared, labels, palette, order, width, ax
        As in `ms.pl.scores`.

    Returns
    -------
    Axes
        That of the first gene. y is log2 CPM with two reads added to a library of mean size, as in
        `ms.get.expression`; of log expression, the values as they are.

    Raises
    ------
    DesignError
        As in `ms.pl.scores`.
    InputError
        If a gene is not there, there are more than twelve, or the values are neither counts nor logs.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", line="line", pair="pair", inhibitor="inhibitor")
    >>> ax = ms.pl.expression(ms.ds.demo(), "IL6", design=design)
    >>> ax.get_ylabel().splitlines()
    ['log2 CPM', '(bar: mean, 95 % CI;', 'two reads added to a', 'library of mean size)']
    """
    frame = get.expression(adata, genes, layer=layer)
    held = _as_scores(adata, frame)
    how: dict[str, Any] = {"shared": shared, "labels": labels, "palette": palette, "order": order}
    names, unit = list(frame.columns), str(frame.attrs["unit"])
    if len(names) > MOST:
        msg = (
            f"{len(names)} genes are too many to read one by one ({MOST} at most). ms.get.expression has all."
        )
        raise InputError(msg)
    return scores(held, names, design=design, method=unit, **how, width=width, ax=ax)


def _as_scores(adata: AnnData, frame: pd.DataFrame) -> AnnData:
    """Hold values of genes where those of signatures are looked for."""
    from anndata import AnnData

    unit, key = str(frame.attrs["unit"]), "score_expression"
    told = pd.DataFrame({"id": frame.columns, "title": frame.columns, "sha256": ""})
    held = AnnData(obs=adata.obs.copy(), obsm={key: frame})
    record(held, "scores", {unit: {"key": key, "signatures": told}})
    return held

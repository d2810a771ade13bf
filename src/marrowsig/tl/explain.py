"""Write the rows of a result as sentences for a paper."""

from __future__ import annotations

import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig._rise_word import called, noted
from marrowsig.tl._cautions import kept_with, of_row
from marrowsig.tl._explain_agreement import disagreement
from marrowsig.tl._explain_compare import NEEDED, told
from marrowsig.tl._explain_gene_level import GENES, SETS, told_of_gene, told_of_set
from marrowsig.tl._explain_meta import POOLED, told_of_pooled
from marrowsig.tl._explain_null import against_random, place
from marrowsig.tl._explain_rescue import told as told_of_rescue
from marrowsig.tl._sentences import Sentences
from marrowsig.tl.meta import Meta


def explain(rows: pd.DataFrame | pd.Series | Meta, *, null: pd.DataFrame | None = None) -> pd.Series:
    """Say what each row of a result found, with numbers and caveats.

    Parameters
    ----------
    rows
        Rows of `ms.tl.compare`, `ms.tl.claims`, `ms.tl.rescue`, `ms.tl.sensitivity`, `ms.tl.gene_sets`,
        `ms.tl.genes` or `ms.tl.meta`, or the verdicts of `ms.qc.cycle` and `ms.qc.maturation`; or a single
        one (`result.iloc[0]`).
    null
        What `ms.qc.null` gave with the same design: rows of `ms.tl.compare` that are established then say
        whether random sets of genes moved as much.

    Returns
    -------
    Series
        One text per row, with the index of `rows`, printed in full, a paragraph each: the estimate with its
        interval, n, the test with its df, the adjusted p with its family, the effect size by name, whether it
        was shown to lie within a margin, where one was declared, and the caveats that apply: the effect that
        so few replicates can find, arms of unlike or unlabelled cells, counts that were thinned and
        carry-over that was not asked (from `attrs["cautions"]` of the result, which a CSV of it lacks),
        covariates that widen the interval, intervals that are not adjusted, and what the unit of the
        estimate is. Where methods of one table differ in sign or verdict, each of their rows says so. A row
        that is established says that the score moved, not that it moved more than scores of other genes: see
        `null`.

    Raises
    ------
    InputError
        If the rows are of another table.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.hallmark", min_coverage=0.0)
    >>> result = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    >>> ms.tl.explain(result).iloc[0].split(" is ")[0]
    'emt.hallmark (singscore), co_in_parental: parental:co less parental:mono'

    References
    ----------
    Hoenig and Heisey, The American Statistician 2001, doi:10.1198/000313001300339897 (why the effect that can
    be found is given, and not the power at the effect that was seen).
    """
    rows = rows.table if isinstance(rows, Meta) else rows
    if not isinstance(rows, pd.DataFrame | pd.Series):
        msg = f"ms.tl.explain takes rows of a result, a table; {type(rows).__name__} is none."
        raise InputError(msg)
    table = rows.to_frame().T if isinstance(rows, pd.Series) else rows
    if "sentence" in table and "reversal" in table:
        told_each = [called(told_of_rescue(row), noted(table)) for row in table.to_dict("records")]
        return _series(table, told_each)
    if "sentence" in table:
        return _series(table, table["sentence"].tolist())
    for needed, say in ((SETS, told_of_set), (GENES, told_of_gene), (POOLED, told_of_pooled)):
        if set(needed) <= set(table):
            return _series(table, [say(row) for row in table.to_dict("records")])
    absent = [name for name in NEEDED if name not in table]
    if absent:
        msg = (
            f"ms.tl.explain does not know these rows; as rows of ms.tl.compare they lack {first(absent)}. "
            "Give it what ms.tl.compare, claims, rescue, sensitivity, gene_sets, genes or meta returned, or "
            "the verdicts of ms.qc.cycle or ms.qc.maturation."
        )
        raise InputError(msg)
    beside = {} if null is None else against_random(null)
    kept = kept_with(rows)
    records = table.to_dict("records")
    texts = [told(row, beside.get(place(row)), of_row(row, kept)) for row in records]
    return _series(table, [a + b for a, b in zip(texts, disagreement(records), strict=True)])


def _series(table: pd.DataFrame, texts: list[str]) -> pd.Series:
    return Sentences(texts, index=table.index, name="sentence", dtype=object)

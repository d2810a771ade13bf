"""Read what marrowsig wrote into an AnnData."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first, near
from marrowsig._given import require_anndata, require_design
from marrowsig._provenance import in_order, no_scores, recall, require_as_recorded
from marrowsig._readable import Readable, of_result
from marrowsig._run_folder import run
from marrowsig._run_kept import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

__all__ = [
    "RunFolder",
    "as_adata",
    "coverage",
    "design_matrix",
    "expression",
    "run",
    "scores",
    "table",
]

NEW = ("sample", "signature", "method", "score")


def scores(adata: AnnData, method: str | None = None) -> pd.DataFrame:
    """Scores as a tidy table.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    method
        One method; all that were scored by default.

    Returns
    -------
    DataFrame
        One row per sample, signature and method: the columns of `obs`, then sample (`obs_names`), signature,
        method, score, and low and high (with `uncertainty=`) and further results (with `extras=True`) where
        they were computed. A column of `obs` with one of these names is renamed `obs_<name>`.

    Raises
    ------
    InputError
        If nothing was scored, or not by this method.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12])))
    >>> ms.get.scores(adata).shape[0]
    16
    """
    parts = [_tidy(adata, name) for name in _scored(adata, method)]
    return pd.concat(parts, ignore_index=True)


def coverage(adata: AnnData) -> pd.DataFrame:
    """Genes found per signature, as they were when each method scored.

    Parameters
    ----------
    adata
        After `ms.tl.score`.

    Returns
    -------
    DataFrame
        One row per method and signature: method, signature, axis, listed, found, coverage, detected,
        missing. `found` are the genes that the matrix has, `detected` those of them that are not zero in
        every row: a list can be found whole and not be expressed. It is NaN for more than 2,000 rows, of a
        file, and in scores of earlier versions.

    Raises
    ------
    InputError
        If nothing was scored.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12])))
    >>> ms.get.coverage(adata)["coverage"].tolist()
    [1.0]
    """
    parts = []
    for name, entry in _scored(adata).items():
        frame = entry["coverage"].reset_index(drop=True)
        frame.insert(0, "method", name)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def as_adata(adata: AnnData, key: str) -> AnnData:
    """Scores as an AnnData of their own, for scanpy's plots and tools.

    Parameters
    ----------
    adata
        After `ms.tl.score`.
    key
        A method ("ucell") or its key ("score_ucell").

    Returns
    -------
    AnnData
        Samples x signatures: `X` the scores, `obs` and embeddings (arrays of `obsm`) copied from `adata`.
        Columns of `obs` that are called as a signature are left out, since scanpy refuses a name in both.

    Raises
    ------
    InputError
        If there are no such scores.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, ms.sig.Signature("il6.mine", axis="il6", genes=list(adata.var_names[:12])))
    >>> ms.get.as_adata(adata, "singscore").shape
    (16, 1)
    """
    from anndata import AnnData

    name = key.removeprefix("score_")
    frame = _frame(adata, _scored(adata, name)[name])
    embeddings = {k: v.copy() for k, v in adata.obsm.items() if not isinstance(v, pd.DataFrame)}
    var = pd.DataFrame(index=frame.columns.astype(str))
    obs = adata.obs.drop(columns=adata.obs.columns.intersection(var.index))
    return AnnData(frame.to_numpy(copy=True), obs=obs, var=var, obsm=embeddings)


def expression(adata: AnnData, genes: str | Iterable[str], *, layer: str | None = None) -> pd.DataFrame:
    """Log2 expression of single genes, such as IL6.

    Parameters
    ----------
    adata
        Samples x genes: counts, or log expression.
    genes
        One or several of `var_names`.
    layer
        Where the values are; by default the counts that `ms.pp.lognorm` kept, or `X`.

    Returns
    -------
    DataFrame
        Samples x genes. Of counts, log2 counts per million of all genes, with two reads added to a library of
        mean size; else the logs as they are. `attrs["unit"]`: "log2 CPM", "log2(TPM + 1)", "log expression".

    Raises
    ------
    InputError
        If a gene is not there, or the values are neither counts nor logs.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.get.expression(ms.ds.demo(), "IL6").shape
    (32, 1)
    """
    from marrowsig._stats.logcpm import log_cpm
    from marrowsig.tl._expression import read

    require_anndata(adata)
    names = list(dict.fromkeys([genes] if isinstance(genes, str) else genes))
    data = read(adata, layer, "auto")
    lacking = [gene for gene in names if gene not in data.names]
    if lacking or not names:
        told = f"{first(lacking)}.{near(lacking[0], data.names)}" if lacking else "no gene was named."
        msg = f"Not among the {len(data.names):,} genes: {told} adata.var_names has them all."
        raise InputError(msg)
    at = [data.names.index(gene) for gene in names]
    values = (log_cpm(data.values) if data.counts else data.values)[:, at]  # noqa: PD011
    out = pd.DataFrame(values, index=adata.obs_names, columns=names)
    out.attrs["unit"] = data.unit
    return out


def design_matrix(
    adata: AnnData, design: Design | FormulaDesign, *, contrast: str | None = None, stratum: str = ""
) -> tuple[pd.DataFrame, pd.Series]:
    """Model matrix and weights of one contrast, as limma and other packages take them.

    Parameters
    ----------
    adata
        Samples (n_obs) with the columns of the design.
    design
        As for `ms.tl.compare`.
    contrast
        Name of the contrast, as `design.contrasts(adata.obs)` lists them; not needed where there is one.
    stratum
        Which one, where the design has several, as in the column `stratum` of `ms.tl.compare`.

    Returns
    -------
    X
        Samples of the model x columns, of full rank: a mean for each arm, then levels of pairs and batches
        without those that say nothing new, then covariates (`covariate: age`, mean 0 and SD 1 in these
        rows); of a formula its coefficients. Rows are
        `obs_names`, without samples that the model leaves out.
    c
        The weight of each column: `c @ pinv(X) @ scores` is the estimate of `ms.tl.compare`.

    Raises
    ------
    DesignError
        If the samples do not fit the design.
    InputError
        If there is no such contrast or stratum, or it cannot be estimated.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> design = ms.Design(culture="culture", line="line", pair="pair")
    >>> X, c = ms.get.design_matrix(adata, design, contrast="interaction")
    >>> X.shape, c[c != 0].to_dict()
    ((16, 10), {'parental:co': -1.0, 'parental:mono': 1.0, 'resistant:co': 1.0, 'resistant:mono': -1.0})
    """
    from marrowsig._model_columns import model_columns

    require_anndata(adata)
    require_design(design)
    plans = design.plans(adata.obs)
    names = dict.fromkeys(p.contrast.name for p in plans)
    if contrast is None:
        if len(names) != 1:
            msg = f"Give contrast= one of the {len(names)} that the design asks for: {first(names, 10)}."
            raise InputError(msg)
        contrast = next(iter(names))
    named = [p for p in plans if p.contrast.name == contrast]
    if not named:
        msg = (
            f"There is no contrast {contrast!r}.{near(contrast, names)} The design asks for: {first(names)}."
        )
        raise InputError(msg)
    plan = next((p for p in named if p.stratum == stratum), None)
    if plan is None:
        msg = (
            f"There is no stratum {stratum!r}. Give stratum= one of {first(repr(p.stratum) for p in named)}."
        )
        raise InputError(msg)
    if plan.model is None:
        msg = f"{contrast} cannot be estimated: {plan.reason}."
        raise InputError(msg)
    return model_columns(plan, plan.model, adata.obs_names)


def table(result: Any) -> Readable:
    """Show the few columns of a result that one reads.

    Parameters
    ----------
    result
        A table or object that a function of `ms.tl`, `ms.qc` or `ms.get` returned.

    Returns
    -------
    Readable
        To look at, in a notebook or by `print`: estimates with their intervals in one column, the title of
        each signature, as figures have it, numbers to three digits, on top what all rows share. Of
        `ms.tl.gene_sets` `p` and `p_adj` are of the signature test, with `roast_p` and `camera_p` beside
        them. Of `ms.tl.claims` and `ms.tl.questions` with stroma, the size and p to cite, as in `table.csv`
        of a run, with their genes ("60 of 184": without those that stroma could move; "all 39"), `as_scored`
        beside them, why a verdict is open, and last those not asked. `frame` holds the cells as texts,
        reasons in full (`.frame.T` turns them); `to_string()`, `to_csv(path)`, `to_markdown()` write them.

    Raises
    ------
    InputError
        If it is no result.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "emt.hallmark", min_coverage=0.0)
    >>> res = ms.tl.compare(adata, ms.Design(culture="culture", line="line", pair="pair"))
    >>> list(ms.get.table(res).frame)
    ['contrast', 'estimate', 'effect', 'effect_name', 'p_adj', 'n', 'verdict']
    """
    return of_result(result)


def __dir__() -> list[str]:
    return sorted(__all__)


def _scored(adata: AnnData, method: str | None = None) -> dict[str, Any]:
    require_anndata(adata)
    found = dict(recall(adata, "scores", {}))
    if not found:
        raise InputError(no_scores(adata))
    if method is None:
        return {name: found[name] for name in in_order(found)}
    if method not in found:
        msg = (
            f"Nothing was scored with {method!r}.{near(method, found)} Scored with: {first(found)}. "
            "Others are scored by ms.tl.score(adata, signatures, method=...)."
        )
        raise InputError(msg)
    return {method: found[method]}


def _frame(adata: AnnData, entry: dict[str, Any]) -> pd.DataFrame:
    key = str(entry["key"])
    if key not in adata.obsm:
        msg = f"obsm[{key!r}] is gone, although its record is there. Run ms.tl.score again."
        raise InputError(msg)
    frame: pd.DataFrame = adata.obsm[key]
    require_as_recorded(frame, entry)
    return frame


def _tidy(adata: AnnData, name: str) -> pd.DataFrame:
    entry = recall(adata, "scores")[name]
    frame = _frame(adata, entry)
    n, k = frame.shape
    more = {key.removeprefix(f"{entry['key']}_"): key for key in json.loads(str(entry.get("more", "[]")))}
    obs = adata.obs.rename(columns={c: f"obs_{c}" for c in (*NEW, *more) if c in adata.obs})
    # Signature by signature, each with the samples in the order of obs.
    out = obs.iloc[np.tile(np.arange(n), k)].reset_index(drop=True)
    out["sample"] = np.tile(adata.obs_names.to_numpy(), k)
    out["signature"] = np.repeat(frame.columns.to_numpy(), n)
    out["method"] = name
    out["score"] = frame.to_numpy(dtype=float).ravel(order="F")
    for column, key in more.items():
        if key in adata.obsm:
            out[column] = adata.obsm[key].to_numpy(dtype=float).ravel(order="F")
    return out

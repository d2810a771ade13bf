"""How much of what co-culture raised is undone by an inhibitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._contrasts import sides
from marrowsig._counts_layer import naming_counts
from marrowsig._errors import DesignError, InputError
from marrowsig._given import require_design
from marrowsig._log import logger
from marrowsig._people import whose_each
from marrowsig._plan import require_one, warn_unanswered
from marrowsig._rise_word import RISE, called, rise
from marrowsig._titles import KEY as TITLES
from marrowsig._titles import titles_scored
from marrowsig.tl import _rescue_words as words
from marrowsig.tl._depth import warn_of_depth
from marrowsig.tl._families import is_control
from marrowsig.tl._margins import margins
from marrowsig.tl._rescue_cases import BETWEEN, LINE, TOGETHER, cases
from marrowsig.tl._rescue_kept import COLUMNS as KEPT
from marrowsig.tl._rescue_kept import FLOATS, beside, of_scored, require_stroma, said, scores_kept
from marrowsig.tl._rescue_numbers import numbers, together
from marrowsig.tl._scored import frames

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig._plan import Plan
    from marrowsig.design import Design
    from marrowsig.qc._stroma_result import Stroma
    from marrowsig.sig import Signature, SignatureSet
    from marrowsig.tl._rescue_cases import Case

COLUMNS = (
    "signature", "axis", "method", "kind", "stratum", "line", "inhibitor",
    "n_mono", "n_co", "n_treated", "n_pairs",
    "induction", "induction_low", "induction_high", "induction_p", "induction_p_adj",
    "reversal", "reversal_low", "reversal_high", "reversal_p", "reversal_p_adj", "reversal_p_holm",
    "residual", "residual_low", "residual_high",
    "fraction", "fraction_low", "fraction_high", "fraction_kind",
    "margin", "equivalence_low", "equivalence_high", "equivalence_p", "fully_reversed",
    "df", "test", "family_size", "unit", "verdict", "sentence", "reversal_p_welch",
    *KEPT,
)  # fmt: skip

NO_REVERSAL = "No reversal can be estimated"
TOLD = 40  # rows up to which the log tells every one of them


def rescue(
    adata: AnnData,
    design: Design,
    *,
    method: str | list[str] | None = None,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None = None,
    margin: float | dict[str, float] | None = None,
    stroma: Stroma | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Estimate how much of the induction by co-culture each inhibitor reverses.

    Induction (co-culture less cells alone), reversal (co-culture less co-culture with inhibitor) and residual
    (with inhibitor less cells alone) are contrasts of the linear model that `ms.tl.compare` fits, so that
    pairs and the co-cultures they share are accounted for. The reversal is what is tested; the fraction
    describes it. `ms.get.table` shows the columns one reads. `adata` is not changed.

    Parameters
    ----------
    adata
        Samples x genes, with `obsm["score_<method>"]` from `ms.tl.score`.
    design
        Which columns of `adata.obs` say what each sample is; with `culture` and `inhibitor`.
    method
        Scoring methods to judge; all that were scored if None.
    signatures
        Signatures, ids or axes (`"emt"`) to judge; all that were scored if None.
    margin
        How far from cells alone a score may lie and still count as fully reversed, in units of the score and
        chosen before the data were seen. With several methods a dict of method to margin, since their units
        differ.
    stroma
        What `ms.qc.stroma` returned for `adata`: of its signatures and methods, the same on the genes that
        carry-over could not move. The RNA of stroma raises a score, and no inhibitor takes it away, so that a
        fraction of the score as scored is too small.
    alpha
        One minus the level of the intervals, and the bound of adjusted p for a verdict; below 0.5.

    Returns
    -------
    DataFrame
        One row per method, stratum, line, inhibitor and signature (`kind` "line"). `induction`, `reversal`
        and `residual` with their ends and p are in units of the score; a reversal is positive when the score
        falls. `induction_p_adj` and `reversal_p_adj` are Benjamini-Hochberg over the `family_size`
        signatures, controls by themselves, as in `ms.tl.compare`;
        `reversal_p_holm` is Holm over the inhibitors of one line and signature; `reversal_p_welch` (not
        adjusted) lets the arms vary unlike each other, as `p_welch` of `ms.tl.compare` does. `fraction` is
        reversal / induction with its Fieller set: `fraction_kind` is "interval" where the induction has p
        below `alpha`, else "exclusive" or "all", with infinite ends: the fraction is not determined. It is
        not clipped: above 1 the score fell below cells alone. `fully_reversed` is "yes" only if induction and
        reversal are established and the `1 - 2 alpha` interval of the residual (`equivalence_low` to
        `equivalence_high`) lies inside the margin, "no" if its `1 - alpha` interval lies outside. `verdict`
        and `sentence` say it in words: "reversed" alone means by some fraction, neither shown to be in part
        nor in full. With `stroma`: `filtered_induction`, `filtered_reversal` and `filtered_fraction` with
        their ends are those on `n_kept` of `n_genes` genes (adjusted p over the signatures of `stroma`), and
        `cite` says which is to be cited, "estimate" or "filtered_estimate", as in `ms.qc.stroma`. The verdict
        stays that of the scores; the sentence names the fraction to cite.

        Rows of `kind` "between lines" hold the same contrasts in resistant less those in parental cells,
        without a fraction. Rows of `kind` "inhibitors together" (with two inhibitors or more) hold p of each
        inhibitor having moved the score the same way in `reversal_p` (the largest of theirs), and of any
        having moved it in `reversal_p_holm`.

    Raises
    ------
    DesignError
        If the design has no inhibitor, or no reversal can be estimated.
    InputError
        If nothing was scored, a method or signature asked for was not, the margin has no unit, or `stroma` is
        no result of `ms.qc.stroma` or of other samples.

    Warns
    -----
    InputWarning
        If contrasts cannot be estimated, rows have no partner, or arms differ more than twofold in
        `layers["counts"]` (1.25-fold in sums of cells below two million counts).

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> ms.pp.lognorm(adata)
    >>> ms.tl.score(adata, "il6.hallmark")
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> result = ms.tl.rescue(adata, design, margin=0.02)
    >>> result.loc[result["kind"] == "line", ["line", "inhibitor"]].agg(" ".join, axis=1).tolist()
    ['parental JAKi_A', 'resistant JAKi_A', 'parental JAKi_B', 'resistant JAKi_B']

    References
    ----------
    Fieller, Journal of the Royal Statistical Society B 1954, doi:10.1111/j.2517-6161.1954.tb00159.x.
    Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 1987, doi:10.1007/BF01068419.
    Holm, Scandinavian Journal of Statistics 1979, 6:65-70.
    """
    if not 0 < alpha < 0.5:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 0.5, for example 0.05."
        raise InputError(msg)
    require_design(design)
    require_stroma(stroma)
    scored = frames(adata, method=method, signatures=signatures)
    allowed = margins(margin, list(scored))
    if design.inhibitor is None:
        msg = "This design has no inhibitor. Name its column: ms.Design(..., inhibitor=..., vehicle=...)."
        raise DesignError(msg)
    with naming_counts(adata):
        found = cases(design, design.plans(adata.obs))
    require_one([case.parts["reversal"] for case in found if case.kind == LINE], of=NO_REVERSAL)
    plans = _asked(found)
    warn_unanswered(plans)
    warn_of_depth(adata, plans)
    kept = {name: scores_kept(stroma, name, adata.obs_names) for name in scored}
    tables = [
        _method(found, name, scores, allowed[name], alpha, stroma, kept[name])
        for name, scores in scored.items()
    ]
    result = pd.concat(tables, ignore_index=True)[list(COLUMNS)]
    result["sentence"] = whose_each(result["sentence"], result["stratum"].astype(str), design, adata.obs)
    result.attrs |= {"alpha": float(alpha), "sides": list(sides(design)), RISE: rise(design)}
    for name in ("fully_reversed", "verdict", "sentence"):
        result[name] = [called(str(text), rise(design)) for text in result[name]]
    result.attrs[TITLES] = titles_scored(adata)
    for text in result.loc[result["kind"] == LINE, "sentence"] if len(result) <= TOLD else ():
        logger.info("rescue: %s", text)
    return result


def _asked(found: list[Case]) -> list[Plan]:
    """Every plan within a line once; inhibitors share the induction."""
    plans = [plan for case in found if case.kind == LINE for plan in case.parts.values()]
    return list({(plan.stratum, plan.contrast.name): plan for plan in plans}.values())


def _method(
    found: list[Case],
    method: str,
    scores: pd.DataFrame,
    margin: float,
    alpha: float,
    stroma: Stroma | None,
    kept: pd.DataFrame | None,
) -> pd.DataFrame:
    """Build all rows of one method: lines, then differences between them, then inhibitors together."""
    tables = [(case, _labelled(case, scores, alpha, margin).assign(method=method)) for case in found]
    for case, table in tables:
        beside(case, table, stroma, kept, alpha=alpha)
    lines: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for case, table in tables:
        if case.kind == LINE:
            lines.setdefault((case.stratum, case.line), []).append(table)
    joint = [(together(own), own) for own in lines.values()]
    for case, table in tables:
        _speak(case, table, alpha)
    rows = [table for _, table in tables]
    rows += [_speak_together(table, own, alpha) for table, own in joint if len(own) > 1]
    return pd.concat(rows, ignore_index=True).assign(method=method)


def _labelled(case: Case, scores: pd.DataFrame, alpha: float, margin: float) -> pd.DataFrame:
    table = numbers(case, scores, alpha=alpha, margin=margin)
    table["signature"] = [str(name) for name in scores.columns]
    table["axis"] = [name.split(".")[0] if "." in name else "" for name in table["signature"]]
    table["kind"], table["stratum"] = case.kind, case.stratum
    table["line"], table["inhibitor"] = case.line, case.inhibitor
    table["n_mono"], table["n_co"], table["n_treated"] = case.counts
    table["n_pairs"] = case.parts["reversal"].n_pairs
    table["unit"] = case.parts["reversal"].unit
    table["family_size"] = _sizes(table)
    return table


def _sizes(table: pd.DataFrame) -> pd.Series:
    """Count the tests that are adjusted together; controls are a family of their own."""
    tested: pd.Series = table["reversal_p"].notna()
    return tested.groupby(is_control(table["signature"])).transform("sum").astype(int)


def _speak(case: Case, table: pd.DataFrame, alpha: float) -> None:
    level = f"{100 * (1 - alpha):g} %"
    rows = table.to_dict("records")
    for row in rows:
        if case.kind == BETWEEN:
            row["fully_reversed"], row["verdict"] = "", words.between_verdict(row, alpha)
            row["sentence"] = words.between_sentence(row, level)
            continue
        row["fully_reversed"] = words.fully_reversed(row, alpha)
        row["verdict"] = words.line_verdict(row, alpha)
        kept = said(row, level, alpha)
        row["sentence"] = of_scored(words.line_sentence(row, case.start, level), kept) + kept
    for name in ("fully_reversed", "verdict", "sentence"):
        table[name] = [row[name] for row in rows]


def _speak_together(joint: pd.DataFrame, own: list[pd.DataFrame], alpha: float) -> pd.DataFrame:
    names = [table["inhibitor"].iloc[0] for table in own]
    joint["kind"], joint["inhibitor"], joint["fully_reversed"] = TOGETHER, " and ".join(names), ""
    joint[list(FLOATS)], joint["filtered_fraction_kind"] = np.nan, ""
    joint["n_treated"] = min(table["n_treated"].iloc[0] for table in own)
    joint["n_pairs"] = min(table["n_pairs"].iloc[0] for table in own)
    joint["family_size"] = _sizes(joint)
    rows = joint.to_dict("records")
    for row, *others in zip(rows, *(table.to_dict("records") for table in own), strict=True):
        row["verdict"] = words.together_verdict(row, others, alpha)
        row["sentence"] = words.together_sentence(row, others, alpha)
    return joint.assign(verdict=[r["verdict"] for r in rows], sentence=[r["sentence"] for r in rows])

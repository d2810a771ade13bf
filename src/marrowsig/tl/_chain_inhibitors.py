"""What each inhibitor did to the steps of a chain: from `ms.tl.rescue`, one row per inhibitor and line."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._apart import apart
from marrowsig._errors import DesignError, InputWarning
from marrowsig._rise_word import RISE, called, noted
from marrowsig.tl._chain_checked import NAMES, Checked
from marrowsig.tl._chain_genes import competence
from marrowsig.tl._chain_steps import STEPS
from marrowsig.tl._chain_words import inhibitor_sentence, inhibitor_verdict, reversed_by
from marrowsig.tl._rescue_cases import LINE, TOGETHER
from marrowsig.tl.rescue import rescue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData

    from marrowsig.design import Design

KEYS = ("stratum", "line", "inhibitor", "n_mono", "n_co", "n_treated", "n_pairs", "df")
OWN = (
    "induction", "induction_low", "induction_high", "induction_p_adj",
    "reversal", "reversal_low", "reversal_high", "reversal_p", "reversal_p_adj", "reversal_p_holm",
    "fraction", "fraction_low", "fraction_high", "fraction_kind",
    "residual", "residual_low", "residual_high", "verdict",
)  # fmt: skip
EACH = {"reversal_p": "p_each", "verdict": "each"}
"""Of the rows of all inhibitors of a line: largest p, and whether each did the same."""

ORDER = ("stat3", "emt", "il6")
COLUMNS = (
    *KEYS, "verdict", "sentence",
    *(f"{step}_{name}" for step in ORDER for name in ("reversed", *OWN, *EACH.values(), *NAMES)),
)  # fmt: skip


def rescued(
    adata: AnnData, design: Design, scores: pd.DataFrame, *, method: str, alpha: float
) -> pd.DataFrame:
    """Rows of `ms.tl.rescue` for the steps (`signature` names the step); empty without an inhibitor."""
    if design.inhibitor is None:
        return pd.DataFrame()
    work, _ = apart(adata, None)
    work.obs = adata.obs.copy()
    work.obsm[f"score_{method}"] = scores[list(STEPS)]
    with warnings.catch_warnings():
        # The plans of the chain told of them already.
        warnings.simplefilter("ignore", InputWarning)
        try:
            return rescue(work, design, alpha=alpha)
        except DesignError:
            return pd.DataFrame()


def inhibitors(
    found: pd.DataFrame,
    alpha: float,
    names: Mapping[str, str],
    table: pd.DataFrame,
    checked: Checked = Checked({}),  # noqa: B008
) -> pd.DataFrame:
    """One row per stratum, line and inhibitor, the steps side by side.

    `names` are their signatures, `table` the levels of the receptors, `checked` what is said of carry-over.
    """
    if found.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for _, own in found[found["kind"] == LINE].groupby(["stratum", "line", "inhibitor"], sort=False):
        of = {record["signature"]: record for record in own.to_dict("records")}
        row: dict[str, Any] = {key: of[STEPS[0]][key] for key in KEYS}
        joint = found[
            (found["kind"] == TOGETHER)
            & (found["stratum"] == row["stratum"])
            & (found["line"] == row["line"])
        ].set_index("signature")
        for step in ORDER:
            row |= {f"{step}_{name}": of[step][name] for name in OWN}
            row |= {
                f"{step}_{to}": joint.loc[step, name] if len(joint) else (np.nan if to == "p_each" else "")
                for name, to in EACH.items()
            }
            row[f"{step}_reversed"] = reversed_by(row, step, alpha)
            row |= checked.of(row, step)
        row["verdict"] = inhibitor_verdict(row, alpha)
        told = inhibitor_sentence(row, alpha, names, competence(table, row["stratum"]))
        row["sentence"] = called(told, noted(found))
        rows.append(row)
    made = pd.DataFrame(rows)[list(COLUMNS)]
    made.attrs[RISE] = noted(found)
    return made

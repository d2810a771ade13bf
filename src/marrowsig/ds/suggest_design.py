"""Propose a design from what the samples are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._counts_layer import layer_to_sum
from marrowsig._errors import InputError
from marrowsig._given import require_anndata
from marrowsig.ds._design_cells import sizes_of
from marrowsig.ds._design_pick import guesses
from marrowsig.ds._design_proposal import Proposal, code_of, evidence_of
from marrowsig.ds._design_states import hints_of

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData


def suggest_design(adata: AnnData) -> Proposal:
    """Propose culture, line, inhibitor, donor and pair columns from titles and characteristics.

    Words decide, such as "co-cultured with HS-5", "alone", "K562/ADR", "parental", "ruxolitinib", "DMSO" or a
    column called `patient_id`. A column is proposed for arms only if its levels tell both, never because one
    of them is left over. A drug beside co-culture in one level becomes an arm of the inhibitor if it blocks
    JAK, STAT3 or IL-6; another drug stays without an arm. Beside co-culture, diagnosis and relapse take the
    place of the lines, and stroma grown alone is no arm. What no word tells stays without an arm, and so
    outside the design. Nothing is assigned: `adata` stays as it is, and the proposal is code to read, change
    and run.

    Parameters
    ----------
    adata
        Samples in rows; the text columns of `obs` (n_obs, ...) are read, nothing else.

    Returns
    -------
    Proposal
        Prints the guesses and the `ms.Design(...)` call to copy, recoding of levels included. `evidence`
        holds every guess with column, level, arm, number of rows, matched words and confidence; `code`
        the text; `hints` what may take the place of the lines, and how cells are summed. False where
        nothing is proposed, as for a study of something else.

    Raises
    ------
    InputError
        If `obs` has no columns, or two of one name.

    Examples
    --------
    >>> import anndata as ad
    >>> import pandas as pd
    >>> import marrowsig as ms
    >>> obs = pd.DataFrame(
    ...     {"treatment": ["alone", "co-cultured with MSC"] * 2, "patient_id": ["P1", "P1", "P2", "P2"]},
    ...     index=["GSM1", "GSM2", "GSM3", "GSM4"],
    ... )
    >>> print(ms.ds.suggest_design(ad.AnnData(obs=obs)).code)
    design = ms.Design(culture='treatment', mono='alone', co='co-cultured with MSC', pair='patient_id')
    """
    require_anndata(adata)
    obs: pd.DataFrame = adata.obs
    if not len(obs.columns) or not obs.columns.is_unique:
        msg = (
            f"obs has {len(obs.columns)} columns, {len(set(obs.columns))} of different names. "
            "Give a study with titles or characteristics, as ms.ds.geo and ms.io.read(..., samples=) return."
        )
        raise InputError(msg)
    found = guesses(obs)
    return Proposal(
        evidence_of(found),
        code_of(found, obs, "adata"),
        hints_of(found, obs, layer_to_sum(adata)),
        sizes_of(found, obs),
    )

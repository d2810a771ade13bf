"""Stroma of another source than the study's, as a person said, and what is then said of the reference."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, InputWarning
from marrowsig._provenance import recall, record

if TYPE_CHECKING:
    from anndata import AnnData

KEY = "stroma_source"
ELSEWHERE = "stroma of another source than the study's"
READ = {
    "counts": "counts per million", "expected_counts": "estimated counts per million", "tpm": "TPM",
    "fpkm": "FPKM brought to a million",
}  # fmt: skip


def of_source(stroma: AnnData, said: str) -> AnnData:
    """Note with stroma whose it is, and warn of what that means for the check."""
    text = " ".join(said.split())
    if not text:
        msg = f"{KEY}= is empty. Say whose the stroma is, such as 'GSE224190, umbilical cord MSC'."
        raise InputError(msg)
    record(stroma, "input", {**recall(stroma, "input", {}), KEY: text})
    msg = (
        f"The reference of stroma is {text}: {ELSEWHERE}. Its levels are not those of the stroma that was "
        "used, so shares are rough, and 'not explained by carry-over' is weaker than with your own."
    )
    warnings.warn(msg, InputWarning, stacklevel=3)
    return stroma


def said_source(stroma: AnnData) -> str:
    """Say it behind the words of a reference; empty where nothing was said.

    >>> from anndata import AnnData
    >>> import numpy as np
    >>> said_source(AnnData(np.ones((1, 1))))
    ''
    """
    text = str(recall(stroma, "input", {}).get(KEY, ""))
    return f" ({text}: {ELSEWHERE})" if text else ""


def as_read(how: str) -> str:
    """Write what was read, and how it was brought to a million, as a paper does.

    >>> as_read("tpm, per million"), as_read("counts of layer 'counts', per million")
    ('TPM', "counts of layer 'counts', per million")
    """
    kind = how.removesuffix(", per million")
    return READ.get(kind, how)

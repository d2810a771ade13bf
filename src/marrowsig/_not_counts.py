"""What a run cannot see, or sees otherwise, where it was given TPM or FPKM in the place of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._provenance import recall

if TYPE_CHECKING:
    from anndata import AnnData

NAMES = {"tpm": "TPM, CPM or the like", "fpkm": "FPKM"}


def not_counts(adata: AnnData) -> list[str]:
    """Say it of the matrix as it was read; nothing of counts, nor of logs, whose source is not known."""
    what = NAMES.get(str(recall(adata, "input", {}).get("kind", "")))
    if what is None or "counts" in adata.layers:
        return []
    msg = (
        f"The values are {what}, not counts; their log2 is scored. Samples of unlike sequencing "
        "depth and libraries that were read twice cannot be told from them, and a verdict near the level can "
        "be another one than with the counts of the same samples. Give the counts if you have them."
    )
    return [msg]

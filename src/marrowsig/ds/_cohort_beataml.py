"""Beat AML, waves 1 to 4, as its owners publish it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from marrowsig._errors import InputError, first
from marrowsig.ds._cohort_files import table
from marrowsig.io._found import assemble, frame

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

GENES = ("stable_id", "display_label", "description", "biotype")
KEY, PATIENT, CONTROL = "dbgap_rnaseq_sample", "dbgap_subject_id", "rna_control"
CLINICAL, MAPPING = "beataml_wv1to4_clinical.*", "beataml_waves1to4_sample_mapping.*"


def read_beataml(path: Path, more: dict[str, Path]) -> tuple[AnnData, str, list[str]]:
    """Specimens x genes (Ensembl ids), the kind of the values, and what was decided."""
    cells = table(path, needed=GENES)
    var = frame(
        [*cells["stable_id"].astype(str)],
        {
            "symbol": [*cells["display_label"].fillna("").astype(str)],
            "biotype": [*cells["biotype"].astype(str)],
        },
    )
    names = [str(c) for c in cells.columns if c not in GENES]
    try:
        values = cells[names].to_numpy(dtype=np.float32)
    except ValueError as error:
        msg = f"{path.name} holds text in place of numbers: {error}. Download it again."
        raise InputError(msg) from error
    adata = assemble(np.ascontiguousarray(values.T), frame(names), var)
    notes = []
    for pattern, columns in ((MAPPING, (KEY, CONTROL)), (CLINICAL, (KEY, PATIENT))):
        if pattern in more:
            notes.append(_add(adata, more[pattern], columns))
        else:
            notes.append(f"{pattern} is not there: {' and '.join(columns[1:])} unknown")
    if PATIENT in adata.obs:
        adata.obs["donor"] = adata.obs[PATIENT]
    return adata, "counts", notes


def _add(adata: AnnData, path: Path, needed: tuple[str, ...]) -> str:
    """Add columns that are not there yet, by the RNA sample."""
    facts = table(path, needed=needed, text=True)
    facts = facts[facts[KEY].notna() & (facts[KEY].astype(str) != "")]
    facts = facts.assign(**{KEY: facts[KEY].astype(str)}).drop_duplicates()
    twice = facts[KEY][facts[KEY].duplicated()].unique()
    if len(twice):
        msg = f"{path.name} has {len(twice)} RNA samples in rows that differ: {first(twice)}. Keep one each."
        raise InputError(msg)
    facts = facts.set_index(KEY).reindex(adata.obs_names)
    seen = int(facts.notna().any(axis=1).sum())
    if not seen:
        msg = (
            f"{path.name} lists none of the {adata.n_obs} samples of the expression table: "
            f"{first(adata.obs_names)}. Take both files from one release."
        )
        raise InputError(msg)
    for column in facts:
        if str(column).replace("/", "_") not in adata.obs:
            values = facts[column]
            text = values.fillna("").astype(str)
            adata.obs[str(column).replace("/", "_")] = text.to_numpy()
    return f"{path.name} describes {seen} of {adata.n_obs} samples"

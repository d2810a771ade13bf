"""TCGA-LAML in the layouts of its paper, of the GDC hub of Xena, and of cBioPortal."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.ds._cohort_files import table
from marrowsig.io._content import content
from marrowsig.io._found import assemble, frame

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

_GENE = re.compile(r"(?P<symbol>[^|]*)\|(?P<entrez>\d+)(?:\|\d+of\d+)?(?:_calculated)?")
_BARCODE = re.compile(r"TCGA[-.](?P<site>\w{2})[-.](?P<patient>\w{4})(?:[-.](?P<sample>\d{2})\w?)?.*")
_NEAR_WHOLE = 0.01


def read_tcga(path: Path, more: dict[str, Path]) -> tuple[AnnData, str, list[str]]:
    """Read samples x genes, the kind of the values, and what was decided."""
    if path.name.startswith("laml.rnaseq."):
        adata, kind, notes = _paper(path)
    elif path.name.startswith("TCGA-LAML."):
        adata, kind, notes = _xena(path)
    else:
        adata, kind, notes = _cbioportal(path)
    clinical = more.get("data_clinical_patient.txt")
    if clinical is not None:
        notes.append(f"patients from {clinical.name}")
        _add_patients(adata, clinical)
    return adata, kind, notes


def _paper(path: Path) -> tuple[AnnData, str, list[str]]:
    """Rows such as `IL6|3569_calculated`; a symbol may be of several genes, the Entrez id is of one."""
    cells = table(path, needed=())
    names = cells.iloc[:, 0].astype(str)
    found = [_GENE.fullmatch(n) for n in names]
    bad = [n for n, m in zip(names, found, strict=True) if m is None]
    if bad:
        msg = f"{path.name}: {len(bad)} rows are not named <symbol>|<Entrez id>_calculated: {first(bad)}."
        raise InputError(msg)
    parts = [m.groupdict() for m in found if m is not None]
    var = frame(
        [p["entrez"] for p in parts],
        {"symbol": [p["symbol"].replace("?", "") for p in parts], "name": [*names]},
    )
    kind = "fpkm" if "rpkm" in path.name else "expected_counts"
    notes = ["genes are named by Entrez id; symbols as published in var['symbol']"]
    adata = _assembled(cells.iloc[:, 1:], var, path.name, notes)
    adata.X = adata.X.astype(np.float32)
    return adata, kind, notes


def _xena(path: Path) -> tuple[AnnData, str, list[str]]:
    """log2(count + 1) by Ensembl id with version; made counts again."""
    cells = table(path, needed=("Ensembl_ID",))
    cells = cells[~cells["Ensembl_ID"].astype(str).str.startswith(("__", "N_"))]
    var = frame([*cells["Ensembl_ID"].astype(str)])
    notes = ["log2(count + 1) of the hub made counts again"]
    adata = _assembled(cells.drop(columns="Ensembl_ID"), var, path.name, notes)
    counts = np.exp2(adata.X) - 1
    whole = np.rint(counts)
    off = np.abs(counts - whole) > np.maximum(_NEAR_WHOLE, 1e-4 * whole)
    if off.any():
        msg = (
            f"{path.name}: {int(off.sum())} values are not log2(count + 1), which the hub states. "
            "Read the file with ms.io.read instead."
        )
        raise InputError(msg)
    adata.X = whole.astype(np.float32)
    return adata, "counts", notes


def _cbioportal(path: Path) -> tuple[AnnData, str, list[str]]:
    cells = table(path, needed=("Hugo_Symbol", "Entrez_Gene_Id"))
    symbols = cells["Hugo_Symbol"].fillna("").astype(str)
    var = frame([str(int(v)) for v in cells["Entrez_Gene_Id"]], {"symbol": [*symbols]})
    notes = ["RSEM as cBioPortal has it, batch-corrected: not counts", "genes are named by Entrez id"]
    adata = _assembled(cells.drop(columns=["Hugo_Symbol", "Entrez_Gene_Id"]), var, path.name, notes)
    adata.X = adata.X.astype(np.float32)
    return adata, "linear", notes


def _assembled(cells: pd.DataFrame, var: pd.DataFrame, name: str, notes: list[str]) -> AnnData:
    """Barcodes in any spelling become TCGA-AB-2803 in `obs["donor"]`."""
    barcodes = [str(c) for c in cells.columns]
    found = [_BARCODE.fullmatch(b) for b in barcodes]
    bad = [b for b, m in zip(barcodes, found, strict=True) if m is None]
    if bad:
        msg = f"{name}: {len(bad)} columns are not TCGA barcodes: {first(bad)}."
        raise InputError(msg)
    try:
        values = cells.to_numpy(dtype=np.float64)  # single precision would not give counts back
    except ValueError as error:
        msg = f"{name} holds text in place of numbers: {error}. Download it again."
        raise InputError(msg) from error
    keep = np.isfinite(values).all(axis=1)
    if not keep.all():
        notes.append(f"{int((~keep).sum())} genes with missing values left out: {first(var.index[~keep])}")
        values, var = values[keep], var[keep]
    parts = [m.groupdict("") for m in found if m is not None]
    obs = frame(
        [b.replace(".", "-") for b in barcodes],
        {
            "donor": [f"TCGA-{p['site']}-{p['patient']}" for p in parts],
            "sample_type": [p["sample"] for p in parts],
        },
    )
    return assemble(np.ascontiguousarray(values.T), obs, var)


def _add_patients(adata: AnnData, path: Path) -> None:
    """Columns of cBioPortal's table of patients, which begins with four lines of comment."""
    lines = content(path).decode("utf-8").splitlines(keepends=True)
    body = "".join(line for line in lines if not line.startswith("#"))
    facts = pd.read_csv(BytesIO(body.encode()), sep="\t", dtype=str, keep_default_na=False)
    if "PATIENT_ID" not in facts or facts["PATIENT_ID"].duplicated().any():
        msg = f"{path.name} needs a column PATIENT_ID with each patient once. Download it again."
        raise InputError(msg)
    facts = facts.set_index("PATIENT_ID").reindex(adata.obs["donor"]).fillna("")
    for column in facts:
        adata.obs[str(column).lower()] = facts[column].to_numpy()

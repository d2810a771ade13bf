"""van Galen 2019: one table of counts and one of cells a sample."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from marrowsig._errors import InputError, first
from marrowsig.ds._cohort_files import table
from marrowsig.io._content import content
from marrowsig.io._found import assemble, frame

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

_FILE = re.compile(r"(?:(?P<gsm>GSM\d+)_)?(?P<sample>.+?)\.(?P<what>dem|anno)\.txt(?:\.gz)?")
_SAMPLE = re.compile(r"(?P<donor>[^-]+)-D(?P<day>\d+)")
_KEPT = {
    "CellType": "cell_type",
    "PredictionRefined": "malignant_prediction",
    "CyclingScore": "cycling_score",
    "MutTranscripts": "mutated_transcripts",
    "WtTranscripts": "wild_type_transcripts",
}


def read_vangalen(paths: list[Path]) -> tuple[AnnData, str, list[str]]:
    """Cells x genes of all samples in the folder, the kind, and what was decided."""
    from marrowsig._progress import tqdm

    tables: list[tuple[str, list[str], list[str], sparse.csr_matrix]] = []
    for path in tqdm(paths, desc="van Galen 2019", unit="sample", delay=2, leave=False):
        sample = _name(path)
        if sample in {t[0] for t in tables}:
            msg = f"There are two tables of sample {sample}: keep one in the folder ({path.name})."
            raise InputError(msg)
        tables.append((sample, *_counts(path)))
    genes = tables[0][1]
    place = {gene: i for i, gene in enumerate(genes)}
    blocks = []
    for sample, own, _, values in tables:
        if own != genes and set(own) != set(genes):
            odd = set(own) ^ set(genes)
            msg = (
                f"{sample} and {tables[0][0]} differ in {len(odd)} genes: {first(sorted(odd))}. "
                "Take all tables from one release."
            )
            raise InputError(msg)
        blocks.append(values if own == genes else values[:, np.argsort([place[g] for g in own])])
    cells = [c for _, _, own, _ in tables for c in own]
    if len(set(cells)) < len(cells):
        msg = "Two cells have the same name. Keep only files of this study in the folder."
        raise InputError(msg)
    samples = [s for s, _, own, _ in tables for _ in own]
    parts = [_SAMPLE.fullmatch(s) for s in samples]
    obs = frame(
        cells,
        {
            "sample": samples,
            "donor": [m["donor"] if m else s for m, s in zip(parts, samples, strict=True)],
            "day": [m["day"] if m else "" for m in parts],
        },
    )
    notes = [f"{len(tables)} samples"]
    notes.append(_annotate(obs, paths[0].parent))
    return assemble(sparse.vstack(blocks, format="csr"), obs, frame(genes)), "counts", notes


def _name(path: Path) -> str:
    found = _FILE.fullmatch(path.name)
    if found is None:
        msg = f"{path.name} is not named GSM<number>_<sample>.dem.txt.gz."
        raise InputError(msg)
    return str(found["sample"])


def _counts(path: Path) -> tuple[list[str], list[str], sparse.csr_matrix]:
    try:
        cells = pd.read_csv(BytesIO(content(path)), sep="\t", index_col=0, keep_default_na=False)
        values = cells.to_numpy(dtype=np.float32)
    except (ValueError, pd.errors.ParserError) as error:
        msg = f"{path.name} is no complete table of counts: {error}. Download it again."
        raise InputError(msg) from error
    if cells.index.name != "Gene" or cells.index.duplicated().any() or (values < 0).any():
        msg = f"{path.name}: its first column is not 'Gene', a gene comes twice, or a count is negative."
        raise InputError(msg)
    return [str(g) for g in cells.index], [str(c) for c in cells.columns], sparse.csr_matrix(values.T)


def _annotate(obs: pd.DataFrame, folder: Path) -> str:
    """Cell types of the authors into `obs`; "" where a sample has no such file or a cell no row."""
    files = {
        _name(f): f
        for f in sorted(folder.iterdir())
        if (m := _FILE.fullmatch(f.name)) and m["what"] == "anno"
    }
    known = [table(files[s], needed=("Cell",)) for s in dict.fromkeys(obs["sample"]) if s in files]
    if not known:
        return "no *.anno.txt is there: cell types unknown"
    facts = pd.concat(known).drop_duplicates("Cell").set_index("Cell").reindex(obs.index)
    for column, name in _KEPT.items():
        if column in facts:
            values = facts[column]
            obs[name] = values if pd.api.types.is_float_dtype(values) else values.fillna("").astype(str)
    lost = int(facts.isna().all(axis=1).sum())
    return f"cell types of {len(obs) - lost} of {len(obs)} cells"

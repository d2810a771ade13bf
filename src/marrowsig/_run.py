"""The main job: a matrix in, scores, contrasts, figures and a report out."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import CoverageWarning, DesignError, GeneWarning, InputError, InputWarning
from marrowsig._provenance import recall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from anndata import AnnData

    from marrowsig._report.figures import Figure
    from marrowsig.design import Design
    from marrowsig.sig import SignatureSet

OURS = (CoverageWarning, GeneWarning, InputWarning)
CELLS = 100  # fewer rows than this are taken for samples
MANY = 10  # rows per unit and arm from which on they are cells, not technical replicates
DETECTED = 0.25  # bulk samples show more of their genes than this, cells less


@dataclass
class Run:
    """What one run made: paths by name, the comparison, the warnings that came up."""

    adata: AnnData
    res: pd.DataFrame
    contrasts: pd.DataFrame
    notes: list[str]
    paths: dict[str, Path] = field(default_factory=dict)

    def coverage(self) -> pd.DataFrame:
        """Genes found per signature."""
        from marrowsig import get

        return get.coverage(self.adata)


def run(
    adata: AnnData,
    design: Design,
    *,
    out: str | PathLike[str],
    signatures: SignatureSet | str | Sequence[str] | None = None,
    methods: Sequence[str] = ("singscore",),
    min_coverage: float = 0.5,
    title: str | None = None,
    notes: Sequence[str] = (),
    progress: bool = False,
) -> Run:
    """Map genes, sum cells, take logs, score, compare, and write it all into the folder `out`.

    `adata` is left as it is. Everything is computed before the first file is written, and each file is
    written whole or not at all. `notes` are earlier warnings for the report.
    """
    folder = _folder(out)
    with collected() as caught, _bar(progress=progress) as step:
        step("prepare")
        work = prepare(adata, design)
        step("score")
        score_all(work, signatures, methods, min_coverage)
        step("compare")
        res = _compare(work, design, methods)
        contrasts = design.contrasts(work.obs)
        step("draw the report")
        from marrowsig._report.page import render

        said = list(dict.fromkeys([*notes, *caught()]))
        text, figures = render(work, res, design=design, title=title, notes=said)
        step("write")
        paths = _write(folder, work, res, text, figures)
    return Run(work, res, contrasts, said, paths)


STEPS = 5


def _folder(out: str | PathLike[str]) -> Path:
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file, not a folder. Name another folder for the results."
        raise InputError(msg)
    return folder


def prepare(adata: AnnData, design: Design | None = None) -> AnnData:
    """Return a copy with current gene names, cells summed where `design` asks for it, on a log scale."""
    from marrowsig.io._kind import kind_of
    from marrowsig.pp import lognorm, map_genes

    work = adata.copy()
    map_genes(work)
    if design is not None:
        work = _summed(work, design)
    if kind_of(work) != "log":
        lognorm(work)
    return work


def _summed(adata: AnnData, design: Design) -> AnnData:
    """Return sums of cells per unit and arm where the rows are cells, else the rows as they are."""
    from marrowsig.pp import pseudobulk

    unit = design.unit or design.pair
    columns = [c for c in dict.fromkeys(design.columns.values()) if c != unit]
    absent = [c for c in [*columns, *([unit] if unit else [])] if c not in adata.obs]
    if absent or not _are_cells(adata, unit, columns):
        return adata  # a missing column is named by the design's own check
    if unit is None:
        msg = (
            f"{adata.n_obs:,} rows look like single cells, and no unit is given; cells are not replicates. "
            "Name the column of the donor or the culture: unit='donor' (on the command line --unit donor)."
        )
        raise DesignError(msg)
    inside = design.arms(adata.obs).notna().to_numpy()
    return pseudobulk(adata[inside].copy(), unit=unit, by=columns)


def _are_cells(adata: AnnData, unit: str | None, columns: list[str]) -> bool:
    if adata.n_obs < CELLS or not adata.n_vars:
        return False
    if unit is not None:
        sums = len(adata.obs[[unit, *columns]].drop_duplicates())
        if adata.n_obs >= MANY * sums:
            return True
    return _detected(adata) < DETECTED


def _detected(adata: AnnData) -> float:
    from scipy import sparse

    x: Any = adata.X
    above = x.count_nonzero() if sparse.issparse(x) else (x > 0).sum()
    return float(above) / (adata.n_obs * adata.n_vars)


def score_all(adata: AnnData, signatures: Any, methods: Sequence[str], min_coverage: float) -> None:
    """Score `signatures`, or all that come with the package for None."""
    from marrowsig import sig
    from marrowsig.tl import score

    wanted = sig.load() if signatures is None else sig.as_set(signatures)
    score(adata, wanted, method=list(methods), min_coverage=min_coverage)


def _compare(adata: AnnData, design: Design, methods: Sequence[str]) -> pd.DataFrame:
    from marrowsig.tl import compare

    return pd.concat([compare(adata, design, method=m) for m in methods], ignore_index=True)


def _write(
    folder: Path, adata: AnnData, res: pd.DataFrame, text: str, figures: list[Figure]
) -> dict[str, Path]:
    from marrowsig import get

    (folder / "figures").mkdir(parents=True, exist_ok=True)
    frames = {
        "scores": get.scores(adata),
        "contrasts": res,
        "coverage": get.coverage(adata),
        "genes": recall(adata, "genes", {}).get("changes", pd.DataFrame()),
    }
    paths = {}
    for name, frame in frames.items():
        paths[name] = _whole(folder / f"{name}.csv", partial(frame.to_csv, index=False))
    paths["scored"] = _whole(folder / "scored.h5ad", adata.write_h5ad)
    for f in figures:
        paths[f.name] = _whole(folder / "figures" / f"{f.name}.png", partial(_bytes, data=f.png))
    paths["report"] = _whole(folder / "report.html", partial(_bytes, data=text.encode("utf-8")))
    return paths


def _bytes(part: Path, *, data: bytes) -> None:
    part.write_bytes(data)


def _whole(path: Path, write: Callable[[Path], Any]) -> Path:
    from marrowsig.io._atomic import atomic

    with atomic(path) as part:
        write(part)
    return path


@contextmanager
def collected() -> Iterator[Callable[[], list[str]]]:
    """Keep marrowsig's own warnings; what is yielded returns their texts so far. Others are passed on."""
    with warnings.catch_warnings(record=True) as caught:
        for category in OURS:
            warnings.simplefilter("always", category)
        yield lambda: [str(w.message) for w in caught if issubclass(w.category, OURS)]
    for w in caught:
        if not issubclass(w.category, OURS):
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno, source=w.source)


@contextmanager
def _bar(*, progress: bool) -> Iterator[Callable[[str], None]]:
    from tqdm import tqdm

    # disable=None: no bar where the output is not a terminal
    with tqdm(
        total=STEPS, disable=None if progress else True, leave=False, bar_format="{desc}: {n}/{total} |{bar}|"
    ) as bar:

        def step(name: str) -> None:
            bar.set_description_str(name)
            bar.update()

        yield step

"""One study of several: where its matrix is, and its design."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from anndata import AnnData

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

SERIES = re.compile(r"GSE\d+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, repr=False)
class Study:
    """A study for `ms.batch`.

    Parameters
    ----------
    name
        What it is called in tables and figures; each study has its own.
    input
        A file or folder that `ms.io.read` reads, an `AnnData`, or a GEO accession. An accession whose design
        is curated (`ms.ds.table()`) is read by `ms.ds.load`, any other by `ms.ds.geo`.
    design
        Which columns say what each sample is; always yours, nothing is guessed.
    samples
        Sample sheet of a file.
    kind, layer, genome, sheet_key
        As on the command line: what the numbers are, layer of an h5ad (or "raw"), genome of a 10x file,
        column of the sheet that names the samples.
    floor
        Smallest value of a file of array signal with negatives, as in `ms.pp.lognorm`.
    file
        Supplementary file of an accession, as in `ms.ds.geo`.
    contrasts
        New names of its contrasts, such as `{"co_vs_mono": "stimulation"}`. Contrasts of one name are pooled
        across studies.
    leave_out
        Names of samples to leave out, such as libraries that failed.
    keep
        Rows to keep alone, as `--keep` of the command line: `["cell_type=blast,HSC"]` keeps those with one of
        these levels in this column of the sheet or of `obs`, `["cell_type!=MSC"]` all others. Of several, all
        have to hold.
    min_cells
        Single cells: sums of fewer cells are left out.
    expressed, min_count, min_total
        Whether genes that the study does not express are left out, and bounds other than the usual ones, as
        in `ms.pp.expressed`.
    stroma, stroma_kind, stroma_source, markers, no_carry_over, claims_on
        As on the command line, for the claims of a study's own report: its stroma (a level, "COLUMN=LEVEL" of
        rows that are taken out of the others, or a file or `AnnData` of it grown alone), what the numbers of
        a file of it are, whose it is where it is not the study's own, genes that tell it, that none of its
        RNA can be in the samples, and signatures that answer the claims of an axis, such as
        `{"emt": "emt.blast"}`.
    labels, palette, order
        Words, colours and order of levels in the figures of a study's own report: `{"co": "with MSC"}`,
        `{"co": "#882255"}`, `["mono", "co"]`.

    Examples
    --------
    >>> import marrowsig as ms
    >>> design = ms.Design(culture="culture", pair="donor")
    >>> ms.Study(name="ours", input="counts.csv", samples="samples.csv", design=design).name
    'ours'
    """

    name: str
    input: str | PathLike[str] | AnnData
    design: Design | FormulaDesign
    samples: str | PathLike[str] | None = None
    kind: str | None = None
    layer: str | None = None
    genome: str | None = None
    sheet_key: str | None = None
    file: str | None = None
    contrasts: Mapping[str, str] = field(default_factory=dict)
    leave_out: Sequence[str] = ()
    keep: str | Sequence[str] = ()
    floor: float | None = None
    min_cells: int = 20
    expressed: bool = False
    min_count: float | None = None
    min_total: float | None = None
    stroma: AnnData | str | PathLike[str] | None = None
    stroma_kind: str | None = None
    stroma_source: str | None = None
    markers: str | Sequence[str] | None = None
    no_carry_over: bool = False
    claims_on: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    palette: Mapping[str, str] = field(default_factory=dict)
    order: Sequence[str] = ()

    def __repr__(self) -> str:
        given: Any = self.input
        what = f"AnnData {given.n_obs} x {given.n_vars}" if hasattr(given, "n_obs") else repr(str(given))
        return f"<Study {self.name}: {what}, {self.design!r}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self).split(', ')[0])}&gt;</p>{self.design._repr_html_()}"

    def read(self) -> AnnData:
        """Return the matrix with its samples.

        Raises
        ------
        InputError
            If it cannot be read as what it is said to be, or has no such sample as one of `leave_out`, or
            no such column or level as one of `keep`.
        DownloadError
            If a file of an accession cannot be had.
        """
        adata = read_study(
            self.input, self.samples, kind=self.kind, layer=self.layer, genome=self.genome,
            sheet_key=self.sheet_key, file=self.file, floor=self.floor, leave_out=self.leave_out,
        )  # fmt: skip
        from marrowsig._named_inputs import only, stroma_named

        keep = [self.keep] if isinstance(self.keep, str) else list(self.keep)
        stroma = stroma_named(self.stroma, getattr(self.design, "compartment", None))
        return only(adata, keep, stroma=stroma) if keep else adata


def read_study(
    given: Any,
    samples: Any = None,
    *,
    kind: str | None = None,
    layer: str | None = None,
    genome: str | None = None,
    sheet_key: str | None = None,
    file: str | None = None,
    floor: float | None = None,
    leave_out: Sequence[str] = (),
) -> AnnData:
    """Read whatever a study was given as: AnnData, path, accession; without the samples `leave_out`."""
    from marrowsig._left_out import without
    from marrowsig._named_inputs import matrix
    from marrowsig._workbook_place import is_there

    if hasattr(given, "obs") and hasattr(given, "n_vars"):
        adata = _with_layer(given, layer)
        return without(adata, leave_out, "the AnnData") if leave_out else adata
    path = Path(given)
    if is_there(path):
        sheet = None if samples is None else Path(samples)
        return matrix(
            path, sheet, kind=kind, layer=layer, genome=genome, sheet_key=sheet_key, floor=floor,
            leave_out=leave_out,
        )  # fmt: skip
    if is_accession(given):
        adata = _from_archive(str(given), file=file, kind=kind)
        return without(adata, leave_out, str(given)) if leave_out else adata
    msg = (
        f"There is no file {str(given)!r}, and it is no GEO accession (GSE...). Paths in a batch file are "
        "relative to its folder."
    )
    raise InputError(msg)


def is_accession(given: Any) -> bool:
    """Whether this names a GEO series rather than a file."""
    return isinstance(given, str) and SERIES.fullmatch(given.strip()) is not None


def _from_archive(accession: str, *, file: str | None, kind: str | None) -> AnnData:
    from marrowsig import ds
    from marrowsig.ds._registry import design_rows

    name = accession.strip().upper()
    if file is None and kind is None and design_rows(name):
        return ds.load(name)
    return ds.geo(name, file=file, kind=kind)


def _with_layer(adata: AnnData, layer: str | None) -> AnnData:
    if layer is None:
        return adata
    if layer not in adata.layers:
        msg = f"The AnnData has no layer {layer!r}."
        raise InputError(msg)
    out = adata.copy()
    out.X = out.layers[layer]
    return out

"""Read any expression file into AnnData, and say what was decided."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, Literal

from marrowsig._counts_sheet import told_counts_sheet
from marrowsig._errors import InputError, InputWarning, count, first, near
from marrowsig._kinds import COUNTS
from marrowsig._left_out import without
from marrowsig._log import logger
from marrowsig._log_scales import LOGS
from marrowsig._provenance import record
from marrowsig._same_rows import same_rows
from marrowsig._workbook import located
from marrowsig._workbook_place import file_of, is_there, split
from marrowsig.io._anndata import is_zarr, read_h5ad, read_zarr
from marrowsig.io._content import READABLE, content, is_hdf5
from marrowsig.io._declared import settle_kind
from marrowsig.io._finite import check_finite, finite_genes
from marrowsig.io._found import Found, quiet
from marrowsig.io._gct import is_gct, read_gct
from marrowsig.io._gene_names import look_at_names
from marrowsig.io._kind import as_matrix
from marrowsig.io._powers import shortened, told_shortened
from marrowsig.io._rsem import is_rsem, read_rsem
from marrowsig.io._sample_files import read_sample_files, sample_files
from marrowsig.io._series_matrix import is_series_matrix, read_series_matrix
from marrowsig.io._sheet import join, known_ids, read_sheet
from marrowsig.io._slips import refuse_slips
from marrowsig.io._swapped import swapped_at_sight, told_swapped
from marrowsig.io._table import read_table
from marrowsig.io._tenx import find_tenx_folder, is_tenx_h5, read_tenx_folder, read_tenx_h5
from marrowsig.io._unlike_sums import refuse_estimated, told_unlike

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData


def read(
    path: str | os.PathLike[str],
    *,
    samples: str | os.PathLike[str] | pd.DataFrame | None = None,
    kind: str | None = None,
    genome: str | None = None,
    orientation: Literal["genes_by_samples", "samples_by_genes"] | None = None,
    sheet_key: str | None = None,
    gene_column: str | None = None,
    missing: Literal["refuse", "drop"] = "refuse",
    leave_out: str | Sequence[str] = (),
) -> AnnData:
    r"""Read an expression matrix, with its sample sheet, into AnnData.

    Read are tables (csv, tsv, txt; plain or gzipped; genes in rows or columns), sheets of Excel workbooks
    (.xlsx, with `pip install 'marrowsig[excel]'`), GCT 1.2 and 1.3, GEO series matrices, RSEM genes.results,
    h5ad, zarr, 10x h5 and 10x matrix folders, and folders with one file a sample of STAR, HTSeq,
    featureCounts or RSEM. The format is found from the content. Rows of the result are samples or cells,
    columns genes; gene names stay as they are, also repeated ones (`ms.pp.map_genes` repairs and combines
    them). Values are never changed.

    Parameters
    ----------
    path
        File or folder; of a workbook with several sheets, `"book.xlsx#Counts"`.
    samples
        Sample sheet (csv, tsv, `"book.xlsx#Samples"` or DataFrame), one row a sample. Its id column is found
        by its values; names that R changed (`-` to `.`, a leading `X`), with file endings
        (`/data/S1_sorted.bam`) or in other case and signs (`S1 Ruxo` of `S-1_ruxo`) are matched with an
        `InputWarning` that tells the pairs. Where a column of file names and one called `sample`, `id` or
        `name` both fit, the latter names the samples.
        For single cells the ids may be those of a column of `obs`. Samples without a row are dropped with
        an `InputWarning`.
    kind
        What the numbers are: "counts", "expected_counts", "tpm", "fpkm", "linear", "linear_negative" or
        "log", or how a log was made: "log2(x+1)", "ln(x+1)", "log10(x+1)" or "log2(x)" (2 to its power is CPM
        or TPM), which `ms.qc.stroma` needs where the numbers do not tell. Found from the values if not said.
        For RSEM it picks the column.
    genome
        Which genome of a 10x file that holds several; "all" of an h5 file for `ms.pp.split_species`.
    orientation
        Which side carries the genes, where the table does not tell.
    sheet_key
        Column of the sample sheet that names the samples.
    gene_column
        Column of a table that names the genes, where it is not the first.
    missing
        "refuse" raises on missing or infinite values, "drop" leaves their genes out.
    leave_out
        Samples to leave out by name, such as libraries that failed: rows of the matrix, of the sheet, or of
        both.

    Returns
    -------
    AnnData
        (n_samples, n_genes). `uns["marrowsig"]["input"]` holds kind, format, file, orientation, n_obs, n_var
        and the decisions, which are also logged.

    Raises
    ------
    InputError
        If the file cannot be read, is cut off, is no matrix of numbers, repeats sample names, or does not
        agree with the sample sheet or with `kind`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import marrowsig as ms
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "counts.csv"
    ...     _ = file.write_text("gene,s1,s2\nIL6,0,12\nSOCS3,40,310\nGAPDH,5100,4900\n")
    ...     adata = ms.io.read(file)
    >>> adata.shape, adata.uns["marrowsig"]["input"]["kind"]
    ((2, 3), 'counts')
    """
    if missing not in {"refuse", "drop"}:
        msg = f"missing={missing!r} is unknown. Use 'refuse' or 'drop'."
        raise InputError(msg)
    if not is_there(path):
        msg = f"There is no file or folder {os.fspath(file_of(path))!r}.{like(file_of(path))}"
        raise InputError(msg)
    place = located(path)
    leave_out = [leave_out] if isinstance(leave_out, str) else list(leave_out)
    sheet = None if samples is None else read_sheet(samples)
    if sheet is not None and (told := swapped_at_sight(place, sheet, samples)):
        raise InputError(told)
    known = frozenset() if sheet is None else known_ids(sheet, sheet_key)
    with quiet():
        try:
            found = _open(place, kind, genome, orientation, gene_column, known)
            _check_samples(found, place.name)
            adata = (
                found.adata if sheet is None else join(found, sheet, sheet_key=sheet_key, leave_out=leave_out)
            )
        except InputError as error:
            if sheet is None or not isinstance(samples, str | os.PathLike):
                raise
            told = told_swapped(place, sheet, located(samples).name)
            if not told:
                raise
            raise InputError(told) from error
        adata = _handle_missing(adata, found, missing)
        _check_values(adata, place.name)
    decided, why = settle_kind(adata.X, kind, of_format=found.kind, name=place.name)
    found.decisions.append(f"kind {decided}: {why}")
    refuse_slips(adata, decided, said=kind is not None)
    if found.shortened and decided in COUNTS:
        found.warnings.append((told_shortened(found.shortened, place.name), InputWarning))
    if decided == "linear" and kind is None and (told := told_unlike(as_matrix(adata.X), adata.obs)):
        refuse_estimated(as_matrix(adata.X), place.name)
        found.warnings.append((told, InputWarning))
    sheet_of_counts = "" if decided == "counts" else told_counts_sheet(place)
    if sheet_of_counts and decided in ("linear", "expected_counts"):
        found.warnings.append((sheet_of_counts, InputWarning))
    look_at_names(adata, found)
    more = {
        "counts_sheet": sheet_of_counts,
        "scale": kind if kind in LOGS else "",
        "declared": kind is not None,
    }
    _record(adata, found, place.name, decided, {name: said for name, said in more.items() if said})
    for text, category in found.warnings:
        warnings.warn(text, category, stacklevel=2)
    for text in same_rows(adata.X, adata.obs_names):
        warnings.warn(text, InputWarning, stacklevel=2)
    return without(adata, leave_out, place.name, listed=found.absent) if leave_out else adata


def _open(
    path: Path,
    kind: str | None,
    genome: str | None,
    orientation: str | None,
    gene_column: str | None,
    known: frozenset[str],
) -> Found:
    if path.is_dir():
        return _open_folder(path, genome, kind)
    if is_hdf5(file_of(path)):
        return _open_hdf5(path, genome)
    if path.suffix.lower() in {".h5ad", ".h5", ".loom"}:
        msg = f"{path.name} is not an HDF5 file, whatever its name says: empty or damaged. Get it again."
        raise InputError(msg)
    notes: list[str] = []
    data = content(path, notes)
    found = _open_text(data, path, kind, orientation, gene_column, known)
    if split(path)[1]:
        found.decisions = [said for said in found.decisions if not said.startswith("delimiter is")]
    found.decisions[:0] = notes
    found.shortened = shortened(data)
    return found


def _open_text(
    data: bytes,
    path: Path,
    kind: str | None,
    orientation: str | None,
    gene_column: str | None,
    known: frozenset[str],
) -> Found:
    if is_gct(data):
        return read_gct(data, path.name)
    if is_series_matrix(data):
        return read_series_matrix(data, path.name)
    if data.startswith(b"%%MatrixMarket"):
        msg = f"{path.name} is one file of a 10x folder. Give the folder with its genes and barcodes."
        raise InputError(msg)
    if is_rsem(data):
        return read_rsem(data, path, kind=kind)
    return read_table(data, path.name, known=known, orientation=orientation, gene_column=gene_column)


def _open_folder(path: Path, genome: str | None, kind: str | None) -> Found:
    if is_zarr(path):
        return read_zarr(path)
    folder = find_tenx_folder(path, genome=genome)
    if folder is not None:
        return read_tenx_folder(folder)
    if files := sample_files(path):
        return read_sample_files(path, files, kind=kind)
    msg = f"{path.name} is a folder without zarr store, matrix.mtx or files of counts. Readable: {READABLE}."
    raise InputError(msg)


def _open_hdf5(path: Path, genome: str | None) -> Found:
    try:
        tenx = is_tenx_h5(path)
    except OSError as error:
        msg = f"{path.name} is cut off or damaged: {error}. Get it again."
        raise InputError(msg) from error
    return read_tenx_h5(path, genome=genome) if tenx else read_h5ad(path)


def _check_samples(found: Found, name: str) -> None:
    names = found.adata.obs_names
    twice = names[names.duplicated()].unique()
    if len(twice):
        hint = " Run adata.obs_names_make_unique() on cells." if found.format in {"h5ad", "zarr"} else ""
        msg = (
            f"{name}: {count(len(twice), 'sample name occurs', 'sample names occur')} more than once: "
            f"{first(twice)}. "
            f"Rename or remove one of each.{hint}"
        )
        raise InputError(msg)


def _handle_missing(adata: AnnData, found: Found, missing: str) -> AnnData:
    if missing == "refuse":
        check_finite(adata.X, obs_names=list(adata.obs_names), var_names=list(adata.var_names))
        return adata
    keep = finite_genes(adata.X)
    if keep.all():
        return adata
    found.decisions.append(
        f"{int((~keep).sum())} genes with missing values left out: {first(adata.var_names[~keep])}"
    )
    return adata[:, keep].copy()


def _check_values(adata: AnnData, name: str) -> None:
    if 0 in adata.shape:
        msg = f"{name}: nothing is left to read, {adata.n_obs} samples x {adata.n_vars} genes."
        raise InputError(msg)
    if float(abs(adata.X).max()) == 0:
        msg = f"{name}: every value is 0; nothing was measured."
        raise InputError(msg)


def _record(adata: AnnData, found: Found, name: str, kind: str, more: Mapping[str, Any]) -> None:
    note = {
        "kind": kind,
        "format": found.format,
        "file": name,
        "orientation": found.orientation,
        "n_obs": adata.n_obs,
        "n_var": adata.n_vars,
        "decisions": "; ".join(found.decisions),
        **more,
    }
    record(adata, "input", note)
    logger.info("%s: %d samples x %d genes. %s", name, adata.n_obs, adata.n_vars, note["decisions"])


def like(place: Path) -> str:
    """Files beside it with a name like it, or where it was looked for."""
    if not place.parent.is_dir():
        return f" The folder {os.fspath(place.parent.absolute())!r} is not there either."
    return near(place.name, (one.name for one in place.parent.iterdir())) or (
        f" Looked in {os.fspath(place.parent.absolute())!r}."
    )

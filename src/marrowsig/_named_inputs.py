"""A matrix with its samples, and signatures, by what a person wrote: paths, ids, axes."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, first
from marrowsig._left_out import noted
from marrowsig._stroma_source import of_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

    from marrowsig.sig import SignatureSet

LISTS = (".toml", ".gmt", ".json", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")


def is_lists(name: str) -> bool:
    """Whether a signature is named by a file, a sheet of a workbook or a folder, not by its id.

    The name of an axis is the axis, also beside a folder that is called as it: that is `./emt`.
    """
    from marrowsig._workbook_place import file_of
    from marrowsig.sig._words import AXES

    return name not in AXES and (file_of(name).name.endswith(LISTS) or Path(name).is_dir())


def matrix(
    path: Path,
    samples: Path | None,
    *,
    kind: str | None,
    layer: str | None,
    genome: str | None,
    sheet_key: str | None = None,
    leave_out: Sequence[str] = (),
    keep: Sequence[str] = (),
    floor: float | None = None,
    stroma: str = "",
) -> AnnData:
    """Matrix with its samples, without those of `leave_out`; with `layer`, that layer in the place of X.

    `keep` holds texts as `cell_type=blast,HSC`, for rows that are kept alone, and `stroma` is of `only`.
    `floor` is noted for `ms.pp.lognorm`.
    """
    adata = _layer(path, samples, kind=kind, layer=layer, genome=genome, sheet_key=sheet_key, less=leave_out)
    adata = only(adata, keep, stroma=stroma) if keep else adata
    return adata if floor is None else _with_floor(adata, floor)


def only(adata: AnnData, keep: Sequence[str], *, stroma: str = "") -> AnnData:
    """Copy of the rows that all texts of `keep` are true of, with a note of what was kept.

    Rows of `stroma`, "COLUMN=LEVEL", stay where a text would leave hardly any.
    """
    from marrowsig._keep_rows import kept_rows, leaving

    rows, where = kept_rows(adata.obs, keep, stroma=stroma)
    told = f"kept, as was asked: {int(rows.sum()):,} of {len(rows):,} rows, where {where}"
    note: dict[str, Any] = {"kept_of": len(rows), "kept_where": where}
    if less := leaving(adata.obs, keep, where):
        note |= {"kept_less": less, "kept_fewer": int((~rows).sum())}
    return noted(adata[rows].copy(), told, note)


def stroma_named(given: Any, compartment: str | None) -> str:
    """Rows of stroma as "COLUMN=LEVEL"; a level alone is one of the compartment; empty for anything else."""
    from marrowsig._workbook_place import is_there

    if not isinstance(given, str) or is_there(given):
        return ""
    if "=" in given:
        return given
    return f"{compartment}={given}" if compartment else ""


def _with_floor(adata: AnnData, floor: float) -> AnnData:
    from marrowsig._provenance import recall, record

    read = dict(recall(adata, "input", {}))
    if read.get("kind") != "linear_negative":
        msg = (
            f"floor={floor:g} is for array signal with negative values, and the numbers are "
            f"{read.get('kind')}. Leave floor= out."
        )
        raise InputError(msg)
    record(adata, "input", {**read, "floor": float(floor)})
    return adata


def _layer(
    path: Path,
    samples: Path | None,
    *,
    kind: str | None,
    layer: str | None,
    genome: str | None,
    sheet_key: str | None,
    less: Sequence[str],
) -> AnnData:
    from marrowsig import io
    from marrowsig._layers import layers_of

    adata = io.read(
        path,
        samples=samples,
        kind=None if layer else kind,
        genome=genome,
        sheet_key=sheet_key,
        leave_out=less,
    )
    if layer is None:
        return adata
    from marrowsig._counts_in_raw import RAW, in_place_of_x
    from marrowsig._counts_layer import not_of_x
    from marrowsig._log_scales import LOGS
    from marrowsig._provenance import recall, record
    from marrowsig.io._declared import settle_kind
    from marrowsig.io._kind import guess_kind

    of_raw = layer == RAW and layer not in adata.layers and adata.raw is not None
    if not of_raw and layer not in adata.layers:
        there = [*layers_of(adata), *([] if adata.raw is None else [RAW])]
        msg = f"{path.name} has no layer {layer!r}. It has: {first(there) or 'none'}."
        raise InputError(msg)
    values: Any = adata.raw.X if of_raw else adata.layers[layer]
    if kind in LOGS:
        decided, why = settle_kind(values, kind)
    else:
        decided, why = (kind, "as was said") if kind else guess_kind(values)
    said: dict[str, Any] = {"declared": True} if kind else {}
    said |= {"scale": kind} if kind in LOGS else {}
    if of_raw:
        told = f"values of raw ({adata.raw.n_vars:,} genes), {decided}: {why}"
        return in_place_of_x(adata, told, {"kind": decided, **said})
    adata.X = values
    read = dict(recall(adata, "input", {}))
    record(adata, "input", {**read, "decisions": "; ".join(not_of_x(str(read.get("decisions", ""))))})
    return noted(adata, f"values of layer {layer!r}, {decided}: {why}", {"kind": decided, **said})


def signatures(names: Sequence[str]) -> SignatureSet:
    """Signatures by id, axis or file; all that come with the package without names.

    `emt=mylist.csv` says the axis of a list that does not say it itself. Lists of files are read by the
    symbols of today, as the matrix is.
    """
    return signatures_told(names)[0]


def signatures_told(names: Sequence[str]) -> tuple[SignatureSet, dict[str, str]]:
    """Signatures as `signatures` gives them; and, of each file with old names, what these were read as."""
    import warnings

    from marrowsig import sig
    from marrowsig._current_symbols import current, in_words, renames
    from marrowsig._workbook_place import file_of
    from marrowsig.sig._words import AXES

    if not names:
        return sig.load(), {}
    chosen, told = sig.SignatureSet(), {}
    for name in names:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            lists = own_lists(name)
        if lists is None:
            chosen = chosen | sig.load(name)
            continue
        chosen, renamed = chosen | current(lists), renames(lists)
        for one in warned:
            if not renamed or "Translate them: ms.sig.map_genes" not in str(one.message):
                warnings.warn(str(one.message), one.category, stacklevel=2)
        if renamed:
            axis, said, file = name.partition("=")
            place = file if said and axis in AXES else name
            told[name] = in_words(file_of(place).name, renamed.items())
    return chosen, told


def own_lists(name: str) -> SignatureSet | None:
    """Return lists as the file that `name` names has them; None if it names no file."""
    from marrowsig import sig
    from marrowsig._workbook_place import is_there
    from marrowsig.sig._words import AXES, SHIPPED

    axis, said, file = name.partition("=")
    if said and axis in AXES:
        return sig.read(file, axis=axis, map_genes=False)
    if said and is_lists(file) and is_there(file):
        msg = (
            f"{axis!r} in {name!r} is no axis. Give the list as {file}, which is of the axis 'other', or "
            f"as one of {first((f'{own}={file}' for own in SHIPPED), 5)}."
        )
        raise InputError(msg)
    return sig.read(name, map_genes=False) if is_lists(name) else None


def markers(given: str | None) -> list[str] | None:
    """Genes between commas, or those of a file: one a line, or between commas.

    >>> markers("COL1A1, COL1A2,DCN")
    ['COL1A1', 'COL1A2', 'DCN']
    """
    if given is None:
        return None
    from marrowsig._workbook_place import file_of
    from marrowsig.io._content import content

    text = content(Path(given)).decode() if file_of(given).is_file() else given
    found = [gene.strip() for gene in re.split("[,\t\n]", text)]
    return list(dict.fromkeys(filter(None, found)))


def stroma(
    given: str | None,
    *,
    beside: AnnData | None = None,
    stroma_kind: str | None = None,
    stroma_source: str | None = None,
) -> AnnData | str | None:
    """Stroma grown alone, if it is a file, else the level that names it.

    Linear values of which neither the numbers nor `stroma_kind` tell more are of the kind of the samples
    `beside` them. `stroma_source` says whose it is where that is not the study's own, and is noted with it.
    """
    from marrowsig._workbook_place import is_there

    if given is None or not is_there(given):
        for name, value, says in (
            ("stroma_kind", stroma_kind, "what the numbers of a file of stroma are"),
            ("stroma_source", stroma_source, "whose the stroma in a file is"),
        ):
            if value is not None:
                why = "are of its kind" if name == "stroma_kind" else "are the study's own"
                msg = (
                    f"{name}={value!r} says {says}, and stroma= names no file. Leave {name}= out: rows of "
                    f"the matrix {why}."
                )
                raise InputError(msg)
        return given
    alone = _of_file(given, beside, stroma_kind)
    return alone if stroma_source is None else of_source(alone, stroma_source)


def _of_file(given: str, beside: AnnData | None, stroma_kind: str | None) -> AnnData:
    import warnings

    from marrowsig._provenance import recall

    path = Path(given)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        alone = _grown_alone(path, stroma_kind)
    same = None if beside is None or stroma_kind is not None else recall(beside, "input", {}).get("kind")
    if recall(alone, "input", {}).get("kind") == "linear" and same in ("expected_counts", "fpkm", "tpm"):
        with suppress(InputError):  # the numbers cannot be of that kind
            return _grown_alone(path, same)
    for one in told:
        warnings.warn(_of_stroma(str(one.message)), one.category, stacklevel=2)
    return alone


def _grown_alone(path: Path, kind: str | None) -> AnnData:
    try:
        return matrix(path, None, kind=kind, layer=None, genome=None)
    except InputError as error:
        raise InputError(_of_stroma(str(error))) from error


def _of_stroma(text: str) -> str:
    """Name the argument that says the kind of stroma in what reading says of `kind=`."""
    return re.sub(r"(?<![\w])kind=", "stroma_kind=", text)

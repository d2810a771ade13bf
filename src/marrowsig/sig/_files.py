"""Read signatures from files and write them to files."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._current_symbols import as_of_today, in_words
from marrowsig._errors import InputError, SignatureError, first
from marrowsig._log import logger
from marrowsig._workbook_place import file_of, split
from marrowsig.sig import _lists, _long, _toml
from marrowsig.sig._damage import warn_unknown
from marrowsig.sig._export import to_dict, to_gmt, to_net
from marrowsig.sig._set import SignatureSet
from marrowsig.sig._set_from import as_set, in_memory
from marrowsig.sig._words import AXES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import pandas as pd

    from marrowsig.sig._signature import Signature

KINDS = ".toml, .gmt, .json, .csv or .tsv"
WORKBOOKS = {".xls", ".ods"}


def read(
    path: str | PathLike[str] | pd.DataFrame | Mapping[str, Iterable[str]],
    *,
    axis: str | None = None,
    map_genes: bool = True,
) -> SignatureSet:
    r"""Read signatures from a file, a folder of TOML files, or a table or lists in memory.

    Parameters
    ----------
    path
        `.toml` (a signature file), `.gmt`, `.json` (MSigDB), `.csv`, `.tsv` or `.xlsx` (a sheet of several
        as `"lists.xlsx#Sheet1"`), or a folder, searched for
        `.toml` at any depth. A table has the columns source, target, weight (as in decoupler) or signature,
        gene, weight; in place of weight `direction`, with up or down, Up, +, 1, activated, and so on; with
        neither, as gs_name, gene_symbol of msigdbr, all genes rise, and so they do in a list of one column,
        with a heading or without; a table with a further column by which some fall (a fold change, numbers
        on both sides of 0, up and down) is refused. A table of one signature needs no column for its name,
        and takes that of the file. A frame with these columns, such as a net of decoupler, is read as the
        table would be; so are lists of genes by name.
    axis
        Axis of lists whose names do not state one, as `emt.hallmark` does; `"other"` if left out.
    map_genes
        Bring old symbols, aliases and Ensembl ids to the approved symbols, as `ms.pp.map_genes` does for a
        matrix, and as the command line reads lists. Lists of another species, and lists written as those of
        mouse are, stay as they are. False keeps the names of the file.

    Returns
    -------
    SignatureSet
        Lists called `X_UP` and `X_DN` become one signed signature `X`; a lone arm keeps its name and
        positive weights. `listed_as` of a signature says which name the file has, where it is another; so
        does the log.

    Raises
    ------
    SignatureError
        If the file cannot be read, names repeat, or the axis is not known.

    Warns
    -----
    GeneWarning
        On dates, clone names and (with `map_genes=False`) Ensembl ids in place of symbols, on genes in both
        arms, under one name or two, or twice in a list, on lists without genes, which are left out, where
        the description in a GMT is a gene, and (with `map_genes`) on names that are no known symbol, in lists
        of which most are.

    Examples
    --------
    >>> import marrowsig as ms, tempfile, pathlib
    >>> gmt = pathlib.Path(tempfile.mkdtemp(), "paper.gmt")
    >>> _ = gmt.write_text("X_UP\tna\tVIM\tFN1\nX_DN\tna\tCDH1\n")
    >>> ms.sig.read(gmt, axis="emt")["emt.x"].genes
    {'VIM': 1.0, 'FN1': 1.0, 'CDH1': -1.0}
    >>> ms.sig.read(ms.sig.load("il6.hallmark").to_net()).ids
    ('il6.hallmark',)
    >>> ms.sig.read({"Hypoxia": ["VEGFA", "CA9", "SLC2A1"]}).ids
    ('other.hypoxia',)
    >>> old = {"mine": ["CTGF", "VIM"]}
    >>> ms.sig.read(old)["other.mine"].genes, ms.sig.read(old)["other.mine"].listed_as
    ({'CCN2': 1.0, 'VIM': 1.0}, {'CCN2': 'CTGF'})
    >>> ms.sig.read(old, map_genes=False)["other.mine"].genes
    {'CTGF': 1.0, 'VIM': 1.0}
    """
    if axis is not None and axis not in AXES:
        msg = f"axis is {axis!r}. Use one of {', '.join(AXES)}."
        raise SignatureError(msg)
    make = _found if not map_genes else _found_known
    found, renamed, told = as_of_today(lambda: make(path, axis), map_genes=map_genes)
    for one in told:
        warnings.warn(one, stacklevel=2)
    logger.info("sig.read: %s", first(f"{s.id} ({len(s.up)} rise, {len(s.down)} fall)" for s in found))
    if renamed:
        logger.info("sig.read: %s", in_words(_label(path), renamed.items()))
    return found


def _found(path: Any, axis: str | None) -> SignatureSet:
    if hasattr(path, "to_csv") or isinstance(path, Mapping):
        return SignatureSet(in_memory(path, axis))
    place, sheet = _place(path)
    if place.is_dir():
        return SignatureSet(_read_toml(f) for f in _tomls(place))
    return SignatureSet(_read_file(place, axis, sheet))


def _found_known(path: Any, axis: str | None) -> SignatureSet:
    found = _found(path, axis)
    warn_unknown(found, _label(path))
    return found


def _label(path: Any) -> str:
    return "lists" if hasattr(path, "to_csv") or isinstance(path, Mapping) else file_of(path).name


def _place(path: Any) -> tuple[Path, str]:
    if isinstance(path, list | tuple | set):
        msg = "A list of genes has no name. Give it one: ms.sig.read({'mine': [...]})."
        raise SignatureError(msg)
    place, sheet = split(path)
    if not place.is_dir() and not place.is_file():
        msg = f"No file {str(path)!r}. For a shipped signature use ms.sig.load({place.stem!r})."
        raise SignatureError(msg)
    return place, sheet


def _read_file(place: Path, axis: str | None, sheet: str) -> list[Signature]:
    kind, label = place.suffix.lower(), place.name
    if kind == ".toml":
        return [_read_toml(place)]
    if kind in {".xlsx", ".xlsm"}:
        place = place.with_name(f"{place.name}#{sheet}") if sheet else place
        return _long.from_long(_sheet(place), axis, place.name)
    text = "" if kind in WORKBOOKS else _text(place)
    if kind == ".gmt":
        return _lists.signatures(_lists.from_gmt(text, label), axis, label)
    if kind == ".json":
        return _lists.signatures(_lists.from_json(text, label), axis, label)
    if kind in {".csv", ".tsv", ".txt"}:
        return _long.from_long(text, axis, label)
    if kind in WORKBOOKS:
        msg = (
            f"{label} is an old workbook. Save it as .xlsx, or as csv (File > Save As > CSV UTF-8). "
            f"{_long.EXAMPLE}"
        )
        raise SignatureError(msg)
    msg = f"{label}: unknown kind of file. Use {KINDS}."
    raise SignatureError(msg)


def _sheet(place: Path) -> str:
    from marrowsig._workbook import sheet_text

    try:
        return sheet_text(split(place)[0].read_bytes(), place, [], fill=False).decode()
    except InputError as error:
        raise SignatureError(str(error)) from error


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        msg = f"{place.name}: not UTF-8 text: {err}."
        raise SignatureError(msg) from err


def _tomls(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.toml"))
    if not found:
        msg = f"No .toml files in {folder.name!r}."
        raise SignatureError(msg)
    return found


def _read_toml(place: Path) -> Signature:
    label = f"{place.parent.name}/{place.name}"
    return _toml.from_doc(_toml.loads(_text(place), label), label)


def write(
    sigs: SignatureSet | Signature | str | Iterable[str | Signature], path: str | PathLike[str]
) -> None:
    """Write signatures to a file, or to a folder as `<axis>/<name>.toml`.

    Parameters
    ----------
    sigs
        Signatures, or their names.
    path
        `.toml` (one signature), `.gmt`, `.json`, `.csv`, `.tsv`, or a folder. Only TOML keeps everything; GMT
        and JSON lose weights other than +1 and -1. Missing folders are made.

    Raises
    ------
    SignatureError
        If the kind of file is unknown, or several signatures would go into one TOML file.

    Examples
    --------
    >>> import marrowsig as ms, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> ms.sig.write("il6.hallmark", folder / "il6.tsv")
    >>> ms.sig.read(folder / "il6.tsv")
    <SignatureSet of 1: il6.hallmark>
    """
    listed, place = as_set(sigs), Path(path)
    kind = place.suffix.lower()
    files = {place: _as_text(listed, kind)} if kind else _as_folder(listed, place)
    for target, text in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


def _as_folder(listed: SignatureSet, folder: Path) -> dict[Path, str]:
    return {folder / sig.axis / f"{sig.name}.toml": _toml.dumps(_toml.to_doc(sig)) for sig in listed}


def _as_text(listed: SignatureSet, kind: str) -> str:
    if kind == ".toml":
        if len(listed) > 1:
            msg = f"A .toml file holds one signature, not {len(listed)}. Give a folder."
            raise SignatureError(msg)
        return _toml.dumps(_toml.to_doc(next(iter(listed))))
    if kind == ".gmt":
        return to_gmt(listed)
    if kind == ".json":
        return (
            json.dumps({name: {"geneSymbols": genes} for name, genes in to_dict(listed).items()}, indent=1)
            + "\n"
        )
    if kind in {".csv", ".tsv"}:
        return str(
            to_net(listed).to_csv(sep="\t" if kind == ".tsv" else ",", index=False, lineterminator="\n")
        )
    msg = f"{kind!r} is not a kind of file that signatures are written to. Use {KINDS}, or a folder."
    raise SignatureError(msg)

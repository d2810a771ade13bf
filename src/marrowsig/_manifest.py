"""Which files of a folder a run wrote, so that the next one can take away those that it does not renew."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import count, first
from marrowsig._version import __version__
from marrowsig.io._atomic import atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

NAME = "manifest.json"


def renew(
    folder: Path, written: Iterable[Path], *, command: str = "", later: Collection[str] = ("log.txt",)
) -> list[str]:
    """Remove what an earlier run wrote into `folder` and this one did not; note what this one has `written`.

    Only files that the manifest of the earlier run names are touched, and only if they are as that run wrote
    them. A run of a `command` writes what is `later` after this. Returns a sentence for each that was changed
    since, and stays, and one on those that are gone.
    """
    here = {path.relative_to(folder).as_posix(): _digest(path) for path in written}
    told, gone = [], []
    for name, digest in sorted(_earlier(folder).items()):
        old = folder / name
        if (
            name in here
            or (name in later and command)
            or not old.is_file()
            or folder.resolve() not in old.resolve().parents
        ):
            continue
        if _digest(old) == digest:
            old.unlink()
            gone.append(name)
        else:
            told.append(
                f"{name} is of an earlier run and was changed since: it stays, and is not of this run."
            )
    _note(folder, here, command)
    if gone:
        what = count(len(gone), "file of the earlier run is", "files of the earlier run are")
        told.append(f"{what} gone from this folder, as this run does not make them: {first(gone)}.")
    return told


def add(path: Path) -> None:
    """Note one more file that the run wrote into its folder."""
    here = {**_earlier(path.parent), path.name: _digest(path)}
    _note(path.parent, here, _command(path.parent))


def _note(folder: Path, here: dict[str, str], command: str) -> None:
    noted = {"marrowsig": __version__, "files": here} | ({"command": command} if command else {})
    text = json.dumps(noted, indent=1, sort_keys=True)
    with atomic(folder / NAME) as part:
        part.write_text(f"{text}\n", encoding="utf-8")


def set_aside(folder: Path, tables: Iterable[str]) -> list[str]:
    """Keep a copy of each table, and of the page, that somebody changed since an earlier run wrote it.

    This run writes them again. Returns a sentence for each.
    """
    told, old = [], _earlier(folder)
    for name in (*(f"{table}.csv" for table in tables), "report.html"):
        place = folder / name
        if name not in old or not place.is_file() or _digest(place) == old[name]:
            continue
        copies = (place.with_name(f"{place.stem}.yours{n}{place.suffix}") for n in ("", *range(2, 100)))
        copy = next(path for path in copies if not path.exists() or _digest(path) == _digest(place))
        shutil.copy2(place, copy)
        told.append(
            f"{name} was changed since the earlier run; it is written anew, and yours is {copy.name}."
        )
    return told


def changed_verdicts(folder: Path, claims: pd.DataFrame | None, *, command: str = "") -> list[str]:
    """Say which claims end otherwise than in the earlier run in this folder, and how that was called."""
    import pandas as pd

    place = folder / "claims.csv"
    if claims is None or "claims.csv" not in _earlier(folder) or not place.is_file():
        return []
    try:
        before = pd.read_csv(place, keep_default_na=False, dtype=str)
        old = dict(zip(_keys(before), before["verdict"], strict=True))
    except (OSError, ValueError, KeyError):
        return []  # changed by hand into something else
    new = zip(_keys(claims), claims["verdict"], claims["sentence"], strict=True)
    moved = [
        f"{sentence.split(': ')[0]}: {old[key]} -> {verdict}"
        for key, verdict, sentence in new
        if key in old and old[key] != verdict
    ]
    if not moved:
        return []
    told = f"Claims that end otherwise than in the earlier run in this folder: {first(moved, 10)}."
    earlier = _command(folder)
    return [f"{told} That run was: {earlier}" if earlier not in ("", command) else told]


def _keys(claims: pd.DataFrame) -> list[tuple[str, ...]]:
    named = claims[["claim", "stratum", "line", "inhibitor", "compartment"]].fillna("").astype(str)
    return list(named.itertuples(index=False, name=None))


def _earlier(folder: Path) -> dict[str, str]:
    """Names and hashes of the earlier run; none where there is no manifest that can be read."""
    try:
        return {str(name): str(digest) for name, digest in _noted(folder)["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _command(folder: Path) -> str:
    """Command line of the earlier run, if it was noted."""
    try:
        return str(_noted(folder).get("command", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _noted(folder: Path) -> Any:
    return json.loads((folder / NAME).read_text(encoding="utf-8"))


def _digest(path: Path) -> str:
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()

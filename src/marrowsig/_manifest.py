"""Which files of a folder a run wrote, so that the next one can take away those that it does not renew."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError, count, first
from marrowsig._version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd

    from marrowsig.io._together import Together

NAME = "manifest.json"


def superseded(part: Together, *, later: Collection[str] = ()) -> list[str]:
    """Have `part` take away what an earlier run wrote into its folder and this one does not write.

    Only files that the manifest of the earlier run names are touched, and only if they are as that run wrote
    them. What is written `later` is not missed. Returns a sentence for each that was changed since, and
    stays, and one on those that go.
    """
    told, gone, folder = [], [], part.folder
    for name, digest in sorted(_earlier(folder).items()):
        old = folder / name
        if (
            name in later
            or (part.new / name).is_file()
            or not old.is_file()
            or folder.resolve() not in old.resolve().parents
        ):
            continue
        if _digest(old) == digest:
            gone.append(name)
        else:
            told.append(
                f"{name} is of an earlier run and was changed since: it stays, and is not of this run."
            )
    part.gone.update(gone)
    if gone:
        what = count(len(gone), "file of the earlier run is", "files of the earlier run are")
        told.append(f"{what} gone from this folder, as this run does not make them: {first(gone)}.")
    return told


def note(part: Together, *, command: str = "", drawn_from: Mapping[str, Any] | None = None) -> None:
    """Note what this run has written, and what its figure is `drawn_from`; last of its files."""
    written = (path for path in part.new.rglob("*") if path.is_file())
    here = {path.relative_to(part.new).as_posix(): _digest(path) for path in written}
    found = {"marrowsig": __version__, "files": here} | ({"command": command} if command else {})
    _write(part, found | dict(drawn_from or {}))


def renew(part: Together) -> None:
    """Note the files that are written anew into the folder of a run, and those that leave it."""
    found = noted(part.folder)
    files = {name: digest for name, digest in found["files"].items() if name not in part.gone}
    files |= {path.name: _digest(path) for path in part.new.iterdir()}
    _write(part, found | {"files": files})


def _write(part: Together, found: Mapping[str, Any]) -> None:
    text = json.dumps(found, indent=1, sort_keys=True)
    (part.new / NAME).write_text(f"{text}\n", encoding="utf-8")


def noted(folder: Path) -> dict[str, Any]:
    """Read what a run noted in its folder; nothing where there is no manifest that can be read."""
    try:
        return dict(_noted(folder))
    except (OSError, ValueError, TypeError):
        return {}


def of_run(place: Path, files: Collection[str]) -> dict[str, Any]:
    """Read what a run noted, with its design; refuse one without these `files`, or an older one."""
    if not place.is_dir():
        what = "is a file" if place.exists() else "is not there"
        msg = f"{str(place)!r} {what}. Name the folder that marrowsig run wrote."
        raise InputError(msg)
    found = noted(place)
    if not set(files) <= set(found.get("files", ())):
        msg = f"{str(place)!r} is not the folder of a run. Name the one that marrowsig run wrote."
        raise InputError(msg)
    if not {"design", "look"} <= set(found):
        again = found.get("command") or "the same command"
        msg = f"{str(place)!r} is of an older version, which did not keep its design. Run once more:\n{again}"
        raise InputError(msg)
    return found


def changed_since(folder: Path, names: Iterable[str]) -> list[str]:
    """Name the files that are not as the run in this folder wrote them, or not there."""
    old = _earlier(folder)
    return [n for n in names if not (folder / n).is_file() or _digest(folder / n) != old.get(n)]


def set_aside(folder: Path, tables: Iterable[str]) -> list[str]:
    """Keep a copy of each table, and of the page, that somebody changed since an earlier run wrote it.

    This run writes them again. Returns a sentence for each.
    """
    return copied(folder, [*(f"{table}.csv" for table in tables), "report.html"])


def copied(folder: Path, names: Iterable[str]) -> list[str]:
    """Keep a copy of each of these files that was changed since the run; returns a sentence for each."""
    told, old = [], _earlier(folder)
    for name in names:
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


def changed_verdicts(
    folder: Path, claims: pd.DataFrame | None, questions: pd.DataFrame | None = None, *, command: str = ""
) -> list[str]:
    """Say which claims, and further questions, end otherwise than in the earlier run in this folder.

    And how that run was called, if by another `command`.
    """
    moved = {
        "Claims": _moved(folder, "claims.csv", claims),
        "Further questions": _moved(folder, "questions.csv", questions),
    }
    told = [f"{name}: {first(found, 10)}" for name, found in moved.items() if found]
    if not told:
        return []
    head, rest = told[0].split(": ", 1)
    told[0] = f"{head} that end otherwise than in the earlier run in this folder: {rest}"
    earlier = _command(folder)
    was = [f"That run was:\n{earlier}"] if earlier not in ("", command) else []
    return [" ".join([*(f"{one}." for one in told), *was])]


def _moved(folder: Path, name: str, found: pd.DataFrame | None) -> list[str]:
    """Statements with the verdict that the table `name` of the earlier run has, and that of this one."""
    import pandas as pd

    place = folder / name
    if found is None or name not in _earlier(folder) or not place.is_file():
        return []
    try:
        before = pd.read_csv(place, keep_default_na=False, dtype=str)
        old = dict(zip(_keys(before), before["verdict"], strict=True))
    except (OSError, ValueError, KeyError):
        return []  # changed by hand into something else
    new = zip(_keys(found), found["verdict"], found["sentence"], strict=True)
    return [
        f"{sentence.split(': ')[0]}: {old[key]} -> {verdict}"
        for key, verdict, sentence in new
        if key in old and old[key] != verdict
    ]


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

"""Which files of a folder a run wrote, so that the next one can take away those that it does not renew."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._version import __version__
from marrowsig.io._atomic import atomic

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "manifest.json"


def renew(folder: Path, written: Iterable[Path]) -> list[str]:
    """Remove what an earlier run wrote into `folder` and this one did not; note what this one has `written`.

    Only files that the manifest of the earlier run names are touched, and only if they are as that run wrote
    them. Returns a sentence for each that was changed since, and stays.
    """
    here = {path.relative_to(folder).as_posix(): _digest(path) for path in written}
    told = []
    for name, digest in sorted(_earlier(folder).items()):
        old = folder / name
        if name in here or not old.is_file() or folder.resolve() not in old.resolve().parents:
            continue
        if _digest(old) == digest:
            old.unlink()
        else:
            told.append(
                f"{name} is of an earlier run and was changed since: it stays, and is not of this run."
            )
    text = json.dumps({"marrowsig": __version__, "files": here}, indent=1, sort_keys=True)
    with atomic(folder / NAME) as part:
        part.write_text(f"{text}\n", encoding="utf-8")
    return told


def _earlier(folder: Path) -> dict[str, str]:
    """Names and hashes of the earlier run; none where there is no manifest that can be read."""
    try:
        noted: Any = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in noted["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(path: Path) -> str:
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()

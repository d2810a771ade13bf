"""The folder of one study in a batch: whole or not there, with the key that says whether it is current."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = "study.json"
ROWS = "contrasts.csv"


def place(out: Path, name: str) -> Path:
    """Folder of the study called `name`."""
    return out / "studies" / slug(name)


def slug(name: str) -> str:
    """Name as a file name.

    >>> slug("Lu 2023: HL-60/R")
    'Lu_2023_HL-60_R'
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "study"


def finished(folder: Path, key: str) -> dict[str, Any] | None:
    """Recall what was noted of a study finished under `key`; None if it has to be done."""
    try:
        note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if note.get("key") == key and (folder / ROWS).is_file() else None


def rows_of(folder: Path) -> pd.DataFrame:
    """Contrasts of a finished study."""
    frame = pd.read_csv(folder / ROWS, keep_default_na=True)
    text = [
        c for c in ("stratum", "reason", "expected", "perm", "sha256", "axis", "equivalent") if c in frame
    ]
    frame[text] = frame[text].fillna("").astype(str)
    return frame


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` on success; on failure nothing has changed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        inner = part / "new"
        inner.mkdir()
        yield inner
        if folder.exists():
            folder.rename(part / "old")
        inner.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_note(folder: Path, note: dict[str, Any]) -> None:
    """Write what makes the study a finished one; last of its files."""
    (folder / NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")

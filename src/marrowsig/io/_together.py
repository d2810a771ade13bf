"""Write all files of a folder, or none of them."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Together:
    """Files of one `folder`: those in `new` take their places in it, and those named in `gone` leave it."""

    folder: Path
    new: Path
    gone: set[str] = field(default_factory=set)


@contextmanager
def together(folder: str | os.PathLike[str]) -> Iterator[Together]:
    """Yield a hidden folder in `folder`; on success all that was written there takes its place, at once.

    On any failure, Ctrl-C included, also one while files change places, `folder` is as it was.

    Parameters
    ----------
    folder
        Where the files go, in folders of their own if they have any. Made if it is not there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from marrowsig.io._together import together
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with together(place) as part:
    ...         _ = (part.new / "note.txt").write_text("whole")
    ...     (Path(place) / "note.txt").read_text()
    'whole'
    """
    target = Path(folder)
    made = [path for path in (target, *target.parents) if not path.exists()]
    target.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=".new.", dir=target))
    try:
        part = Together(target, hidden / "new")
        part.new.mkdir()
        yield part
        _exchange(part, hidden / "old")
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        for path in made:  # empty only after a failure
            with suppress(OSError):
                path.rmdir()


def _exchange(part: Together, old: Path) -> None:
    """Put what is new in its place, and what was there into `old`; all of it or nothing."""
    come = sorted(path.relative_to(part.new) for path in part.new.rglob("*") if path.is_file())
    names = [*come, *(Path(name) for name in sorted(part.gone))]
    if taken := [part.folder / name for name in names if (part.folder / name).is_dir()]:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(taken[0]))
    new_folders = {path for name in come for path in (part.folder / name).parents if not path.exists()}
    try:
        for name in names:
            _move(part.folder / name, old / name)
            _move(part.new / name, part.folder / name)
    except BaseException:
        for name in reversed(names):
            if name in come and not (part.new / name).exists():
                _move(part.folder / name, part.new / name)
            _move(old / name, part.folder / name)
        for path in sorted(new_folders, reverse=True):
            with suppress(OSError):
                path.rmdir()
        raise


def _move(path: Path, to: Path) -> None:
    if path.exists() or path.is_symlink():
        to.parent.mkdir(parents=True, exist_ok=True)
        path.rename(to)

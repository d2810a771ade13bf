"""Write a file whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path beside `path`; what is written there takes the place of `path` on success.

    The temporary path carries the same name in a hidden folder of the same directory, so that a writer
    that looks at the suffix still works. On any failure, Ctrl-C included, nothing is left behind and
    an older `path` stays as it was.

    Parameters
    ----------
    path
        File to write. Its directory must exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from marrowsig.io._atomic import atomic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic(Path(folder) / "note.txt") as part:
    ...         _ = part.write_text("whole")
    ...     (Path(folder) / "note.txt").read_text()
    'whole'
    """
    target = Path(path)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        part = folder / target.name
        yield part
        part.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

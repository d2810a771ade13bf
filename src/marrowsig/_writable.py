"""A folder for results, asked before anything is computed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from marrowsig._errors import InputError

if TYPE_CHECKING:
    from os import PathLike


def folder_for(out: str | PathLike[str]) -> Path:
    """Return `out`, which is made later: it is no file, and a folder can be made where it is to be.

    Raises
    ------
    InputError
        If it is a file, or nothing can be written there.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file, not a folder. Name another folder for the results."
        raise InputError(msg)
    place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    try:
        tempfile.TemporaryDirectory(prefix=".marrowsig", dir=place).cleanup()
    except OSError as error:
        msg = f"Nothing can be written in {place} ({error.strerror}). Name another folder for the results: "
        msg += "out='results' is one in the folder that you are in."
        raise InputError(msg) from error
    return folder

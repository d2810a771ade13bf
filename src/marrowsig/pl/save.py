"""Write a figure as a journal wants it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._errors import InputError

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETTINGS: Any = {
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "marrowsig",
    "savefig.bbox": None,
}
"""Text that stays text, names inside an SVG that are the same each time, and nothing cut off."""
NO_DATE: dict[str, dict[str, Any]] = {
    ".pdf": {"CreationDate": None}, ".svg": {"Date": None}, ".eps": {}, ".png": {}, ".tiff": {}, ".tif": {},
}  # fmt: skip


def save(figure: Axes | Figure, path: str | os.PathLike[str], *, dpi: float = 300.0) -> Path:
    """Write a figure at the size that it was drawn, with text that can be edited.

    Parameters
    ----------
    figure
        What a function of `ms.pl` returned, or a figure of your own.
    path
        File ending in `.pdf`, `.svg`, `.eps`, `.png` or `.tiff`; an older one is replaced. PDF and EPS hold
        TrueType fonts, SVG text, not outlines; the same figure gives the same bytes.
    dpi
        Dots per inch of PNG and TIFF, and of images inside the others.

    Returns
    -------
    Path
        The file. Nothing is cut off around the figure: one of 85 mm is 85 mm wide.

    Raises
    ------
    InputError
        If the ending is none of these, the folder does not exist, or `dpi` is not positive.

    Examples
    --------
    >>> import tempfile
    >>> import marrowsig as ms
    >>> adata = ms.ds.toy()
    >>> ms.tl.score(adata, "emt.hallmark")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ms.pl.save(ms.pl.coverage(adata), f"{folder}/coverage.pdf").name
    'coverage.pdf'
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in NO_DATE:
        msg = f"{target.name!r} has none of the endings {', '.join(NO_DATE)}. Use e.g. 'figure.pdf'."
        raise InputError(msg)
    if not target.parent.is_dir():
        msg = f"There is no folder {str(target.parent)!r}. Make it first."
        raise InputError(msg)
    if not dpi > 0:
        msg = f"dpi is {dpi!r}; it has to be positive, for example 300."
        raise InputError(msg)
    page = encoded(figure, ending, dpi=dpi)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(page)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def encoded(figure: Axes | Figure, ending: str, *, dpi: float = 300.0) -> bytes:
    """Write a figure into memory, in the format of one of the endings of `NO_DATE`."""
    from matplotlib import rc_context

    whole: Any = getattr(figure, "figure", figure)
    whole = getattr(whole, "figure", whole)  # of Axes in a subfigure
    page = BytesIO()
    with rc_context(SETTINGS):
        whole.savefig(page, format=ending[1:], dpi=dpi, facecolor="white", metadata=NO_DATE[ending] or None)
    return page.getvalue()

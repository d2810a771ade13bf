"""The figure for a paper, drawn anew from the folder of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from marrowsig._errors import InputError, first, near
from marrowsig._figure_formats import endings
from marrowsig._manifest import changed_since, copied, noted, renew
from marrowsig._report.figures import for_paper
from marrowsig._report.gathered import gathered
from marrowsig._report.look import Look
from marrowsig._report.of_compartments import only
from marrowsig._report.picture import LEAD
from marrowsig._report.template import with_figures
from marrowsig._writable import folder_for
from marrowsig.io._together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from marrowsig._report.elements import Given
    from marrowsig._report.picture import Figure
    from marrowsig._run_kept import RunFolder
    from marrowsig.design import Design
    from marrowsig.io._together import Together

MOST = 3
PAGE = "report.html"


def redrawn(
    run: RunFolder,
    *,
    out: Path | None = None,
    signatures: Sequence[str] = (),
    look: Look | None = None,
    width: float | None = None,
    figures: Sequence[str] = (),
    compartment: Sequence[str] = (),
    as_scored: bool = False,
    say: Callable[[str], str] = str,
) -> tuple[list[Path], list[str]]:
    """Write the figure of a run and its legend; what is not given is as the run had it.

    Of the levels of `compartment` alone, where any are named; with `as_scored`, arms have the scores on all
    genes.
    Into the folder of the run, in place of those that it wrote, also in its page, or into `out`. Returns the
    paths, and sentences on files that were changed since the run; `say` is that of `marrowsig._run.run`.
    """
    had = run.look
    new = look or Look()
    own = Look(
        new.labels or had.get("labels", {}),
        new.palette or had.get("palette", {}),
        new.order or tuple(had.get("order", ())),
    )
    extras = {"look": own, "width": width or had.get("width"), "as_scored": as_scored or None}
    given = _given(only(run, compartment) if compartment else run, signatures, extras)
    if new.palette:
        _of_one_factor(given, new.palette)
    drawn = for_paper(given)
    if not drawn:
        msg = "There is nothing to draw: no estimate of these signatures, or a formula without arms."
        raise InputError(msg)
    kinds = endings(list(figures or had.get("formats") or ["png"]))
    files = {name: data for one in drawn for name, data in one.files(kinds).items()}
    place = run.folder if out is None or out.resolve() == run.folder.resolve() else folder_for(out)
    told = []
    with together(place) as part:
        for name, data in files.items():
            (part.new / name).write_bytes(data)
        if place is run.folder:
            old = [name for name in noted(place)["files"] if _leads(name)]
            told = copied(place, old)
            part.gone.update(name for name in old if name not in files and (place / name).is_file())
            told += _on_page(part, drawn, say)
            renew(part)
    return [place / name for name in files], told


def _on_page(part: Together, drawn: list[Figure], say: Callable[[str], str]) -> list[str]:
    """Put the figure into the page, if that is as the run left it; returns what there is to say of it."""
    page = part.folder / PAGE
    if PAGE not in noted(part.folder)["files"] or not page.is_file():
        return []
    if changed_since(part.folder, [PAGE]):
        return [f"{PAGE} was changed since the run: it keeps its figure."]
    old = page.read_bytes().decode("utf-8")
    new = with_figures(old, drawn, say=say)
    if new is None:
        return [f"{PAGE} is of an older version: it keeps its figure."]
    if new == old:
        return []
    (part.new / PAGE).write_bytes(new.encode("utf-8"))
    return [f"{PAGE} has this figure now, all else as the run wrote it."]


def _given(run: RunFolder, signatures: Sequence[str], asked: dict[str, Any]) -> Given:
    tables = run.tables
    extras: dict[str, Any] = {name: tables.get(name) for name in ("claims", "questions", "claim_genes")}
    extras["stroma"] = run.stroma
    given = gathered(run.adata, run.res, run.design, extras={**extras, **asked})
    ids = list(dict.fromkeys(signatures))
    known = list(dict.fromkeys(given.main["signature"]))
    if lacking := [name for name in ids if name not in known]:
        msg = f"This run did not score {first(lacking)}.{near(lacking[0], known)} It has {first(known, 12)}."
        raise InputError(msg)
    if len(ids) > MOST:
        msg = f"The figure holds one to {MOST} signatures, not {len(ids)}."
        raise InputError(msg)
    return replace(given, named=ids) if ids else given


def _of_one_factor(given: Given, palette: dict[str, str]) -> None:
    """Refuse colours of levels of two factors, of which this figure shows one; a run has other figures."""
    from marrowsig.pl._coloured import factor
    from marrowsig.pl._levels import levels_of
    from marrowsig.pl._read import by_unit

    frame = by_unit(given.adata, given.named[0], design=cast("Design", given.design), method=given.method)
    factor([levels_of(arm) for arm in frame.drop_duplicates("arm").to_dict("records")], given.design, palette)


def _leads(name: str) -> bool:
    """Whether a file of a run is its figure for a paper, or the legend of it."""
    path = Path(name)
    lead = path.stem == LEAD or path.stem.startswith(f"{LEAD}_")
    return lead and path.parent == Path() and path.suffix in (".pdf", ".png", ".svg", ".txt")

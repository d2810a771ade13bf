"""The log of a run, `log.txt` in its folder: all that was read, said, claimed and answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from marrowsig._as_claimed import judged
from marrowsig._cli.answered import left_out, of_claims, of_questions, told_answers
from marrowsig._cli.claimed import claimed, share_of_stroma
from marrowsig._cli.found import lines_of, names_changed
from marrowsig._cli.lines import WIDEST, wrapped
from marrowsig._cli.read import given_as
from marrowsig._cli.which_p import head
from marrowsig._version import __version__
from marrowsig.tl._claims_stroma import in_short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData

    from marrowsig._run import Run

LOG = "log.txt"


def write_log(done: Run, read: Sequence[tuple[AnnData, str]], command: str) -> Path:
    """Write it beside the report; `read` are the matrices, each with the option that named it."""
    from marrowsig._manifest import add
    from marrowsig.io._atomic import atomic

    place = done.paths["report"].parent / LOG
    lines = [f"marrowsig {__version__}"]
    for adata, what in read:
        lines += ["", *lines_of(adata, what, everything=True)]
    lines += [*_notes(done), *_answers(done)]
    top, *rest = map(partial(wrapped, width=WIDEST), lines)
    # The command stays one line, however long: it is there to be given again.
    text = "\n".join([top, *([command] if command else []), *rest])
    with atomic(place) as part:
        part.write_text(f"{text}\n", encoding="utf-8")
    add(place)
    return place


def claims_asked(done: Run) -> pd.DataFrame | None:
    """Return the claims, if any was asked."""
    claims = done.tables.get("claims")
    return claims if claims is not None and claims["verdict"].ne("not asked").any() else None


def questions_asked(done: Run) -> pd.DataFrame | None:
    """Return the further questions, if any was asked."""
    found = done.tables.get("questions")
    return found if found is not None and found["verdict"].ne("not asked").any() else None


def unasked(done: Run) -> str:
    """Say what the samples lack for the claims."""
    from marrowsig._report import missing

    return f"claims: {missing.unasked(done.tables['claims'])}"


def contrasts(done: Run) -> Iterator[str]:
    """Answer each contrast that the study is about, by the first method."""
    from marrowsig._report.answer import answers
    from marrowsig._report.carried import guarded, ruled_out

    main, claims, further = main_rows(done), done.tables.get("claims"), done.tables.get("questions")
    guard = guarded(done.tables.get("stroma"), done.tables.get("stroma_shares"))
    coverage, apart = done.coverage(), ruled_out(claims)
    blocks = answers(main, done.contrasts, coverage, guard=guard, apart=apart, claims=judged(claims, further))
    lead = head(main, claims_asked(done), questions_asked(done))
    yield from told_answers(blocks, head=lead, methods=main["method"])


def main_rows(done: Run) -> pd.DataFrame:
    """Return the contrasts of the method that gives the answer."""
    return done.res[done.res["method"] == done.res["method"].iloc[0]]


def _notes(done: Run) -> Iterator[str]:
    renamed = names_changed(done.adata)
    yield from ("", renamed) if renamed else ()
    yield from [""] if done.notes else []
    for note in dict.fromkeys(done.notes):
        yield f"Warning: {given_as(note)}"


def _answers(done: Run) -> Iterator[str]:
    from marrowsig._report.answer import named
    from marrowsig._report.which_list import lists
    from marrowsig._report.words import MINUS

    claims, main = claims_asked(done), main_rows(done)
    if claims is not None:
        yield from ("", of_claims(claims, main["signature"].unique(), named(main)))
        for line in dict.fromkeys(map(claimed, claims.to_dict("records"))):
            yield f"  {line.replace(MINUS, '-')}"
    if (further := questions_asked(done)) is not None:
        yield from ("", of_questions(further))
        for line in map(claimed, further[further["verdict"].ne("not asked")].to_dict("records")):
            yield f"  {line.replace(MINUS, '-')}"
        yield from (f"  {line}" for line in in_short(further))
    if said := share_of_stroma(done.tables.get("stroma_shares")):
        yield from ("", said)
    yield from ("", *contrasts(done), "")
    for name, what in lists(done.adata, named(main)):
        yield f"{name} is {what}"
    yield from left_out(done.missing)
    if claims is None and "claims" in done.tables:
        yield unasked(done)

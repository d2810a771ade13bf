"""What a run says at its end: the answers in a screen, and where the rest of it is."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click

from marrowsig._carry_over import said_impossible
from marrowsig._cli.answered import left_out, of_claims, of_questions
from marrowsig._cli.brief import brief_claims
from marrowsig._cli.by_cell_line import of_cell_lines
from marrowsig._cli.claimed import most_of_stroma, of_maturation, of_same_shares
from marrowsig._cli.few_in_line import of_few_in_line
from marrowsig._cli.further import brief_further
from marrowsig._cli.lines import echo, wrapped
from marrowsig._cli.many_asked import in_a_line_each
from marrowsig._cli.of_counts import of_counts
from marrowsig._cli.of_types import told_of_types
from marrowsig._cli.run_log import (
    adjusted,
    between,
    blocks_of,
    by_name,
    claims_asked,
    contrasts,
    drug_alone,
    main_rows,
    of_formula,
    of_lines_alone,
    own_family,
    own_in_brief,
    own_lists,
    questions_asked,
    unasked,
    ways_told,
)
from marrowsig._cli.silent import in_brief, of_silent
from marrowsig._cli.taken_back import fractions_of
from marrowsig._drug_named import drugs_apart
from marrowsig._further import NO_CELLS
from marrowsig._out_folder import LOG
from marrowsig._repeats import is_formula
from marrowsig._report.other_columns import without
from marrowsig._report.own_checked import UNASKED
from marrowsig._two_lines import ONE_EACH
from marrowsig._unlike_names import UNLIKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from marrowsig._run import Run

HANG = 6
SHORT = 14  # lines of answers to contrasts, where there are no claims
ASKED = 16  # answers to the contrasts of a formula up to which all stand there: they were asked by name
NAMED = 8  # lines of signatures that were asked for
AGAIN = re.compile(rf"the comparison does not pair them|and nothing is paired;|{ONE_EACH} in |{UNLIKE}")
"""Warnings that put all answers in doubt, which nobody finds above them again."""
ROW = re.compile(r"[ *~!]{3} \S.*?(?:\]|not estimated) +(?=\S)")
"""Marks, verdict, p and size of a claim."""
NOT_ASKED = (
    "Carry-over was not asked of the claims, as --no-carry-over says: their verdicts take it as impossible."
)
AS_ASKED = "left out, as was asked"


def tell(done: Run, signatures: Sequence[str] = ()) -> None:
    """Print the answers, also of `signatures` that were named, and where the files are."""
    from marrowsig._cli.run import as_options
    from marrowsig._report.answer import named
    from marrowsig._report.led_by import briefly, hanging

    for note in done.notes:
        if AGAIN.search(note):
            echo(f"Before you read on, once more: {note}")
    for said in of_formula(done):
        echo(as_options(said))
    if said := adjusted(done):
        echo(said)
    claims = claims_asked(done)
    if claims is not None:
        main = main_rows(done)
        echo(of_claims(claims, main["signature"].unique(), named(main), short=True))
        back = fractions_of(done.tables.get("rescue"))
        for line in brief_claims(claims, fractions=back):
            echo(line, hang=_hang(line))
        if said_impossible(claims):
            echo(NOT_ASKED)
        if (further := questions_asked(done)) is not None:
            head = of_questions(further, short=True)
            for line in brief_further(further, claims, head=head, fractions=back):
                echo(line, hang=_hang(line))
        if said := between(done):
            echo(said)
        checked = "stroma" in done.tables and not said_impossible(claims)
        _told_own(own_lists(done), own_family(done), asked=checked)
        stroma = most_of_stroma(done.tables.get("stroma_shares"), claims, getattr(done.design, "mono", None))
        types = [*told_of_types(done.adata, done.design), of_counts(done.adata)]
        matured, same = of_maturation(claims), of_same_shares(claims)
        led = done.tables.get("claim_genes")
        low = f"{said} Read it beside a run with --expressed." if (said := hanging(led)) else ""
        for said in filter(None, (briefly(led), low, stroma, matured, *types, same, drugs_apart(claims))):
            echo(said)
    else:
        for line in _answers(done):
            echo(line)
        _told_by_name(ways_told(done))
        _told_own(own_in_brief(done), own_family(done), asked="stroma" in done.tables)
    _told_by_name(by_name(done, signatures, short=True))
    columns = without(done.without)
    for said in (
        of_few_in_line(done),
        of_cell_lines(done),
        of_lines_alone(done),
        *drug_alone(done),
        columns,
        in_brief(of_silent(done)),
    ):
        if said:
            echo(said)
    for line in left_out(
        {name: why for name, why in done.missing.items() if why not in (AS_ASKED, NO_CELLS)}
    ):
        echo(f"Not done: {line}")
    if claims is None and "claims" in done.tables:
        echo(unasked(done))
    for line in _places(done):
        click.echo(line)  # a path is not wrapped


def _answers(done: Run) -> Iterator[str]:
    """Give what answers the contrasts: their lines, or of many contrasts of a formula one line each."""
    from marrowsig._report.answer import named

    lines = list(contrasts(done))
    shown = _shown(done, lines)
    if not shown:
        yield lines[0]
        yield from in_a_line_each(blocks_of(done), named(main_rows(done)))
        return
    yield from lines[:shown]
    if len(lines) > shown:
        yield f"The other {_lines(len(lines) - shown)} in {LOG}."


def _lines(n: int, of: str = "") -> str:
    """Count lines that are elsewhere.

    >>> _lines(1), _lines(3, " of your lists")
    ('line is', '3 lines of your lists are')
    """
    return f"line{of} is" if n == 1 else f"{n} lines{of} are"


def _shown(done: Run, lines: Sequence[str]) -> int:
    """How many lines of answers are printed: of a formula all, and none of more than `ASKED` answers."""
    if done.design is None or not is_formula(done.design):
        return SHORT
    answers = sum(line.startswith("  ") and not line.startswith("  (") for line in lines)
    return len(lines) if answers <= ASKED else 0


def _hang(line: str) -> int:
    """Where a line goes on: what is claimed stands in a column of its own."""
    row = ROW.match(line)
    return (row.end() if row else HANG) - (len(line) - len(line.lstrip()))


def _told_own(lines: Sequence[str], over: str, *, asked: bool) -> None:
    """Print what lists of one's own answer, which no claim asks, and whether stroma was `asked` about.

    `over` is how their p are adjusted.
    """
    if lines:
        lack = "" if asked else f", {UNASKED}"
        echo(f"Lists of your own (no claims{lack}; adj. p {over}):")
    for line in lines[:SHORT]:
        echo(f"  {line}", hang=HANG - 2)
    if len(lines) > SHORT:
        echo(f"The other {_lines(len(lines) - SHORT, ' of your lists')} in {LOG}.")


def _told_by_name(lines: Sequence[str]) -> None:
    for line in lines[:NAMED]:
        echo(line, hang=HANG - 2)
    if (more := len(lines) - NAMED) > 0:
        echo(f"  {more} more lines in {LOG}")


def _places(done: Run) -> Iterator[str]:
    """Name what stands beside the report in its folder, and where that is."""
    figures = [n for n in done.paths if n.endswith(".pdf") and (n[:7] == "figure_" or n == "figure.pdf")]
    beside = [f"{', '.join(figures)} (legend: .txt)"] if figures else []
    beside += ["table.csv"] if "table" in done.paths else []
    names = ", ".join([*beside, "contrasts.csv"])
    book = f"marrowsig excel {shlex.quote(str(done.paths['report'].parent))}"
    within = "all warnings" if claims_asked(done) is None else "the checks of each claim"
    yield wrapped(f"In its folder: {names}, {LOG} with {within}; all tables in one workbook: {book}")
    yield f"Report: {done.paths['report']} (open this first)"

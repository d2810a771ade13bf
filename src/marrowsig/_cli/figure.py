"""`marrowsig figure`."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from marrowsig._cli.grouped import Grouped
from marrowsig._cli.lines import echo
from marrowsig._cli.options import FIGURES, OUT_FOLDER, level_options

if TYPE_CHECKING:
    from marrowsig._run_folder import RunFolder

EXAMPLES = """\
marrowsig figure results --labels 'co=with MSC,mono=alone' --width 174
marrowsig figure results --labels 'none=DMSO,il6.hallmark=IL6-JAK-STAT3'
marrowsig figure results -s emt.hallmark --width 85 --out for_the_talk"""


@click.command(cls=Grouped, epilog=EXAMPLES, short_help="Draw the figure of a run anew.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--signature", "-s", metavar="ID", multiple=True,
    help="Signature to draw; may be repeated, three at most.  [default: those of the run]",
)  # fmt: skip
@click.option(
    "--out", "-o", type=OUT_FOLDER, metavar="FOLDER", help="Folder to write.  [default: that of the run]"
)
@click.option(
    "--figures", type=FIGURES, multiple=True,
    help="Format besides pdf and png, which are there in any case; may be repeated.  [default: as the run]",
)  # fmt: skip
@click.option(
    "--width", type=click.FloatRange(60, 1000), metavar="MM",
    help="Width in millimetres, such as 85 for one column of a journal, with a figure for each signature, "
    "and 174 or 180 for two.  [default: as the run]",
)  # fmt: skip
@click.option(
    "--compartment", metavar="LEVEL,...", multiple=True,
    help="Levels of the run's --compartment to draw, such as the cells without stroma; may be repeated.  "
    "[default: all]",
)  # fmt: skip
@click.option(
    "--as-scored", is_flag=True,
    help="Draw the scores of the arms on all genes, RNA of stroma included, also where the size to cite is "
    "on those that stroma could not move.",
)  # fmt: skip
@level_options
def figure(
    folder: Path,
    *,
    signature: tuple[str, ...],
    out: Path | None,
    figures: tuple[str, ...],
    width: float | None,
    compartment: tuple[str, ...],
    as_scored: bool,
    labels: tuple[str, ...],
    palette: tuple[str, ...],
    order: tuple[str, ...],
) -> None:
    """Draw the figure for a paper anew, from what marrowsig run wrote into FOLDER.

    Nothing is computed again: scores, p and verdicts are those of the run. What is not said stays as the run
    had it. Without --out the figure in its report.html is the new one, too.
    """
    from marrowsig._cli.looks import look_of
    from marrowsig._cli.run import as_options
    from marrowsig._collected import OURS
    from marrowsig._report.redrawn import redrawn
    from marrowsig._run_folder import run

    with warnings.catch_warnings():
        for category in OURS:  # the run has said them
            warnings.simplefilter("ignore", category)
        done = run(folder)
        ids = done.res["signature"].astype(str).unique()
        look = look_of(done.adata.obs, done.design, ids, labels=labels, palette=palette, order=order)
        paths, told = redrawn(
            done, out=out, signatures=signature, look=look, width=width, figures=figures,
            compartment=_levels(done, compartment), as_scored=as_scored, say=as_options,
        )  # fmt: skip
    for note in told:
        echo(note)
    for path in paths:
        if path.suffix == ".pdf":
            click.echo(f"Figure for a paper: {path} (and {path.stem}.png; legend: {path.stem}.txt)")


def _levels(done: RunFolder, given: tuple[str, ...]) -> tuple[str, ...]:
    """Part levels between commas, but for one that holds a comma itself."""
    column = getattr(done.design, "compartment", None)
    known = set(done.adata.obs[column].astype(str)) if column in done.adata.obs else set()
    parts = ([one] if one in known else [part.strip() for part in one.split(",")] for one in given)
    return tuple(level for own in parts for level in own)

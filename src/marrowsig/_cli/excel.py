"""`marrowsig excel`."""

from __future__ import annotations

from pathlib import Path

import click

from marrowsig._cli.grouped import Grouped
from marrowsig._cli.lines import echo
from marrowsig._cli.options import OUT_FILE

EXAMPLES = """\
marrowsig excel results
marrowsig excel results --out supplement.xlsx"""


@click.command(cls=Grouped, epilog=EXAMPLES, short_help="Write the tables of a run as one Excel workbook.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out", "-o", type=OUT_FILE, metavar="FILE",
    help="Workbook to write, .xlsx.  [default: tables.xlsx in the folder of the run]",
)  # fmt: skip
def excel(folder: Path, *, out: Path | None) -> None:
    """Write the tables that marrowsig run wrote into FOLDER as the sheets of one Excel workbook.

    The first sheet says what each of the others holds. Tests of every gene stay in their own file.
    """
    from marrowsig._run_workbook import write_workbook

    path, told = write_workbook(folder, out, progress=True)
    for note in told:
        echo(note)
    click.echo(f"Tables: {path}")

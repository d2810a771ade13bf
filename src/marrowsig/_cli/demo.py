"""`marrowsig demo`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from marrowsig._cli.grouped import Short
from marrowsig._cli.options import OUT_FOLDER, figures_option

EXAMPLES = "marrowsig demo\nmarrowsig demo --figures pdf --out trial"


@click.command(cls=Short, epilog=EXAMPLES, short_help="Run everything on a small simulated study.")
@click.option(
    "--out",
    "-o",
    type=OUT_FOLDER,
    metavar="FOLDER",
    default=Path("marrowsig-demo"),
    show_default=True,
    help="Folder to write.",
)
@figures_option
def demo(out: Path, *, figures: tuple[str, ...]) -> None:
    """Run everything on a small simulated study that comes with marrowsig.

    Writes tables, figures and report.html into the folder marrowsig-demo of the folder that you are in, or
    into that of --out.
    """
    from marrowsig._cli.read import at_once, clock, warn

    began = clock()
    from marrowsig import ds
    from marrowsig._cli.command import command_line
    from marrowsig._cli.design import design_of
    from marrowsig._cli.run import as_options
    from marrowsig._cli.run_log import log_text
    from marrowsig._cli.told import tell
    from marrowsig._run import run

    adata = ds.demo()
    design, _ = design_of(adata.obs, {})
    title = "marrowsig demo: co-culture, resistance and inhibitor"
    made = {"adata": "ms.ds.demo()", "stroma": "ms.ds.demo_stroma()"}
    command = command_line(click.get_current_context())
    early: list[str] = []
    done = run(
        adata,
        design,
        out=out,
        stroma=ds.demo_stroma(),
        title=title,
        figures=figures,
        progress=True,
        began=began,
        warned=at_once(early, logged=True),
        made=made,
        command=command,
        say=as_options,
        log=partial(log_text, command=command),
    )
    warn([note for note in done.notes if note not in early], logged=True)
    tell(done)

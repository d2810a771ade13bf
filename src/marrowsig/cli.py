"""The command line. Heavy libraries load inside the commands, so that `--help` is quick."""

from __future__ import annotations

import os
from typing import Any

import click

from marrowsig._cli.batch import batch
from marrowsig._cli.compare import compare
from marrowsig._cli.demo import demo
from marrowsig._cli.excel import excel
from marrowsig._cli.fetch import fetch
from marrowsig._cli.figure import figure
from marrowsig._cli.power import power
from marrowsig._cli.refused import refused
from marrowsig._cli.run import run
from marrowsig._cli.score import score
from marrowsig._cli.signatures import signatures
from marrowsig._errors import DesignError, InputError, SignatureError
from marrowsig._version import __version__


class Plain(click.Group):
    """Shows an error that marrowsig raised on purpose as one message, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which they are needed."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit with 1 where the input or the design cannot be used."""
        try:
            return super().invoke(ctx)
        except (DesignError, InputError, SignatureError) as error:
            said = self.get_command(ctx, ctx.invoked_subcommand) if ctx.invoked_subcommand else None
            raise refused(error, said) from error
        except BrokenPipeError:
            raise  # as of `| head`: click ends without a word
        except OSError as error:
            what = f"{error.strerror}: {error.filename}" if error.strerror and error.filename else str(error)
            raise click.ClickException(what) from error


@click.group(cls=Plain, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="marrowsig")
def main() -> None:
    """EMT, IL-6 and JAK/STAT3 signatures: scored, compared, reported.

    Start with: marrowsig demo

    Then your own tables: marrowsig run --help

    \b
    Exit codes: 0 done; 1 a table, design or signature cannot be used as it is;
    2 an option is wrong, or a file is missing; 3 some studies of a batch failed.
    """  # noqa: D301
    # Figures are only written to files here; no window system is needed.
    os.environ.setdefault("MPLBACKEND", "Agg")


for command in (demo, run, figure, excel, score, compare, power, fetch, batch, signatures):
    main.add_command(command)

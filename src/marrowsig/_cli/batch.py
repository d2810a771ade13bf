"""`marrowsig batch`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from marrowsig._cli.grouped import Short
from marrowsig._cli.lines import echo
from marrowsig._cli.options import FILE, OUT_FOLDER, figures_option

if TYPE_CHECKING:
    from pathlib import Path

    from marrowsig._batch.job import Batch

SOME_FAILED = 3


EXAMPLES = """\
marrowsig batch studies.toml --out together
marrowsig batch studies.toml --reports --figures pdf --out together"""


@click.command(cls=Short, epilog=EXAMPLES, short_help="Score, compare and pool many studies.")
@click.argument("file", type=FILE)
@click.option(
    "--out", "-o", type=OUT_FOLDER, metavar="FOLDER", required=True, help="Folder to write, or to go on with."
)
@figures_option
@click.option("--reports", is_flag=True, help="Also write a report for each study.")
def batch(file: Path, *, out: Path, figures: tuple[str, ...], reports: bool) -> None:
    """Score and compare the studies of FILE, pool them, and write one report.

    The same command after an interruption goes on with what is missing or has changed. Exit code 3: all is
    written, but some studies could not be done; they are listed with their reasons.

    \b
    FILE is TOML, with paths relative to it:
      signatures = ["emt", "il6"]
      [[study]]
      name = "ours"
      input = "counts.csv"                # file, folder or GEO accession
      samples = "samples.csv"
      design = { culture = "culture", mono = "alone", co = "MS-5", pair = "donor" }
      contrasts = { co_vs_mono = "co-culture" }   # one name, one pooled row

    Further keys of a study are called as the options of a run: keep, min_cells, expressed, stroma, ...
    """  # noqa: D301
    from marrowsig import _named_inputs as inputs
    from marrowsig._batch import batch as work
    from marrowsig._batch.file import read_batch

    asked = read_batch(file)
    chosen, renamed = inputs.signatures_told(asked.signatures)
    for line in renamed.values():
        echo(line, err=True)
    said = click.get_current_context().get_parameter_source("figures") is ParameterSource.COMMANDLINE
    try:
        done = work(
            asked.studies,
            out=out,
            signatures=chosen,
            methods=asked.methods,
            min_coverage=asked.min_coverage,
            primary=asked.primary,
            reports=reports or asked.reports,
            figures=figures if said else asked.figures,
            title=asked.title,
            params=asked.params,
            margin=asked.margin,
            seed=asked.seed,
            width=asked.width,
            progress=True,
        )
    except KeyboardInterrupt:
        click.echo(f"Interrupted. What is finished lies whole in {out}; the same command goes on.", err=True)
        raise
    tell(done)
    if done.failed:
        click.get_current_context().exit(SOME_FAILED)


def tell(done: Batch) -> None:
    """Print the studies, the pooled rows of the main signatures, and where the page is."""
    from marrowsig._report import words
    from marrowsig.tl.meta import unlike_arms

    for row in done.studies.to_dict("records"):
        said = row["reason"] if row["status"] == "failed" else f"{row['n_samples']} samples"
        echo(f"{row['study']}: {row['status']}, {said}")
    if done.meta is not None:
        table = done.meta.table
        lost: dict[str, list[str]] = {}
        several = len(set(table["method"])) > 1
        for row in table[table["adjustment"] == "Holm"].to_dict("records"):
            where = f" [{row['stratum']}]" if row["stratum"] else ""
            by = f" ({row['method']})" if several else ""
            name = f"{row['contrast']}{where}, {row['signature']}{by}"
            if row["reason"]:
                lost.setdefault(row["reason"], []).append(name)
                continue
            span = words.estimate(row["estimate"], row["ci_low"], row["ci_high"])
            text = f"{name}: {span}, {row['verdict']} ({row['n_studies']} studies); {row['heterogeneity']}"
            echo(text.replace(words.MINUS, "-"))
        if unlike := unlike_arms(table):
            echo(f"Warning: {unlike}")
        for reason, names in lost.items():
            echo(f"Not pooled: {names[0] if len(names) == 1 else f'{len(names)} rows'}, {reason}")
    click.echo(f"Report: {done.paths['report']}")

"""`marrowsig score`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from marrowsig._cli.grouped import Grouped
from marrowsig._cli.lines import echo
from marrowsig._cli.options import EXISTING, FILE, OUT_FILE, param_option, read_options, score_options

if TYPE_CHECKING:
    from pathlib import Path


EXAMPLES = """\
marrowsig score counts.csv -o scores.csv
marrowsig score cells.h5ad -s emt -s il6.hallmark -m ucell -o scores.csv"""


@click.command(cls=Grouped, epilog=EXAMPLES)
@click.argument("matrix", type=EXISTING)
@click.argument("samples", type=FILE, required=False)
@click.option(
    "--out", "-o", type=OUT_FILE, required=True, help="Table to write, one row per sample and signature."
)
@score_options
@param_option
@read_options
def score(
    matrix: Path,
    samples: Path | None,
    *,
    out: Path,
    signatures: tuple[str, ...],
    methods: tuple[str, ...],
    min_coverage: float,
    params: tuple[str, ...],
    kind: str | None,
    floor: float | None,
    layer: str | None,
    genome: str | None,
    sheet_key: str | None,
    leave_out: tuple[str, ...],
    keep: tuple[str, ...],
) -> None:
    """Score every sample (or cell) of MATRIX, without a comparison."""
    from marrowsig._cli import read

    read.reading(matrix)
    from marrowsig import _named_inputs as inputs
    from marrowsig import get
    from marrowsig._cli import found
    from marrowsig._cli.held import hold, let_go
    from marrowsig._cli.params import params_of
    from marrowsig._run import collected, prepare, score_all
    from marrowsig.io._atomic import atomic

    methods = tuple(dict.fromkeys(methods))
    how = params_of(params, methods)
    with collected() as notes:
        adata = inputs.matrix(
            matrix, samples, kind=kind, layer=layer, genome=genome, sheet_key=sheet_key, leave_out=leave_out,
            keep=keep, floor=floor,
        )  # fmt: skip
        hold(found.lines_of(adata, "", everything=True))
        chosen, renamed = inputs.signatures_told(signatures)
        hold(list(renamed.values()))
        let_go()
        read.doing(f"Scoring {adata.n_obs:,} rows")
        adata = prepare(adata)
        score_all(adata, chosen, methods, min_coverage, how)
    frame = get.scores(adata)
    read.folder_of(out)
    with atomic(out) as part:
        frame.to_csv(part, index=False)
    read.warn(notes())
    n = frame["signature"].nunique()
    echo(f"{adata.n_obs:,} rows x {n} signatures, {', '.join(methods)}: {out}")

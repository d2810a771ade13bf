"""`marrowsig run`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from marrowsig._cli.grouped import Grouped
from marrowsig._cli.options import (
    EXISTING,
    FILE,
    OUT_FOLDER,
    design_options,
    family_options,
    figures_option,
    look_options,
    margin_option,
    param_option,
    part_options,
    read_options,
    score_options,
)

if TYPE_CHECKING:
    from pathlib import Path


EXAMPLES = """\
marrowsig run counts.csv samples.csv --culture culture --mono alone --co MSC --line line \\
  --parental wt --resistant AraC-R --inhibitor drug --vehicle DMSO --pair pair \\
  --stroma stroma.csv --out results
marrowsig run counts.tsv.gz samples.tsv --culture arm --mono Mock --co IL22 \\
  --batch time --out results
marrowsig run cells.h5ad --keep 'cell_type=blast,HSC' --culture culture --unit donor \\
  --out results"""


@click.command(cls=Grouped, epilog=EXAMPLES, short_help="Score, compare and report one study.")
@click.argument("matrix", type=EXISTING)
@click.argument("samples", type=FILE, required=False)
@click.option("--out", "-o", type=OUT_FOLDER, metavar="FOLDER", required=True, help="Folder to write.")
@click.option("--title", help="Heading of the report.")
@click.option("--quiet", is_flag=True, help="Say nothing of what is read and of the progress; warnings stay.")
@figures_option
@look_options
@design_options
@family_options
@margin_option
@score_options
@param_option
@part_options
@read_options
def run(
    matrix: Path,
    samples: Path | None,
    *,
    out: Path,
    title: str | None,
    quiet: bool,
    figures: tuple[str, ...],
    width: float | None,
    labels: tuple[str, ...],
    palette: tuple[str, ...],
    order: tuple[str, ...],
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
    primary: tuple[str, ...],
    primary_contrasts: tuple[str, ...],
    adjust: str,
    margin: float | None,
    stroma: str | None,
    stroma_kind: str | None,
    stroma_source: str | None,
    markers: str | None,
    claims_on: tuple[str, ...],
    no_carry_over: bool,
    min_cells: int,
    expressed: bool,
    min_count: float | None,
    min_total: float | None,
    quick: bool,
    skip: tuple[str, ...],
    prerank: bool,
    seed: int,
    **design: Any,
) -> None:
    """Score, compare and report MATRIX, with its sample sheet SAMPLES."""
    from marrowsig._cli import read
    from marrowsig._cli.formula import require_used

    require_used(design, stroma=stroma, markers=markers, claims_on=claims_on, no_carry_over=no_carry_over)
    began = None if quiet else read.clock()
    if not quiet:
        read.reading(matrix)
    from marrowsig import _named_inputs as inputs
    from marrowsig._bounds import bounds_of
    from marrowsig._cli import found
    from marrowsig._cli.beside import beside
    from marrowsig._cli.command import command_line, made_by
    from marrowsig._cli.design import design_of, named_primary
    from marrowsig._cli.held import hold
    from marrowsig._cli.looks import look_of
    from marrowsig._cli.on_axes import on_axes
    from marrowsig._cli.params import params_of
    from marrowsig._cli.run_log import log_text
    from marrowsig._cli.short import left_short, with_arms
    from marrowsig._cli.signs_alone import signs_alone
    from marrowsig._cli.told import tell
    from marrowsig._cli.two_columns import two_columns
    from marrowsig._counts_in_raw import RAW, summed_of_raw
    from marrowsig._errors import InputError
    from marrowsig._further import SLOW
    from marrowsig._run import collected
    from marrowsig._run import run as work
    from marrowsig._summed import note_layer, require_levels
    from marrowsig.io._sheet import LackingError

    limits = bounds_of(min_count, min_total, expressed=expressed)
    methods = tuple(dict.fromkeys(methods))
    how = params_of(params, methods)
    with collected() as notes:
        try:
            adata = inputs.matrix(
                matrix, samples, kind=kind, layer=layer, genome=genome, sheet_key=sheet_key,
                leave_out=leave_out, keep=keep, floor=floor,
                stroma=(own := inputs.stroma_named(stroma, design["compartment"])),
            )  # fmt: skip
        except LackingError as error:
            msg = f"{error}{left_short(error, design)}"
            raise InputError(msg) from error
        asked, said = design_of(adata.obs, design)
        require_levels(adata, asked)  # wrong levels are told now, not after the scores
        said += two_columns(matrix, asked, adata.obs, stroma=own)
        note_layer(adata, asked)
        if (of_raw := summed_of_raw(adata, asked)) is not None:
            adata, layer = of_raw, RAW
        if not quiet:
            hold(found.lines_of(adata, "", everything=False))
        chosen, renamed = inputs.signatures_told(signatures)
        of_lists = [*renamed.values(), *signs_alone(chosen, methods)]
        if not quiet:
            hold(of_lists)
        look = look_of(adata.obs, asked, chosen.ids, labels=labels, palette=palette, order=order)
        apart = beside(adata, asked, stroma)
        if not quiet and apart is not None:
            hold([f"  {line}" for line in apart.said])
        adata = adata if apart is None else apart.adata
        if apart is None or stroma_kind is not None or stroma_source is not None:
            grown = inputs.stroma(stroma, beside=adata, stroma_kind=stroma_kind, stroma_source=stroma_source)
        else:
            grown = apart.stroma
        genes = inputs.markers(markers)
        own_file = apart is None and grown is not None and not isinstance(grown, str)
        files = [(grown, "--stroma")] if own_file else []
        if not quiet and files:
            hold(found.lines_of(*files[0], everything=False))
        used = list(getattr(grown, "obs_names", ())) if own_file else []
    early: list[str] = []
    command = command_line(click.get_current_context())
    done = work(
        adata,
        asked,
        out=out,
        signatures=chosen,
        methods=methods,
        params=how,
        min_coverage=min_coverage,
        primary=named_primary(primary),
        primary_contrasts=list(primary_contrasts) or None,
        adjust=adjust,
        margin=margin,
        stroma=grown,
        markers=genes,
        carry_over=not no_carry_over,
        min_cells=min_cells,
        expressed=limits,
        claims_on=on_axes(claims_on, chosen.ids, [(s.title, s.id) for s in chosen]),
        skip={*skip, *(SLOW if quick else ())},
        prerank=prerank,
        seed=seed,
        title=title,
        figures=figures,
        width=width,
        look=look,
        notes=[*with_arms(notes(), asked, adata.obs, used=used), *said],
        progress=not quiet,
        began=began,
        warned=read.at_once(early, logged=not quiet),
        made=made_by({**click.get_current_context().params, "layer": layer}, stroma=grown, apart=apart),
        command=command,
        say=as_options,
        log=partial(
            log_text,
            read=[(adata, ""), *files],
            lists=of_lists,
            command=command,
            signatures=signatures,
        ),
    )
    if not quiet:
        found.renamed(done.adata)
    read.warn([note for note in done.notes if note not in early], logged=not quiet)
    tell(done, signatures)


def as_options(text: str) -> str:
    """Write what a run has to say with the options of this command."""
    from marrowsig._cli.spoken import spoken

    return spoken(text, run)

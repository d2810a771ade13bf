"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Absent(click.ClickException):
    """A file that is not there, said without the usage of the command."""

    exit_code = 2


class Table(click.Path):
    """A file, or a sheet of a workbook, as `book.xlsx#Counts`, of which the file has to exist."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Check the file; keep the sheet."""
        from marrowsig._workbook_place import file_of

        place = Path(file_of(value))
        if not place.exists():
            from marrowsig.io._read import like

            what = "file" if not self.dir_okay else "file or folder"
            msg = f"There is no {what} {str(place)!r}.{like(place)}"
            raise Absent(msg)
        super().convert(place, param, ctx)
        return Path(value)


EXISTING = Table(exists=True, path_type=Path)
FILE = Table(exists=True, dir_okay=False, path_type=Path)
OUT_FILE = click.Path(dir_okay=False, path_type=Path)
OUT_FOLDER = click.Path(file_okay=False, path_type=Path)
METHODS = click.Choice(
    [
        "singscore", "ucell", "aucell", "ssgsea", "mean", "wsum", "wmean_z", "zsample", "ulm", "mlm",
        "module", "zscore", "plage", "gsva",
    ]
)  # fmt: skip

FIGURES = click.Choice(["png", "pdf", "svg"])
KINDS = click.Choice(
    [
        "counts", "expected_counts", "tpm", "fpkm", "linear", "linear_negative", "log",
        "log2(x)", "log2(x+1)", "ln(x+1)", "log10(x+1)",
    ]
)  # fmt: skip
_SIGNATURES = (
    "Id, axis (emt, il6, stat3, stat1, control) or file of lists (toml, gmt, json, csv; emt=mylist.csv says "
    "their axis); may be repeated. All that come with marrowsig if left out."
)

_DESIGN = (
    click.option(
        "--culture", metavar="COLUMN", help="Column of mono- and co-culture (or any two-level factor)."
    ),
    click.option("--mono", metavar="LEVEL", help="Level of --culture to compare with.  [default: mono]"),
    click.option("--co", metavar="LEVEL", help="Level of --culture that is asked about.  [default: co]"),
    click.option("--line", metavar="COLUMN", help="Column of the cell line (a second two-level factor)."),
    click.option("--parental", metavar="LEVEL", help="Level of --line to compare with.  [default: parental]"),
    click.option("--resistant", metavar="LEVEL", help="Level of --line asked about.  [default: resistant]"),
    click.option("--inhibitor", metavar="COLUMN", help="Column of the inhibitor."),
    click.option("--vehicle", metavar="LEVEL", help="Level of --inhibitor without one.  [default: none]"),
    click.option(
        "--compartment", metavar="COLUMN", help="Column of the compartment: each is tested by itself."
    ),
    click.option("--time", metavar="COLUMN", help="Column of the time: each is tested by itself."),
    click.option("--pair", metavar="COLUMN", help="Column of pairs: donor, replicate, experiment."),
    click.option("--unit", metavar="COLUMN", help="Column of the independent unit; needed for cells."),
    click.option("--batch", metavar="COLUMN", multiple=True, help="Column held constant; may be repeated."),
    click.option(
        "--covariates",
        metavar="COLUMN",
        multiple=True,
        help="Numeric column with a slope, such as the share of blasts; may be repeated.",
    ),
)
_SHEET_KEY = click.option(
    "--sheet-key", metavar="COLUMN", help="Column of SAMPLES that names the samples, if several could."
)
_LEAVE_OUT = click.option(
    "--leave-out", metavar="SAMPLE", multiple=True,
    help="Sample to leave out, such as a failed library; may be repeated.",
)  # fmt: skip
_KEEP = click.option(
    "--keep", metavar="COLUMN=LEVEL,...", multiple=True,
    help="Keep only rows (samples or cells) with one of these levels in a column of SAMPLES or of the h5ad, "
    "such as 'cell_type=blast,HSC', or with none of them: 'cell_type!=MSC'; of several, all have to hold.",
)  # fmt: skip
_READ = (
    _SHEET_KEY,
    _LEAVE_OUT,
    _KEEP,
    click.option(
        "--kind", type=KINDS, metavar="KIND",
        help="What the numbers of MATRIX are: counts, expected_counts, tpm, fpkm, linear, linear_negative or "
        "log; or how a log of CPM or TPM was made: 'log2(x)', 'log2(x+1)', 'ln(x+1)' or 'log10(x+1)'; found "
        "from the values if left out.",
    ),
    click.option(
        "--floor", type=click.FloatRange(0, min_open=True), metavar="SIGNAL",
        help="Smallest value of array signal with negatives in MATRIX, such as 20 or 100 of MAS5; array "
        "signal is refused as --stroma.  [default: 1]",
    ),
    click.option("--layer", metavar="NAME", help="Layer of an h5ad or zarr that holds the values, or raw."),
    click.option("--genome", metavar="NAME", help="Genome, where a 10x file holds several."),
)  # fmt: skip
_SCORE = (
    click.option("--signatures", "-s", metavar="NAME", multiple=True, help=_SIGNATURES),
    click.option(
        "--method", "-m", "methods", type=METHODS, metavar="NAME", multiple=True, default=("singscore",),
        show_default=True,
        help=f"{', '.join(METHODS.choices)}; may be repeated, and the first one gives the answer.",
    ),
    click.option(
        "--min-coverage", type=click.FloatRange(0, 1), default=0.5, show_default=True, metavar="SHARE",
        help="Share of a signature's genes that must be in the matrix.",
    ),
)  # fmt: skip

_PARAM = (
    click.option(
        "--param", "params", metavar="METHOD.OPTION=VALUE", multiple=True,
        help="Option of a method, e.g. gsva.parity=true; a wrong one lists those it has; may be repeated.",
    ),
)  # fmt: skip

_FORMULA = (
    click.option(
        "--formula",
        metavar="FORMULA",
        help="Model in place of these fields, e.g. '~ line * culture + donor'.",
    ),
    click.option(
        "--levels",
        metavar="COLUMN=REF,...",
        multiple=True,
        help="Levels of a categorical column of --formula, reference first, or the reference alone; once per "
        "column. Rows of levels that a list leaves out are left out.",
    ),
    click.option(
        "--contrast",
        "contrasts",
        metavar="NAME: A - B",
        multiple=True,
        help="Contrast of --formula: cells or coefficients, e.g. 'gain: resistant:co - resistant:mono'.",
    ),
    click.option(
        "--at",
        metavar="COLUMN=NUMBER",
        multiple=True,
        help="Value of a numeric column of --formula at which cells are compared.  [default: its mean]",
    ),
)
_FAMILY = (
    click.option(
        "--primary", metavar="NAME", multiple=True,
        help="Signature or axis that the study is about, named before the data were seen; may be repeated; "
        "'none' for no primary family.  [default: the main signature of each axis]",
    ),
    click.option(
        "--primary-contrast", "primary_contrasts", metavar="NAME", multiple=True,
        help="Contrast of the primary family, or a kind (induction, resistance, interaction, reversal, "
        "residual, drug); may be repeated.  [default: induction, interaction, reversal]",
    ),
    click.option(
        "--adjust", type=click.Choice(["holm", "maxt"]), default="holm", show_default=True,
        help="How the p of the primary family are adjusted for their number.",
    ),
)  # fmt: skip
_MARGIN = click.option(
    "--margin", type=click.FloatRange(0, min_open=True), metavar="SCORE",
    help="How small a difference counts as none, in units of the first method's score: for 'not moved' in "
    "every contrast, and in a run for 'fully reversed'.",
)  # fmt: skip
_FIGURES = click.option(
    "--figures", type=FIGURES, multiple=True, default=("png",), show_default=True,
    help="Format of the figures in the folder; may be repeated. Text of pdf and svg can be edited.",
)  # fmt: skip
_WIDTH = click.option(
    "--width", type=click.FloatRange(60, 1000), metavar="MM",
    help="Width of the figure for a paper in millimetres, such as 85 for one column of a journal and 174 or "
    "180 for two.  [default: 180]",
)  # fmt: skip
_LEVELS = (
    click.option(
        "--labels", metavar="LEVEL=WORDS,...", multiple=True,
        help="Other words for levels in figures, such as 'co=with MSC,mono=alone'; also for signatures.",
    ),
    click.option(
        "--palette", metavar="LEVEL=COLOUR,...", multiple=True,
        help="Colours of levels in figures, such as 'resistant=#882255,parental=grey'.",
    ),
    click.option(
        "--order", metavar="LEVEL,...", multiple=True,
        help="Order of levels in figures, also of --compartment, such as 'resistant,parental'; others "
        "follow, the vehicle leads.",
    ),
)  # fmt: skip
_LOOK = (_WIDTH, *_LEVELS)
_PARTS = (
    click.option(
        "--stroma", metavar="LEVEL|FILE",
        help="Stroma that the cells were grown with: its level of --compartment, COLUMN=LEVEL of its rows "
        "in MATRIX (taken out of the others), or a file of it grown alone, laid out as MATRIX, in the same "
        "kind of numbers. Without it no claim about the cells can "
        "be supported.",
    ),
    click.option(
        "--stroma-kind", type=KINDS, metavar="KIND",
        help="What the numbers of a file of --stroma are, as --kind; found from the values if left out.",
    ),
    click.option(
        "--stroma-source", metavar="TEXT",
        help="Whose stroma a file of --stroma is, if not the study's own, such as 'GSE224190, umbilical cord "
        "MSC': methods, log and report say so.",
    ),
    click.option(
        "--markers", metavar="GENES|FILE",
        help="Ten genes or more that tell how much stroma is in a sample, between commas or one a line in a "
        "file; found from --stroma if left out.",
    ),
    click.option(
        "--claims-on", metavar="AXIS=NAME", multiple=True,
        help="Signature that answers the claims of an axis (emt, il6, stat3) in place of the usual one, "
        "such as emt=emt.blast; further ones, between commas, have to agree. The contrasts show it, too. "
        "Chosen before the data were seen; once per axis.",
    ),
    click.option(
        "--no-carry-over", is_flag=True,
        help="No RNA of stroma can be in the samples: reads told apart by species, filtered medium. Of a "
        "transwell, whose membrane leaks, only where no stroma was sequenced; else give --stroma.",
    ),
    click.option(
        "--min-cells", type=click.IntRange(1), default=20, show_default=True, metavar="N",
        help="Single cells: sums of fewer cells than this are left out.",
    ),
    click.option(
        "--expressed", is_flag=True,
        help="Leave out genes that the study does not express, before scoring (bulk counts; edgeR's "
        "filterByExpr: by arms, with --formula by its model matrix, which asks fewer samples).",
    ),
    click.option(
        "--min-count", type=click.FloatRange(0, min_open=True), metavar="READS",
        help="With --expressed: reads of a gene, in a library of median size, in as many samples as the "
        "smallest arm has, or as the model matrix of --formula asks; 1 for libraries below a million "
        "reads.  [default: 10]",
    ),
    click.option(
        "--min-total", type=click.FloatRange(0), metavar="READS",
        help="With --expressed: reads of a gene in all samples together.  [default: 15]",
    ),
    click.option("--quick", is_flag=True, help="Only scores, contrasts, claims and rescue."),
    click.option(
        "--skip", multiple=True,
        type=click.Choice([
            "claims", "rescue", "chain", "genes", "null", "sensitivity", "cells", "multiverse",
        ]),
        help="Part to leave out; may be repeated.",
    ),
    click.option(
        "--prerank", is_flag=True, help="Add preranked enrichment, a competitive and anti-conservative test."
    ),
    click.option(
        "--seed", type=click.IntRange(0), default=0, show_default=True, metavar="K",
        help="Start of all random draws: the same, the same numbers.",
    ),
)  # fmt: skip


def figures_option(command: F) -> F:
    """Add the option of the formats of figures."""
    return _FIGURES(command)


def width_option(command: F) -> F:
    """Add the option of the width of the figure for a paper."""
    return _WIDTH(command)


def look_options(command: F) -> F:
    """Add the options of what the figures of a run look like."""
    return _all(command, _LOOK)


def level_options(command: F) -> F:
    """Add the options of words, colours and order of levels in figures."""
    return _all(command, _LEVELS)


def margin_option(command: F) -> F:
    """Add the option of the margin of equivalence."""
    return _MARGIN(command)


def family_options(command: F) -> F:
    """Add the options of the primary family."""
    return _all(command, _FAMILY)


def part_options(command: F) -> F:
    """Add the options of what a run computes beyond scores and contrasts."""
    return _all(command, _PARTS)


def param_option(command: F) -> F:
    """Add the option that sets options of methods."""
    return _all(command, _PARAM)


def design_options(command: F) -> F:
    """Add the options that make a `Design`."""
    return _all(command, (*_DESIGN, *_FORMULA))


def read_options(command: F) -> F:
    """Add the options of reading a matrix."""
    return _all(command, _READ)


def sheet_option(command: F) -> F:
    """Add the options that name the key of the sample sheet, and samples to leave out or to keep."""
    return _all(command, (_SHEET_KEY, _LEAVE_OUT, _KEEP))


def score_options(command: F) -> F:
    """Add the options of scoring."""
    return _all(command, _SCORE)


def _all(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command

"""`marrowsig power`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from marrowsig._cli.command import command_line
from marrowsig._cli.grouped import Plan
from marrowsig._cli.lines import echo
from marrowsig._cli.of_pilot import claimed_by, drugs_in, lines_of, require_sizes, with_rise
from marrowsig._cli.options import METHODS, OUT_FOLDER, width_option
from marrowsig._cli.pilot_words import on_fewer_genes, require_drug
from marrowsig._cli.plan_rows import rows_of
from marrowsig._errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig.tl._power_result import Power

SAME = "- The SD is of the score as scored, so sizes"
SIZES = re.compile(r"(\d+)\s*(?:-|\.\.|to)\s*(\d+)")


EXAMPLES = """\
marrowsig power -e induction=1.5 -e interaction=2 --out plan
marrowsig power -e co_in_parental=0.04 -e interaction=0.05 -e fraction=0.6 \\
  --inhibitor ruxolitinib --source pbmc_il13_gse79027 -s il6.hallmark --n 3-8 --out plan
marrowsig power -e induction=0.03 --pilot results --kept-genes -s emt.hallmark \\
  --as-scored induction=0.05 --lost 0.1 --out plan"""


def named(context: click.Context, _: click.Parameter, source: str | None) -> str | None:
    """Name the data of --source and end, where it is `list`: before other options are asked for."""
    if source != "list" or context.resilient_parsing:
        return source
    from marrowsig.ds import spreads

    known = spreads().drop_duplicates("name")
    for name, what, assay in zip(known["name"], known["replicates"], known["assay"], strict=True):
        click.echo(f"{name:<24}  {what} ({assay})")
    context.exit()


@click.command(cls=Plan, epilog=EXAMPLES, short_help="Say how many replicates an experiment needs.")
@click.option(
    "--effect", "-e", "effects", metavar="NAME=SIZE", multiple=True,
    help="What is expected: a contrast (co_in_parental, interaction), a kind for all lines (induction, "
    "reversal) or fraction, the share that inhibitors reverse, and its size as scored (on the genes that "
    "stroma could not move with --kept-genes); may be repeated. Beside interaction, induction is that of "
    "parental cells: that of resistant ones is the sum.",
)  # fmt: skip
@click.option("--n", "n", metavar="FROM-TO", default="3-12", show_default=True, help="Replicates per arm.")
@click.option("--lines", type=click.IntRange(1, 2), metavar="1|2", help="2: parental and resistant cells, "
              "1: one line.  [default: as the --pilot, else 2]")  # fmt: skip
@click.option("--pairs/--no-pairs", default=True, show_default=True,
              help="Whether each culture of a line goes through every arm.")  # fmt: skip
@click.option("--inhibitor", "inhibitors", metavar="NAME", multiple=True,
              help="Inhibitor arm of the co-culture; may be repeated.")  # fmt: skip
@click.option(
    "--batches", type=click.IntRange(2), metavar="K", help="Batches over which whole replicates are spread."
)
@click.option("--source", metavar="NAME", callback=named, is_eager=True,
              help="Public data whose SDs are taken; --source list names all.")  # fmt: skip
@click.option("--pilot", type=click.Path(exists=True, path_type=Path), metavar="FOLDER",
              help="Results of a run whose SDs are taken, or its contrasts.csv.")  # fmt: skip
@click.option("--kept-genes", is_flag=True,
              help="With --pilot: sizes and SD are on the genes that stroma could not move.")  # fmt: skip
@click.option("--as-scored", "as_scored", metavar="NAME=SIZE", multiple=True,
              help="With --kept-genes: size of the same effect as scored, which a claim has to pass, too; "
              "both n are then told. As often as --effect.")  # fmt: skip
@click.option("--within", type=click.FloatRange(0), metavar="SD",
              help="SD within an arm, pairs taken out.  [default: 1, so effects are in SDs]")  # fmt: skip
@click.option("--between", type=click.FloatRange(0), metavar="SD", help="SD of pairs.  [default: 0]")
@click.option("--effects-in", type=click.Choice(["score", "sd"]), default="score", show_default=True,
              help="Units of the effects.")  # fmt: skip
@click.option("--signature", "-s", metavar="ID", help="Signature whose SDs --source or --pilot holds.")
@click.option(
    "--method",
    "-m",
    type=METHODS,
    metavar="METHOD",
    default="singscore",
    show_default=True,
    help="Its score.",
)
@click.option("--primary-contrast", "primary_contrasts", metavar="NAME", multiple=True,
              help="Contrast of the primary family, as in run; may be repeated.")  # fmt: skip
@click.option("--n-primary", type=click.IntRange(1), default=1, show_default=True, metavar="K",
              help="Signatures of the primary family, of which one has the effects.")  # fmt: skip
@click.option("--lost", type=click.FloatRange(0, 1, max_open=True), default=0.0, metavar="SHARE",
              help="Share of libraries that are expected to fail.  [default: 0]")  # fmt: skip
@click.option("--margin", type=click.FloatRange(0, min_open=True), metavar="SCORE",
              help="How near to cells alone counts as fully reversed.")  # fmt: skip
@click.option(
    "--target",
    type=float,
    default=0.8,
    show_default=True,
    metavar="SHARE",
    help="Share of experiments that have to find it (the power).",
)
@click.option(
    "--alpha",
    type=float,
    default=0.05,
    show_default=True,
    metavar="P",
    help="Below which p it counts as found.",
)
@click.option("--runs", type=click.IntRange(100), default=4000, show_default=True, metavar="K",
              help="Simulated experiments of each size.")  # fmt: skip
@click.option(
    "--seed",
    "rng",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="K",
    help="Start of the random draws: the same, the same numbers.",
)
@width_option
@click.option(
    "--out",
    "-o",
    type=OUT_FOLDER,
    metavar="FOLDER",
    required=True,
    help="Folder for power.csv and power.pdf.",
)
def power(
    effects: tuple[str, ...],
    *,
    n: str,
    lines: int | None,
    pairs: bool,
    inhibitors: tuple[str, ...],
    batches: int | None,
    source: str | None,
    pilot: Path | None,
    kept_genes: bool,
    as_scored: tuple[str, ...],
    within: float | None,
    between: float | None,
    effects_in: str,
    signature: str | None,
    method: str,
    primary_contrasts: tuple[str, ...],
    n_primary: int,
    lost: float,
    margin: float | None,
    target: float,
    alpha: float,
    runs: int,
    rng: int,
    width: float | None,
    out: Path,
) -> None:
    """Say how many replicates an experiment needs, before it is made."""
    from marrowsig.design import Design
    from marrowsig.tl import power as work
    from marrowsig.tl._power_words import ITS_ROWS, OF_A_RUN

    if as_scored and not kept_genes:
        msg = "--as-scored goes with --kept-genes; without it, --effect says sizes as scored."
        raise InputError(msg)
    if as_scored and set(effects_of(as_scored, "--as-scored")) != set(effects_of(effects)):
        msg = f"--as-scored has to name the effects of --effect: {', '.join(effects_of(effects))}."
        raise InputError(msg)
    given = tables_of(pilot, kept_genes=kept_genes)
    sizes, data = effects_of(effects) if effects else {}, given.get("data")
    lines, told_lines = lines_of(data, sizes, lines)
    design = Design(
        culture="culture",
        line="line" if lines == 2 else None,
        inhibitor="inhibitor" if inhibitors else None,
        pair="pair" if pairs else None,
        batch="batch" if batches else None,
    )
    typed, in_sd = command_line(click.get_current_context()), effects_in == "sd"
    require_sizes(
        {**given, "asked": claimed_by(pilot)},
        sizes,
        typed,
        signature=signature,
        method=method,
        inhibitors=inhibitors,
        lines=lines,
        in_sd=in_sd,
    )
    require_drug(data, sizes, inhibitors)
    asked = sizes if kept_genes else with_rise(data, sizes, signature=signature, method=method, in_sd=in_sd)
    scored = effects_of(as_scored, "--as-scored") if as_scored else None
    plan = work(
        design, asked, n=sizes_of(n), within=within, between=between, source=source, lost=lost,
        **given, scored=scored,
        signature=signature, method=method, effects_in=effects_in, inhibitors=list(inhibitors) or None,
        batches=batches or 2, primary_contrasts=list(primary_contrasts) or None, n_primary=n_primary,
        margin=margin, target=target, alpha=alpha, runs=runs, rng=rng,
    )  # fmt: skip
    if plan.wide().empty:
        msg = "No primary contrast has an effect. Give --effect of one, or another --primary-contrast."
        raise InputError(msg)
    written = _write(plan, out, width)
    said = plan.describe().replace(OF_A_RUN, "--pilot FOLDER --kept-genes")
    said = said.replace(ITS_ROWS, "give --pilot a contrasts.csv of its rows alone")
    answer, *rest = said.replace("see n_primary", "see --n-primary").splitlines()
    echo(answer.replace("it may need more.", "it may need more: add --as-scored."))
    if fewer := "" if kept_genes else on_fewer_genes(plan, pilot, signature=signature, method=method):
        echo(fewer)
        rest = [line for line in rest if not line.startswith(SAME)]
    for line in rows_of(plan):
        click.echo(line)
    for line in rest:
        echo(line)
    if asked != sizes:
        echo(f"- co_in_parental {asked['co_in_parental']:.2g} is the pilot's: none was given with --effect.")
    if told_lines:
        echo(told_lines)
    own, sums = plan.table[plan.table["contrast"] == "co_in_resistant"], sizes
    if {"induction", "interaction"} <= set(sums) and "co_in_resistant" not in sums and len(own):
        echo(f"co_in_resistant {own['effect'].iloc[0]:.3g} = induction + interaction")
    if told := drugs_of(given.get("data")) if not inhibitors else "":
        echo(told)
    for path in written:
        click.echo(f"Written: {path}")


def tables_of(pilot: Path | None, *, kept_genes: bool) -> dict[str, pd.DataFrame | None]:
    """Read contrasts of a run, and claims where sizes are on fewer genes."""
    if pilot is None:
        if kept_genes:
            msg = "--kept-genes takes the SD from the claims of a run: give its folder with --pilot."
            raise InputError(msg)
        return {}
    import pandas as pd

    folder = pilot if pilot.is_dir() else pilot.parent
    found: dict[str, pd.DataFrame | None] = {}
    for name, path in (("data", pilot / "contrasts.csv" if pilot.is_dir() else pilot),
                       *([("claims", folder / "claims.csv")] if kept_genes else [])):  # fmt: skip
        if not path.exists():
            msg = f"{path} is not there; --pilot is the folder that `marrowsig run --out` wrote."
            raise InputError(msg)
        found[name] = pd.read_csv(path, dtype={"stratum": str}, keep_default_na=True)
    return found


def drugs_of(contrasts: pd.DataFrame | None) -> str:
    """Say which inhibitors a pilot has, of whose arms nothing is planned: each adds claims."""
    if contrasts is None:
        return ""
    drugs = drugs_in(contrasts)
    options = " ".join(f"--inhibitor {shlex.quote(drug)}" for drug in drugs)
    return (
        f"- The pilot had inhibitors, and each adds claims: {options}, if they are planned." if drugs else ""
    )


def effects_of(texts: tuple[str, ...], option: str = "--effect") -> dict[str, float]:
    """Read `NAME=SIZE`.

    >>> effects_of(("induction=1.5", "fraction=0.6"))
    {'induction': 1.5, 'fraction': 0.6}
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, size = (part.strip() for part in text.partition("="))
        try:
            found[name] = float(size)
        except ValueError:
            comma = f" Write {size.replace(',', '.')} with a point." if "," in size else ""
            msg = f"{option} {text!r} is not NAME=SIZE, such as interaction=0.05.{comma}"
            raise InputError(msg) from None
    if not any(found.values()):
        msg = (
            f"{option} says of nothing that it changes, so there is nothing to find: give one that is not 0."
        )
        raise InputError(msg)
    return found


def sizes_of(text: str) -> list[int]:
    """Read `FROM-TO`, or numbers between commas.

    >>> sizes_of("3-5"), sizes_of("4, 8")
    ([3, 4, 5], [4, 8])
    """
    span = SIZES.fullmatch(text.strip())
    try:
        sizes = range(int(span[1]), int(span[2]) + 1) if span else map(int, text.split(","))
        found = list(sizes)
    except ValueError:
        found = []
    if found and min(found) < 2:
        msg = f"--n {text!r}: at least two replicates per arm are needed, such as 3-12."
        raise InputError(msg)
    if not found:
        msg = f"--n {text!r} is not FROM-TO, such as 3-12, nor numbers between commas, such as 4,6,8."
        raise InputError(msg)
    return found


def _write(plan: Power, out: Path, width: float | None) -> list[Path]:
    from marrowsig import pl
    from marrowsig.io._atomic import atomic

    out.mkdir(parents=True, exist_ok=True)
    tables = {"power.csv": plan.table, "power_fractions.csv": plan.fractions}
    tables |= {} if plan.scored is None else {"power_as_scored.csv": plan.scored.table}
    written = [out / name for name, table in tables.items() if len(table)]
    for path in written:
        with atomic(path) as part:
            tables[path.name].to_csv(part, index=False)
    own = plan.table[plan.table["effect"] != 0]
    main = own[own["adjustment"] == "Holm"]
    names = list(dict.fromkeys((main if len(main) else own)["contrast"]))
    ax = pl.power(plan, contrast=names, width=width)
    return [*written, *(pl.save(ax, out / f"power{ending}") for ending in (".pdf", ".png"))]

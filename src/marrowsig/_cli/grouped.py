"""Help of a command in groups of options, those that everybody needs first, and examples at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from marrowsig._cli.counts_back import MATRIX
from marrowsig._cli.like import like
from marrowsig._cli.once import require_once

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS: dict[str, Sequence[str]] = {
    "Start with these": ("signature", "out", "culture", "line", "inhibitor", "pair"),
    "Levels, where the sheet has other words": ("mono", "co", "parental", "resistant", "vehicle"),
    "More columns of the sheet": ("unit", "batch", "covariates", "compartment", "time", "sheet_key"),
    "Rows to leave out": ("leave_out", "keep", "min_cells"),
    "Stroma": ("stroma", "stroma_kind", "stroma_source", "markers", "no_carry_over"),
    "What is scored": (
        "signatures", "methods", "min_coverage", "params", "expressed", "min_count",
        "min_total",
    ),
    "What the study is about, named before the data were seen": (
        "primary", "primary_contrasts", "adjust", "margin", "claims_on",
    ),
    "Report and figures": ("title", "figures", "width", "labels", "palette", "order"),
    "How much is done and said": ("quick", "skip", "prerank", "seed", "quiet"),
    "What the numbers are": ("kind", "floor", "layer", "genome"),
    "Any other model": ("formula", "levels", "contrasts", "at"),
}  # fmt: skip
"""Options by their names in Python, in the order of the help; those that no group names come last."""
OF_PLANS: dict[str, Sequence[str]] = {
    "Start with these": ("out", "effects", "n"),
    "The experiment": ("lines", "pairs", "inhibitors", "batches", "lost"),
    "How much a score varies": (
        "pilot", "kept_genes", "as_scored", "source", "signature", "method", "within", "between",
        "effects_in",
    ),
    "What counts as found": ("primary_contrasts", "n_primary", "margin", "target", "alpha"),
    "Figure and simulation": ("width", "runs", "rng"),
}  # fmt: skip
"""The same of `marrowsig power`."""


class Grouped(click.Command):
    """A command whose help has its options in `groups`, and that takes no option of one value twice."""

    groups = GROUPS

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse options of one value that are given twice, then read them all."""
        try:
            if not ctx.resilient_parsing:
                require_once(self, ctx, args)
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            found, typed = like(error.option_name, self.get_params(ctx)), error.option_name
            raise click.NoSuchOption(typed, possibilities=found, ctx=error.ctx) from error
        ctx.meta[MATRIX] = ctx.params.get("matrix")  # errors name it, when the context is gone
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group that the command has an option of, under its heading."""
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        told = {str(p.name): row for p in options if (row := p.get_help_record(ctx))}
        rows = {heading: [told.pop(n) for n in names if n in told] for heading, names in self.groups.items()}
        for heading, own in {**rows, "Other": list(told.values())}.items():
            if own:
                with formatter.section(heading):
                    formatter.write_dl(own, col_max=26)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they were typed, below their heading."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Plan(Grouped):
    """A command that plans an experiment."""

    groups = OF_PLANS


class Short(Grouped):
    """A command of few options, which need no groups."""

    format_options = click.Command.format_options

"""`marrowsig signatures list | show | check`."""

from __future__ import annotations

import click

from marrowsig._cli.options import EXISTING


@click.group()
def signatures() -> None:
    """List, show and check signatures."""


@signatures.command("list")
@click.argument("names", nargs=-1)
@click.option(
    "--extra", is_flag=True, help="Also those that an axis leaves out: components, bulk tumours, ..."
)
def list_(names: tuple[str, ...], *, extra: bool) -> None:
    """List the signatures that come with marrowsig; NAMES are ids or axes."""
    from marrowsig import sig

    for s in sig.load(*names, extra=extra):
        split = f"{len(s.up)} up, {len(s.down)} down" if s.is_signed else f"{len(s)} genes"
        click.echo(f"{s.id:<34} {split:<20} {s.title}")


@signatures.command()
@click.argument("id")
def show(id: str) -> None:
    """Show the signature ID: its genes, source and licence."""
    from marrowsig import sig

    for s in sig.load(id):
        click.echo(f"{s.id}: {s.title}")
        facts = {"kind": s.kind, "tier": s.tier, **s.source, **s.context, "caution": s.use.get("caution", "")}
        facts |= {"not scored": s.use.get("not_scored", "")}
        facts |= {"expected": ", ".join(f"{k} {v}" for k, v in s.expect.items())}
        for name, value in {**facts, "hash of the genes": s.sha256}.items():
            if value:
                click.echo(f"  {name}: {value}")
        for word, genes in (("up", s.up), ("down", s.down)):
            if genes:
                click.echo(f"  {word} ({len(genes)}): {', '.join(genes)}")


@signatures.command()
@click.argument("path", type=EXISTING, required=False)
def check(path: str | None) -> None:
    """Check the signature files at PATH, or all that come with marrowsig; exit code 1 if one is wrong."""
    from marrowsig import sig

    problems = sig.check(path)
    for problem in problems:
        click.echo(problem)
    if problems:
        msg = f"{len(problems)} problems."
        raise click.ClickException(msg)
    click.echo("No problems.")

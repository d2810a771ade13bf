"""`marrowsig signatures list | show | check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from marrowsig._cli import own_list
from marrowsig._cli.grouped import Short
from marrowsig._cli.lines import echo
from marrowsig._cli.options import EXISTING, OUT_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from marrowsig.sig import Signature, SignatureSet

FACTS = {
    "where": "list",
    "licence": "licence",
    "attribution": "attribution",
    "doi": "paper",
    "obtained": "copy read",
    "retrieved": "read on",
    "sha256": "SHA-256 of that copy",
}
"""What a reader of a list asks first, and how the terminal calls it."""

LIST = "marrowsig signatures list\nmarrowsig signatures list emt --out emt.gmt"
SHOW = """\
marrowsig signatures show emt.hallmark --out emt.hallmark.csv
marrowsig signatures show emt=mylist.xlsx"""
CHECK = "marrowsig signatures check"


@click.group()
def signatures() -> None:
    """List, show and check signatures."""


_OUT = click.option(
    "--out", "-o", type=OUT_FILE, help="Also write them: csv or tsv (a row per gene), gmt, json, toml."
)


@signatures.command(
    "list", cls=Short, epilog=LIST, short_help="List the signatures that come with marrowsig."
)
@click.argument("names", nargs=-1)
@click.option(
    "--extra", is_flag=True, help="Also those that an axis leaves out: components, bulk tumours, ..."
)
@_OUT
def list_(names: tuple[str, ...], *, extra: bool, out: Path | None) -> None:
    """List the signatures that come with marrowsig; NAMES are ids or axes."""
    from marrowsig import sig

    found = sig.load(*names, extra=extra)
    _listed(found)
    _written(found, out)


@signatures.command(cls=Short, epilog=SHOW, short_help="Show the genes, source and licence of a signature.")
@click.argument("name")
@_OUT
def show(name: str, *, out: Path | None) -> None:
    """Show the signature NAME: its genes, source and licence; of an axis, a list of its signatures.

    Of a file of your own lists, such as mylist.xlsx or emt=mylist.xlsx, how a run with -s would read it.
    """
    found, written = own_list.named(name)
    if len(found) > 1 and written is None:
        _listed(found)
        click.echo(f"Genes and source of one: marrowsig signatures show {found.ids[0]}")
    else:
        for one, own in zip(found, written or [None] * len(found), strict=True):
            _shown(one, own=own, mapped=found is not written)
    _written(found, out)


def _listed(found: SignatureSet) -> None:
    rows = []
    for s in found:
        split = f"{len(s.up)} up, {len(s.down)} down" if s.is_signed else f"{len(s)} genes"
        rows.append((s.id, split, str(s.source.get("cite", "")), s.title))
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for *cells, title in rows:
        facts = "  ".join(c.ljust(n) for c, n in zip(cells, widths, strict=True))
        echo(f"{facts}  {title}", hang=len(facts) + 2)


def _shown(s: Signature, *, own: Signature | None, mapped: bool) -> None:
    click.echo(f"{s.id}: {s.title}")
    for line in () if own is None else own_list.facts(own, mapped=mapped):
        echo(f"  {line}")
    rest = dict(s.source)
    said = {label: rest.pop(name, "") for name, label in FACTS.items()}
    facts = {**said, "kind": s.kind, "tier": "" if own else s.tier, **rest, **s.context}
    facts |= {"caution": s.use.get("caution", "")}
    facts |= {"not scored": s.use.get("not_scored", "")}
    facts |= {"expected": ", ".join(f"{k} {v}" for k, v in s.expect.items())}
    for name, value in {**facts, "hash of the genes": s.sha256}.items():
        if value:
            click.echo(f"  {name}: {value}")
    for word, genes in (("up", s.up), ("down", s.down)):
        if genes:
            click.echo(f"  {word} ({len(genes)}): {', '.join(genes)}")


def _written(found: SignatureSet, out: Path | None) -> None:
    if out is None:
        return
    from marrowsig import sig

    sig.write(found, out)
    click.echo(f"Written: {out}")


@signatures.command(cls=Short, epilog=CHECK, short_help="Check signature files (toml).")
@click.argument("path", type=EXISTING, required=False)
def check(path: Path | None) -> None:
    """Check signature files (toml) at PATH, or all that come with marrowsig; exit code 1 if one is wrong."""
    from marrowsig import sig

    if path is not None:
        own_list.refuse_lists(path)
    problems = sig.check(path)
    for problem in problems:
        click.echo(problem)
    if problems:
        msg = f"{len(problems)} problems."
        raise click.ClickException(msg)
    click.echo("No problems.")

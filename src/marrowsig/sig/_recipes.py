"""Lists that may not be shipped: what they are called, whose they are, and where they are published."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from marrowsig._download import Remote, cached
from marrowsig._errors import DownloadError, SignatureError, first
from marrowsig._paths import resource

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "id", "kind", "title", "licence", "terms", "url", "doi", "cached")


@dataclass(frozen=True)
class Recipe:
    """How one list is obtained: `source` says from whom, `own` which part of the file it is."""

    name: str
    id: str
    source: dict[str, Any]
    own: dict[str, Any]

    @property
    def licence(self) -> str:
        """Short name of the licence, which `accept` has to repeat."""
        return str(self.source["licence"])

    @property
    def said(self) -> str:
        """Licence in a sentence."""
        return f"{self.source['title']} is under {self.licence} ({self.source['terms']})"

    @property
    def by_hand(self) -> str:
        """What a person does without a network, or where only a person can fetch the file."""
        where = self.source.get("url") or f"{self.source['page']}, after you registered there"
        return (
            f"By hand: download {self.source['file']} from {where}, and type "
            f"ms.sig.fetch({self.name!r}, path={self.source['file']!r}). {self.said}."
        )

    @property
    def remote(self) -> Remote | None:
        """The file, or None where only a person can fetch it."""
        url = self.source.get("url")
        if not url:
            return None
        name = f"signatures/{self.own['source']}/{self.source['file']}"
        blob = str(self.source.get("git_blob", ""))
        return Remote(url, name, self.by_hand, git_blob=blob, limit=100_000_000)


def recipes() -> pd.DataFrame:
    """List what may not be shipped and can be fetched from its owner, one row each.

    Returns
    -------
    DataFrame
        name (for `ms.sig.fetch`), id (of the signature it gives), kind, title, licence, terms, url (empty
        where only a registered person can download it), doi, cached (whether the file is here already).

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.recipes().query("name == 'cytosig.il6'")[["id", "licence"]].values.tolist()
    [['il6.cytosig_il6', 'GPL-3.0']]
    """
    import pandas as pd

    return pd.DataFrame([_row(recipe) for recipe in known().values()], columns=list(COLUMNS))


def _row(recipe: Recipe) -> tuple[object, ...]:
    url, doi = str(recipe.source.get("url", "")), str(recipe.own.get("doi", recipe.source.get("doi", "")))
    return (
        recipe.name, recipe.id, recipe.own["kind"], recipe.own["title"], recipe.licence,
        recipe.source["terms"], url, doi, _is_here(recipe),
    )  # fmt: skip


def _is_here(recipe: Recipe) -> bool:
    try:
        return recipe.remote is not None and cached(recipe.remote) is not None
    except DownloadError:
        return False


@cache
def known() -> dict[str, Recipe]:
    """Every recipe by its name."""
    book = tomllib.loads((resource("data") / "recipes.toml").read_text(encoding="utf-8"))
    return {
        name: Recipe(name, own["id"], book["source"][own["source"]], own)
        for name, own in book["recipe"].items()
    }


def named(name: str) -> Recipe:
    """Recipe of this name, or of the signature of this id."""
    by_id = {recipe.id: recipe for recipe in known().values()}
    found = known().get(name) or by_id.get(name)
    if found is None:
        from marrowsig.sig._load import shipped_documents

        if name in shipped_documents():
            msg = f"{name} is shipped, so there is nothing to fetch. Type ms.sig.load({name!r})."
            raise SignatureError(msg)
        near = get_close_matches(str(name), [*known(), *by_id], n=3, cutoff=0.5)
        hint = f"Did you mean {', '.join(near)}?" if near else f"Known: {first(known(), 8)}."
        msg = f"No recipe {name!r}. {hint} ms.sig.recipes() lists all {len(known())}."
        raise SignatureError(msg)
    return found

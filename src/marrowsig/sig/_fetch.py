"""Fetch a list that may not be shipped from where its owner publishes it."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marrowsig._download import cached, fetched, record
from marrowsig._errors import DownloadError, SignatureError
from marrowsig.sig._fetched import rows_of
from marrowsig.sig._recipes import named
from marrowsig.sig._signature import Signature
from marrowsig.sig._words import UNMAPPED

if TYPE_CHECKING:
    from os import PathLike

    from marrowsig.sig._recipes import Recipe


def fetch(name: str, *, accept: str | None = None, path: str | PathLike[str] | None = None) -> Signature:
    """Obtain a signature that may not be shipped, from its owner or from a file that you downloaded.

    Parameters
    ----------
    name
        Name of a recipe, e.g. `"cytosig.il6"`; `ms.sig.recipes()` lists them with licence and address.
    accept
        The licence, repeated, e.g. `"GPL-3.0"`: you accept it for your use. Asked for before the first
        download of a file, then kept beside it.
    path
        File that you downloaded by hand, in place of the network; needs no `accept`.

    Returns
    -------
    Signature
        Signed weights under current HGNC symbols, the source's symbol in `listed_as`; `source` holds
        licence, address, date and SHA-256. The file stays in the folder that `MARROWSIG_CACHE` names,
        or in the usual cache of the system, and is checked against its first hash from then on.
        `MARROWSIG_OFFLINE=1` forbids the network; `MARROWSIG_MIRROR` names a mirror.

    Raises
    ------
    SignatureError
        If the name is unknown, the licence is not accepted, or the file does not hold the list.
    DownloadError
        If the file cannot be had: what was tried, and how to put it in place by hand.

    Examples
    --------
    >>> import marrowsig as ms
    >>> try:
    ...     ms.sig.fetch("kegg.jak_stat")
    ... except ms.DownloadError as error:
    ...     print(str(error)[:55])
    KEGG through MSigDB can only be downloaded by a person.
    """
    recipe = named(name)
    file = Path(path) if path is not None else _from_owner(recipe, accept)
    if not file.is_file():
        msg = f"No file {str(path)!r}. {recipe.by_hand}"
        raise DownloadError(msg)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        msg = f"{file.name} is not text ({err.reason}), so not {recipe.source['title']}. {recipe.by_hand}"
        raise SignatureError(msg) from err
    return _signature(
        recipe, rows_of(recipe, text, file.name), _facts(recipe, file, by_hand=path is not None)
    )


def _from_owner(recipe: Recipe, accept: str | None) -> Path:
    remote = recipe.remote
    if remote is None:
        msg = f"{recipe.source['title']} can only be downloaded by a person. {recipe.by_hand}"
        raise DownloadError(msg)
    if accept is not None and accept != recipe.licence:
        msg = f"accept is {accept!r}, but {recipe.said}. Write accept={recipe.licence!r} if you accept it."
        raise SignatureError(msg)
    place = cached(remote)
    if place is None and accept is None:
        msg = (
            f"{recipe.said}. It is not part of marrowsig, and would be fetched from {remote.url}. If you "
            f"accept its licence: ms.sig.fetch({recipe.name!r}, accept={recipe.licence!r})."
        )
        raise SignatureError(msg)
    return place or fetched(remote, notes={"licence": recipe.licence, "accepted": accept})


def _facts(recipe: Recipe, file: Path, *, by_hand: bool) -> dict[str, Any]:
    said = {} if by_hand or recipe.remote is None else record(recipe.remote)
    day = str(said.get("retrieved", ""))[:10]
    facts: dict[str, Any] = {
        "doi": recipe.own.get("doi", recipe.source.get("doi", "")),
        "where": f"{recipe.source['title']}, {recipe.source['file']}",
        "obtained": str(said.get("url") or f"file {file.name}, downloaded by hand"),
        "retrieved": dt.date.fromisoformat(day) if day else "",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "licence": recipe.licence,
        "redistribute": False,
        "cite": recipe.own.get("cite", recipe.source.get("cite", "")),
        "note": recipe.own.get("note", ""),
    }
    return {k: v for k, v in facts.items() if v != ""}


def _signature(recipe: Recipe, rows: dict[str, dict[str, Any]], source: dict[str, Any]) -> Signature:
    use = {k: recipe.own[k] for k in ("kind", "role", "expect") if recipe.own.get(k)}
    return Signature(
        recipe.id,
        axis=recipe.id.partition(".")[0],
        genes={g: row["w"] for g, row in rows.items()},
        title=recipe.own["title"],
        source=source,
        use={**use, "tier": "extra"},
        ids={g: row["id"] for g, row in rows.items() if row.get("id")},
        listed_as={g: row["source"] for g, row in rows.items() if row.get("source")},
        unmapped=[g for g, row in rows.items() if row.get("status") == UNMAPPED],
    )

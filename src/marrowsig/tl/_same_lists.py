"""Signatures of the same genes and weights: one result that a family of tests counts twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig._errors import warn_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def warn_of_same_lists(scored: Mapping[str, pd.DataFrame], hashes: Mapping[str, Mapping[str, str]]) -> None:
    """Warn once of signatures that are the same list under two names, which count as two tests."""
    for method, table in scored.items():
        own: dict[str, list[str]] = {}
        for id in map(str, table.columns):
            if sha := hashes.get(method, {}).get(id):
                own.setdefault(sha, []).append(id)
        for ids in (ids for ids in own.values() if len(ids) > 1):
            names = " and ".join(map(repr, ids))
            left = ", ".join(map(repr, ids[1:]))
            told = (
                f"{names} hold the same genes and weights: one result, which adjusted p counts "
                f"{len(ids)} times. Give signatures= without {left}."
            )
            warn_once(told, of=tuple(table.index), stacklevel=4)

"""Lists of the package that answer claims and were not asked for: scored beside the others, to be checked."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from marrowsig._errors import CoverageWarning, GeneWarning, InputError, InputWarning

if TYPE_CHECKING:
    import pandas as pd

    from marrowsig._further import Asked


def with_claimed(asked: Asked, claims: pd.DataFrame | None) -> list[str]:
    """Score what the `claims` were asked of and nobody named, by the method that answers; return their ids.

    The contrasts, and with them the families of their p, stay those of the signatures that were asked for.
    Nothing is scored by a method whose scores depend on the other signatures of a call.
    """
    from marrowsig import methods
    from marrowsig.sig._load import of_ids
    from marrowsig.tl import score

    if claims is None or not methods.get(asked.method).alone:
        return []
    own = claims[claims["method"].eq(asked.method) & claims["estimate"].notna()]
    ids = dict.fromkeys(own["signature"].astype(str))
    found = of_ids([i for i in ids if i not in set(asked.sigs.ids)])
    if not found:
        return []
    params = {name: how for name, how in (asked.options or {}).items() if name == asked.method} or None
    least, lists = asked.min_coverage, list(found.values())
    with warnings.catch_warnings(), suppress(InputError):
        for told in (CoverageWarning, GeneWarning, InputWarning):  # with the claims
            warnings.simplefilter("ignore", told)
        score(asked.adata, lists, method=asked.method, min_coverage=least, params=params)
        how = f"method={asked.method!r}, min_coverage={least!r}{f', params={params!r}' if params else ''}"
        asked.calls.say(f"ms.tl.score(adata, {list(found)!r}, {how})  # the lists of the claims")
        return list(found)
    return []

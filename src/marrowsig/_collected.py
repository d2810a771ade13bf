"""Warnings of marrowsig kept aside, to be shown in their place."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from marrowsig._errors import CoverageWarning, GeneWarning, InputWarning, OursError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OURS = (CoverageWarning, GeneWarning, InputWarning)


@contextmanager
def collected(earlier: Sequence[str] = ()) -> Iterator[Callable[[], list[str]]]:
    """Keep marrowsig's own warnings; what is yielded returns their texts so far. Others are passed on.

    An error takes along what was collected and `earlier` warnings, as its `warned`.
    """
    with warnings.catch_warnings(record=True) as caught:
        for category in OURS:
            warnings.simplefilter("always", category)
        texts = lambda: [str(w.message) for w in caught if issubclass(w.category, OURS)]  # noqa: E731
        try:
            yield texts
        except OursError as error:
            error.warned = [*earlier, *error.warned, *texts()]
            raise
    for w in caught:
        if not issubclass(w.category, OURS):
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno, source=w.source)

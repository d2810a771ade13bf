"""From which reads on a gene counts as expressed, where that is said beside `expressed`."""

from __future__ import annotations

from marrowsig._errors import InputError


def bounds_of(
    min_count: float | None, min_total: float | None, *, expressed: bool
) -> bool | dict[str, float]:
    """Return what a run takes as `expressed`: whether genes are left out, or the bounds that say which.

    Raises
    ------
    InputError
        If a bound is given, and genes are not to be left out.

    Examples
    --------
    >>> bounds_of(None, None, expressed=True), bounds_of(1, None, expressed=True)
    (True, {'min_count': 1})
    """
    given = {"min_count": min_count, "min_total": min_total}
    found = {name: value for name, value in given.items() if value is not None}
    if found and not expressed:
        name, value = next(iter(found.items()))
        msg = f"{name}={value:g} says which genes are expressed, but none are left out: add expressed=True."
        raise InputError(msg)
    return found or expressed

"""Papers that the methods of a report name."""

from __future__ import annotations

MARROWSIG = "after Lu et al., Cancer Sci 2023, doi:10.1111/cas.15855"


def cited(method: str) -> str:
    """Where a scoring method is described: its paper, or its definition in words."""
    from marrowsig import methods
    from marrowsig._errors import InputError

    try:
        found = methods.get(method)
    except InputError:
        return "a method of the user's own"
    return f"{found.summary}; {found.ref}" if found.ref else found.summary

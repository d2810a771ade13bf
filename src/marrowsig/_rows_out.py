"""How rows are left out of what was read, in Python; the command line has an option for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 5
IN_PYTHON = re.compile(r"adata = adata\[~adata\.obs_names\.isin\(\[(.*?)\]\)\]\.copy\(\)")


def leave_out(names: Iterable[object]) -> str:
    """Write the line that leaves these rows out, the first five by name.

    >>> leave_out(["a", "b"])
    "adata = adata[~adata.obs_names.isin(['a', 'b'])].copy()"
    """
    listed = [repr(str(name)) for name in names]
    more = ", ..." if len(listed) > MOST else ""
    return f"adata = adata[~adata.obs_names.isin([{', '.join(listed[:MOST])}{more}])].copy()"

"""What a page carries for its scripts: data that no name can break out of, and the hash that allows them."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markupsafe import Markup

SCRIPTS = ("page.js", "tables.js", "save.js", "explore.js")
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def as_data(value: Any) -> Markup:
    r"""Write `value` as JSON for a script element; characters that HTML reads are escaped.

    >>> str(as_data({"</script>": [1.5, None]}))
    '{"\\u003c/script\\u003e":[1.5,null]}'
    """
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in UNSAFE.items():
        text = text.replace(character, escaped)
    return Markup(text)  # escaped above


def script() -> str:
    """Scripts of the page, in one."""
    here = files("marrowsig._report")
    own = "\n".join(here.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f'"use strict";\n{own}'


def policy(text: str) -> str:
    """Content security policy under which a page runs this script, and fetches nothing at all."""
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )

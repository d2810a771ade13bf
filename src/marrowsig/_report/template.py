"""The template of the page, and the place in a page that was written where its figure for a paper stands."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from marrowsig._report.words import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jinja2 import Environment
    from markupsafe import Markup

    from marrowsig._report.picture import Figure

START, END = "<!-- figure for a paper -->", "<!-- end of the figure for a paper -->"
"""Around it; no other text of a page can hold them, as `<` is escaped there."""


def environment(say: Callable[[str], str] = str) -> Environment:
    """Give what fills templates; `say` writes what prose calls by its Python in other words."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    filler = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=partial(_told, say),
        loader=FunctionLoader(read),
    )  # fmt: skip
    filler.filters["signed"] = signed
    filler.filters["breakable"] = breakable
    return filler


def breakable(name: str) -> Markup:
    """Let a long id break after its underscores, and nowhere within a word.

    >>> print(breakable("other.my_list"))
    other.my_<wbr>list
    """
    from markupsafe import Markup, escape

    return Markup(str(escape(name)).replace("_", "_<wbr>"))


def read(name: str) -> str:
    """Text of a file beside this one."""
    return files("marrowsig._report").joinpath(name).read_text(encoding="utf-8")


def with_figures(page: str, figures: Sequence[Figure], *, say: Callable[[str], str] = str) -> str | None:
    """Put these in place of the figures for a paper of a page; None where it has no such place."""
    if page.count(START) != 1 or page.count(END) != 1:
        return None
    module: Any = environment(say).get_template("picture.html.j2").module
    before, _, rest = page.partition(START)
    after = rest.partition(END)[2]
    return f"{before}{START}{module.each(figures)}{END}{after}"


def _told(say: Callable[[str], str], value: Any) -> Any:
    from markupsafe import Markup

    prose = isinstance(value, str) and not isinstance(value, Markup) and "ms." in value
    return say(value) if prose else value

"""The template of the page, and the place in a page that was written where its figure for a paper stands."""

from __future__ import annotations

import re
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from marrowsig._report.words import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jinja2 import Environment
    from markupsafe import Markup

    from marrowsig._report.picture import Figure

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
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
    filler.filters["prose"] = partial(prose, say)
    filler.filters["breakable"] = breakable
    return filler


def prose(say: Callable[[str], str], text: Any) -> Any:
    """Write a sentence of the page: no line ends before a per cent sign, nor within an option.

    Spaces alone are others: what is copied from the page is typed as it was.

    >>> print(prose(str, "79 % of it: --culture").replace("\N{NO-BREAK SPACE}", "_"))
    79_% of it: <span class="option">--culture</span>
    """
    from markupsafe import Markup, escape

    if hasattr(text, "__html__"):
        return text
    told = re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", signed(_told(say, text)))
    return Markup(OPTION.sub(r'<span class="option">\g<0></span>', str(escape(told))))


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

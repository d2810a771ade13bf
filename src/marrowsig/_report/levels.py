"""Contrasts in the user's own levels, where their names speak of roles: in tables, captions and folds."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marrowsig._contrasts import named_in_words, spelled
from marrowsig._report.elements import Fold, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marrowsig._report.elements import Part


def in_levels(sections: Sequence[Section], names: Iterable[str], design: object) -> list[Section]:
    """Write contrasts of these names by the levels of the design, each with its name, which tables keep.

    What is named by its levels anyway, such as 'co_vs_mono' of levels 'co' and 'mono', stays as it is; in
    a table not beside others that do not.
    """
    every = list(dict.fromkeys(names))
    changed = [name for name in every if named_in_words(name, design) != name]
    apart = every if changed else {"interaction"} & set(every) if hasattr(design, "mono") else ()
    cells = {name for name in apart if spelled(name, design) != name}
    if not cells:
        return list(sections)
    longest = sorted(map(re.escape, changed), key=len, reverse=True)
    known = re.compile(rf"(?<![\w-])({'|'.join(longest)})(?![\w-])(?! \()")

    def one_told(found: re.Match[str]) -> str:
        there = found.string[: found.start()].endswith(f"{spelled(found[1], design)} (")
        return found[1] if there else named_in_words(found[1], design)

    def told(text: str) -> str:
        return known.sub(one_told, text) if changed else text

    def cell(text: Any) -> Any:
        from markupsafe import Markup

        name, within, where = str(text).partition(" in ")
        if name not in cells:
            return text
        mark = Markup('{}<br><span class="soft">{}</span>')
        return mark.format(f"{spelled(name, design)}{within}{where}", text)

    def part(one: Part) -> Part:
        if isinstance(one, Fold):
            return replace(one, summary=told(one.summary), parts=list(map(part, one.parts)))
        if not isinstance(one, Table):
            return one
        at = next((i for i, column in enumerate(one.columns) if column.name == "contrast"), None)
        rows = one.rows
        if at is not None:
            rows = [[*row[:at], cell(row[at]), *row[at + 1 :]] for row in rows]
        return replace(one, caption=told(one.caption), rows=rows)

    return [replace(section, parts=list(map(part, section.parts))) for section in sections]

"""Bibliography by name and year, as pages cite; what ends in "and others" there reads "et al."."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybtex.database import Person
from pybtex.plugin import register_plugin
from pybtex.richtext import Tag, Text
from pybtex.style.formatting.plain import Style as Plain
from pybtex.style.template import join, node, sentence

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def _others(person: Person) -> bool:
    return bool(person.last_names == ["others"])


@node  # type: ignore[untyped-decorator]
def people(children: list[Any], context: dict[str, Any], role: str) -> Text:
    """Names of an entry, the unnamed ones as "et al."."""
    style, persons = context["style"], context["entry"].persons[role]
    named = [style.format_name(p, style.abbreviate_names) for p in persons if not _others(p)]
    text = join(sep=", ", sep2=" and ", last_sep=", and ")[named].format_data(context)
    return Text(text, " ", Tag("em", "et al.")) if len(named) < len(persons) else text


class ByName(Plain):  # type: ignore[misc]
    """Entries in the order of their authors."""

    def format_names(self, role: str, as_sentence: bool = True) -> Any:  # noqa: FBT001, FBT002 - pybtex calls it
        """Give the template of the names of a role."""
        return sentence[people(role)] if as_sentence else people(role)


def count_others(app: Sphinx) -> None:
    """Make "and others" more than one person, so that a citation says "et al."."""
    for entry in app.env.get_domain("cite").bibdata.data.entries.values():  # type: ignore[attr-defined]
        for persons in entry.persons.values():
            if len(persons) == 2 and _others(persons[1]):
                persons.append(Person("others"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the style `by_name`."""
    register_plugin("pybtex.style.formatting", "by_name", ByName)
    app.connect("builder-inited", count_others)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

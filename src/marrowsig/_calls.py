"""Calls that an analysis made, kept as the Python that makes them again."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

WIDTH = 100


class Calls:
    """Make calls of the public verbs, and remember each as a line of Python.

    `made` says how the inputs came about: name to an expression. What a call returned is known by its name in
    the lines that follow.
    """

    def __init__(self, made: Mapping[str, str] | None = None) -> None:
        self.made = dict(made or {})
        self.lines: list[str] = []
        self._names: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no id is given twice

    def name(self, thing: Any, name: str) -> Any:
        """Call `thing` by `name` from here on."""
        self._kept.append(thing)
        self._names[id(thing)] = name
        return thing

    def say(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)

    def call(self, result: str, verb: str, *args: Any, **kwargs: Any) -> Any:
        """Return `ms.<verb>(*args, **kwargs)`, and keep it as `result = ...` without arguments that are None.

        >>> import marrowsig as ms
        >>> calls = Calls()
        >>> toy = calls.call("adata", "ds.toy")
        >>> _ = calls.call("arms", "Design", culture="culture")
        >>> calls.lines
        ['adata = ms.ds.toy()', "arms = ms.Design(culture='culture')"]
        """
        import marrowsig as ms

        verb_of: Any = reduce(getattr, verb.split("."), ms)
        found = verb_of(*args, **kwargs)
        shown = [self._shown(value) for value in args]
        shown += [f"{name}={self._shown(value)}" for name, value in kwargs.items() if value is not None]
        head = f"{result} = ms.{verb}(" if result else f"ms.{verb}("
        self.lines.append(folded(head, shown))
        if result:
            self.name(found, result)
        return found

    def text(self) -> str:
        """All lines, ready to run."""
        return "\n".join(["import marrowsig as ms", "", *self.lines])

    def _shown(self, value: Any) -> str:
        from marrowsig.sig import SignatureSet

        if id(value) in self._names:
            return self._names[id(value)]
        if isinstance(value, SignatureSet):
            value = list(value)
        if hasattr(value, "sha256"):
            return self._signatures([value])[1:-1]
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {self._shown(item)}' for key, item in value.items())}}}"
        if isinstance(value, list | tuple) and any(hasattr(item, "sha256") for item in value):
            return self._signatures(value)
        return repr(value)

    def _signatures(self, values: Any) -> str:
        """Write ids where the package has the same signatures, else those of the set that was loaded."""
        ids = [getattr(value, "id", value) for value in values]
        if all(isinstance(v, str) or shipped(v) for v in values):
            return repr(ids)
        chosen = ", ".join(repr(v) if isinstance(v, str) else f"signatures[{v.id!r}]" for v in values)
        return f"[{chosen}]"


def shipped(signature: Any) -> bool:
    """Whether the package carries this very signature."""
    from marrowsig.sig._load import hash_of

    return bool(hash_of(signature.id) == signature.sha256)


def design_code(design: Design | FormulaDesign) -> str:
    """Python that makes this design.

    >>> import marrowsig as ms
    >>> design_code(ms.Design(culture="arm", mono="alone"))
    "ms.Design(culture='arm', mono='alone')"
    """
    from marrowsig._formula import FormulaDesign

    if not isinstance(design, FormulaDesign):
        return f"ms.{design!r}"
    given = design.to_dict()
    formula = given.pop("formula")
    rest = [f"{name}={value!r}" for name, value in given.items()]
    return folded("ms.Design.from_formula(", [repr(formula), *rest])


def folded(head: str, arguments: list[str]) -> str:
    """Write a call on one line, or an argument a line where it would be long."""
    line = f"{head}{', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([head, *(f"    {argument}," for argument in arguments), ")"])

"""A batch written down: which studies, with which design, scored by what."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from marrowsig._batch.further import KEYS, problems
from marrowsig._errors import DesignError, InputError, first
from marrowsig._study import Study, is_accession

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from marrowsig._formula import FormulaDesign
    from marrowsig.design import Design

TOP: dict[str, Any] = {
    "title": str, "signatures": list, "methods": list, "min_coverage": (int, float), "primary": list,
    "reports": bool, "params": dict, "margin": (int, float), "seed": int, "width": (int, float),
    "figures": list, "study": list,
}  # fmt: skip
OPTIONS = ("samples", "kind", "layer", "genome", "sheet_key", "file")
STUDY = ("name", "input", "design", "contrasts", "leave_out", "keep", "floor", *OPTIONS, *KEYS)
FORMULA = ("formula", "levels", "contrasts", "unit", "at")


@dataclass
class BatchFile:
    """What a batch file says."""

    studies: list[Study]
    title: str | None = None
    signatures: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=lambda: ["singscore"])
    min_coverage: float = 0.5
    primary: list[str] | None = None
    reports: bool = False
    figures: list[str] = field(default_factory=lambda: ["png"])
    params: dict[str, dict[str, Any]] | None = None
    margin: float | None = None
    seed: int = 0
    width: float | None = None


def read_batch(path: Path) -> BatchFile:
    """Read a batch file; its paths are relative to its folder.

    Raises
    ------
    InputError
        If it is no TOML, or a key is unknown, missing or of the wrong kind; the message names all of them.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not a batch file: {error}."
        raise InputError(msg) from error
    problems = _problems(content)
    if problems:
        msg = f"{path.name}: " + "; ".join(problems) + "."
        raise InputError(msg)
    folder = path.parent
    studies = [_study(s, folder, path.name) for s in content.pop("study")]
    given = {name: content[name] for name in (f.name for f in fields(BatchFile)) if name in content}
    given["signatures"] = [_file(name, folder) for name in given.get("signatures", [])]
    return BatchFile(studies, **given)


def _problems(content: Mapping[str, Any]) -> list[str]:
    found = [f"unknown key {key!r} (known: {first(TOP, 10)})" for key in content if key not in TOP]
    found += [
        f"{key} is of the wrong kind ({content[key]!r})"
        for key, kind in TOP.items()
        if key in content and not isinstance(content[key], kind)
    ]
    studies = content.get("study")
    if not isinstance(studies, list) or not studies:
        return [*found, "there is no [[study]]"]
    for i, study in enumerate(studies, start=1):
        name = repr(study.get("name", f"number {i}"))
        unknown = [key for key in study if key not in STUDY]
        if unknown:
            found.append(
                f"study {name} has unknown keys {first(unknown)} (known: {first(STUDY, len(STUDY))})"
            )
        absent = [key for key in ("name", "input", "design") if not study.get(key)]
        if absent:
            found.append(f"study {name} lacks {first(absent)}")
        found += [
            f"study {name}: {key} has to be text"
            for key in ("name", "input", *OPTIONS)
            if key in study and not isinstance(study[key], str)
        ]
        found += [
            f"study {name}: {key} has to be a table"
            for key in ("design", "contrasts")
            if key in study and not isinstance(study[key], dict)
        ]
        floor = study.get("floor", 1)
        if isinstance(floor, bool) or not isinstance(floor, int | float) or floor <= 0:
            found.append(f"study {name}: floor has to be a number above 0")
        found += problems(study, name)
        less = study.get("leave_out", [])
        if not isinstance(less, list) or not all(isinstance(sample, str) for sample in less):
            found.append(f'study {name}: leave_out has to be a list of samples, such as ["s1"]')
        only = study.get("keep", [])
        if not isinstance(only, list) or not all(isinstance(text, str) for text in only):
            found.append(f'study {name}: keep has to be a list, such as ["cell_type=blast,HSC"]')
    return found


def _study(given: Mapping[str, Any], folder: Path, file: str) -> Study:
    options: dict[str, Any] = {name: given.get(name) for name in OPTIONS}
    if options["samples"] is not None:
        options["samples"] = str(folder / options["samples"])
    further = {name: given[name] for name in KEYS if name in given}
    for name in ("stroma", "markers"):
        if isinstance(further.get(name), str):
            further[name] = _file(further[name], folder)
    place = given["input"]
    found = place if is_accession(place) and not (folder / place).exists() else str(folder / place)
    try:
        design = design_of(given["design"])
    except (DesignError, TypeError) as error:
        msg = f"{file}, study {given['name']!r}: {error}"
        raise InputError(msg) from error
    return Study(
        name=given["name"],
        input=found,
        design=design,
        contrasts=dict(given.get("contrasts", {})),
        leave_out=tuple(given.get("leave_out", ())),
        keep=tuple(given.get("keep", ())),
        floor=given.get("floor"),
        **options,
        **further,
    )


def design_of(given: Mapping[str, Any]) -> Design | FormulaDesign:
    """Make the design of a study: fields of `ms.Design`, or a formula with its levels and contrasts."""
    from marrowsig.design import Design

    if "formula" in given:
        unknown = [key for key in given if key not in FORMULA]
        if unknown:
            msg = f"a design with a formula takes {first(FORMULA)}, not {first(unknown)}."
            raise DesignError(msg)
        levels = {
            column: [str(level) for level in named] if isinstance(named, list) else str(named)
            for column, named in given.get("levels", {}).items()
        }
        return Design.from_formula(
            given["formula"],
            levels=levels,
            contrasts=given.get("contrasts", {}),
            unit=given.get("unit"),
            at=given.get("at"),
        )
    known = [f.name for f in fields(Design)]
    unknown = [key for key in given if key not in known]
    if unknown:
        msg = f"a design has no field {first(unknown)}. It has: {first(known, 20)}."
        raise DesignError(msg)
    return Design(**given)


def _file(name: str, folder: Path) -> str:
    """Resolve a file relative to the batch file; what names none, such as an id or a level, as it is."""
    from marrowsig._workbook_place import is_there

    return str(folder / name) if is_there(folder / name) else name

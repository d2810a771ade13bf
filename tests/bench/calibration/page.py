"""Write the estimates as a page of tables."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from textwrap import fill
from typing import Any

from calibration.advice import ADVICE

WIDTH = 122  # of a line of docs


def page(studies: dict[str, Any], done: dict[str, dict[str, Any]], command: str, old: dict[str, str]) -> str:
    date = datetime.now(UTC).date().isoformat()
    parts = [HEAD.format(command=command, date=date, versions=_versions()), ADVICE]
    for module in studies.values():
        rows = [(case, done[case.key]) for case in module.cases() if case.key in done]
        if rows:
            note = fill(module.NOTE, WIDTH, break_long_words=False, break_on_hyphens=False)
            parts.append(f"## {module.TITLE}\n\n{note}\n\n{_table(rows)}")
        elif module.TITLE in old:
            parts.append(old[module.TITLE])
    return "\n\n".join(parts) + "\n"


def sections(text: str) -> dict[str, str]:
    """Sections of a page by their titles."""
    found = [f"## {part.strip()}" for part in text.split("\n## ")[1:]]
    return {part.partition("\n")[0].removeprefix("## "): part for part in found}


HEAD = """# Calibration

Every table was printed by `{command}`, the last on {date}
({versions}).
The seeds are fixed; a run that was interrupted goes on where it stopped, and `--scale` changes
the number of runs. The tests of the package run some of these scenarios with fewer.

Each number is a share of runs unless the text says otherwise. `error` is its Monte-Carlo error, of a row the
largest; `aim` what an estimate has to be: `=` within three errors, `<=` at most so plus three errors, `>`
above. The last column says whether the row meets its aims. "met" excludes no more than three errors: a level
of 0.05 that is met in 1,000 runs may be 0.03 or 0.07, in 40,000 runs 0.047 or 0.053."""


def _versions() -> str:
    packages = ("marrowsig", "numpy", "scipy")
    return ", ".join([f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in packages)])


def _table(rows: list[tuple[Any, dict[str, Any]]]) -> str:
    names = list(dict.fromkeys(name for _, found in rows for name in found["estimates"]))
    aims = [_aims(case) for case, _ in rows]
    alike = len(set(aims)) == 1
    head = ["scenario", *names, "error", *([] if alike else ["aim"]), "runs", "verdict"]
    rule = ["---", *["---:"] * (len(names) + 1), *([] if alike else ["---"]), "---:", "---"]
    lines = [_line(head), _line(rule)]
    for (case, found), aim in zip(rows, aims, strict=True):
        values = [_number(found["estimates"].get(name)) for name in names]
        missed = [name for name in found["missed"] if name in case.aims]
        verdict = f"missed: {', '.join(missed)}" if missed else "met" if aim else ""
        more = [f"{max(found['errors'].values()):.4f}", *([] if alike else [aim]), f"{found['runs']:,}"]
        lines.append(_line([case.scenario, *values, *more, verdict]))
    return "\n".join([f"Aims: {aims[0]}.\n", *lines] if alike else lines)


def _aims(case: Any) -> str:
    return ", ".join(f"{name} {SIGN[aim.how]} {aim.value:.3g}" for name, aim in case.aims.items())


SIGN = {"is": "=", "at most": "<=", "above": ">"}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"

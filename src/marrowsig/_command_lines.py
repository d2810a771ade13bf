"""A long command over several lines, each but the last with the backslash that a shell goes on after."""

from __future__ import annotations

import re
import shlex

COMMAND = re.compile(r"\s*marrowsig [a-z]+ (?:.* )?--?[a-z]")
"""How a line begins that is a command with options, and nothing else."""
OPTION = re.compile(r"--?[a-z]")
WIDTH = 100


def folded_command(line: str, *, width: int = WIDTH) -> str:
    r"""Break `line` before its options where it is longer than `width`; what goes on stands two further in.

    No word is broken, nor an option parted from its value, however long they are. Text that is no command
    with options stays.

    >>> print(folded_command("marrowsig run a.csv --culture arm --title 'My study' --out b", width=30))
    marrowsig run a.csv \
      --culture arm \
      --title 'My study' --out b
    """
    indent = line[: len(line) - len(line.lstrip())]
    if len(line) <= width or COMMAND.match(line) is None:
        return line
    try:
        words = shlex.split(line)
    except ValueError:
        return line
    lines, now = [], ""
    for part in _parts(words):
        if now and len(indent) + len(now) + len(part) + 3 > width:  # a blank, and one with the backslash
            lines.append(now)
            now = f"  {part}"
        else:
            now = f"{now} {part}" if now else part
    return " \\\n".join(f"{indent}{one}" for one in [*lines, now])


def _parts(words: list[str]) -> list[str]:
    """Words that stay in one line: the command, and each of its options with what stands behind it."""
    parts = [" ".join(words[:2])]
    for word in words[2:]:
        if OPTION.match(parts[-1]) and not OPTION.match(word):
            parts[-1] += f" {shlex.quote(word)}"
        else:
            parts.append(shlex.quote(word))
    return parts

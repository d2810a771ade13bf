"""Commands that are printed over several lines, as a shell reads them."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from marrowsig._cli.lines import wrapped
from marrowsig._command_lines import folded_command

WORDS = [
    "marrowsig", "run", "my counts.csv", "samples.csv", "--culture", "arm", "--mono", "HS-5 (no)",
    "--vehicle", "-", "--title", "Ruxolitinib's effect, 1 µM; \\ and $HOME", "--keep", "cell_type=blast,HSC",
    "--stroma", "stroma.csv", "--out", "results",
]  # fmt: skip


@pytest.mark.parametrize("width", [20, 40, 80, 100])
def test_bash_reads_a_folded_command_as_it_was_given(width: int) -> None:
    text = folded_command(shlex.join(WORDS), width=width)
    lines = text.split("\n")
    assert len(lines) > 1
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert all(line.startswith("  ") for line in lines[1:])
    if width >= 80:
        assert max(map(len, lines)) <= width
    script = text.replace("marrowsig run", "printf '%s\\0' marrowsig run", 1)
    seen = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert seen.stdout.decode().split("\0")[:-1] == WORDS


def test_a_line_of_a_message_that_is_a_command_is_folded_and_prose_is_not() -> None:
    command = shlex.join(WORDS)
    said = wrapped(f"Error: give all of it, as in:\n{command}\nThen go on.", width=80).split("\n")
    assert said[0] == "Error: give all of it, as in:"
    assert "\n".join(said[1:-1]) == folded_command(command, width=80)
    prose = wrapped("marrowsig run does it, with the matrix, the sheet and the unit", width=40)
    assert "\\" not in prose
    assert folded_command("marrowsig run a.csv --out b") == "marrowsig run a.csv --out b"
    assert folded_command("marrowsig run it's --out b", width=10) == "marrowsig run it's --out b"

"""Options of one value that are given twice."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from marrowsig._cli.once import OF_CULTURES
from marrowsig.cli import main

NEEDED = {"power": ["power"], "run": ["run", __file__], "compare": ["compare", __file__]}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            ["--stroma", "leiden=7", "--stroma", "cell_line=MSC"],
            "--stroma is given twice (leiden=7, cell_line=MSC); give one.",
        ),
        (["--seed=1", "--seed", "2", "--seed", "2"], "--seed is given 3 times (1, 2, 2); give one."),
        (["-o", "a", "--out", "b"], "--out is given twice (a, b); give one."),
    ],
)
def test_options_of_one_value_are_refused_twice(said, told, tmp_path) -> None:
    found = CliRunner().invoke(main, ["run", __file__, "--out", str(tmp_path / "x"), *said])
    if said[0] == "-o":
        found = CliRunner().invoke(main, ["run", __file__, *said])
    assert found.exit_code == 2
    assert found.output == f"Error: {told}\n"


def every_option() -> list[tuple[str, click.Option]]:
    return [
        (name, option)
        for name in NEEDED
        for option in main.commands[name].params
        if isinstance(option, click.Option) and not option.is_flag
    ]


@pytest.mark.parametrize(("name", "option"), every_option(), ids=lambda x: getattr(x, "name", x))
def test_every_option_is_refused_twice_or_takes_several(name, option) -> None:
    flag = max(option.opts, key=len)
    found = CliRunner().invoke(main, [*NEEDED[name], flag, "v1", flag, "v2"])
    further = f" {OF_CULTURES}" if flag == "--co" else ""
    refused = f"Error: {flag} is given twice (v1, v2); give one.{further}\n"
    assert (" ".join(found.output.split()) == refused.strip()) != option.multiple

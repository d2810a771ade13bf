"""The gallery shows every figure, and each of its cells runs."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text

import marrowsig as ms

PAGE = Path(__file__).parents[1] / "docs" / "gallery.md"
CELL = re.compile(r"^```\{code-cell\} python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_every_figure_is_shown() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in ms.pl.__all__ if f"ms.pl.{name}(" not in text] == []


@pytest.mark.docs
def test_every_cell_runs_and_its_figures_fit_a_column() -> None:
    known: dict[str, Any] = {}
    drawn = 0
    plt.close("all")
    for cell in CELL.findall(PAGE.read_text(encoding="utf-8")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(re.sub(r"^:tags:.*\n", "", cell), known)
        for number in plt.get_fignums():
            figure = plt.figure(number)
            figure.canvas.draw()
            assert round(figure.get_figwidth() * 25.4) in (85, 180), cell
            texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
            assert min(t.get_fontsize() for t in texts) >= 6.0, cell
            drawn += 1
            if folder := os.environ.get("MARROWSIG_GALLERY"):  # to look at
                ms.pl.save(figure, Path(folder) / f"{drawn:02d}.png")
        plt.close("all")
    assert drawn >= len(ms.pl.__all__) - 1

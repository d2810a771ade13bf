"""Layout of an overview: words that are longer than the figure is tall leave a place for axes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from marrowsig.pl._overview_layout import fit


def test_a_figure_lower_than_its_words_is_made_taller() -> None:
    figure = Figure(figsize=(4, 3), layout="constrained")
    grid = figure.add_gridspec(2, 1)
    above, beneath = (figure.add_subplot(one) for one in grid)
    above.set_xticks([0], ["a very long name of a condition " * 3], rotation=90, fontsize=7)
    fit(grid, [([above], 40.0), ([beneath], 30.0)], 10.0)
    assert above.get_position().height * figure.get_figheight() > 30 / 25.4
    words = above.get_xticklabels()[0].get_window_extent()
    assert beneath.get_window_extent().y1 < words.y0 < words.y1 < above.get_window_extent().y0


def test_axes_have_the_heights_that_are_asked_for_where_words_stand_at_the_foot() -> None:
    figure = Figure(figsize=(4, 8), layout="constrained")
    grid = figure.add_gridspec(2, 1)
    above, beneath = (figure.add_subplot(one) for one in grid)
    for tall in (40.0, 25.0):  # the second time, as where a page holds no more
        fit(grid, [([above], tall), ([beneath], 30.0)], 20.0)
    drawn = [ax.get_position().height * figure.get_figheight() * 25.4 for ax in (above, beneath)]
    np.testing.assert_allclose(sum(drawn), 25.0 + 30.0, atol=0.3)

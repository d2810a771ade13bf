"""Single genes arm by arm: the numbers drawn are those of the counts, in both partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

ROLES = {"culture": "culture", "line": "line", "pair": "pair", "compartment": "sorted"}
DESIGN = ms.Design(**ROLES, parental="A", resistant="A-R")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def study(alone: str = "none") -> ad.AnnData:
    """Counts of three pairs: leukaemia of two lines, and stroma alone (listed as `alone`) and with both."""
    arms = [("CD45+", line, culture) for line in ("A", "A-R") for culture in ("mono", "co")]
    arms += [("CD90+", alone, "mono"), ("CD90+", "A", "co"), ("CD90+", "A-R", "co")]
    rows = [(*arm, f"p{i}") for arm in arms for i in range(3)]
    obs = pd.DataFrame(rows, columns=["sorted", "line", "culture", "pair"])
    obs.index = [f"s{i}" for i in range(len(obs))]
    counts = np.random.default_rng(4).poisson(40.0, (len(obs), 30)).astype(float)
    adata = ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=["IL6", *(f"G{i}" for i in range(29))]))
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata


def drawn(ax: Axes) -> dict[str, np.ndarray]:
    """Heights of the points of every arm."""
    return {
        str(c.get_label()): np.sort(c.get_offsets()[:, 1]) for c in ax.collections if "_" not in c.get_label()
    }


def by_hand(adata: ad.AnnData) -> pd.Series:
    """log2 CPM of IL6 with two reads added to a library of mean size, as edgeR writes it."""
    size = adata.X.sum(axis=1)
    extra = 2 * size / size.mean()
    return pd.Series(np.log2((adata[:, "IL6"].X[:, 0] + extra) / (size + 2 * extra) * 1e6), adata.obs_names)


def test_points_are_log2_cpm_of_every_arm_of_both_partners() -> None:
    adata = study()
    ax = ms.pl.expression(adata, "IL6", design=DESIGN)
    found, own = drawn(ax), by_hand(adata)
    arms = adata.obs.groupby(["sorted", "line", "culture"], sort=False).groups
    names = {
        (sort, line, culture): f"{sort} | {culture if line == 'none' else f'{line}:{culture}'}"
        for sort, line, culture in arms
    }
    assert set(found) == set(names.values())
    for arm, rows in arms.items():
        np.testing.assert_allclose(found[names[arm]], np.sort(own[rows]), rtol=1e-12)
    assert list(found)[4] == "CD90+ | mono"  # stroma alone before the stroma of the lines
    told = "log2 CPM\n(bar: mean, 95 % CI;\ntwo reads added to a\nlibrary of mean size)"
    assert ax.get_ylabel() == told
    assert ax.get_title(loc="left") == "IL6"


def test_stroma_alone_of_no_line_is_a_mean_like_the_others() -> None:
    adata = study()
    ax = ms.pl.expression(adata, "IL6", design=DESIGN)
    means = sorted(float(box[0].get_ydata()[0]) for box in ax.containers)
    own = by_hand(adata).groupby([adata.obs["sorted"], adata.obs["line"], adata.obs["culture"]]).mean()
    np.testing.assert_allclose(means, np.sort(own), rtol=1e-12)
    listed = drawn(ms.pl.expression(study("A"), "IL6", design=DESIGN))
    assert "CD90+ | A:mono" in listed
    assert "CD90+ | mono" not in listed


def test_a_grid_below_tells_stroma_alone_from_that_of_the_first_line() -> None:
    """A minus in the row of the second line would read as the first, and such stroma is of neither."""
    adata = study()
    adata.obs["line"] = adata.obs["line"].replace({"A": "KG1a", "A-R": "KG1a-VenR"})
    design = ms.Design(**ROLES, parental="KG1a", resistant="KG1a-VenR")
    ax = ms.pl.expression(adata, "IL6", design=design, width=60)
    rows: dict[float, list[str]] = {}
    for text in ax.texts:
        rows.setdefault(round(text.get_position()[1], 6), []).append(text.get_text())
    grid = {first: "".join(cells).replace("\N{MINUS SIGN}", "-") for first, *cells in rows.values()}
    assert grid["KG1a"] == "++---+-"
    assert grid["KG1a-VenR"] == "--++--+"
    assert grid["co"] == "-+-+-++"
    assert "" not in grid


def test_the_getter_gives_the_same_numbers_and_their_unit() -> None:
    adata = study()
    frame = ms.get.expression(adata, ["IL6", "G3"])
    np.testing.assert_allclose(frame["IL6"], by_hand(adata), rtol=1e-12)
    assert frame.attrs["unit"] == "log2 CPM"
    ms.pp.lognorm(adata)  # the counts that it keeps are read
    np.testing.assert_allclose(ms.get.expression(adata, "IL6")["IL6"], frame["IL6"], rtol=1e-12)
    logs = study()
    logs.X = np.log2(logs.X + 1.5)
    logs.uns["marrowsig"] = {"input": {"kind": "log"}}
    told = ms.get.expression(logs, "G3")
    np.testing.assert_array_equal(told["G3"], logs[:, "G3"].X[:, 0])
    assert ms.pl.expression(logs, "G3", design=DESIGN).get_ylabel().startswith("log expression\n")


def test_what_is_no_gene_is_refused() -> None:
    with pytest.raises(ms.InputError, match=r"Not among the 30 genes: IL8\. Did you mean 'IL6'"):
        ms.get.expression(study(), "IL8")
    with pytest.raises(ms.InputError, match="no gene was named"):
        ms.pl.expression(study(), [], design=DESIGN)
    adata = study()
    with pytest.raises(ms.InputError, match="13 genes are too many"):
        ms.pl.expression(adata, list(adata.var_names[:13]), design=DESIGN)

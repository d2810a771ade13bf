"""Agreement of methods, scores over an embedding, and files: the figures hold the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import marrowsig as ms
from marrowsig._provenance import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SLOW = pytest.mark.figures


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def pairs() -> pd.DataFrame:
    rows = [("emt.a", "x", "y", 0.9, 8), ("emt.a", "x", "z", 0.2, 8), ("emt.a", "y", "z", -0.4, 7)]
    rows += [("il6.b", "x", "y", np.nan, 2)]
    return pd.DataFrame(rows, columns=["signature", "method_a", "method_b", "spearman", "n"])


def effects() -> pd.DataFrame:
    rows = [
        ("emt.a", 1.0, 0.5, 1.5, 3, ""),
        ("il6.b", 2 / 3, -0.2, 0.9, 3, "ucell"),
        ("il6.c", np.nan, np.nan, np.nan, 0, ""),
    ]
    frame = pd.DataFrame(
        rows, columns=["signature", "same_sign", "lowest", "highest", "n_methods", "disagree"]
    )
    return frame.assign(contrast="interaction", stratum="")


def test_correlations_are_points_and_the_lowest_pair_is_named() -> None:
    ax = ms.pl.agreement(pairs())
    points = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(points.get_xdata(), pairs()["spearman"])
    np.testing.assert_allclose(points.get_ydata(), [1, 1, 1, 0])
    np.testing.assert_allclose(ax.collections[0].get_segments()[0][:, 0], [-0.4, 0.9])
    assert [t.get_text() for t in ax.texts] == ["lowest", "y, z", "not known", "n", "7", ""]
    assert ax.get_xlim()[0] < -0.4


def test_one_signature_is_a_matrix() -> None:
    ax = ms.pl.agreement(pairs(), signature="emt.a")
    drawn = ax.images[0].get_array()
    np.testing.assert_allclose(drawn, [[1, 0.9, 0.2], [0.9, 1, -0.4], [0.2, -0.4, 1]])
    assert {t.get_position(): t.get_text() for t in ax.texts} == {
        (0, 1): "0.90",
        (0, 2): "0.20",
        (1, 2): "\N{MINUS SIGN}0.40",
    }
    assert ax.get_xlabel() == "Spearman's rho (n = 7 to 8)"
    assert ms.pl.agreement(pairs(), signature="il6.b").texts[0].get_text() == "?"


def test_effects_reach_from_the_lowest_method_to_the_highest() -> None:
    ax = ms.pl.agreement(effects())
    spans = [line for line in ax.lines if line.get_marker() == "None" and list(line.get_ydata()) != [0, 1]]
    np.testing.assert_allclose([line.get_xdata() for line in spans], effects()[["lowest", "highest"]])
    assert [line.get_linestyle() for line in spans] == ["-", "--", "-"]
    told = [t.get_text() for t in ax.texts]
    assert told == ["same sign", "3/3", "2/3", "0/0", "other sign", "", "ucell", ""]
    assert ax.get_xlabel() == "effect in SD units,\nlowest to highest of the methods"
    named = ms.pl.agreement(effects().assign(effect_name=["g_z", "g_z", ""])).get_xlabel()
    assert named.startswith("g_z (SDs of the paired difference)")
    with pytest.raises(ms.InputError, match=r"ms\.qc\.agree"):
        ms.pl.agreement(effects().drop(columns="disagree"))
    with pytest.raises(ms.InputError, match="no contrast 'x'"):
        ms.pl.agreement(effects(), contrast="x")


def cells(n: int = 40) -> AnnData:
    rng = np.random.default_rng(1)
    adata = AnnData(np.zeros((n, 1), dtype=np.float32), obs=pd.DataFrame(index=[f"c{i}" for i in range(n)]))
    scores = pd.DataFrame(rng.normal(size=(n, 2)), index=adata.obs_names, columns=["emt.a", "il6.b"])
    scores.iloc[0, 0] = np.nan
    adata.obsm["score_ucell"], adata.obsm["X_umap"] = scores, rng.normal(size=(n, 2))
    coverage = pd.DataFrame({"signature": ["emt.a", "il6.b"]})
    entry = {"params": "{}", "key": "score_ucell", "coverage": coverage, "signatures": coverage}
    record(adata, "scores", {"ucell": entry})
    return adata


def test_an_embedding_shows_every_cell() -> None:
    adata = cells()
    ax = ms.pl.embedding(adata, ["emt.a", "il6.b"], shared=True)
    panels = [a for a in ax.figure.axes if a.get_title(loc="left")]
    assert [a.get_title(loc="left") for a in panels] == ["emt.a", "il6.b"]
    scores = adata.obsm["score_ucell"]
    ends = np.nanpercentile(scores, [1, 99])
    for panel, name in zip(panels, scores, strict=True):
        drawn = [
            np.column_stack([np.asarray(c.get_offsets()), np.ma.filled(c.get_array(), np.nan)])
            for c in panel.collections
        ]
        found = np.concatenate(drawn)
        expected = np.column_stack([adata.obsm["X_umap"], scores[name]])
        order = [np.lexsort(part[:, :2].T) for part in (found, expected)]
        np.testing.assert_allclose(found[order[0]], expected[order[1]], rtol=1e-6)
        np.testing.assert_allclose(panel.collections[0].get_clim(), ends)
    assert [a.get_xlabel() for a in panels] == ["UMAP1", "UMAP1"]
    assert ax.figure.get_supxlabel().startswith("ucell, n = 40; colours: from the 1st to the 99th")
    assert [a.get_ylabel() for a in ax.figure.axes] == ["UMAP2", "UMAP2", "ucell score"]
    own = [a for a in ms.pl.embedding(adata, ["emt", "il6"]).figure.axes if a.get_title(loc="left")]
    for panel, name in zip(own, scores, strict=True):  # the range of one list is not that of another
        limits = np.nanpercentile(scores[name], [1, 99])
        np.testing.assert_allclose(panel.collections[0].get_clim(), limits)
    scores["emt.a"] = np.nan
    blank = ms.pl.embedding(adata, ["emt", "il6"]).figure.axes
    assert [a.get_xlabel() for a in blank if a.get_title(loc="left")] == ["no score", "UMAP1"]
    assert [a.get_ylabel() for a in blank].count("ucell score") == 1  # no scale of what is not there


def test_an_embedding_that_is_not_there_is_named() -> None:
    adata = cells()
    with pytest.raises(ms.InputError, match=r"no embedding 'tsne' in obsm; it has X_umap"):
        ms.pl.embedding(adata, "emt.a", basis="tsne")
    with pytest.raises(ms.InputError, match=r"Not scored with 'ucell': emt\.z"):
        ms.pl.embedding(adata, "emt.z")
    with pytest.raises(ms.InputError, match="No signature"):
        ms.pl.embedding(adata, [])


@pytest.mark.parametrize(
    "ending", ["pdf", "svg", pytest.param("png", marks=SLOW), pytest.param("tiff", marks=SLOW)]
)
def test_a_file_has_the_size_of_the_figure_and_is_the_same_each_time(tmp_path: Path, ending: str) -> None:
    with mpl.rc_context({"savefig.bbox": "tight", "pdf.fonttype": 3, "svg.fonttype": "path"}):
        figure = plt.figure(figsize=(180 / 25.4, 1))
        figure.text(0.5, 0.5, "lowest")
        one, two = (ms.pl.save(figure, tmp_path / f"{k}.{ending}").read_bytes() for k in "ab")
    assert one == two
    if ending == "pdf":
        assert b"/TrueType" in one or b"/CIDFontType2" in one
        assert b"/Type3" not in one
    if ending == "svg":
        assert b'width="510.2' in one  # points of 180 mm
        assert b">lowest</text>" in one
    if ending in ("png", "tiff"):
        from PIL import Image

        with Image.open(tmp_path / f"a.{ending}") as picture:
            assert picture.width == pytest.approx(180 / 25.4 * 300, abs=1)
            assert picture.info["dpi"][0] == pytest.approx(300, abs=0.5)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a.{ending}", f"b.{ending}"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    figure = plt.figure()
    with pytest.raises(ms.InputError, match=r"none of the endings .pdf"):
        ms.pl.save(figure, tmp_path / "a.docx")
    with pytest.raises(ms.InputError, match="no folder"):
        ms.pl.save(figure, tmp_path / "not" / "a.pdf")
    with pytest.raises(ms.InputError, match="dpi is 0"):
        ms.pl.save(figure, tmp_path / "a.png", dpi=0)
    assert not list(tmp_path.iterdir())


def test_a_table_is_not_asked_for_what_it_does_not_hold() -> None:
    with pytest.raises(ms.InputError, match="no contrast and no stratum"):
        ms.pl.agreement(pairs(), contrast="interaction")
    ax = ms.pl.agreement(effects(), "il6.b")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["il6.b"]

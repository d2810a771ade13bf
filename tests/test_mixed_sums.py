"""What is said of sums that hold several days: of the rows compared, with their number."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

GENES = [f"G{i}" for i in range(60)]
MINE = ms.sig.Signature("il6.mine", axis="il6", genes=GENES[:12])
CLEAN = ms.Design(line="state", parental="healthy", resistant="diagnosis", unit="donor")
MIXED = ms.Design(line="state", parental="healthy", resistant="after", unit="donor")
SAID = "Sums add up several levels of 'day'"


@pytest.fixture(scope="module")
def sums() -> ad.AnnData:
    """Three donors of each state; d1 and d2 after treatment have cells of two and three days."""
    rows = [
        (s, f"{s}{d}", "0") for s in ("healthy", "diagnosis", "after") for d in range(3) for _ in range(24)
    ]
    obs = pd.DataFrame(rows, columns=["state", "donor", "day"], index=[f"c{i}" for i in range(len(rows))])
    for donor, days in (("after1", 2), ("after2", 3)):
        obs.loc[obs["donor"] == donor, "day"] = [str(i % days) for i in range(24)]
    x = np.random.default_rng(0).poisson(5.0, (len(obs), len(GENES))).astype(np.float32)
    cells = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=GENES))
    with pytest.warns(ms.InputWarning, match=r"levels of 'day' \(up to 3\)\. If"):
        bulk = ms.pp.pseudobulk(cells, unit="donor", by="state")
    ms.pp.lognorm(bulk)
    ms.tl.score(bulk, MINE)
    return bulk


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Give the sentence, the methods and the page's warnings of a comparison."""
    notes: list[str] = []

    def rendered(*_: object, **given) -> tuple[str]:
        notes[:] = given["notes"]
        return ("",)

    def tell(sums: ad.AnnData, design: ms.Design) -> tuple[str, str, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ms.InputWarning)  # of the third state
            found = ms.tl.compare(sums, design)
            methods = str(ms.methods_text(sums, found, design=design))
            ms.report(tmp_path / "r.html", sums, found, design=design)
        return ms.tl.explain(found).iloc[0], methods, " ".join(notes)

    monkeypatch.setattr("marrowsig._report.page.render", rendered)
    return tell


def test_rows_of_one_day_are_not_said_to_hold_several(sums, told) -> None:
    for own in (sums, sums[sums.obs["state"] != "after"].copy()):
        sentence, methods, page = told(own, CLEAN)
        assert "several levels" not in sentence + methods
        assert "several levels" not in page


def test_mixed_rows_are_counted_among_those_compared_and_in_files(sums, told, tmp_path) -> None:
    sums.write_h5ad(tmp_path / "s.h5ad")
    back = ad.read_h5ad(tmp_path / "s.h5ad")
    sentence, methods, page = told(back, MIXED)
    assert f"{SAID} (up to 3) (2 of the 6 sums compared). " in sentence
    assert "(2 of 6 sums compared hold several levels of 'day', up to 3)" in methods
    assert f"{SAID} (up to 3) (2 of 6 sums). If they are to stay apart" in page
    less = back[back.obs["donor"] != "after2"].copy()
    assert f"{SAID} (up to 2) (1 of the 5 sums compared). " in told(less, MIXED)[0]
    back.uns["marrowsig"]["pseudobulk"].pop("mixed")  # as older files are
    sentence, methods, _ = told(back, CLEAN)
    assert f"{SAID} (up to 3). " in sentence
    assert "(a sum holds several levels of 'day', up to 3)" in methods

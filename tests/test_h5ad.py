"""The samples of a run are written whatever the columns of their sheet hold."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._h5ad import writable, write_h5ad
from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.datetime(2024, 1, 31)
COLUMNS = {
    "empty": ([None] * 3, object, [None] * 3),
    "no_numbers": ([np.nan] * 3, object, [None] * 3),
    "no_days": ([pd.NaT] * 3, "datetime64[ns]", [None] * 3),
    "text": (["a", None, "a"], object, ["a", None, "a"]),
    "mixed": ([1, "none", 2.5], object, ["1", "none", "2.5"]),
    "mixed_gap": ([1.0, None, "high"], object, ["1", None, "high"]),
    "gated": ([True, None, False], object, [True, None, False]),
    "yes_or_text": ([True, "unclear", None], object, ["True", "unclear", None]),
    "whole": ([1, 2, 3], object, [1, 2, 3]),
    "numbers": ([1, None, 2.5], object, [1.0, None, 2.5]),
    "days": ([DAY, None, DAY], "datetime64[ns]", ["2024-01-31", None, "2024-01-31"]),
    "date": ([DAY.date(), None, DAY.date()], object, ["2024-01-31", None, "2024-01-31"]),
    "day_or_text": ([DAY, "spring", None], object, ["2024-01-31", "spring", None]),
    "hour": ([DAY.replace(hour=9), DAY, None], object, ["2024-01-31 09:00:00", "2024-01-31", None]),
    "waited": (pd.to_timedelta([1, 2, None], unit="h"), None, ["0 days 01:00:00", "0 days 02:00:00", None]),
    "counted": ([1, None, 3], "Int64", [1, None, 3]),
    "measured": ([1.5, None, 3], "Float64", [1.5, None, 3]),
    "mixed_levels": ([1, "a", None], "category", ["1", "a", None]),
    "day_levels": ([DAY, DAY, None], "category", ["2024-01-31", "2024-01-31", None]),
    "lists": ([[1], [2], None], object, ["[1]", "[2]", None]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_comes_back_from_an_h5ad(name: str, tmp_path: Path) -> None:
    values, dtype, wanted = COLUMNS[name]
    column = pd.Series(values, dtype=dtype, index=list("abc"))
    adata = AnnData(np.ones((3, 2)), obs=pd.DataFrame({name: column}))
    before = adata.obs.copy()
    write_h5ad(adata, tmp_path / "out.h5ad")
    back = read_h5ad(tmp_path / "out.h5ad").obs[name]
    assert [None if pd.isna(one) else one for one in back] == wanted
    pd.testing.assert_frame_equal(adata.obs, before)


def test_columns_keep_order_and_get_names_that_an_h5ad_holds(tmp_path: Path) -> None:
    obs = pd.DataFrame(np.arange(15).reshape(3, 5), index=pd.Index(list("abc"), name="dose"))
    obs.columns = ["dose", "dose", "_index", "ng/ml", 5]
    assert list(writable(obs)) == ["dose", "dose_2", "index", "ng_ml", "5"]
    adata = AnnData(np.ones((3, 2)), obs=obs)
    write_h5ad(adata, tmp_path / "out.h5ad")
    back = read_h5ad(tmp_path / "out.h5ad")
    assert back.obs_names.tolist() == list("abc")
    assert back.obs.to_numpy().tolist() == np.arange(15).reshape(3, 5).tolist()
    why = r"Did you mean 'ng_ml'\? marrowsig writes '/' in a column's name as '_' into an h5ad\."
    with pytest.raises(ms.DesignError, match=why):
        ms.Design(culture="ng/ml").check(back.obs)
    with pytest.raises(ms.DesignError, match=r"Did you mean 'ng_ml'\? Available"):
        ms.Design(culture="ng-ml").check(back.obs)


@pytest.mark.slow
@pytest.mark.usefixtures("unfigured")
def test_a_comment_on_the_one_sample_that_is_left_out(tmp_path: Path) -> None:
    toy = ms.ds.toy()
    counts = pd.DataFrame(toy.X.T.astype(int), index=toy.var_names, columns=toy.obs_names)
    counts.to_csv(tmp_path / "counts.csv", index_label="gene")
    gone = str(toy.obs_names[0])
    sheet = toy.obs.assign(Comment=[None] * toy.n_obs, Date=DAY, Check=[True, None, "?"] * 5 + [None])
    sheet.loc[gone, "Comment"] = "few cells"
    sheet.to_excel(tmp_path / "samples.xlsx", index_label="sample")
    out = tmp_path / "out"
    given = [tmp_path / "counts.csv", tmp_path / "samples.xlsx", "--culture", "culture", "--line", "line"]
    more = ["--pair", "pair", "-s", "emt.hallmark", "--quick", "--leave-out", gone, "--out", out]
    result = CliRunner().invoke(main, ["run", *map(str, [*given, *more])])
    assert result.exit_code == 0, result.output
    back = read_h5ad(out / "scored.h5ad")
    assert back.obs["Comment"].isna().all()
    assert list(back.uns["marrowsig"]["input"]["left_out"]) == [gone]
    page = (out / "report.html").read_text(encoding="utf-8")
    told = f"1 sample ({gone}) was excluded before the analysis."
    assert page.count(told) >= 2  # the short and the long version

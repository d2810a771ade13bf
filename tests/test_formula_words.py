"""What is said of contrasts of a formula: units of slopes, degrees of freedom, what is between patients."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import stats

import marrowsig as ms
from marrowsig._between_units import between_units
from marrowsig._cli.run_log import of_formula
from marrowsig._report import words
from marrowsig._report.check_p import far_apart
from marrowsig._report.formula_tests import of_checks
from marrowsig._slope_unit import per_unit

HOURS = ("4", "72")
OWN = ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{i}" for i in range(12)])
LEVELS = {"flt3": ["WT", "ITD"], "culture": ["mono", "co"], "patient": "P0"}
CONTRASTS = {
    "wt": "WT:co:72 - WT:mono:72",
    "more": "(ITD:co:72 - ITD:mono:72) - (WT:co:72 - WT:mono:72)",
    "late": "(co:72 - mono:72) - (co:4 - mono:4)",
}
FACTOR = ms.Design.from_formula(
    "~ flt3 * culture * hours + patient", levels=LEVELS | {"hours": list(HOURS)}, contrasts=CONTRASTS,
    unit="patient",
)  # fmt: skip
SLOPE = ms.Design.from_formula(
    "~ flt3 * culture * hours + patient", levels=LEVELS, unit="patient",
    contrasts={"slope": {"culture[T.co]:hours": 1}, "culture": {"culture[T.co]": 1}},
)  # fmt: skip


@pytest.fixture(scope="module")
def blasts() -> AnnData:
    """Eight patients, four of either genotype, at two times; at 72 h they answer each in their own way."""
    draw = np.random.default_rng(7)
    rows = list(itertools.product(range(8), ("mono", "co"), HOURS))
    obs = pd.DataFrame(
        {
            "patient": [f"P{i}" for i, *_ in rows],
            "flt3": ["ITD" if i % 2 else "WT" for i, *_ in rows],
            "culture": [c for _, c, _ in rows],
            "hours": [int(h) for *_, h in rows],
        },
        index=[f"s{i}" for i in range(len(rows))],
    )
    answer = 1.0 + 0.7 * draw.standard_normal(8)
    size = np.array([answer[i] * (c == "co") * (h == "72") for i, c, h in rows])
    X = draw.normal(6, 1, 30) + np.outer(size, np.arange(30) < 12) + draw.normal(0, 0.1, (len(rows), 30))
    adata = AnnData(X, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(30)]))
    ms.tl.score(adata, OWN, method="mean")
    return adata


def test_p_of_the_formula_and_of_one_contrast_per_patient_are_told_where_they_lie_apart(
    blasts: AnnData,
) -> None:
    res = ms.tl.compare(blasts, FACTOR, method="mean").set_index("contrast", drop=False)
    scores = blasts.obs.assign(y=blasts.obsm["score_mean"]["emt.mine"].to_numpy()).query("hours == 72")
    wide = scores.pivot_table(values="y", index=["flt3", "patient"], columns="culture")
    own = wide["co"] - wide["mono"]
    wt, itd = own["WT"], own["ITD"]
    found = stats.ttest_ind(itd, wt, equal_var=False)
    assert res.loc["more", "p_welch"] == pytest.approx(found.pvalue, rel=1e-9)
    assert res.loc["wt", "p_welch"] == pytest.approx(stats.ttest_1samp(wt, 0).pvalue, rel=1e-9)
    turned = [
        row["contrast"]
        for row in res.to_dict("records")
        if (row["p_adj"] < 0.05 <= row["p_welch"]) or far_apart(row["p"], row["p_welch"])
    ]
    assert turned
    told = of_checks(res, 0.05)
    assert f"in {len(turned)} of 3 answers: emt.mine in {turned[0]} (" in told
    assert told.startswith("p of the formula is on 18 residual df,")  # 32 rows, 8 patients, 6 more columns
    done = type("Done", (), {"design": FACTOR, "adata": blasts, "res": res.reset_index(drop=True)})()
    assert told in of_formula(done)
    close = res.assign(p_welch=res["p"])
    assert of_checks(close, 0.05) == ""


def test_methods_of_a_formula_say_df_check_and_what_is_between_patients(blasts: AnnData) -> None:
    res = ms.tl.compare(blasts, FACTOR, method="mean")
    assert between_units(FACTOR, blasts.obs) == ["more"]
    text = ms.methods_text(blasts, res, design=FACTOR).text
    assert "compared within patients; more between patients, of what differs within each)" in text
    assert "P values are of t on 18 residual degrees of freedom; as a check, the contrast was also" in text
    more = res.set_index("contrast").loc["more"]
    assert words.replicates({**more, "contrast": "more"}) == (
        "4 against 4 samples in the smallest arms, each side compared within levels of 'patient'"
    )
    late = blasts[blasts.obs["hours"] == 72].copy()  # one difference per patient: the model's t is of these
    asked = {"co": "co - mono"}
    pairs = ms.Design.from_formula(
        "~ culture + patient", levels={k: LEVELS[k] for k in ("culture", "patient")}, contrasts=asked,
        unit="patient",
    )  # fmt: skip
    text = ms.methods_text(late, ms.tl.compare(late, pairs, method="mean"), design=pairs).text
    assert "P values are of t on 7 residual degrees of freedom. P values were" in text
    plain = ms.Design(culture="culture", line="flt3", parental="WT", resistant="ITD", pair="patient")
    assert between_units(plain, blasts.obs) == []


def test_a_slope_is_per_unit_of_its_number_wherever_it_is_told(blasts: AnnData) -> None:
    res = ms.tl.compare(blasts, SLOPE, method="mean")
    slope, other = (row for row in res.to_dict("records"))
    assert (per_unit(slope), per_unit(other)) == (" per unit of hours", "")
    at = blasts.obs["hours"].to_numpy() == 72  # the slope is the difference over 68 hours
    y, co = blasts.obsm["score_mean"]["emt.mine"].to_numpy(), blasts.obs["culture"].eq("co").to_numpy()
    wt = blasts.obs["flt3"].eq("WT").to_numpy()
    change = [y[wt & at & c].mean() - y[wt & ~at & c].mean() for c in (co, ~co)]
    assert slope["estimate"] == pytest.approx((change[0] - change[1]) / 68, rel=1e-8)
    assert "] per unit of hours, adj. p " in words.claim(slope)
    assert "per unit" not in words.claim(other)
    table = ms.get.table(res).frame.set_index("contrast")
    assert table.loc["slope", "per_unit_of"] == "hours"
    assert table.loc["slope", "n"] == "32"
    assert "interval" in (said := ms.tl.explain(res).iloc[0])
    assert ") per unit of hours, " in said
    ax = ms.pl.forest(res, contrast="slope", design=SLOPE)
    assert ax.get_title(loc="left").replace("\n", " ") == "slope, per unit of hours"
    text = ms.methods_text(blasts, res, design=SLOPE).text
    assert "culture[T.co]:hours with zero (slope, per unit of hours)" in text
    told = of_checks(res, 0.05)
    assert told.startswith("p of slope, culture is on 18 residual df, which take rows of one 'patient'")
    lack = "Of slope and culture there is no check by one number for each of the patients, and rows of the"
    assert f"P values are of t on 18 residual degrees of freedom. {lack}" in text

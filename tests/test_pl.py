"""Figures are held against the numbers that they draw."""

from __future__ import annotations

import inspect
import json
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar

import anndata as ad
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib.collections import PathCollection
from scipy import stats

import marrowsig as ms
from marrowsig._provenance import record
from marrowsig._report.legend import _model
from marrowsig._titles import SHORT
from marrowsig.pl._forest_words import counts
from marrowsig.pl._interval import mean_interval, t_quantile

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Plan:
    """As much of a design as the figures read."""

    culture: str | None = "culture"
    mono: str = "mono"
    co: str = "co"
    line: str | None = "line"
    parental: str = "parental"
    resistant: str = "resistant"
    inhibitor: str | None = None
    vehicle: str = "none"
    pair: str | None = "pair"
    unit: str | None = None
    compartment: str | None = None
    time: str | None = None
    columns: ClassVar[dict[str, str]] = {}

    def arms(self, obs: pd.DataFrame) -> pd.Series:
        parts = [obs[column].astype(str) for column in (self.line, self.culture, self.inhibitor) if column]
        label = parts[0]
        for part in parts[1:]:
            label = label + " / " + part
        return label.where(obs.get("used", pd.Series(True, index=obs.index)))


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


def study(*, n_pairs: int = 4, n_signatures: int = 3, repeats: int = 1, method: str = "mean") -> AnnData:
    rows = [
        (culture, line, f"r{k}")
        for culture in ("co", "mono")
        for line in ("resistant", "parental")
        for k in range(n_pairs)
        for _ in range(repeats)
    ]
    obs = pd.DataFrame(rows, columns=["culture", "line", "pair"], index=[f"s{i}" for i in range(len(rows))])
    rng = np.random.default_rng(5)
    names = [f"{('emt', 'il6', 'stat3', 'control')[i % 4]}.set{i}" for i in range(n_signatures)]
    values = rng.normal(size=(len(obs), n_signatures))
    values += (obs["culture"] == "co").to_numpy()[:, None] * (
        1.0 + (obs["line"] == "resistant").to_numpy()[:, None]
    )
    adata = AnnData(np.zeros((len(obs), 2), dtype=np.float32), obs=obs)
    adata.obsm[f"score_{method}"] = pd.DataFrame(values, index=obs.index, columns=names)
    found = np.arange(n_signatures) % 10 + 1
    coverage = pd.DataFrame(
        {"signature": names, "axis": [name.split(".")[0] for name in names], "listed": 10}
    )
    coverage = coverage.assign(found=found, coverage=found / 10, missing="")
    params = json.dumps({"min_coverage": 0.5})
    entry = {
        "params": params,
        "key": f"score_{method}",
        "coverage": coverage,
        "signatures": coverage[["signature"]],
    }
    record(adata, "scores", {method: entry})
    return adata


def results(n_signatures: int = 4) -> pd.DataFrame:
    names = [f"{('emt', 'il6', 'stat3', 'control')[i % 4]}.set{i}" for i in range(n_signatures)]
    frame = pd.DataFrame(
        {"signature": names, "axis": [name.split(".")[0] for name in names], "method": "mean"}
    )
    frame["estimate"] = np.linspace(-1.0, 2.0, n_signatures)
    frame = frame.assign(ci_low=frame["estimate"] - 0.5, ci_high=frame["estimate"] + 0.8, n_test=4, n_base=3)
    frame["p_adj"] = np.linspace(0.0001, 0.9, n_signatures)
    both = [frame.assign(contrast="co_in_parental", estimate=9.0), frame.assign(contrast="interaction")]
    return pd.concat(both, ignore_index=True)


def means(adata: AnnData, signature: str) -> pd.Series:
    scores = adata.obsm["score_mean"][signature]
    return scores.groupby([adata.obs["line"], adata.obs["culture"]]).mean()


@pytest.mark.parametrize("repeats", [1, 3])
def test_scores_draws_one_point_per_unit_and_arm(repeats: int) -> None:
    adata = study(repeats=repeats)
    ax = ms.pl.scores(adata, "il6.set1", design=Plan())
    table = adata.obs.assign(score=adata.obsm["score_mean"]["il6.set1"])
    units = table.groupby(["line", "culture", "pair"])["score"].mean()
    drawn = [
        c.get_offsets() for c in ax.collections if hasattr(c, "get_offsets") and len(c.get_offsets()) == 4
    ]
    arms = [("parental", "mono"), ("parental", "co"), ("resistant", "mono"), ("resistant", "co")]
    for i, (points, arm) in enumerate(zip(drawn, arms, strict=True)):
        np.testing.assert_allclose(points[:, 0], i)
        np.testing.assert_allclose(np.sort(points[:, 1]), np.sort(units[arm].to_numpy()))
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == [f"{line}\n{culture}\nn = 4" for line, culture in arms]
    assert ax.get_ylabel() == "mean score\n(bar: mean, 95 % CI)"
    adata.obs["day"] = adata.obs["pair"]
    held = ms.Design(culture="culture", line="line", pair="pair", batch="day")
    label = ms.pl.scores(adata, "emt.set0", design=held).get_ylabel()
    assert "pairs hold batch constant" in label
    assert "not adjusted" not in label
    adata.obs["day"] = adata.obs["pair"].astype(str) + adata.obs["culture"].astype(str).str[:1]
    assert "not adjusted for batch" in ms.pl.scores(adata, "emt.set0", design=held).get_ylabel()


def test_scores_joins_pairs_within_a_line_only() -> None:
    adata = study()
    ax = ms.pl.scores(adata, "emt.set0", design=Plan())
    joined = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_color() == "#767676"]
    assert len(joined) == 8
    assert {tuple(line.get_xdata()) for line in joined} == {(0.0, 1.0), (2.0, 3.0)}
    table = adata.obs.assign(score=adata.obsm["score_mean"]["emt.set0"])
    expected = table.pivot_table(index=["line", "pair"], columns="culture", values="score")[["mono", "co"]]
    drawn = np.array([line.get_ydata() for line in joined])
    np.testing.assert_allclose(
        drawn[np.lexsort(drawn.T)], expected.to_numpy()[np.lexsort(expected.to_numpy().T)]
    )


@pytest.mark.parametrize("role", ["pair", "unit"])
def test_unpaired_units_are_open_and_apart_as_compare_leaves_them_out(role: str) -> None:
    adata = study(n_pairs=6)
    lost = [("parental", "co", "r4"), ("parental", "mono", "r0"), ("parental", "mono", "r1")]
    rows = adata.obs[["line", "culture", "pair"]].itertuples(index=False, name=None)
    adata = adata[[row not in lost for row in rows]].copy()
    adata.obs["pair"] = adata.obs["line"] + adata.obs["pair"]
    design = ms.Design(culture="culture", line="line", **{role: "pair"})
    with pytest.warns(ms.InputWarning, match="3 rows have no partner"):
        res = ms.tl.compare(adata, design, method="mean", permutations=0)
    counts = res.set_index("contrast")[["n_base", "n_test"]].loc[["co_in_parental", "co_in_resistant"]]
    counts = counts[~counts.index.duplicated()]
    ax = ms.pl.scores(adata, "emt.set0", design=design)
    told = [label.get_text().splitlines()[2:] for label in ax.get_xticklabels()]
    assert [int(lines[0].removeprefix("n = ")) for lines in told] == counts.to_numpy().ravel().tolist()
    assert [lines[1:] for lines in told] == [["+1 unpaired"], ["+2 unpaired"], [], []]
    scores = adata.obs.assign(score=adata.obsm["score_mean"]["emt.set0"]).query("line == 'parental'")
    alone = scores[~scores["pair"].duplicated(keep=False)]["score"]
    assert len(alone) == 3
    both = scores["score"].drop(alone.index).groupby(scores["culture"]).mean()
    markers = [points for points in ax.collections if isinstance(points, PathCollection)]
    drawn = [points.get_offsets()[:, 1] for points in markers if not points.get_facecolor().size]
    np.testing.assert_allclose(np.sort(np.concatenate(drawn)), np.sort(alone))
    bars = [container.lines[0].get_ydata(orig=False).item() for container in ax.containers]
    np.testing.assert_allclose(bars[:2], both[["mono", "co"]])
    assert "open: unpaired" in ax.get_ylabel()
    ax = ms.pl.interaction(adata, "emt.set0", design=design)
    middle = ax.containers[0].lines[0].get_ydata(orig=False)
    np.testing.assert_allclose(middle, both[["mono", "co"]])
    assert ax.get_legend().get_texts()[0].get_text() == "parental (n = 3 pairs)"
    assert "open: unpaired" in ax.get_ylabel()


def test_where_nobody_has_a_partner_all_are_drawn_alike() -> None:
    adata = study()
    adata.obs["pair"] = adata.obs_names
    ax = ms.pl.scores(adata, "emt.set0", design=Plan())
    assert [label.get_text().splitlines()[2:] for label in ax.get_xticklabels()] == [["n = 4"]] * 4
    assert "unpaired" not in ax.get_ylabel()


def test_scores_names_arms_by_their_levels_whatever_signs_these_hold() -> None:
    adata = study()
    adata.obs["line"] = adata.obs["line"].map({"parental": "MV4-11", "resistant": "A/B: c"})
    adata.obs["culture"] = adata.obs["culture"].map({"mono": "alone", "co": "+hMSC"})
    adata.obs["drug"] = ["none", "JAKi+x"] * (adata.n_obs // 2)
    columns = {"culture": "culture", "line": "line", "pair": "pair"}
    levels = {"mono": "alone", "co": "+hMSC", "parental": "MV4-11", "resistant": "A/B: c"}
    design = ms.Design(**columns, **levels)
    ax = ms.pl.scores(adata, "il6.set1", design=design)
    told = [label.get_text().rpartition("\n")[0] for label in ax.get_xticklabels()]
    assert told == ["MV4-11\nalone", "MV4-11\n+hMSC", "A/B: c\nalone", "A/B: c\n+hMSC"]
    treated = ms.Design(**columns, **levels, inhibitor="drug", vehicle="none")
    drawn = adata[((adata.obs["drug"] == "none") | (adata.obs["culture"] == "+hMSC")).to_numpy()].copy()
    ax = ms.pl.scores(drawn, "il6.set1", design=treated, width=180)
    told = [label.get_text() for label in ax.get_xticklabels()]
    assert any(label.startswith("MV4-11\n+hMSC\n+ JAKi+x\nn = ") for label in told), told


def test_scores_without_pairs_draws_no_lines_and_skips_samples_outside() -> None:
    adata = study()
    adata.obs["used"] = (adata.obs["culture"] == "co").to_numpy()
    ax = ms.pl.scores(adata, "emt.set0", design=Plan(pair=None))
    assert len(ax.get_xticks()) == 2
    assert not [line for line in ax.lines if line.get_color() == "#767676"]


def test_scores_draws_no_interval_of_cells() -> None:
    adata = study(repeats=40)
    adata.obs["donor"] = adata.obs["line"].astype(str) + adata.obs["pair"].astype(str)
    adata.obs["cellid"] = adata.obs_names
    adata.X = np.full(adata.shape, 0.5, dtype=np.float32)
    adata.layers["counts"] = np.ones(adata.shape, dtype=np.float32)
    call = r"pseudobulk\(adata, unit='donor', by=\['culture', 'line'\], layer='counts'\)"
    for fields in ({}, {"unit": "cellid"}):
        design = ms.Design(culture="culture", line="line", **fields)
        with pytest.raises(ms.DesignError, match=call):
            ms.pl.scores(adata, "emt.set0", design=design)
        with pytest.raises(ms.DesignError, match=call):
            ms.tl.compare(adata, design, method="mean")
        for verb in (ms.tl.claims, ms.tl.genes, ms.tl.multiverse, ms.qc.stroma):
            with pytest.raises(ms.DesignError, match=call):
                verb(adata, design)
    by_donor = ms.Design(culture="culture", line="line", unit="donor")
    ax = ms.pl.scores(adata, "emt.set0", design=by_donor)
    assert {label.get_text().splitlines()[-1] for label in ax.get_xticklabels()} == {"n = 4"}


CHOSEN = ["contrast", "method", "line", "inhibitor", "stratum", "sample"]
"""What a figure can be asked to draw of a table, by the name of the column, in this order."""
OWN = {"claims": {"line", "inhibitor"}, "multiverse": {"method"}}
"""Columns of which a figure draws all levels beside each other, or chooses by itself."""


def _columns(name: str) -> set[str]:
    module = sys.modules[f"marrowsig.pl.{name}"]
    needed = {column for table in ("NEEDED", "OF_RESULT") for column in getattr(module, table, ())}
    whole = {"chain": {"stratum"}, "meta": {"contrast", "method", "stratum"}, "forest": {"stratum"}}
    return needed | whole.get(name, set())


def test_figures_are_called_alike() -> None:
    for name in set(ms.pl.__all__) - {"save"}:
        given = list(inspect.signature(getattr(ms.pl, name)).parameters.values())
        names = [p.name for p in given]
        if names[0] == "adata":
            assert ("method" in names) == (name != "expression"), name  # samples are chosen by adata[...]
            assert not set(names) & set(CHOSEN) - {"method"}, name
        else:
            lacking = set(CHOSEN) & _columns(name) - set(names) - OWN.get(name, set())
            assert not lacking, f"{name} cannot be asked for one {lacking}"
        asked = [n for n in names if n in CHOSEN]
        assert asked == sorted(asked, key=CHOSEN.index), name
        if "contrast" in names and name not in ("meta", "power"):  # of several studies; of a design it holds
            assert "design" in names, name
        plural = {f"{n}s" for n in CHOSEN} & set(names)
        assert not plural, f"{name}: {plural}"
        assert given[0].name in ("adata", "res"), name
        assert [p.name for p in given[-2:]] == ["width", "ax"], name
        for p in given[1:]:
            positional = p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            assert positional == (p.name in ("signature", "signatures", "genes")), f"{name}: {p.name}"


def test_scores_draws_on_given_axes() -> None:
    _, axes = plt.subplots(1, 2, sharey=True)
    assert ms.pl.scores(study(), "emt.set0", design=Plan(), ax=axes[1]) is axes[1]
    assert not axes[0].collections
    axes[1].set_title("Mono-like", loc="left")  # as the docstring says
    assert [axes[1].get_title(loc=loc) for loc in ("left", "center", "right")] == ["Mono-like", "", ""]
    higher = study()
    higher.obsm["score_mean"] += 9.0
    ms.pl.scores(higher, "emt.set0", design=Plan(), ax=axes[0])
    assert axes[0].get_ylim() == axes[1].get_ylim()
    reach = [dots.get_offsets()[:, 1] for ax in axes for dots in ax.collections if len(dots.get_offsets())]
    assert axes[0].get_ylim()[0] < min(map(np.min, reach)) < max(map(np.max, reach)) < axes[0].get_ylim()[1]


def test_interaction_draws_means_and_t_intervals() -> None:
    adata = study()
    ax = ms.pl.interaction(adata, "emt.set0", design=Plan())
    expected = means(adata, "emt.set0")
    for container, line in zip(ax.containers, ("parental", "resistant"), strict=True):
        middle, _, bars = container.lines
        np.testing.assert_allclose(
            middle.get_ydata(orig=False), [expected[line, "mono"], expected[line, "co"]]
        )
        for segment, culture in zip(bars[0].get_segments(), ("mono", "co"), strict=True):
            mask = (adata.obs["line"] == line) & (adata.obs["culture"] == culture)
            values = adata.obsm["score_mean"].loc[mask, "emt.set0"]
            ends = stats.t.interval(0.95, 3, loc=values.mean(), scale=stats.sem(values))
            np.testing.assert_allclose(segment[:, 1], ends, rtol=1e-5)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "parental (n = 4, 4)",
        "resistant (n = 4, 4)",
    ]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"pair": "pair"}, "within pairs"),
        ({"batch": "run"}, "within batches"),
        ({"pair": "pair", "batch": "run"}, "within pairs and batches"),
        ({"covariates": "age"}, "at equal covariates"),
    ],
)
def test_whiskers_are_the_error_of_the_model_that_is_compared(fields: dict[str, str], what: str) -> None:
    """Their width is t times the root of the mean square that statsmodels leaves, over the root of n."""
    import statsmodels.formula.api as smf

    adata = study()
    adata.obs["pair"] = adata.obs["line"].str[0] + adata.obs["pair"]
    adata.obs["run"] = [f"b{i % 3}" for i in range(adata.n_obs)]
    adata.obs["age"] = np.random.default_rng(0).normal(size=adata.n_obs)
    ax = ms.pl.interaction(adata, "emt.set0", design=ms.Design(culture="culture", line="line", **fields))
    data = adata.obs.assign(y=adata.obsm["score_mean"]["emt.set0"])
    data["both"] = (data["culture"] == "co") & (data["line"] == "resistant")
    terms = ["culture", "both", *([] if "pair" in fields else ["line"]), *fields.values()]  # pairs hold lines
    theirs = smf.ols(f"y ~ {' + '.join(terms)}", data).fit()
    half = stats.t.isf(0.025, theirs.df_resid) * np.sqrt(theirs.mse_resid / 4)
    means_of = means(adata, "emt.set0")
    for container, line in zip(ax.containers, ("parental", "resistant"), strict=True):
        for segment, culture in zip(container.lines[2][0].get_segments(), ("mono", "co"), strict=True):
            middle = means_of[line, culture]
            np.testing.assert_allclose(segment[:, 1], [middle - half, middle + half], atol=1e-4 * half)
    assert ax.get_ylabel() == f"mean score\n(mean, 95 % CI {what})"
    thin = [line for line in ax.lines if line.get_linewidth() == 0.5]
    assert len(thin) == (8 if "pair" in fields else 0)


def test_whiskers_of_each_arm_alone_are_told_where_the_model_cannot_be_fitted() -> None:
    adata = study(repeats=2)
    adata.obs["pair"] = adata.obs["line"].str[0] + adata.obs["pair"]
    ax = ms.pl.interaction(adata, "emt.set0", design=ms.Design(culture="culture", line="line", pair="pair"))
    assert ax.get_ylabel() == "mean score\n(mean, 95 % CI of each arm alone)"
    plain = ms.pl.interaction(study(), "emt.set0", design=ms.Design(culture="culture", line="line"))
    assert plain.get_ylabel() == "mean score (mean, 95 % CI)"


def test_interaction_writes_the_estimate_of_the_table() -> None:
    res = results()
    ax = ms.pl.interaction(study(n_signatures=4), "stat3.set2", design=Plan(), res=res)
    assert ax.get_title(loc="left") == "stat3.set2"
    assert [text.get_text() for text in ax.texts] == ["more in resistant by +1.0 [0.5, 1.8], adj. p 0.6"]
    with pytest.raises(ms.InputError, match=r"ms\.tl\.compare"):
        ms.pl.interaction(study(), "emt.set0", design=Plan(), res=res.query("contrast != 'interaction'"))


@pytest.fixture(scope="module")
def two_times() -> tuple[ad.AnnData, ms.Design, pd.DataFrame]:
    """Scores of the toy study at 3 and at 24 h, and their contrasts."""
    first, later = ms.ds.toy(), ms.ds.toy()
    first.obs["hours"], later.obs["hours"] = 3, 24
    later.X = later.X + (later.var_names == later.var_names[0])
    adata = ad.concat([first, later], index_unique="_")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark", min_coverage=0)
    design = ms.Design(culture="culture", line="line", pair="pair", time="hours")
    return adata, design, ms.tl.compare(adata, design)


def test_overview_names_the_column_of_a_time_below_both_letters(
    two_times: tuple[ad.AnnData, ms.Design, pd.DataFrame],
) -> None:
    adata, design, res = two_times
    top, low, *_ = ms.pl.overview(adata, "emt.hallmark", design=design, res=res).figure.axes
    ticks = low.yaxis.get_major_ticks()
    heads = [tick for tick in ticks if tick.label1.get_fontweight() == "bold"]
    assert [tick.label1.get_text() for tick in heads] == ["hours 3", "hours 24"]
    assert not any(tick.tick1line.get_visible() for tick in heads)  # a heading is no place on the axis
    assert {"hours 3", "hours 24"} <= {text.get_text() for text in top.texts}
    own = {"3": "3 h", "time=24": "a day"}
    low = ms.pl.overview(adata, "emt.hallmark", design=design, res=res, labels=own).figure.axes[1]
    assert {"3 h", "a day"} <= {label.get_text() for label in low.get_yticklabels()}
    told = _model(res.assign(df=[9.0] * 5 + [8.0] * 5, test="a model"), design)
    assert told == (
        " (hours 3: a model, 9 residual degrees of freedom; hours 24: a model, 8 residual degrees of freedom)"
    )


def test_interaction_draws_one_stratum_with_its_own_row_of_the_table(
    two_times: tuple[ad.AnnData, ms.Design, pd.DataFrame],
) -> None:
    adata, design, res = two_times
    with pytest.raises(ms.DesignError, match=r"2 strata .* adata\[\(adata.obs\['hours'\] == 3\)\]"):
        ms.pl.interaction(adata, "emt.hallmark", design=design)
    for hours in (3, 24):
        ax = ms.pl.interaction(adata[adata.obs["hours"] == hours], "emt.hallmark", design=design, res=res)
        row = res[(res["contrast"] == "interaction") & (res["stratum"] == f"time={hours}")].iloc[0]
        told = f"{row['estimate']:+.3f}".replace("-", "\N{MINUS SIGN}")[:5]
        assert told in ax.texts[0].get_text()
        assert ax.get_title(loc="left").endswith(f"[time={hours}]")


def test_overview_leaves_out_a_compartment_of_which_nothing_is_estimated() -> None:
    cells, other = ms.ds.toy(), ms.ds.toy()
    cells.obs["site"], other.obs["site"] = "CD45+", "CD90+"
    adata = ad.concat([cells, other[other.obs["culture"] == "co"]], index_unique="_")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark", min_coverage=0)
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="site")
    with pytest.warns(ms.InputWarning, match="cannot be estimated"):
        res = ms.tl.compare(adata, design)
    ax = ms.pl.overview(adata, "emt.hallmark", design=design, res=res)
    above, beneath = ax.figure.axes[:2]
    points = [c for c in above.collections if isinstance(c, PathCollection)]
    assert sum(len(c.get_offsets()) for c in points) == cells.n_obs
    told = [label.get_text() for label in beneath.get_yticklabels()]
    assert [told[0], len(told)] == ["CD45+", 4]
    assert not any("[" in text for text in told)  # the compartment is said once
    drawn = {t.get_text() for t in ax.figure.texts}
    assert any("not drawn, as nothing could be estimated: CD90+" in text for text in drawn)
    one = res["contrast"].eq("interaction")
    part = res[res["stratum"].str.endswith("CD45+")].assign(estimate=res["estimate"].mask(one))
    ax = ms.pl.overview(adata[adata.obs["site"] == "CD45+"], design=design, res=part)
    assert len(ax.figure.axes[1].get_yticklabels()) == 3
    assert "not drawn, as not estimated: more in resistant than in parental [CD45+]" in {
        t.get_text() for t in ax.figure.texts
    }


def test_interaction_needs_both_factors_and_leaves_inhibitors_out() -> None:
    adata = study()
    with pytest.raises(ms.DesignError, match=r"line="):
        ms.pl.interaction(adata, "emt.set0", design=Plan(line=None))
    before = [
        c.lines[0].get_ydata(orig=False)
        for c in ms.pl.interaction(adata, "emt.set0", design=Plan()).containers
    ]
    treated = study()
    treated.obs_names = [f"t{name}" for name in treated.obs_names]
    treated.obsm["score_mean"] = pd.DataFrame(
        9.0, index=treated.obs_names, columns=adata.obsm["score_mean"].columns
    )
    both = AnnData(
        np.zeros((32, 2), dtype=np.float32),
        obs=pd.concat([adata.obs.assign(drug="none"), treated.obs.assign(drug="JAKi")]),
        obsm={"score_mean": pd.concat([adata.obsm["score_mean"], treated.obsm["score_mean"]])},
        uns=adata.uns,
    )
    after = [
        c.lines[0].get_ydata(orig=False)
        for c in ms.pl.interaction(both, "emt.set0", design=Plan(inhibitor="drug")).containers
    ]
    np.testing.assert_allclose(after, before)


def test_forest_draws_the_rows_of_one_contrast() -> None:
    res = results(9)
    ax = ms.pl.forest(res, contrast="interaction")
    rows = res[res["contrast"] == "interaction"].set_index("signature")
    labels = {
        tick: label.get_text() for tick, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    }
    seen = []
    for container in ax.containers:
        middle, _, bars = container.lines
        for x, y, segment in zip(middle.get_xdata(), middle.get_ydata(), bars[0].get_segments(), strict=True):
            row = rows.loc[labels[y]]
            np.testing.assert_allclose([x, *segment[:, 0]], [row["estimate"], row["ci_low"], row["ci_high"]])
            seen.append(labels[y])
    assert sorted(seen) == sorted(rows.index)
    at = next(y for y, name in labels.items() if name == "emt.set0")
    assert [text.get_text() for text in ax.texts if text.get_position()[1] == at] == ["4, 3", "0.0001"]
    assert [text.get_text() for text in ax.texts if text.get_color() != "black"] == ["n", "adj. p"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["emt", "il6", "stat3", "control"]
    assert 0.0 in ax.lines[0].get_xdata()


def test_forest_draws_several_contrasts_and_counts_those_left_out() -> None:
    res = results(3).assign(adjustment="BH")
    res = pd.concat([res, *(res[:3].assign(contrast=f"co_in_{x}") for x in ("resistant", "c", "d", "e"))])
    res.loc[res["signature"] == "emt.set0", "adjustment"] = "Holm"
    res["p_adj"] = 0.0497
    ax = ms.pl.forest(res)
    note = ax.figure.get_supxlabel().replace("\n", " ")
    assert note.endswith("4 of 6 contrasts: contrast= draws others)")
    every = ("co_in_parental", "co_in_resistant", "resistance_in_mono", "interaction",
             "reversal_A_in_resistant", "reversal_B_in_resistant")  # fmt: skip
    usual = ms.pl.forest(pd.concat([res[:3].assign(contrast=name) for name in every])).figure
    assert [panel.get_title(loc="left").replace("\n", " ") for panel in usual.axes] == [
        "co vs mono in parental", "co vs mono in resistant", "interaction",
    ]  # fmt: skip
    names = ["co_in_parental", "co_in_resistant"]
    design = ms.Design(culture="culture", line="line", pair="pair")
    panels = ms.pl.forest(res, contrast=names, design=design, labels={"parental": "P"}).figure.axes
    assert [p.get_title(loc="left").replace("\n", " ") for p in panels] == [
        "co vs mono in P", "co vs mono in resistant",
    ]  # fmt: skip
    for panel, name in zip(panels, names, strict=True):
        rows = res[res["contrast"] == name]
        drawn = np.concatenate([c.lines[0].get_xdata() for c in panel.containers])
        np.testing.assert_allclose(sorted(drawn), sorted(rows["estimate"]))
        told = {text.get_text() for text in panel.texts}
        assert told >= {"0.0497 Holm", "0.0497 BH"}  # below the bound, and how it was adjusted
        full = [line for line in panel.lines if line.get_zorder() == 3]
        assert sum(len(line.get_xdata()) for line in full) == len(rows)  # all are established
    other = res[res["contrast"] != "interaction"]
    assert len(ms.pl.forest(other).figure.axes) == 4


def test_forest_counts_pairs_also_where_strata_have_unlike_numbers() -> None:
    def told(*n: tuple[int, int, int], contrast: str = "co_in_parental") -> str:
        rows = pd.DataFrame(n, columns=["n_test", "n_base", "n_pairs"]).assign(contrast=contrast)
        return counts(rows).replace("\N{EN DASH}", "-")

    assert told((4, 4, 4), (4, 4, 4)) == "n = 4 pairs"
    assert told((4, 4, 4), (3, 3, 3)) == "n = 3-4 pairs"
    assert told((6, 6, 3), (4, 5, 3)) == "n = 4-6, 5-6, 3 pairs"
    assert told((4, 4, 4), (3, 4, 0)) == "n = 3-4, 4"  # not all in pairs
    assert told((4, 4, 4), (4, 3, 3), contrast="interaction") == "n = 4, 3-4 pairs"


def test_forest_clips_an_interval_that_would_set_the_axis() -> None:
    res = results(8)
    res = res[res["contrast"] == "interaction"].reset_index(drop=True)
    res.loc[5, ["ci_low", "ci_high"]] = [-60.0, 80.0]
    ax = ms.pl.forest(res)
    low, high = ax.get_xlim()
    rest = res.drop(index=5)
    assert low <= rest["ci_low"].min() < rest["ci_high"].max() <= high
    assert high - low < 1.2 * (rest["ci_high"].max() - rest["ci_low"].min())
    heads = {
        line.get_marker(): line for line in ax.lines if line.get_marker() in "<>" and len(line.get_xdata())
    }
    assert (heads["<"].get_xdata()[0], heads[">"].get_xdata()[0]) == pytest.approx((low, high))
    at = [label.get_text() for label in ax.get_yticklabels()].index(res.loc[5, "signature"])
    assert {float(line.get_ydata()[0]) for line in heads.values()} == {float(ax.get_yticks()[at])}
    assert "arrow: the interval goes on" in ax.get_xlabel().replace("\n", " ")
    assert "arrow" not in ms.pl.forest(rest).get_xlabel()


def test_panels_side_by_side_say_n_and_share_one_note() -> None:
    res = results(3)
    res.loc[(res["contrast"] == "interaction") & res["signature"].eq("il6.set1"), "n_test"] = 3
    figure = ms.pl.forest(res, contrast=["co_in_parental", "interaction"], labels={"emt.set0": "EMT"}).figure
    assert [panel.get_xlabel().splitlines()[-1] for panel in figure.axes] == ["n = 4, 3", "n = 3\u20134, 3"]
    assert figure.get_supxlabel() == "(95\xa0%\xa0CI; filled: adj. p < 0.05 as scored)"
    assert "EMT" in [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_forest_keeps_the_strata_of_a_signature_together() -> None:
    res = pd.concat([results(2).assign(stratum=f"time={t}", estimate=t) for t in (3, 24, 12)])
    labels = [label.get_text() for label in ms.pl.forest(res, contrast="interaction").get_yticklabels()]
    assert [label.split(" | ")[1] for label in labels] == ["time 3", "time 24", "time 12"] * 2
    assert len({label.split(" | ")[0] for label in labels[:3]}) == 1


def many_strata(k: int) -> pd.DataFrame:
    res = results(k)
    res = res[res["contrast"] == "interaction"]
    strata = [f"compartment={place}; time={t}" for place in ("CD45+", "MSC") for t in (3, 24)]
    parts = [res.assign(stratum=s, estimate=res["estimate"] + i) for i, s in enumerate(strata)]
    return pd.concat(parts, ignore_index=True).assign(p_adj=lambda own: np.linspace(1, 0.001, len(own)))


def test_forest_of_many_strata_has_a_panel_for_each_with_the_same_lines() -> None:
    res = many_strata(11)
    panels = ms.pl.forest(res, width=180).figure.axes
    heads = ["interaction CD45+, time 3", "CD45+, time 24", "MSC, time 3", "MSC, time 24"]
    assert [p.get_title(loc="left").replace("\n", " ") for p in panels] == heads
    lines = [label.get_text() for label in panels[0].get_yticklabels()]
    assert sorted(lines) == sorted(set(res["signature"]))
    for panel, (_, rows) in zip(panels, res.groupby("stratum", sort=False), strict=True):
        own = rows.set_index("signature")["estimate"]
        drawn = [xy for c in panel.containers for xy in zip(*c.lines[0].get_data(), strict=True)]
        assert len(drawn) == 11
        for x, y in drawn:
            assert x == own[lines[::-1][int(y)]]
    more = pd.concat([res, res.assign(stratum="x=5"), res.assign(stratum="x=6")])
    told = ms.pl.forest(more, width=180).figure.get_supxlabel()
    assert "4 of 6 strata: stratum= draws another" in told


def test_forest_of_more_lines_than_a_page_says_which_it_draws() -> None:
    res = many_strata(20)
    figure = ms.pl.forest(res, width=85).figure  # no room side by side, so the panels share the lines
    lines = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    least = res.groupby(["axis", "signature"])["p_adj"].min().reset_index()
    shown = least["signature"].isin(lines)
    assert len(lines) == shown.sum() == 11
    for axis, own in least.groupby("axis"):  # of each axis those of least p, and controls where room is left
        inside, outside = own.loc[shown, "p_adj"], own.loc[~shown, "p_adj"]
        assert axis == "control" or len(inside)
        assert inside.max() <= outside.min() or inside.empty or outside.empty
    if least.loc[shown, "axis"].eq("control").any():
        assert least.loc[~shown, "axis"].eq("control").all()
    told = figure.get_supxlabel().replace("\n", " ")
    assert "11 of 20 signatures, those of least adj. p per axis, controls last: most=80 draws all" in told
    assert len(ms.pl.forest(res, stratum="compartment=MSC; time=3", most=9).get_yticklabels()) == 9
    every = ms.pl.forest(res, width=85, most=80)
    assert len(every.get_yticklabels()) == 20
    with pytest.raises(ms.InputError, match="most is 0"):
        ms.pl.forest(res, most=0)


@pytest.mark.parametrize(
    ("panels", "width"),
    [(1, 85), (4, 180)] + [pytest.param(n, w, marks=pytest.mark.slow) for n, w in
                           [(1, 180), (2, 85), (2, 180), (3, 85), (3, 180), (4, 85)]],
)  # fmt: skip
def test_a_forest_fits_onto_a_page_unless_more_is_asked_for(panels: int, width: float) -> None:
    strata = many_strata(60)
    own = list(dict.fromkeys(strata["stratum"]))[:panels]
    for res in (strata[strata["stratum"].isin(own)], strata[strata["stratum"].isin(own)].iloc[: 30 * panels]):
        assert ms.pl.forest(res, width=width).figure.get_figheight() * 25.4 <= 240
        plt.close("all")


def test_scores_of_several_signatures_are_panels_of_the_same_numbers() -> None:
    adata = study(n_pairs=3, n_signatures=4)
    ids = list(adata.obsm["score_mean"].columns)
    adata.obsm["score_mean"][ids[2]] = np.nan
    design = ms.Design(culture="culture", line="line", pair="pair")
    panels = ms.pl.scores(adata, ids, design=design, shared=True).figure.axes
    assert [p.get_title(loc="left") for p in panels[:4]] == ids
    assert [t.get_text() for t in panels[2].texts] == ["no score"]
    for name, panel in zip(ids, panels, strict=False):
        points = [c.get_offsets()[:, 1] for c in panel.collections if isinstance(c, PathCollection)]
        drawn = np.sort(np.concatenate(points)) if points else []
        np.testing.assert_allclose(drawn, np.sort(adata.obsm["score_mean"][name].dropna()))
    assert panels[0].get_ylim() == panels[1].get_ylim()  # one method, so one unit
    own = ms.pl.scores(adata, ids, design=design).figure.axes
    assert own[0].get_ylim() != own[1].get_ylim()
    axis = ms.pl.scores(adata, "emt", design=design).figure.axes
    assert sum(p.axison for p in axis) == sum(name.startswith("emt.") for name in ids)
    many = study(n_signatures=13)
    with pytest.raises(ms.InputError, match=r"13 signatures are too many .* ms\.pl\.heatmap"):
        ms.pl.scores(many, list(many.obsm["score_mean"]), design=Plan())


def test_arms_have_other_words_and_the_column_of_a_number() -> None:
    adata = study(n_pairs=2, repeats=2)
    adata.obs["day"] = ["3", "24"] * 8
    design = ms.Design(culture="culture", line="line", time="day")
    ax = ms.pl.scores(adata, "emt.set0", design=design, labels={"parental": "P"}, width=180)
    assert ax.get_xticklabels()[0].get_text().splitlines()[:3] == ["day 3", "P", "mono"]
    assert ms.pl.heatmap(adata, "emt").images[0].get_array().shape[0] == sum(
        name.startswith("emt.") for name in adata.obsm["score_mean"]
    )
    formula = ms.Design.from_formula(
        "~ culture", levels={"culture": ["mono", "co"]}, contrasts={"gain": "co - mono"}
    )
    told = [text.get_text() for text in ms.pl.heatmap(adata, design=formula).texts]
    assert {"culture:", "mono (8)", "co (8)"} <= set(told)  # a strip of the arms


def test_forest_says_what_was_not_estimated_and_what_is_missing() -> None:
    res = results(2)
    res.loc[res["signature"] == "emt.set0", ["estimate", "ci_low", "ci_high", "p_adj"]] = np.nan
    ax = ms.pl.forest(res, contrast="co_in_parental", method="mean")
    assert ax.get_xlabel().endswith("\nnot estimated: emt.set0")
    assert "emt.set0" not in [label.get_text() for label in ax.get_yticklabels()]
    both = pd.concat([res, res.assign(stratum="cells=T", estimate=np.nan)]).fillna({"stratum": "cells=B"})
    ax = ms.pl.forest(both, contrast="interaction")
    assert ax.get_xlabel().endswith("\nnot estimated: cells = T, emt.set0")
    with pytest.raises(ms.InputError, match=r"no contrast 'co'\. Did you mean 'co_in_parental'\?"):
        ms.pl.forest(res, contrast="co")
    with pytest.raises(ms.InputError, match="no column p_adj"):
        ms.pl.forest(res.drop(columns="p_adj"))
    with pytest.raises(ms.InputError, match="empty"):
        ms.pl.forest(res.iloc[:0])


def test_overview_draws_the_contrasts_of_the_table_in_the_words_of_the_design() -> None:
    adata = study(n_pairs=3)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean")
    ax = ms.pl.overview(adata, "emt.set0", design=design, res=res)
    low = ax.figure.axes[1]
    own = res[(res["signature"] == "emt.set0") & ~res["contrast"].str.startswith(("resist", "residual"))]
    drawn = [float(c.lines[0].get_xdata()[0]) for c in low.containers]
    np.testing.assert_allclose(drawn, own["estimate"], rtol=1e-12)
    filled = [c.lines[0].get_markerfacecolor() != "white" for c in low.containers]
    assert filled == own["p_adj"].lt(0.05).tolist()
    assert [t.get_text().replace("\n", " ") for t in low.get_yticklabels()][:3] == [
        "co vs mono in parental", "co vs mono in resistant", "more in resistant than in parental",
    ]  # fmt: skip
    with pytest.raises(ms.InputError, match="holds one to 3 signatures, not 0"):
        ms.pl.overview(adata, [], design=design, res=res)
    with pytest.raises(ms.InputError, match=r"no rows of emt\.nothing"):
        ms.pl.overview(adata, "emt.nothing", design=design, res=res)


def test_overview_draws_the_size_to_cite_and_names_signatures_in_words() -> None:
    adata, ids = ms.ds.toy(), ["emt.hallmark", "il6.hallmark"]
    ms.tl.score(adata, ids)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, primary=ids)
    claims = res.assign(
        verdict="supported", claim="c", carried=0.01, cite="estimate", filtered_estimate=np.nan
    )
    cited = claims["signature"].eq("emt.hallmark") & claims["contrast"].str.startswith("co_in")
    claims.loc[cited, "cite"] = "filtered_estimate"
    for column in ("estimate", "ci_low", "ci_high"):
        claims[f"filtered_{column}"] = claims[column] / 2
    claims["filtered_p_adj"] = 0.2
    figure = ms.pl.overview(
        adata, design=design, res=res, claims=claims, labels={"il6.hallmark": "IL-6"}
    ).figure
    top = figure.axes[0]
    assert top.get_title(loc="left") == "EMT (Hallmark)"
    known = ms.sig.load("emt", "il6", "stat3")
    assert set(SHORT) <= {sig.title for sig in known}
    assert "IL-6" in [ax.get_title(loc="left") for ax in figure.axes]
    low = next(ax for ax in figure.axes if ax.get_xlabel().startswith("difference"))
    marks = [c.lines[0] for c in low.containers if c.lines[0].get_marker() == "^"]
    np.testing.assert_allclose(
        [float(m.get_xdata()[0]) for m in marks], claims.loc[cited, "filtered_estimate"]
    )
    assert {m.get_markerfacecolor() for m in marks} == {"white"}  # by their own p
    key = [text.get_text() for text in figure.texts if text.get_gid() == "key"]
    assert "on genes that stroma could not move, and p with ▲" in key
    shown = [text.get_text() for text in low.texts]
    assert sum(text.endswith(" ▲") for text in shown) == cited.sum() == 2  # of both, p is that to cite
    assert {text for text in shown if text.endswith(" ▲")} == {"0.2 ▲"}
    unclear = claims.assign(verdict="cannot tell")
    figure = ms.pl.overview(adata, design=design, res=res, claims=unclear).figure
    assert not [t for ax in figure.axes for t in ax.texts if "▲" in t.get_text()]
    assert "on genes that stroma could not move" in [text.get_text() for text in figure.texts]
    plain = ms.pl.overview(adata, "il6.hallmark", design=design, res=res).figure
    told = [text.get_text() for text in plain.texts if "stroma" in text.get_text()]
    assert told == ["carry-over from stroma not asked"]


def test_overview_keeps_its_key_apart_where_margins_are_cut_off() -> None:
    """As notebooks do with every figure: the key neither reaches the label of x nor is cut itself."""
    from io import BytesIO

    from matplotlib.artist import Artist

    adata = ms.ds.toy()
    ms.tl.score(adata, "il6.hallmark")
    design = ms.Design(culture="culture", line="line", pair="pair")
    figure = ms.pl.overview(adata, design=design, res=ms.tl.compare(adata, design)).figure
    key = [text for text in figure.texts if text.get_gid() == "key"]
    low = next(ax for ax in figure.axes if ax.get_xlabel().startswith("difference"))
    seen = []

    class Places(Artist):
        """Notes places as they are while the page is drawn, without its margins."""

        def draw(self, renderer: object) -> None:
            told = [text.get_window_extent(renderer) for text in key]
            seen.append((told, low.xaxis.label.get_window_extent(renderer), figure.bbox.frozen()))

    spy = Places()
    spy.set_zorder(99)
    spy.set_in_layout(False)
    figure.add_artist(spy)
    page = BytesIO()
    figure.savefig(page, bbox_inches="tight")
    told, label, page_of = seen[-1]
    assert page_of.height != pytest.approx(figure.bbox.height)  # margins were cut off
    assert key
    assert max(box.y1 for box in told) < label.y0
    assert min(box.y0 for box in told) > 0
    assert max(box.x1 for box in told) < page_of.width


def test_overview_fills_no_circle_that_the_check_of_carry_over_does_not_clear() -> None:
    """By `stroma=`, or by what the check left with the samples of contrasts that have this estimate."""
    adata = study(n_pairs=3)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean").assign(p_adj=0.01)
    own = res["signature"].eq("emt.set0") & res["contrast"].str.startswith(("co_in", "interaction"))
    said = ["not explained by carry-over", "may be carry-over", "cannot tell"]
    verdicts = res[own].assign(carried=0.01, cite="estimate", p_bh=0.01, verdict=said)
    assert list(verdicts["contrast"]) == ["co_in_parental", "co_in_resistant", "interaction"]

    def faces(**how):
        figure = ms.pl.overview(adata, "emt.set0", design=design, res=res, **how).figure
        low = figure.axes[1]
        key = [text.get_text() for text in figure.texts if text.get_gid() == "key"]
        return [c.lines[0].get_markerfacecolor() != "white" for c in low.containers][:3], key

    told = "filled: adj. p < 0.05, not explained by carry-over where asked"
    filled, key = faces(stroma=verdicts)
    assert filled == [True, False, False]
    assert told in key
    assert "open: carry-over not ruled out" in key
    assert faces(stroma=SimpleNamespace(verdicts=verdicts)) == (filled, key)
    plain = faces()
    assert plain[0] == [True, True, True]
    assert "carry-over from stroma not asked" in plain[1]
    shares = pd.DataFrame({"share": [0.01]})
    adata.uns["marrowsig"]["stroma"] = {"shares": shares, "verdicts": verdicts}
    assert faces() == (filled, key)
    other = verdicts.assign(estimate=verdicts["estimate"] * 1.001)  # of another design, or other numbers
    for kept in ({"shares": shares, "verdicts": other}, {"shares": shares * np.nan, "verdicts": verdicts}):
        adata.uns["marrowsig"]["stroma"] = kept
        assert faces() == plain
    claims = verdicts.assign(verdict="supported", claim="c", stroma=said)
    assert faces(claims=claims)[0] == [True, True, True]  # as the claim says
    adata.uns["marrowsig"].pop("stroma")
    adata.obs["culture"] = adata.obs["culture"].astype(str).replace("co", "IL22")
    design = ms.Design(culture="culture", co="IL22", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean").assign(p_adj=0.01)
    assert "carry-over from stroma not asked" not in faces()[1]  # of a cytokine


def test_overview_draws_what_claims_answer_and_the_design_alone_does_not() -> None:
    adata = study(n_pairs=3)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean")
    own = res[res["signature"].eq("emt.set0") & res["contrast"].str.startswith("co_in")]
    claims = own.assign(estimate=[0.25, -0.5], ci_low=[0.125, -0.75], ci_high=[0.5, -0.25], p_adj=[0.01, 0.6])
    claims = claims.assign(claim="c", family="further questions", family_size=2)
    claims["verdict"] = ["supported", "not supported"]
    without = res.copy()
    lacking = without["contrast"].str.startswith("co_in")
    without.loc[lacking, ["estimate", "ci_low", "ci_high", "p_adj"]] = np.nan
    figure = ms.pl.overview(adata, "emt.set0", design=design, res=without, claims=claims).figure
    low = figure.axes[1]
    found = [float(c.lines[0].get_xdata()[0]) for c in low.containers[:2]]
    assert found == [0.25, -0.5]
    key = [text.get_text() for text in figure.texts if text.get_gid() == "key"]
    assert not [told for told in key if "not drawn" in told]
    bare = ms.pl.overview(adata, "emt.set0", design=design, res=without).figure
    told = [text.get_text() for text in bare.texts]
    said = "not drawn, as not estimated: co vs mono in parental, co vs mono in resistant"
    assert said in " ".join(told)


def test_overview_draws_a_difference_between_lines_that_a_question_asks() -> None:
    adata = study(n_pairs=3)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean")
    plain = ms.pl.overview(adata, "emt.set0", design=design, res=res).figure.axes[1]
    own = res[res["signature"].eq("emt.set0") & res["contrast"].eq("resistance_in_co")]
    claims = own.assign(claim="c", family="further questions", family_size=1, verdict="supported", p_adj=0.01)
    asked = ms.pl.overview(adata, "emt.set0", design=design, res=res, claims=claims).figure.axes[1]
    rows = [[label.get_text().replace("\n", " ") for label in ax.get_yticklabels()] for ax in (plain, asked)]
    assert set(rows[1]) - set(rows[0]) == {"resistant vs parental in co"}
    assert len(rows[1]) == len(rows[0]) + 1
    lacking = res["contrast"].eq("interaction")
    bare = res.copy()
    bare.loc[lacking, ["estimate", "ci_low", "ci_high", "p_adj"]] = np.nan
    keys = [
        [
            t.get_text()
            for t in ms.pl.overview(adata, "emt.set0", design=design, res=bare, claims=given).figure.texts
            if t.get_gid() == "key"
        ]
        for given in (None, claims)
    ]
    left = "not drawn, as not estimated: more in resistant than in parental"
    assert [left in key for key in keys] == [True, False]
    assert "filled: supported, or without ‡ adj. p < 0.05" in keys[1]


def test_the_key_of_an_overview_speaks_of_the_contrasts_that_it_draws() -> None:
    """Of a second compartment only what claims ask is drawn, or counted."""
    adata = study(n_pairs=3)
    both = ad.concat([adata, adata.copy()], index_unique="-")
    both.uns = adata.uns
    both.obs["site"] = np.repeat(["CD45+", "CD90+"], adata.n_obs)
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="site")
    res = ms.tl.compare(both, design, method="mean")
    own = res[res["signature"].eq("emt.set0")]
    joint = own["contrast"].eq("resistance_in_co") & own["stratum"].eq("compartment=CD90+")
    usual = ~own["contrast"].str.startswith("resist")
    claims = own[joint | usual].assign(claim="c", family_size=9, verdict="supported", p_adj=0.01)
    claims["family"] = np.where(claims["stratum"].eq("compartment=CD90+"), "further questions", "claims")
    figure = ms.pl.overview(both, "emt.set0", design=design, res=res, claims=claims).figure
    key = [text.get_text() for text in figure.texts if text.get_gid() == "key"]
    assert "filled: supported" in key
    none = claims.assign(verdict="not supported")
    figure = ms.pl.overview(both, "emt.set0", design=design, res=res, claims=none).figure
    key = [text.get_text() for text in figure.texts if text.get_gid() == "key"]
    assert [said for said in key if "filled" in said or "open" in said] == ["open: not supported"]


def test_overview_clips_an_interval_that_would_set_the_axis_and_keeps_all_points() -> None:
    design = ms.Design(culture="culture", line="line", pair="pair")
    adata = study(n_pairs=3)
    res = ms.tl.compare(adata, design, method="mean")
    own = res[res["signature"].eq("emt.set0") & ~res["contrast"].str.startswith("resist")]
    more = own.assign(contrast=["reversal_a", "reversal_b", "reversal_c"])
    both = pd.concat([own, more], ignore_index=True).assign(estimate=[0.1, -0.1, 0.05] * 2, p_adj=0.5)
    both = both.assign(ci_low=both["estimate"] - 0.1, ci_high=both["estimate"] + 0.1)
    whole = ms.pl.overview(adata, "emt.set0", design=design, res=both).figure
    wide = both.copy()
    wide.loc[2, ["ci_low", "ci_high"]] = [-0.87, 1.0]
    cut = ms.pl.overview(adata, "emt.set0", design=design, res=wide).figure
    limits = [figure.axes[1].get_xlim() for figure in (whole, cut)]
    np.testing.assert_allclose(limits[1], (-0.2 - 0.02, 0.2 + 0.02))  # the others' ends and 5 % of them
    low = cut.axes[1]
    heads = {line.get_marker(): line for line in low.lines if line.get_marker() in ("<", ">")}
    assert [float(heads[m].get_xdata()[0]) for m in "<>"] == pytest.approx(limits[1])
    assert {float(line.get_ydata()[0]) for line in heads.values()} == {float(low.get_yticks()[2])}
    keys = [[t.get_text() for t in f.texts if t.get_gid() == "key"] for f in (whole, cut)]
    assert ["the interval goes on" in key for key in keys] == [False, True]
    assert [any(key.startswith("filled") for key in own) for own in keys] == [False, False]
    claims = wide.assign(verdict="not supported", claim="c", family="claims", family_size=6, cite="estimate")
    claims = claims.assign(carried=[0.4, *[0.0] * 5])
    told = ms.pl.overview(adata, "emt.set0", design=design, res=wide, claims=claims).figure.axes[1]
    assert told.get_xlim()[1] > 0.4  # what stroma gives is a point, too


def test_overview_fills_no_mark_of_a_claim_that_is_not_supported() -> None:
    adata = study(n_pairs=3)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean")
    own = res[res["signature"].eq("emt.set0") & ~res["contrast"].str.startswith("resist")]
    claims = own.assign(p_adj=0.001, claim="c", family="claims", family_size=3)
    claims["verdict"] = ["cannot tell", "supported", "supported"]
    figure = ms.pl.overview(adata, "emt.set0", design=design, res=res, claims=claims).figure
    low = figure.axes[1]
    filled = [c.lines[0].get_markerfacecolor() != "white" for c in low.containers]
    assert filled == [False, True, True]
    told = [text.get_text() for text in low.texts if text.get_text().startswith("0.001")]
    assert told == ["0.001†\ncannot tell", "0.001†", "0.001†"]
    key = [text.get_text() for text in figure.texts if text.get_gid() == "key"]
    assert {"filled: supported", "open: cannot be told"} <= set(key)


def test_levels_have_the_words_colours_and_order_that_are_asked_for() -> None:
    adata, design = study(n_pairs=3), ms.Design(culture="culture", line="line", pair="pair")
    own = {"labels": {"resistant": "AraC-R", "co": "+ MSC", "emt.set0": "EMT"}, "order": ["resistant", "co"]}
    own["palette"] = {"resistant": "#117733"}
    ax = ms.pl.scores(adata, "emt.set0", design=design, width=180, **own)
    arms = [label.get_text() for label in ax.get_xticklabels()]
    assert arms == [f"{a}\n{b}\nn = 3" for a in ("AraC-R", "parental") for b in ("+ MSC", "mono")]
    want = means(adata, "emt.set0")[[(a, b) for a in ("resistant", "parental") for b in ("co", "mono")]]
    drawn = [float(c.lines[0].get_ydata()[0]) for c in ax.containers]
    np.testing.assert_allclose(drawn, want)
    points = [c for c in ax.collections if isinstance(c, PathCollection)]
    assert [mpl.colors.to_hex(c.get_facecolor()[0]) for c in points] == ["#117733"] * 2 + ["#0072b2"] * 2
    assert ax.get_title(loc="left") == "EMT"
    ax = ms.pl.interaction(adata, "emt.set0", design=design, **own)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["+ MSC", "mono"]
    lines = [c.lines[0] for c in ax.containers]
    assert [mpl.colors.to_hex(line.get_color()) for line in lines] == ["#117733", "#0072b2"]
    np.testing.assert_allclose(np.ravel([line.get_ydata(orig=False) for line in lines]), want)
    ax = ms.pl.heatmap(adata, ["emt.set0"], design=design, **own)
    z = stats.zscore(adata.obsm["score_mean"]["emt.set0"].to_numpy(), ddof=1)
    at = (
        adata.obs.reset_index().sort_values(["line", "culture"], ascending=[False, True], kind="stable").index
    )
    np.testing.assert_allclose(ax.images[0].get_array().data[0], z[at])
    assert ax.get_yticklabels()[0].get_text() == "EMT"
    assert {"AraC-R (6)", "+ MSC (6)"} <= {text.get_text() for text in ax.texts}
    strip = next(child for child in ax.child_axes if child.get_yticklabels()[0].get_text() == "line")
    assert mpl.colors.to_hex(strip.images[0].get_array()[0, 0]) == "#117733"
    adata.obs["drug"] = ["none", "A", "B"] * 4
    treated = ms.Design(culture="culture", inhibitor="drug", vehicle="none")
    ax = ms.pl.scores(adata, "emt.set0", design=treated, order=["co", "B", "A"], width=180)
    arms = [label.get_text().splitlines()[:-1] for label in ax.get_xticklabels()]
    assert arms == [
        [c, *d] for c in ("co", "mono") for d in ([], ["+ B"], ["+ A"])
    ]  # the vehicle stays first
    for draw in (ms.pl.scores, ms.pl.interaction, ms.pl.heatmap):
        with pytest.raises(ms.InputError, match=r"order names 'resistent'.* Did you mean 'resistant'\?"):
            draw(adata, "emt.set0", design=design, order=["resistent"])
        with pytest.raises(ms.InputError, match="which is no colour"):
            draw(adata, "emt.set0", design=design, palette={"co": "reddish"})


def test_heatmap_holds_z_scores_in_arm_order() -> None:
    adata = study()
    adata.obsm["score_mean"]["stat3.set2"] = 0.1
    ax = ms.pl.heatmap(adata, design=Plan())
    samples = [label.get_text() for label in ax.get_xticklabels()]
    arms = Plan().arms(adata.obs)[samples]
    names = ["parental / mono", "parental / co", "resistant / mono", "resistant / co"]
    assert list(arms) == [name for name in names for _ in range(4)]
    drawn = ax.images[0].get_array()
    expected = stats.zscore(adata.obsm["score_mean"].loc[samples].to_numpy()[:, :2], ddof=1).T
    np.testing.assert_allclose(drawn[:2], expected)
    assert drawn.mask[2].all()
    strips = {
        s.get_yticklabels()[0].get_text(): s.images[0].get_array()[0] for s in ax.child_axes if s.images
    }
    assert list(strips) == ["culture", "line"]
    for name, colours in strips.items():
        values = adata.obs.loc[samples, name].to_numpy()
        changes = (np.asarray(colours)[1:] != np.asarray(colours)[:-1]).any(axis=1)
        np.testing.assert_array_equal(changes, values[1:] != values[:-1])
    told = [text.get_text() for text in ax.texts]
    assert told == ["culture:", "mono (8)", "co (8)", "line:", "parental (8)", "resistant (8)"]


def test_heatmap_chooses_signatures_and_drops_samples_outside() -> None:
    adata = study()
    adata.obs["used"] = (adata.obs["line"] == "parental").to_numpy()
    ax = ms.pl.heatmap(adata, design=Plan(), signatures=["stat3.set2", "emt.set0"])
    assert ax.images[0].get_array().shape == (2, 8)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["stat3.set2", "emt.set0"]
    with pytest.raises(ms.InputError, match=r"Not scored with 'mean': emt\.other"):
        ms.pl.heatmap(adata, "emt.other")


def test_coverage_draws_found_shares() -> None:
    adata = study(n_signatures=6)
    ax = ms.pl.coverage(adata)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], np.arange(1, 7) / 10)
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [True] * 4 + [False] * 2
    assert [text.get_text() for text in ax.texts] == [f"{k}/10" for k in range(1, 7)]
    assert ax.lines[0].get_xdata()[0] == 0.5


def test_coverage_hatches_what_has_no_score_though_enough_genes_are_found() -> None:
    adata = study(n_signatures=6)
    scores = adata.obsm["score_mean"]
    scores[scores.columns[5]] = np.nan  # as of a list of both directions without signs
    drawn = [bool(bar.get_hatch()) for bar in ms.pl.coverage(adata).patches]
    assert drawn == [True] * 4 + [False, True]


@pytest.mark.parametrize(
    "draw",
    [
        lambda adata: ms.pl.scores(adata, "emt.set0", design=Plan()),
        lambda adata: ms.pl.interaction(adata, "emt.set0", design=Plan()),
        ms.pl.heatmap,
        ms.pl.coverage,
    ],
)
def test_without_scores_the_error_names_the_call(draw: object) -> None:
    adata = AnnData(np.zeros((2, 2), dtype=np.float32))
    with pytest.raises(ms.InputError, match=r"ms\.tl\.score"):
        draw(adata)


def test_unknown_signature_names_the_scored_ones() -> None:
    with pytest.raises(ms.InputError, match=r"'emt\.no' was not scored with 'mean'\. Scored: emt\.set0"):
        ms.pl.scores(study(), "emt.no", design=Plan())


@pytest.mark.parametrize(("n_pairs", "n_signatures"), [(2, 2), pytest.param(150, 60, marks=pytest.mark.slow)])
def test_figures_draw_small_and_large(n_pairs: int, n_signatures: int) -> None:
    adata = study(n_pairs=n_pairs, n_signatures=n_signatures)
    drawn = [
        ms.pl.scores(adata, "emt.set0", design=Plan()),
        ms.pl.heatmap(adata, design=Plan()),
        ms.pl.coverage(adata),
        ms.pl.forest(results(n_signatures)),
    ]
    for ax in drawn:
        ax.figure.canvas.draw()
        whole, box = ax.figure.bbox, ax.get_tightbbox()
        assert box.x0 >= whole.x0 - 1
        assert box.x1 <= whole.x1 + 1
        assert box.y0 >= whole.y0 - 1
        assert box.y1 <= whole.y1 + 1


@pytest.mark.parametrize("df", [1, 2, 3, 5, 10, 11, 15, 30, 200, 10000])
def test_t_quantile_agrees_with_scipy(df: int) -> None:
    assert t_quantile(df) == pytest.approx(stats.t.ppf(0.975, df), abs=5e-5)


@pytest.mark.parametrize("values", [[2.0], [1.0, 3.0]])
def test_fewer_than_three_values_have_no_interval(values: list[float]) -> None:
    mean, half = mean_interval(np.array(values))
    assert mean == 2.0
    assert np.isnan(half)


def test_compartments_are_arms_of_their_own_and_never_pooled() -> None:
    adata = study(n_pairs=2, repeats=2)
    adata.obs["sorted"] = ["blast", "stroma"] * 8
    ax = ms.pl.scores(adata, "emt.set0", design=Plan(compartment="sorted"), width=180)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[0] == "blast\nparental\nmono\nn = 2"
    assert len(labels) == 8
    with pytest.raises(ms.DesignError, match=r"2 strata \(blast, stroma\)"):
        ms.pl.interaction(adata, "emt.set0", design=Plan(compartment="sorted"))


def test_real_design_gives_the_same_arms() -> None:
    adata = study()
    design = ms.Design(culture="culture", line="line", pair="pair")
    ax = ms.pl.scores(adata, "emt.set0", design=design)
    arms = [("parental", "mono"), ("parental", "co"), ("resistant", "mono"), ("resistant", "co")]
    labels = [f"{line}\n{culture}\nn = 4" for line, culture in arms]
    assert [label.get_text() for label in ax.get_xticklabels()] == labels
    drawn = [container.lines[0].get_ydata(orig=False)[0] for container in ax.containers]
    expected = means(adata, "emt.set0")
    np.testing.assert_allclose(drawn, [expected[arm] for arm in arms])


def test_a_design_that_takes_no_sample_is_refused() -> None:
    adata = study()
    adata.obs["used"] = False
    with pytest.raises(ms.DesignError, match="No sample belongs"):
        ms.pl.heatmap(adata, design=Plan())


def test_one_arm_is_drawn_alone() -> None:
    adata = study()
    keep = (adata.obs["culture"] == "co") & (adata.obs["line"] == "parental")
    alone = adata[keep.to_numpy()].copy()
    ax = ms.pl.scores(alone, "emt.set0", design=Plan())
    assert [label.get_text() for label in ax.get_xticklabels()] == ["parental\nco\nn = 4"]
    values = alone.obsm["score_mean"]["emt.set0"]
    np.testing.assert_allclose(np.sort(ax.collections[0].get_offsets()[:, 1]), np.sort(values))
    assert not [line for line in ax.lines if len(line.get_xdata()) > 1 and line.get_color() == "#767676"]
    strips = [child for child in ms.pl.heatmap(alone, design=Plan()).child_axes if child.images]
    assert len(strips) == 2
    with pytest.raises(ms.InputError, match="no line was grown both"):
        ms.pl.interaction(alone, "emt.set0", design=Plan())


def test_a_heatmap_of_many_cell_types_has_no_strip_for_them() -> None:
    adata = study()
    adata.obs["type"] = [f"type {i}" for i in range(adata.n_obs)]
    design = ms.Design(culture="culture", line="line", compartment="type")
    strips = [child for child in ms.pl.heatmap(adata, design=design).child_axes if child.get_yticklabels()]
    names = {label.get_text() for strip in strips for label in strip.get_yticklabels()}
    assert {"line", "culture"} <= names
    assert "type" not in names


def test_one_line_without_a_culture_is_left_out_of_an_interaction() -> None:
    adata = study()
    keep = (adata.obs["culture"] == "co") | (adata.obs["line"] == "parental")
    ax = ms.pl.interaction(adata[keep.to_numpy()].copy(), "emt.set0", design=Plan())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["parental (n = 4, 4)"]


def test_an_overview_that_is_refused_leaves_no_figure_open() -> None:
    adata = study(n_pairs=3)
    design = ms.Design(culture="culture", line="line", pair="pair")
    res = ms.tl.compare(adata, design, method="mean")
    adata.obsm["score_mean"]["emt.set0"] = np.nan
    with pytest.raises(ms.InputError, match="No sample of the design"):
        ms.pl.overview(adata, "emt.set0", design=design, res=res)
    assert plt.get_fignums() == []


def test_forest_marks_what_the_check_of_carry_over_says() -> None:
    """Filled by its verdict beside p; the tick is at `carried`. Rows, p and verdicts are set by hand."""
    res = results(4).assign(method="singscore")
    res = res[res["contrast"] == res["contrast"].iloc[0]].reset_index(drop=True)
    res[["p_adj", "estimate", "ci_low", "ci_high"]] = [[0.01, 0.5, 0.4, 0.6]] * len(res)
    said = ["not explained by carry-over", "may be carry-over", "cannot tell"]
    own = res[:3][["signature", "method", "contrast"]]
    found = own.assign(stratum="", verdict=said, carried=[0.1, 0.3, np.nan])
    ax = ms.pl.forest(res.assign(stratum=""), stroma=found)
    title_of = {y: label.get_text() for y, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)}
    grey = [line for line in ax.lines if line.get_marker() == "|"]
    assert {(title_of[line.get_ydata()[0]], line.get_xdata()[0]) for line in grey} == {
        (res["signature"][0], 0.1), (res["signature"][1], 0.3),
    }  # fmt: skip
    filled = {
        title_of[y]
        for line in ax.lines
        if line.get_linestyle() == "None" and line.get_markerfacecolor() == line.get_color()
        for y in (line.get_ydata() if line.get_marker() != "|" else ())
    }
    assert filled == set(res["signature"]) - set(res["signature"][1:3])
    told = ax.get_xlabel().replace("\n", " ")
    assert "and, where checked, not explained by carry-over; tick: what stroma gives by itself" in told
    assert "as scored" not in told
    assert "where checked" not in ms.pl.forest(res[:3].assign(stratum=""), stroma=found).get_xlabel()
    assert "as scored" in ms.pl.forest(res.assign(stratum="")).get_xlabel()
    with pytest.raises(ms.InputError, match="stroma= checked scores of mean, and singscore is drawn"):
        ms.pl.forest(res.assign(stratum=""), stroma=found.assign(method="mean"))
    with pytest.raises(ms.InputError, match="other verdicts"):
        ms.pl.forest(res.assign(stratum=""), stroma=found.assign(verdict="supported"))
    with pytest.raises(ms.InputError, match="no column carried"):
        ms.pl.forest(res.assign(stratum=""), stroma=found.drop(columns="carried"))


def test_figures_say_pairs_and_the_family_of_the_adjusted_p() -> None:
    adata = ms.ds.demo()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark", "control.estimate_stromal"])
    untreated = adata[adata.obs["inhibitor"] == "none"].copy()
    design = ms.Design(culture="culture", line="line", pair="pair")
    one = {"primary": "emt.hallmark", "primary_contrasts": "interaction"}
    res = ms.tl.compare(untreated, design, permutations=0, **one)
    ax = ms.pl.forest(res, contrast="interaction")
    assert {text.get_text() for text in ax.texts if "pair" in text.get_text()} == {"4, 4 pairs"}
    # The family of each row as ms.tl.compare wrote it: one test in the primary family, one beside it
    # (controls are a family by themselves).
    sizes = res[res["contrast"] == "interaction"].set_index("signature")["family_size"]
    assert sizes.to_dict() == {"emt.hallmark": 1, "il6.hallmark": 1, "control.estimate_stromal": 1}
    assert (
        "adj. p < 0.05 as scored, Holm over 1 test, others BH over 1 test; stromal carry-over not asked)"
        in ax.get_xlabel().replace("\n", " ")
    )
    ax = ms.pl.interaction(untreated, "emt.hallmark", design=design, res=res)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "parental (n = 4 pairs)", "resistant (n = 4 pairs)",
    ]  # fmt: skip
    assert "(Holm over 1 test)" in ax.texts[0].get_text()
    bare = ms.pl.forest(res.drop(columns=["family_size", "n_pairs"]), contrast="co_in_parental")
    assert not {"BH", "Holm"} & set(bare.get_xlabel().split())
    assert "4, 4" in {text.get_text() for text in bare.texts}

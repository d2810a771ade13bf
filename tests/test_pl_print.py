"""Every figure at the width of a column: nothing cut off, on top of each other, too small or too pale."""

from __future__ import annotations

import re
from io import StringIO
from itertools import combinations, pairwise, product
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib.colors import to_hex
from matplotlib.text import Text

import marrowsig as ms
from marrowsig._provenance import record
from marrowsig._report.legend import without_room
from marrowsig._titles import SHORT
from marrowsig.pl._colours import MISSING
from marrowsig.pl._style import room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.axes import Axes

JOINT = "interaction"
WIDTHS = (85, 180)
DESIGN = ms.Design(culture="culture", line="line", inhibitor="drug", pair="pair")
LONG = ("emt.foroutan2017_integrated_tgfb", "control.naba2012_core_matrisome", "il6.hallmark")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def names(k: int) -> list[str]:
    axes = ("emt", "il6", "stat3", "control")
    return [LONG[i] if i < 3 and k > 3 else f"{axes[i % 4]}.set{i}" for i in range(k)]


def titles(k: int) -> dict[str, str]:
    """Titles of the three that come with the package, as results keep them."""
    return {one: ms.sig.load(one)[one].title for one in names(k) if one in LONG}


def study(k: int, n: int) -> AnnData:
    """n samples in as many arms as the design has room for, the first signature without any score."""
    arms = [
        (a, *b)
        for a in ("parental", "resistant")
        for b in (("mono", "none"), ("co", "none"), ("co", "JAKi_A"))
    ]
    rows = [(*arms[i % 6], f"d{i // 6}") for i in range(n)]
    obs = pd.DataFrame(
        rows, columns=["line", "culture", "drug", "pair"], index=[f"sample{i}" for i in range(n)]
    )
    obs["age"] = np.linspace(20, 80, n)
    adata = AnnData(np.zeros((n, 1), dtype=np.float32), obs=obs)
    scores = pd.DataFrame(np.random.default_rng(3).normal(size=(n, k)), index=obs.index, columns=names(k))
    scores.iloc[:, 0] = np.nan
    adata.obsm["score_mean"] = scores
    adata.obsm["X_umap"] = np.random.default_rng(4).normal(size=(n, 2))
    coverage = pd.DataFrame(
        {"signature": names(k), "axis": [s.split(".")[0] for s in names(k)], "listed": 200}
    )
    coverage = coverage.assign(found=np.arange(k) % 200, coverage=(np.arange(k) % 200) / 200, missing="")
    listed = pd.DataFrame({"id": names(k), "title": [titles(k).get(one, "") for one in names(k)]})
    entry = {"params": '{"min_coverage": 0.5}', "key": "score_mean", "coverage": coverage,
             "signatures": listed}  # fmt: skip
    record(adata, "scores", {"mean": entry})
    return adata


def spread(frame: pd.DataFrame, column: str, low: str, high: str, *, at: float = 0.3) -> pd.DataFrame:
    """Estimates with intervals; the first row has none."""
    value = np.linspace(-at, 4 * at, len(frame))
    value[0] = np.nan
    return frame.assign(**{column: value, low: value - at / 3, high: value + at / 2})


def table(k: int, **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame({"signature": names(k), "axis": [s.split(".")[0] for s in names(k)]})
    frame = frame.assign(
        method="singscore", contrast="co_in_resistant", stratum="", n_test=4, n_base=4, **columns
    )
    rows = spread(frame, "estimate", "ci_low", "ci_high").assign(p_adj=np.linspace(1e-5, 1, k))
    rows.attrs["titles"] = titles(k)
    return rows


def overview(k: int) -> pd.DataFrame:
    own = table(k, adjustment="Holm").assign(method="mean")
    asked = ("co_in_parental", "co_in_resistant", JOINT, "reversal_JAKi_A_in_resistant")
    return pd.concat([own.assign(contrast=name) for name in asked], ignore_index=True)


def rescue(k: int) -> pd.DataFrame:
    rows = table(k, kind="line", n_mono=4, n_co=4, n_treated=4, verdict="reversed to within the margin")
    for part in ("induction", "reversal", "residual", "fraction"):
        rows = spread(rows, part, f"{part}_low", f"{part}_high")
    rows = rows.assign(fraction_kind="interval", margin=0.02)
    rows.loc[rows.index[-1], ["fraction_low", "fraction_high", "fraction_kind"]] = [-np.inf, np.inf, "all"]
    cases = [("parental", "JAKi_A"), ("resistant", "JAKi_A"), ("resistant", "ruxolitinib")]
    return pd.concat([rows.assign(line=line, inhibitor=drug) for line, drug in cases], ignore_index=True)


def verdicts(k: int) -> pd.DataFrame:
    rows = table(k, verdict="explained by carry-over", n_kept=120, n_genes=200, left=0.05, share=0.005)
    rows = spread(rows, "filtered_estimate", "filtered_ci_low", "filtered_ci_high").assign(share_up=0.006)
    tipping = np.geomspace(1e-4, 0.4, k)
    tipping[-1] = np.inf
    tipping[0] = np.nan
    return rows.assign(tipping=tipping, tipping_ratio=tipping / 0.006, robust=["no", "yes"] * (k // 2))


def claims(k: int) -> pd.DataFrame:
    words = ["supported", "not supported", "cannot tell", "contradicted"]
    rows = table(k, statement="the IL-6 response rises in co-culture", line="resistant", inhibitor="")
    rows = rows.assign(compartment="leukaemia", detectable=0.3, agreement=0.9, n_specifications=20)
    rows = rows.assign(stroma="may be carry-over", maturation="not asked: no effect established")
    return rows.assign(verdict=[words[i % 4] for i in range(k)])


def sensitivity(k: int) -> pd.DataFrame:
    rows = table(k, specification="adjusted for the cell cycle and maturation", kind="adjusted", n_genes=200)
    rows = rows.assign(
        signature=LONG[0], se_inflation=1.3, df_lost=2, n_removed=0, excludes_zero=True, holds=True
    )
    return rows.assign(kind=["main", *rows["kind"][1:]])


def specifications(k: int) -> pd.DataFrame:
    rows = pd.concat([table(k), table(k).assign(method="ucell")], ignore_index=True).assign(axis="emt")
    rows = spread(rows, "effect", "effect_low", "effect_high").assign(effect_name="hedges_g", test="ols")
    return rows.assign(normalisation="log_cpm", excludes_zero=rows["effect"] > 0)


def pairs(k: int) -> pd.DataFrame:
    rows = [
        (s, a, b, 0.1 * i - 0.2, 32) for s in names(k) for i, (a, b) in enumerate(combinations("abcd", 2))
    ]
    frame = pd.DataFrame(rows, columns=["signature", "method_a", "method_b", "spearman", "n"])
    frame = frame.assign(spearman=frame["spearman"].where(frame["signature"] != names(k)[0]))
    frame.attrs["titles"] = titles(k)
    return frame


def agreed(k: int) -> pd.DataFrame:
    rows = spread(table(k), "lowest", "highest", "unused").assign(n_methods=4)
    return rows.assign(same_sign=np.where(np.arange(k) % 2, 1.0, 0.5), disagree="ssgsea, ucell")


def parts(k: int) -> pd.DataFrame:
    rows = pd.DataFrame({"signature": LONG[0], "gene": [f"GENE{i}" for i in range(k)], "weight": 1.0})
    rows = rows.assign(contrast="co_in_resistant", stratum="", full=0.1, adds=np.linspace(0.2, -0.1, k))
    return rows.assign(without=0.1 - rows["adds"] / 9, without_low=-0.02, without_high=0.2)


def chain(k: int) -> SimpleNamespace:
    links = pd.DataFrame({"r": [0.3, np.nan], "r_low": [-0.2, np.nan], "r_high": [0.7, np.nan], "n": 32})
    links = links.assign(verdict=["associated", "not tested"], stratum="", adjusted_for="nothing")
    links = links.assign(n_pairs=8, df=17.0, unit="pair")
    drugs = pd.DataFrame(
        {"inhibitor": [f"JAKi_{i}" for i in range(min(k, 8))], "line": "resistant", "stratum": ""}
    )
    for step in ("stat3", "emt"):
        drugs = spread(drugs, f"{step}_fraction", f"{step}_fraction_low", f"{step}_fraction_high", at=0.5)
        drugs = drugs.assign(**{f"{step}_fraction_kind": "interval", f"{step}_reversed": True})
    drugs.loc[0, "emt_fraction_kind"] = "all"
    told = pd.DataFrame(
        {"stratum": [""], "competence": ["IL6ST low, with fewer than ten reads in most samples"]}
    )
    called = ["il6.hallmark", "stat3.azare2007_transformation", LONG[0]]
    steps = pd.DataFrame({"step": ["il6", "stat3", "emt"], "name": called})
    steps.attrs["titles"] = titles(12)
    return SimpleNamespace(verdicts=told, links=links, inhibitors=drugs, steps=steps)


def pooled(k: int) -> SimpleNamespace:
    row = (
        table(2)
        .iloc[1:]
        .assign(on="score", n_studies=k, n_samples=24, pi_low=-0.2, pi_high=2.0, p=0.01, reason="")
    )
    studies = table(k, n_samples=8, weight=1 / k).assign(study=[f"GSE{10000 + i}" for i in range(k)])
    studies = studies.assign(signature=row["signature"].iloc[0]).rename(
        columns={"ci_low": "low", "ci_high": "high"}
    )
    return SimpleNamespace(table=row, studies=studies)


def powers(k: int) -> pd.DataFrame:
    rows = [(f"contrast_{i}", 0.1, n, 0.1 * n) for i in range(min(k, 6)) for n in (3, 6, 9)]
    frame = pd.DataFrame(rows, columns=["contrast", "effect", "n", "power"])
    return frame.assign(power_low=frame["power"] - 0.02, power_high=frame["power"] + 0.02, adjustment="Holm")


def counts(n: int) -> AnnData:
    """Counts of four genes in the arms of `study`."""
    obs = study(4, n).obs
    values = np.random.default_rng(2).poisson(30.0, (n, 4)).astype(float)
    adata = AnnData(values, obs=obs, var=pd.DataFrame(index=["IL6", "IL6R", "IL6ST", "STAT3"]))
    record(adata, "input", {"kind": "counts"})
    return adata


FIGURES: dict[str, Callable[[int, int, float], Axes]] = {
    "scores": lambda k, n, w: ms.pl.scores(study(k, n), names(k)[1], design=DESIGN, width=w),
    "expression": lambda _, n, w: ms.pl.expression(counts(n), "IL6", design=DESIGN, width=w),
    "interaction": lambda k, n, w: ms.pl.interaction(
        study(k, n), names(k)[1], design=DESIGN, width=w, res=table(k).assign(contrast=JOINT, method="mean")
    ),
    "overview": lambda k, n, w: ms.pl.overview(
        study(k, n), names(k)[1:4], design=DESIGN, width=w, res=overview(k)
    ),
    "heatmap": lambda k, n, w: ms.pl.heatmap(study(k, n), design=DESIGN, annotate=["age"], width=w),
    "coverage": lambda k, n, w: ms.pl.coverage(study(k, n), width=w),
    "embedding": lambda k, n, w: ms.pl.embedding(study(k, n), names(k), width=w),
    "forest": lambda k, _, w: ms.pl.forest(table(k), width=w),
    "rescue": lambda k, _, w: ms.pl.rescue(rescue(k), width=w),
    "rescue of one": lambda k, _, w: ms.pl.rescue(rescue(k), signature=names(k)[1], width=w),
    "stroma": lambda k, _, w: ms.pl.stroma(verdicts(k), width=w),
    "tipping": lambda k, _, w: ms.pl.tipping(verdicts(k), width=w),
    "claims": lambda k, _, w: ms.pl.claims(claims(k), width=w),
    "chain": lambda k, _, w: ms.pl.chain(chain(k), width=w),
    "sensitivity": lambda k, _, w: ms.pl.sensitivity(sensitivity(k), width=w),
    "multiverse": lambda k, _, w: ms.pl.multiverse(specifications(k), width=w),
    "meta": lambda k, _, w: ms.pl.meta(pooled(k), width=w),
    "agreement": lambda k, _, w: ms.pl.agreement(pairs(k), width=w),
    "agreement of one": lambda k, _, w: ms.pl.agreement(pairs(k), signature=names(k)[1], width=w),
    "agreement of a result": lambda k, _, w: ms.pl.agreement(agreed(k), width=w),
    "contributions": lambda k, _, w: ms.pl.contributions(parts(k), width=w),
    "power": lambda k, _, w: ms.pl.power(powers(k), width=w),
}  # fmt: skip


def words(figure: Any) -> list[Text]:
    """Give what is written; not the labels of ticks beyond the limits, or of axes that are off."""
    hidden: set[int] = set()
    for ax in figure.findobj(plt.Axes):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            far = 1e-9 * (high - low)
            for minor in (False, True):
                places = axis.get_ticklocs(minor=minor)
                beyond = (places < low - far) | (places > high + far) | (not ax.axison)
                labels = axis.get_ticklabels(minor=minor)
                hidden |= {id(t) for t, out in zip(labels, beyond, strict=False) if out}
    texts = figure.findobj(Text)
    return [t for t in texts if t.get_visible() and t.get_text().strip() and id(t) not in hidden]


def check(ax: Axes, width: float) -> None:
    figure: Any = ax.figure
    figure.canvas.draw()
    assert figure.get_figwidth() * 25.4 == pytest.approx(width)
    shown = words(figure)
    assert min(t.get_fontsize() for t in shown) >= 6.0
    page = figure.bbox
    boxes = [(t, t.get_window_extent()) for t in shown]
    for text, box in boxes:
        inside = (
            box.x0 >= page.x0 - 1
            and box.x1 <= page.x1 + 1
            and box.y0 >= page.y0 - 1
            and box.y1 <= page.y1 + 1
        )
        assert inside, f"cut off: {text.get_text()!r}"
    for (one, a), (two, b) in combinations(boxes, 2):
        across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        # A pixel or two of the empty rim of letters may meet.
        assert across < 2 or down < 0.25 * min(a.height, b.height), (
            f"{one.get_text()!r} on {two.get_text()!r}"
        )


QUICK = ("forest", "claims", "rescue of one")
"""Those that every run draws; `pytest -m figures` draws all."""
EACH = [name if name in QUICK else pytest.param(name, marks=pytest.mark.figures) for name in FIGURES]


@pytest.mark.parametrize("name", EACH)
def test_few_signatures_and_six_samples(name: str) -> None:
    check(FIGURES[name](2, 6, 85), 85)


@pytest.mark.filterwarnings("ignore:3 signatures below each other:marrowsig.InputWarning")
@pytest.mark.filterwarnings("ignore:This figure is:marrowsig.InputWarning")
@pytest.mark.figures
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("k", "n"), [(2, 12), (12, 60), (60, 600)])
@pytest.mark.parametrize("name", FIGURES)
def test_many_at_both_widths(name: str, k: int, n: int, width: float) -> None:
    check(FIGURES[name](k, n, width), width)


@pytest.mark.parametrize(("width", "low", "high"), [(85, -0.045, 0.035), (180, -0.052, 0.123)])
def test_labels_of_the_axis_of_stroma_keep_apart(width: float, low: float, high: float) -> None:
    """Six letters each beside long names: at 85 mm they lay on each other by 3 mm, at 180 by half of one."""
    ends = {
        f"{name}ci_{side}": at for name in ("", "filtered_") for side, at in (("low", low), ("high", high))
    }
    rows = verdicts(2).assign(estimate=0.01, filtered_estimate=0.01, left=0.0, **ends)
    name = "TGF-beta-induced EMT of Ras-transformed mouse hepatocytes"
    ax = ms.pl.stroma(rows, width=width, labels={rows["signature"].iloc[0]: name})
    check(ax, width)
    ticks = [t for t in words(ax.figure) if t in ax.get_xticklabels()]
    assert len(ticks) > 1
    boxes = [t.get_window_extent() for t in ticks]
    gaps = [25.4 / ax.figure.dpi * (b.x0 - a.x1) for a, b in pairwise(boxes)]
    assert min(gaps) > 0.5  # millimetres
    assert (ax.get_xlim()[0] < low) & (ax.get_xlim()[1] > high)


@pytest.mark.parametrize("name", ["claims", "forest"])
def test_axes_of_a_middle_width_keep_room_and_their_numbers_apart(name: str) -> None:
    """At 130 mm words took all but 2 mm of the axes of claims, and numbers of narrow panels lay on others."""
    if name == "claims":
        rows = claims(4).assign(n_pairs=4, n_base=3, line="THP-1 VenR cells", p_adj=1e-9)
        ax = ms.pl.claims(rows, width=130)
    else:
        asked = ("co_in_parental", "co_in_resistant", JOINT)
        rows = pd.concat([table(32).assign(contrast=own, p_adj=1e-9) for own in asked])
        ax = ms.pl.forest(rows.assign(estimate=0.02, ci_low=-0.11, ci_high=0.16), width=130)
    check(ax, 130)
    assert ax.get_position().width * 130 > 10  # millimetres


def test_tables_read_from_files_draw_as_they_are() -> None:
    """Pandas reads an empty text as NaN: a stratum, or the inhibitor of a claim."""
    for draw, rows in ((ms.pl.sensitivity, sensitivity(2)), (ms.pl.claims, claims(2))):
        read = pd.read_csv(StringIO(rows.to_csv(index=False)))
        assert read["stratum"].isna().all()
        plain, ours = ([t.get_text() for t in words(draw(one, width=174).figure)] for one in (read, rows))
        assert "nan" not in " ".join(plain)
        assert len(plain) == len(ours)


LEVELS = {
    "short": (("par", "res"), ("mono", "co"), ("none", "A", "B")),
    "long": (
        ("MOLM-13 parental", "MOLM-13 AraC-resistant"),
        ("monoculture", "HS-5 co-culture"),
        ("DMSO", "ruxolitinib 1 \u03bcM", "tocilizumab"),
    ),
}


def arms_of(words: str, arms: int) -> tuple[AnnData, ms.Design, pd.DataFrame]:
    """Scores in four or eight arms, their design, and a rescue in four or eight rows."""
    lines, cultures, drugs = LEVELS[words]
    used = drugs[: arms // 4]
    rows = list(product(lines, cultures, used, [f"d{i}" for i in range(4)]))
    obs = pd.DataFrame(rows, columns=["line", "culture", "drug", "pair"]).rename("s{}".format)
    adata = AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    scores = np.random.default_rng(1).normal(size=(len(obs), 1))
    adata.obsm["score_mean"] = pd.DataFrame(scores, index=obs.index, columns=[LONG[0]])
    record(adata, "scores", {"mean": {"params": "{}", "key": "score_mean"}})
    design = ms.Design(
        culture="culture", mono=cultures[0], co=cultures[1], line="line", parental=lines[0],
        resistant=lines[1], pair="pair", **({"inhibitor": "drug", "vehicle": drugs[0]} if arms > 4 else {}),
    )  # fmt: skip
    one = rescue(2).iloc[[1]]
    cases = [one.assign(line=a, inhibitor=f"{b}{c}") for a in lines for b in drugs[1:] for c in ("", " + X")]
    return adata, design, pd.concat(cases[:: 1 if arms > 4 else 2], ignore_index=True)


@pytest.mark.figures
@pytest.mark.parametrize("width", [85, 120, 180])
@pytest.mark.parametrize("arms", [4, 8])
@pytest.mark.parametrize("words", LEVELS)
def test_words_of_arms_keep_apart(words: str, arms: int, width: float) -> None:
    adata, design, res = arms_of(words, arms)
    check(ms.pl.scores(adata, LONG[0], design=design, width=width), width)
    check(ms.pl.interaction(adata, LONG[0], design=design, width=width), width)
    check(ms.pl.rescue(res, design=design, width=width), width)


@pytest.mark.parametrize(("words", "width", "grid"), [("long", 85, True), ("short", 85, False)])
def test_arms_without_room_for_words_are_a_grid_of_plus_and_minus(
    words: str, width: float, grid: bool
) -> None:
    adata, design, _ = arms_of(words, 8)
    ax = ms.pl.scores(adata, LONG[0], design=design, width=width)
    check(ax, width)
    assert {label.get_rotation() for label in ax.get_xticklabels()} <= {0.0}
    assert (not any(label.get_text() for label in ax.get_xticklabels())) == grid
    if not grid:
        return
    for name in ("HS-5 co-culture", "ruxolitinib 1 \u03bcM"):
        row = next(t for t in ax.texts if t.get_text() == name)
        y = row.get_position()[1]
        cells = [t.get_text() for t in ax.texts if t.get_position()[1] == y and t is not row]
        assert len(cells) == 8
        assert [cell == "+" for cell in cells] == [name in arm for arm in arms_drawn(ax)]
    told = [t.get_text() for t in ax.texts]
    assert {"MOLM-13 parental", "MOLM-13 AraC-resistant"} <= {text.replace("\n", " ") for text in told}
    assert told.count("4") == 8  # n


def arms_drawn(ax: Axes) -> list[str]:
    """Names of the arms from left to right, by their points."""
    return [
        str(points.get_label()) for points in ax.collections if not str(points.get_label()).startswith("_")
    ]


def planned(k: int) -> SimpleNamespace:
    """Power of a plan of two lines with long names and `k` inhibitors, whose curves end close together."""
    lines = {"parental": "MOLM-13 parental cells", "resistant": "MOLM-13 venetoclax-resistant cells"}
    design = ms.Design(culture="culture", line="line", pair="pair", inhibitor="drug", **lines)
    drugs = ("anti-IL6R (tocilizumab) 10 \u03bcg/ml", "ruxolitinib 500 nM", "siltuximab")[:k]
    named = ["co_in_parental", "co_in_resistant", "interaction"]
    named += [f"reversal_{drug}_in_{role}" for drug in drugs for role in ("parental", "resistant")]
    rows = [(name, 0.0123, n, min(1.0, 0.05 * (n + i))) for i, name in enumerate(named) for n in range(9, 31)]
    table = pd.DataFrame(rows, columns=["contrast", "effect", "n", "power"]).assign(adjustment="Holm")
    table = table.assign(power_low=table["power"], power_high=table["power"], power_claims=table["power"])
    title = (
        "Plan 4 pairs per line, 5 to begin with, of patients (3, 4 to begin with, of cultures of a cell line)"
    )
    unit = SimpleNamespace(unit="sizes are in units of the score on the genes that stroma could not move")
    return SimpleNamespace(
        table=table, params={"target": 0.8}, design=design, primary=table, headline=title, spread=unit
    )


@pytest.mark.parametrize(
    ("k", "width"),
    [
        (3, 85),
        (3, 130),
        (0, 180),
        *(pytest.param(3, w, marks=pytest.mark.figures) for w in (60, 100, 174, 180)),
    ],
)
def test_names_of_curves_of_power_keep_apart_and_leave_the_curves_room(k: int, width: float) -> None:
    ax = ms.pl.power(planned(k), width=width)
    check(ax, width)
    place = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    assert 25.4 * place.width > 0.45 * width
    assert 25.4 * place.height > 43


@pytest.mark.parametrize("managed", [True, False])
def test_panels_have_the_room_of_their_place_in_a_figure(managed: bool) -> None:
    size = (240 / 25.4, 70 / 25.4)
    figure, panels = plt.subplots(1, 2, figsize=size, layout="constrained" if managed else None)
    assert [room(panel) for panel in panels] == pytest.approx([120, 120])
    one = plt.figure(figsize=size).add_gridspec(2, 3, width_ratios=[1, 1, 2])
    assert room(one.figure.add_subplot(one[:, 1:])) == pytest.approx(180)
    adata, design, _ = arms_of("short", 8)
    ms.pl.scores(adata, LONG[0], design=design, ax=panels[0])
    assert panels[0].get_xticklabels()[0].get_text() == "par\nmono\nn = 4"
    assert figure is panels[0].figure


@pytest.mark.figures
def test_three_signatures_that_no_page_holds_are_told_with_what_to_type() -> None:
    adata, design, res = states_study()
    with pytest.warns(ms.InputWarning, match=r"3 signatures .* Draw one at a time, or give width=174"):
        ms.pl.overview(adata, LONG, design=design, res=res, width=85)


STATES = ("AML_GMP", "AML_Mono", "AML_Prog", "AML_HSC")


def states_study() -> tuple[AnnData, ms.Design, pd.DataFrame]:
    """Four cell states, two lines and two cultures of three pairs, with three scores of noise."""
    arms = product(STATES, ("parental", "resistant"), ("mono", "co"), range(3))
    obs = pd.DataFrame(list(arms), columns=["state", "line", "culture", "pair"]).rename("s{}".format)
    obs["pair"] = obs["line"] + obs["pair"].astype(str)
    adata = AnnData(np.zeros((len(obs), 1), dtype=np.float32), obs=obs)
    values = np.random.default_rng(1).normal(size=(len(obs), 3))
    adata.obsm["score_mean"] = pd.DataFrame(values, index=obs.index, columns=LONG)
    record(adata, "scores", {"mean": {"params": "{}", "key": "score_mean"}})
    design = ms.Design(culture="culture", line="line", pair="pair", compartment="state")
    return adata, design, ms.tl.compare(adata, design)


@pytest.mark.filterwarnings("ignore:3 signatures below each other:marrowsig.InputWarning")
@pytest.mark.figures
@pytest.mark.parametrize("width", WIDTHS)
def test_many_states_are_told_by_brackets_and_headings(width: float) -> None:
    adata, design, res = states_study()
    ax = ms.pl.overview(adata, LONG, design=design, res=res, width=width)
    check(ax, width)
    above = [panel for panel in ax.figure.axes if panel.get_ylabel().startswith("mean score")]
    # Below each other, so that each row has a label; of two states in a row with unlike values, each panel.
    assert len(above) == (12 if width == 85 else 3)
    headed = [
        text.get_text() for panel in ax.figure.axes for text in panel.texts if text.get_text() in STATES
    ]
    assert sorted(headed) == sorted(STATES), "each once, above its column or below the lowest"
    low = next(panel for panel in ax.figure.axes if panel.get_xlabel().startswith("difference"))
    labels = [text.get_text().replace("\n", " ") for text in low.get_yticklabels()]
    own = res[res["signature"].eq(LONG[0]) & ~res["contrast"].str.startswith("resist")]
    if width == 85:  # three signatures below each other: no room for three contrasts of each state
        assert labels == ["co vs mono in parental", *sorted(STATES)]
        gone = "co vs mono in resistant; more in resistant than in parental"
        assert without_room(ax.figure) == f" Not drawn for want of room, but in table.csv: {gone}."
        own = own[own["contrast"].eq("co_in_parental")]
        drawn = [float(c.lines[0].get_xdata()[0]) for c in low.containers]
        assert drawn == pytest.approx(own["estimate"].tolist())
        return
    assert labels[::4] == sorted(STATES)
    drawn = [float(c.lines[0].get_xdata()[0]) for c in low.containers]
    assert drawn == pytest.approx(own["estimate"].tolist())
    assert len(labels) == len(own) + len(STATES)


def test_arms_of_two_are_points_alone_and_batches_are_told() -> None:
    adata = study(2, 18)
    adata = adata[~((adata.obs["line"] == "parental") & (adata.obs["pair"] == "d2"))].copy()
    adata.obs["day"] = adata.obs["pair"]
    design = ms.Design(culture="culture", line="line", inhibitor="drug", batch="day")
    ax = ms.pl.scores(adata, names(2)[1], design=design)
    means = adata.obsm["score_mean"][names(2)[1]].groupby(
        [adata.obs["line"], adata.obs["culture"], adata.obs["drug"]]
    )
    three = means.mean()[means.size() == 3]
    assert sorted(float(c.lines[0].get_ydata()[0]) for c in ax.containers) == pytest.approx(sorted(three))
    assert ax.get_ylabel() == "mean score\n(bar: mean, 95 % CI;\nnone of n < 3;\nnot adjusted for batch)"
    few = adata[adata.obs["line"] == "parental"].copy()
    plain = ms.pl.scores(few, names(2)[1], design=ms.Design(culture="culture", inhibitor="drug"))
    assert not plain.containers
    assert plain.get_ylabel() == "mean score"


def test_long_inhibitors_stay_beside_the_chain() -> None:
    res = chain(2)
    res.inhibitors["inhibitor"] = "AZD1480 \u2192 2 \u00d7 0.5 \u03bcM"
    ax = ms.pl.chain(res, width=85)
    check(ax, 85)
    names = [text for text in ax.texts if text.get_text().startswith("AZD1480")]
    ends = [text.get_window_extent().transformed(ax.transData.inverted()) for text in names]
    assert [text.get_text().count("\n") for text in names] == [1, 1]
    assert max(box.x1 for box in ends) < 3.6  # where the marks of STAT3 begin


def test_panels_of_a_rescue_keep_apart_at_any_width() -> None:
    check(ms.pl.rescue(arms_of("short", 4)[2], width=120), 120)


@pytest.mark.parametrize("width", [111, 114])
def test_numbers_of_a_rescue_beside_another_panel_keep_apart(width: float) -> None:
    """As in the gallery: 100 and 150 per cent were less than a millimetre apart."""
    figure = plt.figure(figsize=(180 / 25.4, 100 / 25.4), layout="constrained")
    place = figure.subfigures(1, 2, width_ratios=[180 - width, width])[1].subplots()
    ax = ms.pl.rescue(rescue(2), names(2)[1], ax=place)
    figure.canvas.draw()
    for panel in {ax, *ax.figure.axes}:
        boxes = [label.get_window_extent() for label in panel.get_xticklabels() if label in words(figure)]
        assert all(b.x0 - a.x1 > figure.dpi / 25.4 for a, b in pairwise(boxes))


def test_two_panels_of_a_paper_keep_apart(tmp_path):
    adata = ms.ds.toy()
    ms.tl.score(adata, ["emt.hallmark", "il6.hallmark"])
    design = ms.Design(culture="culture", line="line", pair="pair")
    figure = plt.figure(figsize=(180 / 25.4, 70 / 25.4), layout="constrained")
    panels = figure.subfigures(1, 2, width_ratios=[1, 1.8])
    axes = [panel.subplots() for panel in panels]
    ms.pl.interaction(adata, "emt.hallmark", design=design, ax=axes[0])
    ms.pl.scores(adata, "il6.hallmark", design=design, ax=axes[1])
    letters = [panel.text(0.01, 0.99, x, fontsize=9, va="top") for x, panel in zip("ab", panels, strict=True)]
    figure.canvas.draw()
    boxes = [ax.get_tightbbox() for ax in axes]
    assert boxes[0].x0 >= 0
    assert boxes[0].x1 <= boxes[1].x0
    assert boxes[1].x1 <= figure.bbox.width
    for ax, letter in zip(axes, letters, strict=True):
        for part in (ax.yaxis.label, ax.title, ax._left_title):
            assert not part.get_text() or not part.get_window_extent().overlaps(letter.get_window_extent())
    page = ms.pl.save(axes[0], tmp_path / "figure.pdf").read_bytes()  # all of the figure, not the panel
    width, height = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", page).groups()
    assert float(width) / 72 * 25.4 == pytest.approx(180, abs=0.1)
    assert float(height) / 72 * 25.4 == pytest.approx(70, abs=0.1)
    plt.close(figure)


TIMES = ("time=3", "time=24")


def at_times(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame.assign(stratum=time) for time in TIMES], ignore_index=True)


def test_strata_are_drawn_apart_and_one_by_one() -> None:
    both = [label.get_text() for label in ms.pl.claims(at_times(claims(4))).get_yticklabels()]
    assert sorted({text.replace("\n", " ").split("[")[1] for text in both}) == ["time=24]", "time=3]"]
    one = ms.pl.claims(at_times(claims(4)), stratum="time=24")
    assert [t.get_text() for t in one.get_yticklabels()] == [
        t.get_text() for t in ms.pl.claims(claims(4)).get_yticklabels()
    ]
    forest = ms.pl.forest(at_times(table(2)))  # the first of its signatures has no estimate
    assert [t.get_text() for t in forest.get_yticklabels()] == ["il6.set1 | time 3", "il6.set1 | time 24"]
    assert "not estimated: emt.set0" in forest.get_xlabel()
    narrow = ms.pl.forest(at_times(table(16)), width=85).get_yticklabels()
    assert [t.get_text() for t in narrow][:3] == ["emt.set12:", "time 3", "time 24"]
    rows = ms.pl.forest(at_times(table(2)), stratum="time=3").get_yticklabels()
    assert [t.get_text() for t in rows] == ["il6.set1"]
    for draw, frame in ((ms.pl.claims, claims(4)), (ms.pl.forest, table(2))):
        with pytest.raises(ms.InputError, match="no stratum 'time=6'"):
            draw(at_times(frame), stratum="time=6")


def test_a_signature_is_named_by_itself_or_by_its_id() -> None:
    one = ms.sig.Signature(names(4)[2], axis="il6", genes=["SOCS3", "IL6R", "JAK2"])
    title = SHORT[ms.sig.load(one.id)[one.id].title]
    adata, found = study(4, 12), pooled(2)
    found.table["signature"] = found.studies["signature"] = one.id
    found.table.attrs["titles"] = titles(4)
    for draw, what in (
        (lambda s: ms.pl.meta(found, s), title),
        (lambda s: ms.pl.meta(found, s, ids=True), one.id),
        (lambda s: ms.pl.multiverse(specifications(4), s), title),
        (lambda s: ms.pl.multiverse(specifications(4), s, ids=True), one.id),
        (lambda s: ms.pl.agreement(pairs(4), signature=s), title),
        (lambda s: ms.pl.embedding(adata, [s]), title),
    ):
        heads = [draw(given).get_title(loc="left") for given in (one, one.id)]
        assert heads[0] == heads[1]
        assert "".join(what.split()) in "".join(heads[0].split())
    boxes = [ms.pl.chain(chain(2), ids=ids).texts[1].get_text().replace("\n", " ") for ids in (False, True)]
    assert boxes == [title, one.id]
    rows = ms.pl.heatmap(adata, [one, "control"], ids=True).get_yticklabels()
    assert [t.get_text() for t in rows] == [one.id, names(4)[1], names(4)[3]]


def test_strips_of_a_heat_map_name_the_levels_that_they_have_room_for() -> None:
    """Without colours, too, one can tell the arms."""
    adata = study(4, 60)  # 10 samples in each of six arms
    parts = {}
    for width in (85, 180):
        ax = ms.pl.heatmap(adata, design=DESIGN, width=width)
        ax.figure.canvas.draw()
        parts[width] = [[t for t in strip.texts if t.get_text()] for strip in ax.child_axes]
        for strip, texts in zip(ax.child_axes, parts[width], strict=True):
            for text in texts:
                drawn = text.get_window_extent().transformed(strip.transData.inverted())
                colours = strip.images[0].get_array()[0][int(drawn.x0 + 0.5) : int(drawn.x1 + 0.5) + 1]
                assert len(np.unique(colours, axis=0)) == 1  # the word stands on its own level alone
    told = [[t.get_text() for t in texts] for texts in parts[180]]
    assert ["parental", "resistant"] in told
    assert ["mono", "co", "mono", "co"] in told
    assert sum(map(len, parts[85])) <= sum(map(len, parts[180]))


def test_coverage_of_one_method() -> None:
    adata = study(4, 6)
    assert len(ms.pl.coverage(adata, method="mean").patches) == 4
    with pytest.raises(ms.InputError, match="no method 'ucell'"):
        ms.pl.coverage(adata, method="ucell")


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_labels_name_the_level_of_the_intervals(alpha: float) -> None:
    level = f"{100 * (1 - alpha):g}\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}CI"
    frames = {ms.pl.stroma: verdicts(2), ms.pl.forest: table(2)}
    for draw, frame in frames.items():
        frame.attrs["alpha"] = alpha
        assert level in draw(frame).get_xlabel()
    found = pooled(3)
    found.table.attrs["alpha"] = alpha
    assert any(level in text.get_text() for text in ms.pl.meta(found).texts)


def test_rescue_speaks_of_levels_that_are_no_co_culture() -> None:
    design = ms.Design(culture="condition", mono="Mock", co="IL22", inhibitor="drug")
    told = {
        given: [t.get_text() for t in ms.pl.rescue(rescue(2), design=given).get_legend().get_texts()]
        for given in (None, DESIGN, design)
    }
    assert told[design][:3] == [
        "induction: 'IL22' less 'Mock'", "reversal: 'IL22' less treated", "residual: treated less 'Mock'"
    ]  # fmt: skip
    assert told[None] == told[DESIGN]
    assert told[None][0] == "induction: co-culture less alone"


def test_a_list_of_ones_own_has_no_title_of_the_package() -> None:
    adata = ms.ds.toy()
    design = ms.Design(culture="culture", line="line", pair="pair")
    mine = ms.sig.Signature("emt.hallmark", axis="emt", genes=list(adata.var_names[:12]))
    with pytest.warns(ms.InputWarning, match="is the id of a signature of this package"):
        ms.tl.score(adata, [mine, "il6.hallmark"], min_coverage=0.0)
    res = ms.tl.compare(adata, design)
    shown = [label.get_text() for label in ms.pl.forest(res).get_yticklabels()]
    assert shown == ["emt.hallmark", "IL-6 response (Hallmark)"]
    assert [label.get_text() for label in ms.pl.heatmap(adata).get_yticklabels()] == shown
    res.attrs.clear()  # as read from a file
    assert [label.get_text() for label in ms.pl.forest(res).get_yticklabels()] == [
        "emt.hallmark",
        "il6.hallmark",
    ]


def test_columns_of_obs_are_drawn_beside_scores() -> None:
    adata = ms.ds.toy()
    adata.obs["reads"] = np.arange(adata.n_obs)
    adata.obs["cluster"] = [f"c{i}" for i in range(adata.n_obs)]  # more than a legend holds
    adata.obs.loc[adata.obs_names[0], "culture"] = np.nan
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(adata.n_obs, 2))
    alone = ms.pl.embedding(adata, "reads")  # nothing was scored
    assert alone.get_title(loc="left") == "reads"
    assert alone.figure.get_supxlabel().startswith("n = 16; colours of numbers")
    ms.tl.score(adata, "il6.hallmark", min_coverage=0.0)
    ax = ms.pl.embedding(adata, ["culture", "il6.hallmark", "reads", "cluster"])
    panels = {a.get_title(loc="left"): a for a in ax.figure.axes if a.get_title(loc="left")}
    assert list(panels) == ["culture", "IL-6 response (Hallmark)", "reads", "cluster"]
    levels, _, reads, cluster = panels.values()
    legend = levels.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["co", "mono"]
    shades = {t.get_text(): tuple(h.get_facecolor()[0]) for t, h in zip(
        legend.get_texts(), legend.legend_handles, strict=True)}  # fmt: skip
    spots = [(tuple(xy), tuple(rgb)) for c in levels.collections if len(c.get_offsets()) for xy, rgb in zip(
        np.asarray(c.get_offsets()).round(6), np.broadcast_to(c.get_facecolors(), (len(c.get_offsets()), 4)),
        strict=True)]  # fmt: skip
    places = [tuple(xy) for xy in adata.obsm["X_umap"].round(6)]
    assert len(spots) == adata.n_obs  # that without a level, too
    for at, level in zip(places[1:], adata.obs["culture"][1:], strict=True):
        assert dict(spots)[at] == pytest.approx(shades[level])
    assert reads.collections[0].get_clim() == pytest.approx(np.percentile(np.arange(16), [1, 99]))
    assert cluster.get_legend() is None
    assert {text.get_text() for text in cluster.texts} == set(adata.obs["cluster"])


@pytest.mark.parametrize("kind", ["category", "str"])
def test_a_blank_label_is_no_level(kind: str) -> None:
    adata = ms.ds.toy()
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(adata.n_obs, 2))
    adata.obs["cell_type"] = pd.Series(["", " ", "HSC", "Mono"] * 4, adata.obs_names).astype(kind)
    ax = ms.pl.embedding(adata, "cell_type")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["HSC", "Mono"]
    shades = [to_hex(c) for points in ax.collections for c in np.broadcast_to(
        points.get_facecolors(), (len(points.get_offsets()), 4))]  # fmt: skip
    assert {shade: shades.count(shade) for shade in shades}[to_hex(MISSING)] == 8


def test_levels_keep_the_colours_that_scanpy_gave_them() -> None:
    adata = ms.ds.toy()
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(adata.n_obs, 2))
    adata.obs["culture"] = adata.obs["culture"].astype(str).astype("category")
    adata.uns["culture_colors"] = ["#112233", "#aabbcc"]
    handles = ms.pl.embedding(adata, "culture").get_legend().legend_handles
    assert [to_hex(h.get_facecolor()[0]) for h in handles] == adata.uns["culture_colors"]
    with pytest.raises(ms.InputError, match=r"no scores|Nothing was scored|not scored"):
        ms.pl.embedding(adata, ["culture", "cultur"])

"""The table of sensitivities: every row against scores and models made by hand with the public verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig import _confounders
from marrowsig.tl._own_lists import as_text, kept

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:.*count as much as:marrowsig.CoverageWarning")

CYCLE = sorted(_confounders.parts("cycle")["s"])[:15] + sorted(_confounders.parts("cycle")["g2m"])[:15]
MATURE = [
    g for part in ("monocytic", "granulocytic") for g in sorted(_confounders.parts("maturation")[part])[:15]
]
YOUNG = sorted(_confounders.parts("maturation")["immature"])[:15]
OTHERS = [f"OTHER{i}" for i in range(60)]
NAMES = [*CYCLE, *MATURE, *YOUNG, *OTHERS]
MINE = ms.sig.Signature(
    "emt.mine",
    axis="emt",
    genes={**dict.fromkeys([*OTHERS[:12], *CYCLE[:4]], 1.0), MATURE[0]: -1.0, OTHERS[12]: -1.0},
)
PLAIN = ms.sig.Signature("emt.plain", axis="emt", genes=OTHERS[20:40])
SIGNATURES = [MINE, PLAIN]
DESIGN = ms.Design(culture="culture", line="line", pair="pair", batch="day")
ORDER = [
    "as is", "without cell-cycle genes", "without maturation genes", "adjusted for the cell cycle",
    "adjusted for maturation", "without batch 'day'", "with batch 'plate'", "with covariate 'rin'",
]  # fmt: skip


def study(seed: int = 0) -> ad.AnnData:
    rows = [
        (c, line, f"{line[0]}{i}")
        for line in ("parental", "resistant")
        for c in ("mono", "co")
        for i in range(5)
    ]
    obs = pd.DataFrame(rows, columns=["culture", "line", "pair"], index=[f"s{i}" for i in range(20)])
    rng = np.random.default_rng(seed)
    obs["day"] = ["a", "b", "a", "b", "a", "b", "a", "b", "b", "a"] * 2
    obs["plate"] = rng.permutation(["x", "y"] * 10)
    obs["rin"] = rng.uniform(6, 10, 20)
    x = rng.normal(6, 1, len(NAMES)) + rng.normal(0, 0.4, (20, len(NAMES)))
    co = (obs["culture"] == "co").to_numpy()
    x[co, : len(CYCLE)] -= 0.5
    x[co, -60:-45] += 0.6
    adata = ad.AnnData(x, obs=obs, var=pd.DataFrame(index=NAMES))
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


@pytest.fixture(scope="module")
def scored() -> ad.AnnData:
    adata = study()
    ms.tl.score(adata, SIGNATURES, method="singscore")
    ms.tl.score(adata, SIGNATURES, method="ucell", params={"ucell": {"max_rank": 90}})
    return adata


@pytest.fixture(scope="module")
def table(scored: ad.AnnData) -> pd.DataFrame:
    before = scored.copy()
    found = ms.tl.sensitivity(scored, DESIGN, signatures=SIGNATURES, batch="plate", covariates="rin")
    pd.testing.assert_frame_equal(scored.obs, before.obs)
    assert set(scored.obsm) == set(before.obsm)
    assert set(scored.uns["marrowsig"]) == set(before.uns["marrowsig"])
    return found


def of(table: pd.DataFrame, specification: str, method: str = "singscore") -> pd.DataFrame:
    rows = table[(table["specification"] == specification) & (table["method"] == method)]
    return rows.set_index(["signature", "contrast"]).sort_index()


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    theirs = theirs.set_index(["signature", "contrast"]).sort_index()
    numbers = ["estimate", "ci_low", "ci_high", "se", "df", "p"]
    pd.testing.assert_frame_equal(ours[numbers], theirs[numbers], rtol=1e-9, check_dtype=False)


def test_one_row_per_specification_in_order(table: pd.DataFrame) -> None:
    for _, part in table.groupby(["method", "signature", "contrast"]):
        assert part["specification"].tolist() == ORDER
    assert len(table) == 2 * 2 * 5 * len(ORDER)
    assert not table.drop(columns=["ci_low"]).duplicated().any()


def test_as_is_equals_compare(scored: ad.AnnData, table: pd.DataFrame) -> None:
    for method in ("singscore", "ucell"):
        same(of(table, "as is", method), ms.tl.compare(scored, DESIGN, permutations=0, method=method))
    main = table[table["specification"] == "as is"]
    assert (main["change"] == 0).all()
    assert main["holds"].all()


@pytest.mark.parametrize("kind", ["cycle", "maturation"])
@pytest.mark.parametrize("method", ["singscore", "ucell"])
def test_without_genes_equals_a_shorter_signature(table: pd.DataFrame, kind: str, method: str) -> None:
    adata = study()
    left = [
        ms.sig.Signature(
            s.id, axis="emt", genes={g: w for g, w in s.genes.items() if g not in _confounders.genes(kind)}
        )
        for s in SIGNATURES
    ]
    ms.tl.score(adata, left, method=method, params={"ucell": {"max_rank": 90}} if method == "ucell" else None)
    word = "cell-cycle" if kind == "cycle" else kind
    ours = of(table, f"without {word} genes", method)
    same(ours, ms.tl.compare(adata, DESIGN, permutations=0))
    gone = [g for g in MINE.genes if g in _confounders.genes(kind)]
    assert set(ours.loc["emt.mine", "removed"]) == {", ".join(gone)}
    assert set(ours["n_removed"]) == {0, len(gone)}
    assert set(ours.loc["emt.mine", "n_genes"]) == {len(MINE)}
    assert (ours["se_inflation"] == 1).all()


@pytest.mark.parametrize("kind", ["cycle", "maturation"])
def test_adjusted_equals_a_covariate_scored_without_the_signature(table: pd.DataFrame, kind: str) -> None:
    for sig in SIGNATURES:
        adata = study()
        cut = {
            part: sorted((own & set(NAMES)) - set(sig.genes))
            for part, own in _confounders.parts(kind).items()
        }
        ms.tl.score(
            adata, [ms.sig.Signature(f"control.{part}", axis="control", genes=g) for part, g in cut.items()]
        )
        own = adata.obsm["score_singscore"]
        if kind == "cycle":
            adata.obs["x"] = (own["control.s"] + own["control.g2m"]) / 2
        else:
            adata.obs["x"] = (own["control.monocytic"] + own["control.granulocytic"]) / 2 - own[
                "control.immature"
            ]
        ms.tl.score(adata, SIGNATURES)
        design = ms.Design(culture="culture", line="line", pair="pair", batch="day", covariates="x")
        theirs = ms.tl.compare(adata, design, permutations=0, signatures=sig)
        word = "the cell cycle" if kind == "cycle" else kind
        ours = of(table, f"adjusted for {word}").loc[[sig.id]]
        same(ours, theirs)
        wider = theirs.set_index(["signature", "contrast"]).sort_index()["se_inflation"]
        np.testing.assert_allclose(ours["se_inflation"], wider, rtol=1e-9)
        assert (ours["df_lost"] == 1).all()
        assert ours["sentence"].str.contains("lies on the path").all()


def test_columns_go_in_and_out(scored: ad.AnnData, table: pd.DataFrame) -> None:
    base = {"culture": "culture", "line": "line", "pair": "pair"}
    others = {
        "without batch 'day'": ms.Design(**base),
        "with batch 'plate'": ms.Design(**base, batch=["day", "plate"]),
        "with covariate 'rin'": ms.Design(**base, batch="day", covariates="rin"),
    }
    for name, design in others.items():
        same(of(table, name), ms.tl.compare(scored, design, permutations=0, method="singscore"))
    assert (of(table, "without batch 'day'")["df_lost"] <= 0).all()


def test_a_batch_that_pairs_hold_constant_is_no_check(scored: ad.AnnData) -> None:
    adata = scored.copy()
    adata.obs["day"] = adata.obs["pair"].str[-1].isin(["0", "1"]).map({True: "a", False: "b"})
    found = ms.tl.sensitivity(adata, DESIGN, method="singscore", signatures=SIGNATURES, confounders=[])
    told = of(found, "without batch 'day'").reset_index().set_index("contrast")["sentence"]
    assert "which is no check: the batch does not vary" in told["co_in_parental"].iloc[0]
    assert "The sign is" in told["resistance_in_mono"].iloc[0]


def test_change_and_what_holds_follow_from_the_numbers(table: pd.DataFrame) -> None:
    keys = ["method", "signature", "contrast"]
    main = table[table["specification"] == "as is"].set_index(keys)
    at = main.loc[pd.MultiIndex.from_frame(table[keys])].reset_index()
    np.testing.assert_allclose(table["change"], table["estimate"] - at["estimate"])
    np.testing.assert_allclose(table["share_left"], table["estimate"] / at["estimate"])
    sign = np.sign(table["estimate"]) == np.sign(at["estimate"])
    zero = ((table["ci_low"] > 0) | (table["ci_high"] < 0)) == ((at["ci_low"] > 0) | (at["ci_high"] < 0))
    assert (table["same_sign"] == sign).all()
    assert (table["holds"] == (sign & zero)).all()
    assert 0 < table["holds"].mean() < 1


def test_explain_gives_the_sentence(table: pd.DataFrame) -> None:
    told = ms.tl.explain(table)
    assert told.tolist() == table["sentence"].tolist()
    assert ms.tl.explain(table.iloc[1]).tolist() == [table["sentence"].iloc[1]]
    plain = told[(table["signature"] == "emt.plain") & (table["kind"] == "cycle genes")]
    assert plain.str.contains("has no such gene here").all()


def test_a_formula_gives_the_same_as_the_fields_of_a_design(scored: ad.AnnData) -> None:
    gain = {
        ("resistant", "co"): 1,
        ("resistant", "mono"): -1,
        ("parental", "co"): -1,
        ("parental", "mono"): 1,
    }
    formula = ms.Design.from_formula(
        "~ line * culture", contrasts={"interaction": gain},
        levels={"line": ["parental", "resistant"], "culture": ["mono", "co"]},
    )  # fmt: skip
    fields = ms.Design(culture="culture", line="line")
    given = {"method": "singscore", "signatures": [MINE], "batch": "plate", "confounders": "cycle"}
    ours = ms.tl.sensitivity(scored, formula, **given).set_index(["signature", "specification"]).sort_index()
    theirs = ms.tl.sensitivity(scored, fields, **given).query("contrast == 'interaction'")
    theirs = theirs.set_index(["signature", "specification"]).sort_index()
    numbers = ["estimate", "ci_low", "p", "df", "se_inflation", "df_lost", "n_removed"]
    pd.testing.assert_frame_equal(ours[numbers], theirs[numbers], rtol=1e-8, check_dtype=False)


def test_the_layer_that_was_scored_is_scored_again() -> None:
    adata = study()
    adata.layers["log"] = adata.X.copy()
    adata.X = np.zeros(adata.shape)
    ms.tl.score(adata, SIGNATURES, layer="log")
    found = ms.tl.sensitivity(adata, DESIGN, signatures=SIGNATURES)
    assert found["estimate"].notna().all()


def test_too_few_genes_and_lost_arms_give_reasons() -> None:
    adata = study()
    cycle = ms.sig.Signature("il6.cycle", axis="il6", genes=[*CYCLE[:10], *OTHERS[:3]])
    signed = ms.sig.Signature(
        "il6.signed", axis="il6", genes={**dict.fromkeys(OTHERS[:9], 1), CYCLE[0]: -1, CYCLE[1]: -1}
    )
    ms.tl.score(adata, [cycle, signed])
    found = ms.tl.sensitivity(adata, DESIGN, signatures=[cycle, signed], confounders="cycle")
    rows = found[found["specification"] == "without cell-cycle genes"].groupby("signature")
    assert rows.get_group("il6.cycle")["note"].unique().tolist() == [
        "3 of 13 measured genes are left, fewer than 5"
    ]
    assert rows.get_group("il6.signed")["note"].unique().tolist() == ["no falling gene is left"]
    lost = found[found["estimate"].isna()]
    assert lost["holds"].isna().all()
    assert lost["sentence"].str.contains("no estimate; ").all()


def test_too_few_genes_of_the_confounder_give_a_reason() -> None:
    adata = study()[:, [g for g in NAMES if g not in CYCLE[3:]]].copy()
    ms.tl.score(adata, PLAIN)
    found = ms.tl.sensitivity(adata, DESIGN, signatures=PLAIN, confounders="cycle")
    rows = found[found["specification"] == "adjusted for the cell cycle"]
    assert rows["estimate"].isna().all()
    assert rows["note"].str.contains("3 of 43 s genes").all()


def test_a_column_that_the_arms_fix_is_named() -> None:
    adata = study()
    adata.obs["chip"] = adata.obs["culture"].map({"mono": "m", "co": "c"})
    ms.tl.score(adata, PLAIN)
    with pytest.warns(ms.InputWarning, match="Each level of 'culture' is one level of 'chip' by itself"):
        found = ms.tl.sensitivity(adata, DESIGN, signatures=PLAIN, confounders=[], batch="chip")
    rows = found.query("specification == \"with batch 'chip'\"").set_index("contrast")
    assert "'chip'" in rows.loc["co_in_resistant", "note"]
    assert np.isnan(rows.loc["co_in_resistant", "estimate"])


def test_samples_in_another_order_give_the_same(scored: ad.AnnData) -> None:
    turned = scored[np.random.default_rng(1).permutation(20)].copy()
    given = {"signatures": [MINE], "method": "singscore", "confounders": "cycle"}
    again, first = (ms.tl.sensitivity(a, DESIGN, **given) for a in (turned, scored))
    numbers = first.select_dtypes("number").columns
    pd.testing.assert_frame_equal(again[numbers], first[numbers], rtol=1e-9, atol=1e-12)


def test_own_lists_are_known_by_the_record_of_their_scores(scored: ad.AnnData, tmp_path: Path) -> None:
    scored.write_h5ad(tmp_path / "scored.h5ad")
    read = ad.read_h5ad(tmp_path / "scored.h5ad")
    asked = {"method": "singscore", "confounders": "cycle"}
    given = ms.tl.sensitivity(scored, DESIGN, signatures=SIGNATURES, **asked)
    for same in (scored, read):
        pd.testing.assert_frame_equal(ms.tl.sensitivity(same, DESIGN, **asked), given)
    # Scored beside earlier ones, each keeps its genes.
    ms.tl.score(read, ms.sig.Signature("il6.later", genes={OTHERS[1]: 2, OTHERS[0]: -1}), method="singscore")
    rows = read.uns["marrowsig"]["scores"]["singscore"]
    later = kept(rows)
    assert list(later) == [*(sig.id for sig in SIGNATURES), "il6.later"]
    assert later["il6.later"].genes == {OTHERS[1]: 2.0, OTHERS[0]: -1.0}
    assert all(later[sig.id].genes == sig.genes for sig in SIGNATURES)
    # Text that was changed since is no list that was scored.
    rows["signatures"]["list"] = rows["signatures"]["list"].str.replace(OTHERS[1], OTHERS[9])
    assert "il6.later" not in kept(rows)


def test_genes_of_the_catalogue_and_of_owners_who_forbid_it_are_not_kept() -> None:
    hallmark = ms.sig.load("emt.hallmark")["emt.hallmark"]
    fetched = ms.sig.Signature("emt.bought", genes=OTHERS[:9], source={"redistribute": False})
    assert as_text(hallmark) == as_text(fetched) == ""
    assert "VIM" in as_text(ms.sig.Signature("emt.hallmark", genes=["VIM"]))


def without_lists(scored: ad.AnnData) -> ad.AnnData:
    """The same with a record as earlier versions wrote it, without the genes of own lists."""
    old = scored.copy()
    for entry in old.uns["marrowsig"]["scores"].values():
        entry["signatures"] = entry["signatures"].drop(columns="list")
    return old


def test_what_is_refused(scored: ad.AnnData) -> None:
    with pytest.raises(ms.InputError, match=r"emt\.mine, emt\.plain are not known.*signatures=\[\.\.\.\]"):
        ms.tl.sensitivity(without_lists(scored), DESIGN)
    other = ms.sig.Signature("emt.mine", axis="emt", genes=OTHERS[:9])
    with pytest.raises(ms.InputError, match=r"genes of emt\.mine are not known"):
        ms.tl.sensitivity(scored, DESIGN, signatures=[other])
    stale = scored.copy()
    stale.X = stale.X[::-1].copy()
    with pytest.raises(ms.InputError, match="not those of the matrix as it is now"):
        ms.tl.sensitivity(stale, DESIGN, signatures=SIGNATURES)
    joint = study()
    ms.tl.score(joint, SIGNATURES, method=["singscore", "mlm"])
    with pytest.raises(ms.InputError, match="mlm scores all signatures at once"):
        ms.tl.sensitivity(joint, DESIGN, signatures=SIGNATURES, method="mlm")
    with pytest.warns(ms.InputWarning, match="mlm .* is left out"):
        assert set(ms.tl.sensitivity(joint, DESIGN, signatures=SIGNATURES)["method"]) == {"singscore"}
    foreign = study()
    foreign.obsm["score_mine"] = pd.DataFrame({"emt.mine": range(20)}, index=foreign.obs_names)
    with pytest.raises(ms.InputError, match=r"were not made by ms\.tl\.score"):
        ms.tl.sensitivity(foreign, DESIGN, signatures=[MINE])
    for given, told in (
        ({"batch": "nope"}, "'nope', which obs lacks"),
        ({"covariates": "day"}, "'day', which the design has already"),
        ({"confounders": "stroma"}, "has to be of 'cycle', 'maturation'"),
        ({"alpha": 1.0}, "between 0 and 1"),
    ):
        with pytest.raises(ms.InputError, match=told):
            ms.tl.sensitivity(scored, DESIGN, signatures=SIGNATURES, **given)


def test_the_figure_draws_the_table(table: pd.DataFrame) -> None:
    ax = ms.pl.sensitivity(table, signature="emt.mine", contrast="co_in_resistant")
    rows = table.query("signature == 'emt.mine' and contrast == 'co_in_resistant' and method == 'singscore'")
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ORDER
    np.testing.assert_allclose([d.get_xdata()[0] for d in dots], rows["estimate"])
    hollow = [d.get_markerfacecolor() == "white" for d in dots]
    assert hollow == (~rows["excludes_zero"].astype(bool)).tolist()
    assert ms.pl.sensitivity(table).get_title(loc="left") == "emt.mine: more in resistant than in parental"
    with pytest.raises(ms.InputError, match="no contrast 'no'"):
        ms.pl.sensitivity(table, contrast="no")
    with pytest.raises(ms.InputError, match="no column"):
        ms.pl.sensitivity(table.drop(columns="holds"))

"""Claims that hang on a donor who is not compared, but whose scatter is in the pooled variance."""

from __future__ import annotations

import itertools

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.claimed import claimed
from marrowsig._cli.run import run
from marrowsig._cli.spoken import spoken
from marrowsig.tl._claims_border import borderline
from marrowsig.tl._claims_without import p_without

PAIRED = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
ARMS = (("mono", "none"), ("co", "none"), ("co", "JAKi"))
GENES = np.array([f"G{i}" for i in range(300)])
LISTS = {"emt": GENES[:40], "il6": GENES[40:80], "stat3": GENES[80:120]}
SIGS = {axis: [ms.sig.Signature(f"{axis}.mine", axis=axis, genes=list(g))] for axis, g in LISTS.items()}


def study(n: int, lift: float, seed: int) -> ad.AnnData:
    """Co-culture lifts three lists, more in resistant cells; an inhibitor takes 0.8 of it away again."""
    rng = np.random.default_rng(seed)
    cells = itertools.product(["parental", "resistant"], range(n), ARMS)
    rows = [
        {"line": line, "pair": f"{line[0]}{i}", "culture": c, "inhibitor": d} for line, i, (c, d) in cells
    ]
    obs = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    X = rng.uniform(3, 9, 300) + rng.normal(0, 0.6, (len(obs), 300))
    part = (obs["culture"] == "co") * np.where(obs["inhibitor"] == "none", 1, 0.2)
    part = part * np.where(obs["line"] == "resistant", 1.6, 1)
    for k in range(3):
        X[:, 40 * k : 40 * k + 40] += (0.5 * (lift * part.to_numpy() + rng.normal(size=len(obs))))[:, None]
    return ad.AnnData(X, obs=obs, var=pd.DataFrame(index=GENES))


def asked(adata: ad.AnnData) -> pd.DataFrame:
    return ms.tl.claims(adata, PAIRED, carry_over=False, signatures=SIGS, methods="mean")


def scored(adata: ad.AnnData) -> ad.AnnData:
    ms.tl.score(adata, [own[0] for own in SIGS.values()], method="mean")
    return adata


def test_p_without_a_pair_is_that_of_the_samples_left() -> None:
    """As `ms.tl.compare` on these alone, for every contrast; pairs that are compared are not left out."""
    adata = scored(study(3, 2.0, 0))
    values = adata.obsm["score_mean"]["emt.mine"].to_numpy()
    seen = 0
    for plan in PAIRED.plans(adata.obs):
        name = plan.contrast.name
        found = p_without(plan, values[plan.model.frame["row"].to_numpy()])
        assert len(found) == (3 if name.endswith(("_in_parental", "_in_resistant")) else 0)
        for unit, p in found.items():
            left = adata[adata.obs["pair"] != unit.partition(" | ")[2]].copy()
            theirs = ms.tl.compare(left, PAIRED, method="mean").query("signature == 'emt.mine'")
            np.testing.assert_allclose(p, theirs.set_index("contrast").loc[name, "p"], rtol=1e-9)
            seen += 1
    assert seen == 18  # three contrasts within each line, three pairs of the other


@pytest.mark.parametrize(
    ("seed", "claim", "line", "verdict", "pairs"),
    [
        (3, "emt_up", "resistant", "not supported", ["p1"]),
        pytest.param(5, "il6_response_up", "parental", "not supported", ["r1"], marks=pytest.mark.slow),
        # By the rise that it builds on.
        pytest.param(
            20, "emt_reversed", "resistant", "cannot tell", ["p0", "p1", "p2"], marks=pytest.mark.slow
        ),
    ],
)
def test_a_claim_that_hangs_on_a_pair_of_the_other_line_is_marked(seed, claim, line, verdict, pairs) -> None:
    """The claims without that pair have another verdict, though p (0.010 to 0.019) is far from the bound."""
    adata, key = study(3, 2.0, seed), ["claim", "line"]
    row = asked(adata).set_index(key).loc[(claim, line)]
    assert row["verdict"] == "supported"
    assert row["p_adj"] < 0.02
    other = "parental" if line == "resistant" else "resistant"
    who = ", ".join(f"{other} {pair}" for pair in pairs)
    one = "one of " if len(pairs) > 1 else ""
    assert row["borderline"] == (
        f"borderline: {verdict!r} without {one}{who}, whose scatter counts though it is not compared"
    )
    assert f" ({row['borderline']})" in row["reason"]
    for pair in pairs:
        left = asked(adata[adata.obs["pair"] != pair].copy()).set_index(key)
        assert left.loc[(claim, line), "verdict"] == verdict


def test_a_claim_far_from_the_bound_has_no_mark() -> None:
    """At six pairs and the same lift no pair of the other line turns a claim."""
    table = asked(study(6, 3.0, 1))
    held = table[table["verdict"] == "supported"]
    assert len(held) > 6
    assert not held["borderline"].str.contains("whose scatter").any()


def test_the_genes_left_by_the_check_of_carry_over_are_asked_too() -> None:
    """Their p without a pair, from the scores that `ms.qc.stroma` gives, as `ms.tl.compare` on the rest."""
    from marrowsig.tl._claims_without import others_of

    adata = ms.ds.demo()
    found = ms.qc.stroma(adata, PAIRED, stroma=ms.ds.demo_stroma(), signatures="emt.hallmark", method="mean")
    (plan,) = (p for p in PAIRED.plans(adata.obs) if p.contrast.name == "co_in_resistant")
    ms.pp.lognorm(adata)
    ms.tl.score(adata, "emt.hallmark", method="mean")
    row = {"signature": "emt.hallmark", "method": "mean", "stroma": "not explained by carry-over"}
    told = others_of(plan, row, {"mean": adata.obsm["score_mean"]}, found)
    assert told["without"].keys() == told["filtered_without"].keys()
    kept = adata.copy()
    kept.obsm["score_mean"] = found.filtered["mean"].loc[kept.obs_names]
    for held, name in ((adata, "without"), (kept, "filtered_without")):
        unit, p = next(iter(told[name].items()))
        line, pair = unit.split(" | ")
        out = (held.obs["line"] == line) & (held.obs["pair"] == pair)
        theirs = ms.tl.compare(held[~out].copy(), PAIRED, method="mean").set_index("contrast")
        np.testing.assert_allclose(p, theirs.loc["co_in_resistant", "p"], rtol=1e-9)
    assert told["without"] != told["filtered_without"]


def test_names_do_not_break_the_mark() -> None:
    """The terminal cuts the words between the brackets of a reason; names hold none there."""
    row = {"rule": "all hold", "p_adj": 0.01, "n_specifications": 0, "agreement": np.nan, "stroma": ""}
    told = borderline(row | {"turned": {"a | P(1)": "cannot tell"}}, alpha=0.05, agreement=0.75)
    assert told == "borderline: 'cannot tell' without a P[1], whose scatter counts though it is not compared"
    near = borderline(row | {"p_adj": 0.04, "turned": {"a": "cannot tell"}}, alpha=0.05, agreement=0.75)
    assert near == "borderline: adjusted p = 0.04"


def test_a_sample_without_values_is_named_with_what_leaves_it_out() -> None:
    """It has no ranks, and the model of all arms has no number for it."""
    adata = study(3, 2.0, 3)
    adata.X[4] = 0
    with pytest.warns(ms.InputWarning, match="so no ranks"):
        table = ms.tl.claims(adata, PAIRED, carry_over=False, signatures=SIGS, methods="singscore")
    told = table[table["verdict"].ne("not asked") & table["signature"].ne("IL6")]
    assert told["verdict"].eq("cannot tell").all()
    leave = "leave it out: adata = adata[~adata.obs_names.isin(['s4'])].copy()"
    assert set(told["reason"]) == {f"not scored: 1 of 18 samples have no score (s4); {leave}"}
    assert spoken(told["reason"].iloc[0], run).endswith("(s4); leave it out: --leave-out s4")
    assert "--leave-out s4" in claimed(
        told.iloc[0].to_dict() | {"sentence": spoken(told["sentence"].iloc[0], run)}
    )
    left = adata[~adata.obs_names.isin(["s4"])].copy()
    assert (
        ms.tl.claims(left, PAIRED, carry_over=False, signatures=SIGS, methods="singscore")["p"].notna().any()
    )


def test_a_claim_that_hangs_on_the_compared_sample_of_fewest_counts_is_marked() -> None:
    """As `ms.tl.compare` on the samples without it; a sample of half the counts or more is left in."""
    from marrowsig.tl._claims_poorest import poorest_of, without_poorest

    adata = scored(study(3, 2.0, 3))
    (plan,) = (p for p in PAIRED.plans(adata.obs) if p.contrast.name == "co_in_resistant")
    at = int(np.flatnonzero((adata.obs["line"] == "resistant") & (adata.obs["culture"] == "co"))[0])
    counts = np.full(adata.n_obs, 900.0)
    row = {"signature": "emt.mine", "method": "mean", "stroma": "carry-over was ruled out", "p": 0.001}
    scores = {"mean": adata.obsm["score_mean"]}
    for few, poor in ((450.0, False), (449.0, True)):
        counts[at] = few
        told = poorest_of(plan, row, scores, None, counts)
        assert bool(told) == poor
    assert (told["poor"], told["poor_counts"]) == (adata.obs_names[at], (449.0, 900.0))
    rest = ms.tl.compare(adata[np.arange(adata.n_obs) != at].copy(), PAIRED, method="mean")
    theirs = rest.query("signature == 'emt.mine' and contrast == 'co_in_resistant'")["p"].iloc[0]
    np.testing.assert_allclose(told["poor_p"], theirs, rtol=1e-9)
    other = int(np.flatnonzero(adata.obs["line"] == "parental")[0])  # of an arm that is not compared
    counts[[at, other]] = 900.0, 1.0
    assert not poorest_of(plan, row, scores, None, counts)
    own = row | {"filtered_p": 0.001, "rule": "all hold", "verdict": "supported"} | told
    own |= {"poor_p": 0.2, "poor_filtered_p": 0.2}
    without_poorest([own], lambda rows: ["supported" if r["p_adj"] < 0.05 else "not supported" for r in rows])
    own |= {"p_adj": 0.001, "n_specifications": 0, "agreement": np.nan}
    who = f"without {adata.obs_names[at]}, which has the fewest counts [449, median 900]"
    assert borderline(own, alpha=0.05, agreement=0.75) == f"borderline: 'not supported' {who}"

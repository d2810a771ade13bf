"""One p for one question: a contrast that a claim establishes is asked of the check of carry-over."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import marrowsig as ms
from marrowsig.qc._check_family import as_claimed, deciding, rejudged
from marrowsig.qc._stroma_size import cause, cited
from marrowsig.qc._stroma_words import SWAPPED
from marrowsig.tl._claims_data import SIGNATURES
from marrowsig.tl._claims_size import given_by_stroma

DESIGN = ms.Design(culture="culture", line="response", parental="R", resistant="NR", pair="patient")
MAIN = [own[0] for own in SIGNATURES.values()]
KEY = {"signature": "stat3.specific", "contrast": "interaction"}
READS, DISPERSION = 1.5e7, 0.03


@cache
def levels() -> tuple[pd.Series, pd.Series]:
    """Cells alone and stroma of the demo study, per read: the signatures, IL6 and every eighth other gene."""
    demo, msc = ms.ds.demo(), ms.ds.demo_stroma()
    wanted = {gene for id in MAIN for gene in ms.sig.load(id).genes} | {"IL6"}
    kept = [g for i, g in enumerate(demo.var_names) if g in wanted or not i % 8]
    alone = demo[demo.obs["culture"] == "mono", kept].to_df().mean()
    stroma = msc.to_df().mean().reindex(kept).fillna(0.0)
    return alone / alone.sum(), stroma / stroma.sum()


def study(seed: int, rises: dict[str, float], share: float = 0.001, n: int = 4) -> ad.AnnData:
    """Pairs of two response groups; genes of stat3.specific rise so many fold, and stroma comes along."""
    rng, (base, stroma) = np.random.default_rng(seed), levels()
    hit = base.index.isin(ms.sig.load("stat3.specific").genes)
    rows, obs = [], []
    for line, rise in rises.items():
        for i in range(n):
            own = base * 2 ** rng.normal(0, 0.25, base.size)
            for culture in ("mono", "co"):
                level = own.where(~hit, own * rise) if culture == "co" else own
                level = level / level.sum()
                if culture == "co":
                    f = share * np.exp(rng.normal(0, 0.5))
                    level = (1 - f) * level + f * stroma
                mean = level.to_numpy() * READS
                rows.append(rng.negative_binomial(1 / DISPERSION, 1 / (1 + DISPERSION * mean)))
                obs.append((f"{line}{i}_{culture}", line, culture, f"{line}{i}"))
    frame = pd.DataFrame(obs, columns=["sample", "response", "culture", "patient"]).set_index("sample")
    return ad.AnnData(np.array(rows, dtype=float), obs=frame, var=pd.DataFrame(index=list(base.index)))


@pytest.fixture(scope="module")
def asked():
    """A study in which Holm over two questions and Benjamini-Hochberg over three signatures differ."""
    adata = study(21, {"R": 1.4, "NR": 1.62})
    ms.pp.lognorm(adata)
    found = ms.qc.stroma(adata, DESIGN, stroma=levels()[1] * 1e6, signatures=MAIN, genes=["IL6"], draws=100)
    how = {"stroma": found, "methods": "singscore", "signatures": {"stat3": "stat3.specific"}}
    claims = ms.tl.claims(adata, DESIGN, **how)
    return adata, found, claims, ms.tl.questions(adata, DESIGN, claims=claims, **how)


def row_of(table: pd.DataFrame) -> pd.Series:
    rows = table[(table["signature"] == KEY["signature"]) & (table["contrast"] == KEY["contrast"])]
    assert len(rows) == 1
    return rows.iloc[0]


def test_what_a_question_establishes_is_asked_of_the_check(asked) -> None:
    adata, found, claims, questions = asked
    own, question = row_of(found.verdicts), row_of(questions)
    score = adata.copy()
    ms.tl.score(score, "stat3.specific")
    values = score.obsm["score_singscore"]["stat3.specific"].to_numpy()
    change = values[1::2] - values[::2]  # of the pairs, in the order of the study
    # t of the changes, of equal variance: the same model, other sums, hence 1e-6.
    p = stats.ttest_ind(change[4:], change[:4]).pvalue
    assert own["p"] == pytest.approx(p, rel=1e-6)
    assert question["p_adj"] == pytest.approx(2 * p, rel=1e-6)  # Holm, the smaller of two
    assert question["p_adj"] < 0.05 <= own["p_bh"]  # BH: the smallest of three
    assert question["filtered_p_adj"] < 0.05 <= own["filtered_p_bh"]
    assert own["verdict"] == "not asked: no effect established"
    assert question["stroma"] == "not explained by carry-over"
    assert (question["verdict"], question["rule"]) == ("supported", "all hold")
    assert "not established in the check" not in question["sentence"]
    assert claims["stroma"].isin({*found.verdicts["verdict"], *found.genes["verdict"], ""}).all()


def test_the_check_judges_by_the_p_of_claims(asked) -> None:
    _, found, claims, questions = asked
    told = found.as_claimed(claims, questions)
    row = row_of(told.verdicts)
    assert (row["verdict"], row["asked_as"]) == ("not explained by carry-over", "further question")
    assert row["claim_p_adj"] == row_of(questions)["p_adj"]
    assert row["claim_filtered_p_adj"] == row_of(questions)["filtered_p_adj"]
    # Both families are named, so that the p of neither reads as a contradiction of the other.
    assert row["reason"].startswith(
        "As scored it is established: adj. p as a further question 0.046 (in this check 0.069, BH over its "
        "signatures). On the 32 of 39 genes"
    )
    assert "it holds:" in row["reason"]
    assert told.verdicts.attrs == found.verdicts.attrs
    both = pd.concat([claims, questions])
    both = both[both["p_adj"] < 0.05].merge(
        told.verdicts[["signature", "contrast", "verdict"]], on=["signature", "contrast"], suffixes=("", "_")
    )
    assert len(both) > 1
    assert (both["stroma"] == both["verdict_"]).all()
    assert not both["stroma"].str.startswith("not asked").any()
    rest = told.verdicts.drop(index=row.name)
    same = list(found.verdicts)
    pd.testing.assert_frame_equal(rest[same], found.verdicts.drop(index=row.name))
    assert "further question" in told.describe()


def test_a_claim_takes_nothing_from_the_check() -> None:
    row = {"p_bh": 0.01, "claim_p_adj": 0.2, "asked_as": "claim", "filtered_p_bh": 0.02}
    assert deciding(row, 0.05) == (0.01, "adj. p in this check")
    assert deciding(row, 0.05, "filtered_") == (0.02, "adj. p in this check")  # nothing known of the claim
    assert rejudged(row, 0.05, swapped=False) is None
    assert rejudged({**row, "p_bh": 0.06, "claim_p_adj": 0.04}, 0.05, swapped=True) == (
        "cannot tell",
        SWAPPED,
    )


def test_questions_about_stroma_itself_are_of_other_samples(asked) -> None:
    _, found, _, questions = asked
    of_stroma = questions.assign(claim="stroma_" + questions["claim"])
    told = as_claimed(found.verdicts, [of_stroma], found.params)
    assert told["asked_as"].eq("").all()
    assert told["claim_p_adj"].isna().all()
    assert told["verdict"].tolist() == found.verdicts["verdict"].tolist()


def test_next_to_nothing_has_no_direction() -> None:
    row = {"claim": "stat3_up", "estimate": 0.01, "carried": -1e-5}
    assert given_by_stroma(row) == "stroma by itself gives next to nothing"
    assert given_by_stroma(row | {"carried": -1e-3}).endswith("gives -0.001, in the other direction")
    fall = given_by_stroma(row | {"estimate": -0.001, "carried": 0.008})
    assert fall.endswith("gives 0.008, in the other direction: without it the -0.001 would be farther from 0")


def with_much(found, part: float):
    """Give the check of a study in which stroma gives that part of one contrast, and little of all others."""
    verdicts = found.verdicts.copy()
    at = row_of(verdicts).name
    verdicts["carried"] = 0.01 * verdicts["estimate"]
    verdicts.loc[at, "carried"] = part * verdicts.loc[at, "estimate"]
    verdicts["cite"], verdicts["cite_for"] = cited(verdicts, 0.05), cause(verdicts, 0.05)
    assert set(verdicts["cite"]) == {"estimate"}  # by the p of the check, which is not below the bound
    return replace(found, verdicts=verdicts)


def test_the_size_to_cite_goes_by_the_p_that_decides(asked) -> None:
    _, found, claims, questions = asked
    own = found.verdicts["signature"].eq(KEY["signature"])
    told = with_much(found, 0.2).as_claimed(claims, questions).verdicts
    assert told.loc[own, "cite"].eq("filtered_estimate").all()
    assert told.loc[own, "cite_for"].eq("20 % of interaction").all()
    assert told.loc[~own, "cite"].eq("estimate").all()
    # A tenth at most stays as scored, and so does what no question establishes.
    assert with_much(found, 0.09).as_claimed(claims, questions).verdicts.loc[own, "cite"].eq("estimate").all()
    assert with_much(found, 0.2).as_claimed(claims).verdicts.loc[own, "cite"].eq("estimate").all()


def test_a_question_established_by_holm_alone_names_the_size_on_fewer_genes(asked) -> None:
    adata, found, claims, _ = asked
    how = {"methods": "singscore", "signatures": {"stat3": "stat3.specific"}}
    row = row_of(ms.tl.questions(adata, DESIGN, claims=claims, stroma=with_much(found, 0.2), **how))
    assert (row["cite"], row["cite_for"]) == ("filtered_estimate", "20 % of interaction")
    assert "cite this size, and compare it with sizes on these genes only" in row["sentence"]
    few = row_of(ms.tl.questions(adata, DESIGN, claims=claims, stroma=with_much(found, 0.09), **how))
    assert few["cite"] == "estimate"
    assert "cite this size" not in few["sentence"]


@pytest.mark.slow
def test_a_report_judges_by_the_p_of_the_claims_that_it_is_given(asked, tmp_path) -> None:
    adata, found, claims, questions = asked
    adata = adata.copy()
    ms.tl.score(adata, MAIN)
    res = ms.tl.compare(adata, DESIGN)

    def page(**more) -> str:
        path = tmp_path / "report.html"
        ms.report(path, adata, res, design=DESIGN, **more)
        text = path.read_text(encoding="utf-8")
        return text[text.index("Is it the blasts at all?</h2>") :]

    row = row_of(found.as_claimed(claims, questions).verdicts)
    said = row["reason"].partition(" On the")[0]  # names both p
    assert said in page(stroma=found, claims=claims, questions=questions)
    assert said not in page(stroma=found)
    assert said in page(stroma=found.as_claimed(claims, questions), claims=claims)
    other = "The claim above rests on a check of other signatures"
    assert other not in page(stroma=found, claims=claims, questions=questions)
    asked_apart = claims.assign(stroma=claims["stroma"].replace("not explained by carry-over", "cannot tell"))
    assert f"{other}, whose adj. p is another: cannot tell." in page(stroma=found, claims=asked_apart)


@pytest.mark.slow
def test_a_further_question_changes_no_size_of_a_claim() -> None:
    """Where a question alone establishes what stroma gives half of, questions are cited on fewer genes."""
    adata, msc = ms.ds.demo(), ms.ds.demo_stroma()
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    answering = ["emt.hallmark", "il6.hallmark", "stat3.specific"]
    found = ms.qc.stroma(adata, design, stroma=msc, method="mean", signatures=answering, genes=["IL6"])
    table = found.verdicts.copy()
    own = table["signature"].eq("il6.hallmark")
    table.loc[own, ["carried", "cite", "cite_for"]] = [0.0, "estimate", ""]
    at = own & table["contrast"].eq("interaction")
    table.loc[at, "carried"], table.loc[at, "p_bh"] = table.loc[at, "estimate"] / 2, 0.2
    claims = ms.tl.claims(adata, design, stroma=replace(found, verdicts=table), methods="mean")
    further = ms.tl.questions(adata, design, claims=claims)
    claims, further = (t[t["signature"].eq("il6.hallmark") & t["p"].notna()] for t in (claims, further))
    assert set(claims["cite"]) == {"estimate"}
    more = further.set_index("claim").loc["il6_response_more_in_resistant"]
    assert more["p_adj"] < 0.05
    assert set(further["cite"]) == {"filtered_estimate"}
    assert set(further["cite_for"]) == {"50 % of interaction"}
    assert claims["filtered_estimate"].notna().all()  # to set beside those

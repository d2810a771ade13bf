"""Units sampled at several times: no advice sums what is compared, and what works is named."""

from __future__ import annotations

import itertools
import warnings

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._arms import in_order, order
from marrowsig.pl._read import arm_order, labels

FORMULA = ms.Design.from_formula
LEVELS = {"condition": ["Mock", "IL22"]}
AVERAGE = {"x": "IL22 - Mock"}
AT_24 = {"x": "IL22:24 - Mock:24"}
BY_TIME = "ms.Design(culture='condition', mono='Mock', co='IL22', time='time_h', unit='who')"


def course(*, nested: bool = False, who: str = "who") -> pd.DataFrame:
    """Two conditions, four times, three cultures each: the same three, or others in each condition."""
    rows = [
        {"condition": c, "time_h": t, who: f"{c if nested else 'd'}{i}"}
        for c, t, i in itertools.product(["Mock", "IL22"], [3, 6, 12, 24], range(3))
    ]
    return pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])


@pytest.mark.parametrize("formula", ["~ condition", "~ condition + who"])
def test_a_time_that_the_formula_leaves_out_goes_into_it(formula: str) -> None:
    levels = LEVELS | ({"who": "d0"} if "who" in formula else {})
    design = FORMULA(formula, levels=levels, contrasts=AVERAGE, unit="who")
    with pytest.raises(ms.DesignError, match=r"into the formula, as '~ condition \* time_h \+ who'") as e:
        design.check(course())
    assert "pseudobulk" not in str(e.value)
    levels |= {"time_h": "3", "who": "d0"}
    FORMULA("~ condition * time_h + who", levels=levels, contrasts=AVERAGE, unit="who").check(course())


def test_a_design_is_told_of_its_field() -> None:
    with pytest.raises(ms.DesignError, match=r"if these are time points, name it with .*time='time_h'"):
        ms.Design(culture="condition", mono="Mock", co="IL22", pair="who").check(course())


@pytest.mark.parametrize(
    ("column", "told"),
    [("timepoint", "apart: to compare"), ("disease_status", "not to be summed. To compare")],
)
def test_a_design_is_told_of_diagnosis_and_relapse(column: str, told: str) -> None:
    obs = course().rename(columns={"time_h": column})
    early = obs[column].eq(obs[column].iloc[0])
    obs[column] = early.map({True: "Dx", False: "Rel"})
    with pytest.raises(ms.DesignError) as e:
        ms.Design(culture="condition", mono="Mock", co="IL22", pair="who").check(obs)
    line = f"line={column!r}, parental='Dx', resistant='Rel'"
    assert told in str(e.value)
    assert "these states of the disease, " in str(e.value)
    assert f"ms.Design(..., {line})" in str(e.value)
    assert (f"if these are time points, name it with ms.Design(..., time={column!r})" in str(e.value)) == (
        column == "timepoint"
    )
    obs[column] = early.map({True: "3", False: "24"})
    with pytest.raises(ms.DesignError) as e:
        ms.Design(culture="condition", mono="Mock", co="IL22", pair="who").check(obs)
    assert "disease" not in str(e.value).replace("disease_status", "")


def test_repeats_that_nothing_tells_apart_are_summed_within_what_is_compared() -> None:
    obs = course().drop(columns="time_h")
    design = FORMULA("~ condition", levels=LEVELS, contrasts=AVERAGE, unit="who")
    with pytest.raises(ms.DesignError, match=r"unit='who', by=\['condition'\]"):
        design.check(obs)
    slope = FORMULA("~ dose", levels={}, contrasts=["dose"], unit="who")
    with pytest.raises(ms.DesignError, match=r"unit='who', by=\['dose'\]"):
        slope.check(obs.assign(dose=obs["condition"].eq("IL22").astype(float)))


def test_donors_nested_in_what_is_compared_are_compared_time_by_time() -> None:
    obs, levels = course(nested=True), LEVELS | {"time_h": "3"}
    for formula, more in (("~ condition * time_h", {}), ("~ condition * time_h + who", {"who": "Mock0"})):
        design = FORMULA(formula, levels=levels | more, contrasts=AT_24, unit="who")
        with pytest.raises(ms.DesignError) as error:
            design.check(obs)
        assert "very level of 'who' stands in one level of 'condition'" in str(error.value)
        assert BY_TIME in str(error.value)
        assert "Add '+ who'" not in str(error.value)
    asked = AT_24 | {"y": AVERAGE["x"]}
    who = levels | {"who": "Mock0"}
    two = FORMULA("~ condition * time_h + who", levels=who, contrasts=asked, unit="who")
    with pytest.raises(ms.DesignError) as error:
        two.check(obs)
    assert str(error.value).count(BY_TIME) == 1  # both contrasts for one reason
    told = eval(BY_TIME).contrasts(obs)
    assert told["estimable"].all()
    assert told["df"].tolist() == [4] * 4
    change = {"change": "IL22:24 - Mock:24 - IL22:3 + Mock:3"}
    with pytest.raises(ms.DesignError, match=r"them\. Add '\+ who', with its reference in levels=\.$"):
        FORMULA("~ condition * time_h", levels=levels, contrasts=change, unit="who").check(obs)
    levels |= {"who": "Mock0"}
    FORMULA("~ condition * time_h + who", levels=levels, contrasts=change, unit="who").check(obs)


def test_a_formula_has_no_pair_to_give() -> None:
    design = FORMULA("~ condition * time_h", levels=LEVELS | {"time_h": "3"}, contrasts=AT_24)
    with pytest.warns(ms.InputWarning, match=r"Add '\+ donor' to the formula") as told:
        design.check(course(who="donor"))
    assert "pair=" not in str(told[0].message)
    with pytest.warns(ms.InputWarning, match=r"takes up the difference .*unit='donor'\)"):
        design.check(course(nested=True, who="donor"))


@pytest.mark.parametrize("formula", [True, False])
def test_times_that_arms_pool_are_told(formula: bool) -> None:
    design = (
        FORMULA("~ condition", levels=LEVELS, contrasts=AVERAGE)
        if formula
        else ms.Design(culture="condition", mono="Mock", co="IL22")
    )
    with pytest.warns(ms.InputWarning, match=r"Arms pool the levels of 'time_h' \(3, 6, 12, 24\)"):
        design.check(course(who="replicate"))
    design.check(course(who="mark"))  # names no cultures
    obs = course(who="replicate").assign(hours=lambda obs: obs["time_h"] * 1.0)
    how = {"levels": LEVELS, "contrasts": AVERAGE}
    FORMULA("~ condition * hours", **how).check(obs)  # which says what time_h does
    design.check(course(who="replicate")[lambda obs: obs["time_h"] == 3])


def test_strata_and_arms_are_in_the_order_of_their_levels() -> None:
    obs = course()[::-1]
    design = ms.Design(culture="condition", mono="Mock", co="IL22", time="time_h")

    def strata(column: object) -> list[str]:
        given = obs.assign(time_h=column)
        found = list(dict.fromkeys(design.contrasts(given)["stratum"]))
        assert [a.partition(" | ")[0] for a in arm_order(labels(given, design))][::2] == [
            s.removeprefix("time=") for s in found
        ]
        return found

    assert strata(obs["time_h"]) == [f"time={t}" for t in (3, 6, 12, 24)]
    assert strata(obs["time_h"].astype(str).astype("category")) == [f"time={t}" for t in (3, 6, 12, 24)]
    assert strata("t" + obs["time_h"].astype(str)) == [f"time=t{t}" for t in (3, 6, 12, 24)]
    words = obs["time_h"].map({3: "early", 6: "later", 12: "day", 24: "end"})
    own = pd.Categorical(words, ["early", "later", "day", "end"], ordered=True)
    assert strata(own) == [f"time={t}" for t in ("early", "later", "day", "end")]
    assert in_order(pd.Series(words)) == sorted(set(words))
    assert order(["10", "t10", "9", "t9", "1.5 h", "0.5 h"]) == ["9", "10", "0.5 h", "1.5 h", "t9", "t10"]


def test_arms_of_a_formula_follow_its_levels() -> None:
    obs = course()[::-1]
    design = FORMULA("~ condition * time_h", levels=LEVELS | {"time_h": "6"}, contrasts=AT_24)
    times = ("6", "3", "12", "24")
    assert arm_order(labels(obs, design)) == [f"{c}:{t}" for c in ("Mock", "IL22") for t in times]


def test_a_sample_without_a_partner_is_told_once() -> None:
    obs = course()[lambda o: o["time_h"] == 3].iloc[:-1]
    design = ms.Design(culture="condition", mono="Mock", co="IL22", pair="who")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(3):
            design.check(obs)
            with warnings.catch_warnings():  # which makes Python forget what it has said
                warnings.simplefilter("ignore")
            design.describe(obs)
        design.check(obs.rename(index="{}x".format))
    assert len(told) == 2
    assert "1 row has no partner" in str(told[0].message)
    assert "d2 (s2, Mock)" in str(told[0].message)


def test_sums_are_advised_by_what_can_then_be_tested() -> None:
    late = [("a", "7"), ("a", "8"), ("b", "14"), ("b", "15"), ("c", "21")]
    rows = [(d, "early", "0") for d in "abc"] + [(d, "late", day) for d, day in late]
    obs = pd.DataFrame(rows, columns=["donor", "state", "day"], index=[f"s{i}" for i in range(len(rows))])
    design = ms.Design(line="state", parental="early", resistant="late", pair="donor")
    with pytest.raises(ms.DesignError, match=r"by=\['state'\]\), score") as caught:
        design.plans(obs)
    assert "over all it can" in str(caught.value)
    assert design.plans(obs.drop_duplicates(["donor", "state"]))[0].model is not None


def test_pairs_are_advised_where_they_can_be_compared() -> None:
    obs = pd.DataFrame({"donor": list("abca"), "state": ["early"] * 2 + ["late"] * 2}, index=list("wxyz"))
    design = ms.Design(line="state", parental="early", resistant="late")
    with pytest.warns(ms.InputWarning, match="Too few of them stand in both arms"):
        design.plans(obs)
    both = pd.concat([obs, pd.DataFrame({"donor": ["b"], "state": ["late"]}, index=["v"])])
    with pytest.warns(ms.InputWarning, match="Give pair='donor' to compare within them"):
        design.plans(both)

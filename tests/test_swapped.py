"""Levels given the wrong way round are noticed: by their names, by the inhibitors, and by stroma's RNA."""

from __future__ import annotations

import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._contrasts import contrasts
from marrowsig.qc._linear import Linear
from marrowsig.qc._stroma_reference import Reference
from marrowsig.qc._stroma_study import Study
from marrowsig.qc._stroma_swapped import swapped
from marrowsig.qc._stroma_words import NONE_ALONE, SWAPPED

CULTURES = ("mono", "co")


def told(design: ms.Design, obs: pd.DataFrame) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        design.contrasts(obs)
    return [str(one.message) for one in caught if "Did you swap" in str(one.message)]


def sheet(mono: str, co: str, drugged: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (culture, drug, i)
        for culture, drug, i in product((mono, co), ("DMSO", "JAKi"), range(3))
        if drug == "DMSO" or culture in drugged
    ]
    return pd.DataFrame(rows, columns=["culture", "drug", "pair"], index=[f"s{i}" for i in range(len(rows))])


def cultures(mono: str, co: str) -> ms.Design:
    return ms.Design(culture="culture", mono=mono, co=co, inhibitor="drug", vehicle="DMSO", pair="pair")


@pytest.mark.parametrize(
    ("mono", "co"),
    [
        ("+hMSC", "alone"), ("co", "mono"), ("coculture", "monoculture"), ("Co-culture", "Mono-culture"),
        ("AML + MSC", "AML alone"), ("OP9", "control"), ("HS-5", "Ctrl"), ("K562 + HS-5", "K562 control"),
        ("stroma", "no stroma"), ("+MSC", "-MSC"),
    ],
)  # fmt: skip
def test_names_of_the_other_arm_are_noticed(mono: str, co: str) -> None:
    obs = sheet(mono, co, (mono, co))
    (said,) = told(cultures(mono, co), obs)
    assert said.startswith(f"{mono!r} is given as mono (cells alone) and {co!r} as co")
    assert said.endswith(f"Did you swap mono= and co=? Then give mono={co!r}, co={mono!r}.")
    assert told(cultures(co, mono), obs) == []


@pytest.mark.parametrize(
    ("mono", "co"),
    [("TGFb", "Ctrl"), ("Ara-C 1 uM", "0.1% DMSO"), ("treated", "untreated"), ("IL-6", "mock")],
)
def test_what_was_given_in_the_place_of_the_control_is_noticed(mono: str, co: str) -> None:
    (said,) = told(cultures(mono, co), sheet(mono, co, (mono, co)))
    assert said.startswith(f"{mono!r}, given as mono (the baseline), names what was given, and {co!r}")
    assert said.endswith(f"Did you swap mono= and co=? Then give mono={co!r}, co={mono!r}.")
    assert told(cultures(co, mono), sheet(mono, co, (mono, co))) == []
    assert contrasts(cultures(mono, co), ())[0].factor != "coculture"


@pytest.mark.parametrize(
    ("mono", "co"),
    [
        ("no MSC", "MSC"), ("-MSC", "+MSC"), ("MSC-free control", "MSC control"), ("Ctrl", "TGFb"),
        ("control", "CM"), ("without stroma", "stroma"), ("non-contact", "contact"), ("AML", "AML_MSC"),
        ("MSC", "AML"), ("IL6", "MSC + IL6"), ("0", "1"), ("medium", "conditioned medium"),
    ],
)  # fmt: skip
def test_other_names_raise_no_alarm(mono: str, co: str) -> None:
    assert told(cultures(mono, co), sheet(mono, co, (mono, co))) == []


def test_inhibitors_in_the_arm_called_mono_alone_are_noticed() -> None:
    (said,) = told(cultures("a", "b"), sheet("a", "b", ("a",)))
    assert said.startswith(
        "All 3 samples with an inhibitor (JAKi) are in 'a', given as mono, and none in 'b'"
    )
    assert said.endswith("If not, the arm of 'b' with an inhibitor is missing.")  # nobody can see which
    for drugged in (("b",), ("a", "b")):
        assert told(cultures("a", "b"), sheet("a", "b", drugged)) == []
    for low, high in (("mono", "co"), ("a", "MSC"), ("alone", "b")):  # by their names the arm is missing
        assert told(cultures(low, high), sheet(low, high, (low,))) == []


def lines(parental: str, resistant: str) -> list[str]:
    obs = pd.DataFrame({"line": [parental] * 3 + [resistant] * 3}, index=[f"s{i}" for i in range(6)])
    return told(ms.Design(line="line", parental=parental, resistant=resistant), obs)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("MV4-11", "MV4-11-R"), ("parental", "resistant"), ("par", "res"), ("K562", "K562-IR1"),
        ("HL60", "HL60/ADR"), ("S", "R"), ("K562", "K562R"), ("diagnosis", "relapse"),
        ("diagnosis", "on_or_after_chemotherapy"), ("pre", "post"), ("before chemo", "after chemo"),
    ],
)  # fmt: skip
def test_resistant_cells_given_as_parental_are_noticed(low: str, high: str) -> None:
    assert lines(low, high) == []
    (said,) = lines(high, low)
    assert f"Did you swap parental= and resistant=? Then give parental={low!r}, resistant={high!r}." in said


@pytest.mark.parametrize(
    ("parental", "resistant"),
    [("R", "NR"), ("non-resistant", "x"), ("K562-R1", "K562-R2"), ("KU812", "HEL"), ("none", "IFNL"),
     ("not resistant", "b"), ("CR", "PD"), ("post", "placebo"), ("after 2 h", "after 24 h"),
     ("before relapse", "diagnosis")],
)  # fmt: skip
def test_other_lines_raise_no_alarm(parental: str, resistant: str) -> None:
    assert lines(parental, resistant) == []


@pytest.fixture(scope="module")
def small():
    """The demo without inhibitors and with the genes that matter here, and its stroma."""
    whole, msc = ms.ds.demo(), ms.ds.demo_stroma()
    whole = whole[whole.obs["inhibitor"] == "none"].copy()
    high = np.asarray(msc.X.mean(axis=0)).ravel().argsort()[::-1][:1500]
    main = ms.sig.as_set(["emt.hallmark", "il6.hallmark", "stat3.specific"])
    wanted = {gene for sig in main for gene in sig.genes} | set(msc.var_names[high]) | {"IL6"}
    wanted |= set(whole.var_names[::16])
    genes = [gene for gene in whole.var_names if gene in wanted]
    return whole[:, genes].copy(), msc[:, genes].copy()


def test_stroma_in_the_arm_called_mono_is_noticed(small) -> None:
    adata, msc = small
    # Names that say nothing: the RNA alone has to tell.
    adata = adata.copy()
    adata.obs["culture"] = adata.obs["culture"].astype(str).map({"mono": "a", "co": "b"})
    right = ms.Design(culture="culture", mono="a", co="b", line="line", pair="pair")
    wrong = ms.Design(culture="culture", mono="b", co="a", line="line", pair="pair")
    asked = {"stroma": msc, "signatures": "emt.hallmark", "tipping": False}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ms.InputWarning)
        fine = ms.qc.stroma(adata, right, **asked)
    assert fine.params["swapped"] == ""
    with pytest.warns(ms.InputWarning, match=r"Stroma's RNA is in the arm called mono \('b' 0\.\d+ %"):
        found = ms.qc.stroma(adata, wrong, **asked)
    assert "Did you swap mono= and co=?" in found.describe()
    assert "Did you swap mono= and co=?" in repr(found)
    assert set(found.verdicts["verdict"]) <= {"cannot tell", "not asked: no effect established"}
    own = found.verdicts[found.verdicts["verdict"] == "cannot tell"]
    assert len(own) >= 3
    assert set(own["reason"]) == {SWAPPED}
    table = ms.tl.claims(adata, wrong, stroma=msc, methods="singscore")
    rises = table[table["claim"] == "emt_up"]
    assert set(rises["verdict"]) == {"cannot tell"}
    assert set(rises["reason"]) == {SWAPPED}
    assert not table["sentence"].str.contains("not explained by carry-over").any()
    assert not table["verdict"].isin(["supported", "contradicted"]).any()


def test_two_drugs_are_not_called_swapped_and_nothing_is_cleared(small) -> None:
    """More of stroma's RNA under one drug than under the other: neither arm is that of cells alone."""
    adata, msc = small
    adata = adata.copy()
    adata.obs["drug"] = adata.obs["culture"].astype(str).map({"mono": "Momelotinib", "co": "Ruxolitinib"})
    design = ms.Design(culture="drug", mono="Ruxolitinib", co="Momelotinib", line="line", pair="pair")
    with pytest.warns(ms.InputWarning, match="no arm is called cells grown alone") as told:
        found = ms.qc.stroma(adata, design, stroma=msc, signatures="emt.hallmark", tipping=False)
    assert not any("swap" in str(one.message) for one in told)
    assert "swap" not in found.describe()
    own = found.verdicts[found.verdicts["verdict"] != "not asked: no effect established"]
    assert set(own["verdict"]) == {"cannot tell"}
    assert set(own["reason"]) == {NONE_ALONE}


def test_shares_that_were_given_tell_it_too(small) -> None:
    adata, msc = small
    design = ms.Design(culture="culture", line="line", pair="pair")
    high = np.where(adata.obs["culture"] == "mono", 0.02, 0.0)
    shares = pd.DataFrame(
        {"share": high, "share_low": high / 2, "share_high": high * 1.5}, index=adata.obs_names
    )
    with pytest.warns(ms.InputWarning, match=r"'mono' 2 % on average, 'co' 0 %"):
        ms.qc.stroma(adata, design, stroma=msc, shares=shares, signatures="emt.hallmark", tipping=False)


def shares_of(adata, share, low):
    return pd.DataFrame({"share": share, "share_low": low, "share_high": 0.03}, index=adata.obs_names)


def test_given_shares_count_only_where_their_limit_lies_above_0(small) -> None:
    adata, msc = small
    design = ms.Design(culture="culture", line="line", pair="pair")
    high = np.where(adata.obs["culture"] == "mono", 0.002, 0.0)
    asked = {"stroma": msc, "signatures": "emt.hallmark", "method": "mean", "tipping": False}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ms.InputWarning)
        found = ms.qc.stroma(adata, design, shares=shares_of(adata, high, 0.0), **asked)
    assert found.params["swapped"] == ""


def test_markers_tell_it_where_given_shares_do_not(small) -> None:
    adata, msc = small
    wrong = ms.Design(culture="culture", mono="co", co="mono", line="line", pair="pair")
    asked = {"stroma": msc, "signatures": "emt.hallmark", "method": "mean", "tipping": False}
    # As ms.qc.sex_share gives them: less the mean of those called mono, which hold the stroma.
    with pytest.warns(ms.InputWarning, match="Did you swap mono= and co="):
        ms.qc.stroma(adata, wrong, shares=shares_of(adata, 0.0, 0.0), **asked)


@pytest.mark.parametrize(
    ("up", "of", "alarm"), [(1, "G", False), (5, "G", False), (20, "G", True), (20, "MT-", False)]
)
def test_few_markers_of_many_are_no_stroma(up: int, of: str, alarm: bool) -> None:
    # 20 markers, the first with two thirds of the weight, of which `up` are higher in those called mono.
    # Genes of mitochondria are none: a table that lost them is no table of cells without stroma.
    genes = [f"{of if i < 20 else 'G'}{i}" for i in range(2000)]
    level = np.r_[4000.0, np.full(19, 100.0), np.zeros(1980)]
    rng = np.random.default_rng(1)
    x = rng.uniform(100, 900, (6, 2000))
    x[:, :20] = rng.uniform(0, 0.003, (6, 20)) * level[:20]
    x[:3, :up] += 0.01 * level[:up]
    frame = pd.DataFrame({"culture": ["mono"] * 3 + ["co"] * 3, "base": 0, "row": range(6)})
    frame["co"] = frame["culture"] == "co"
    stroma = Reference(level, level, "")
    study = Study(Linear(genes, x, x.sum(axis=1), ""), frame, x[:3].mean(axis=0)[None], [], [], stroma, [x])
    told = swapped(study, None, ms.sig.as_set("emt.hallmark"), ms.Design(culture="culture"))
    assert bool(told) is alarm


def test_the_demo_raises_no_alarm() -> None:
    obs = ms.ds.demo().obs
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    assert told(design, obs) == []
    assert told(ms.Design(culture="culture", line="line", pair="pair"), ms.ds.toy().obs) == []

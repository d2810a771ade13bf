"""What a run without claims says of ways of scoring that disagree with what it calls established."""

from __future__ import annotations

import pandas as pd

from marrowsig._cli.ways import HEAD, ways_disagree
from marrowsig._report.answer import Block
from marrowsig._report.elements import Claim

METHODS = ("singscore", "mean", "ucell", "zscore")
MAIN = ("il6.hallmark", "stat3.specific")


def table(
    estimates: dict[str, tuple[float, ...]], p: float = 0.001, stratum: str | None = None
) -> pd.DataFrame:
    """One estimate of each list by each of METHODS, those of zscore against all others."""
    rows = [
        {
            "signature": id,
            "method": method,
            "contrast": "co_vs_mono",
            "stratum": stratum,
            "estimate": x,
            "p": p,
        }
        for id, own in estimates.items()
        for method, x in zip(METHODS, (*own, -9.0), strict=True)
    ]
    return pd.DataFrame(rows)


def block(name: str = "co_vs_mono", shown: str = "") -> Block:
    up = [Claim("il6.hallmark", "up by 0.1", "up"), Claim("stat3.specific", "up by 0.05", "up")]
    return Block(name, "Higher?", "a against b", up, told=shown)


def test_a_list_that_goes_the_other_way_is_named_beside_what_is_established() -> None:
    up, down = (0.1, 0.2, 0.1), (-0.1, -0.2, -0.1)
    many = table({"il6.hallmark": up, "stat3.specific": up, "stat3.dauer2005": down, "stat3.azare2007": down})
    told = (
        "3 of 6 ways have this sign, where a claim needs 5; the other way, with a 95 % interval beyond zero: "
    )
    differ = [HEAD, f"  stat3.specific: {told}stat3.dauer2005 (every method)"]
    assert ways_disagree([block()], many, MAIN, "singscore") == differ
    agree = "Ways of scoring agree, as a claim would need: il6.hallmark (3 of 3)"
    assert ways_disagree([block()], many, MAIN, "singscore", every=True) == [*differ, agree]
    # What is not established, no main signature, or not asked of other ways has no line.
    still = Block("co_vs_mono", "", "", [Claim("stat3.specific", "not established", "open")])
    assert ways_disagree([still], many, MAIN, "singscore", every=True) == []
    assert ways_disagree([block()], many, MAIN[:1], "singscore") == []
    assert ways_disagree([block()], None, MAIN, "singscore", every=True) == []


def test_three_quarters_have_to_agree_and_none_exclude_zero_on_the_other_side() -> None:
    one = {"stat3.specific": (0.1, 0.2, 0.1), "stat3.dauer2005": (0.1, 0.1, -0.1)}
    blocks = [block()]
    assert ways_disagree(blocks, table(one, p=0.3), MAIN, "singscore") == []  # 5 of 6, none established
    said = (
        "5 of 6 ways have this sign; the other way, with a 95 % interval beyond zero: stat3.dauer2005 (ucell)"
    )
    assert ways_disagree(blocks, table(one), MAIN, "singscore") == [HEAD, f"  stat3.specific: {said}"]
    two = one | {"stat3.dauer2005": (0.1, -0.1, -0.1)}
    said = "4 of 6 ways have this sign, where a claim needs 5; the other way, not established: "
    told = ways_disagree(blocks, table(two, p=0.3), MAIN, "singscore")
    assert told == [HEAD, f"  stat3.specific: {said}stat3.dauer2005 (mean, ucell)"]


def test_of_several_contrasts_each_is_named_in_the_levels_of_the_sheet() -> None:
    one = {"stat3.specific": (0.1, 0.1, 0.1), "stat3.dauer2005": (-0.1, -0.1, -0.1)}
    many = pd.concat(
        [table(one, stratum="time=3"), table({"stat3.specific": (0.1, 0.1, 0.1)}, stratum="time=6")]
    )
    blocks = [block(f"co_vs_mono, time={t}", f"IL22 vs Mock, {t} h") for t in (3, 6)]
    head, line, agree = ways_disagree(blocks, many, MAIN, "singscore", every=True)
    assert head == HEAD
    assert line.startswith("  stat3.specific, IL22 vs Mock, 3 h: 3 of 6 ways")
    assert agree.endswith("need: stat3.specific, IL22 vs Mock, 6 h (3 of 3)")

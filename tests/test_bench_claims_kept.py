"""The three rules that tests/bench/claims_kept.py compares, on rows whose answers are known."""

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

from marrowsig._carry_over import RULED_OUT

BENCH = Path(__file__).parent / "bench"
STANDS = "not explained by carry-over"
CLAIM = {
    "truth": "list", "carried": "same", "mismatch": 0.5, "share": 0.02, "n": 4, "run": 0,
    "claim": "emt_up", "line": "resistant", "estimate": 0.1, "p_adj": 0.01, "agreement": 1.0, "n_against": 0,
    "stroma": STANDS, "filtered_p_adj": 0.01, "cite": "filtered_estimate", "verdict": "supported",
    "n_others": 4, "n_hold": 2, "kept_agreement": 12 / 15, "kept_n_against": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def bench():
    """The bench, and those beside it that it takes its profiles from."""
    sys.path.insert(0, str(BENCH))
    try:
        spec = importlib.util.spec_from_file_location("bench_claims_kept", BENCH / "claims_kept.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules["bench_claims_kept"] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCH))
    return module


@pytest.mark.parametrize(
    ("row", "by_rule"),
    [
        ({}, "abc"),
        ({"kept_agreement": 11 / 15}, "ac"),  # the rule needs 12 of 15
        ({"kept_n_against": 1}, "ac"),
        ({"kept_agreement": 11 / 15, "cite": "estimate"}, "abc"),  # cited as scored
        ({"n_hold": 0}, "ab"),
        ({"n_hold": 0, "n_others": 0}, "abc"),  # a signature without other lists
        ({"n_hold": 0, "kept_agreement": 0.0, "stroma": RULED_OUT}, "abc"),  # no check of stroma
        ({"p_adj": 0.2, "verdict": "not supported"}, ""),
    ],
)
def test_each_rule_reads_its_own_columns(bench, row: dict[str, object], by_rule: str) -> None:
    told = bench.ruled(pd.DataFrame([CLAIM | row])).iloc[0]
    assert "".join(rule for rule in "abc" if told[rule]) == by_rule


def test_more_in_resistant_cells_falls_with_the_rise_that_it_needs(bench) -> None:
    more = {"claim": "emt_more_in_resistant", "line": ""}
    rows = [CLAIM | {"kept_agreement": 0.5}, CLAIM | more, CLAIM | {"run": 1}, CLAIM | more | {"run": 1}]
    told = bench.ruled(pd.DataFrame(rows))
    assert told["a"].all()
    assert told["b"].tolist() == [False, False, True, True]
    assert "| list | yes | emt_up | 2 | 1.00 | 0.50 | 1.00 |" in bench.pooled(told)

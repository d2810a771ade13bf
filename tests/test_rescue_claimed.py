"""A reversal that a claim or further question asks: one fraction to cite, with the p of what asks it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._cli.taken_back import fractions_of, taken_back
from marrowsig._report import rescue, rescue_claimed
from marrowsig.tl import _rescue_kept, _rescue_words

DESIGN = ms.Design(culture="culture", inhibitor="drug", pair="patient")
SIZES = {"fraction": 0.42, "fraction_low": 0.19, "fraction_high": 0.63, "fraction_kind": "interval"}
KEPT = {"fraction": 0.51, "fraction_low": 0.29, "fraction_high": 0.73, "fraction_kind": "interval"}
ASKED = {
    "method": "singscore", "contrast": "reversal_toci", "stratum": "", "signature": "il6.hallmark",
    "family": "further questions", "p_adj": 0.0058, "filtered_p_adj": 0.0013, "cite": "filtered_estimate",
    "inhibitor": "toci", "line": "", "filtered_estimate": 0.033, "n_kept": 67, "n_genes": 81,
    "rule": "all hold", "p": 0.0029, "estimate": 0.025, "carried": -0.0003,
}  # fmt: skip


def reversed_(p: float = 0.064, kept_p: float = 0.06, **changes: Any) -> pd.DataFrame:
    row = {
        "method": "singscore", "signature": "il6.hallmark", "stratum": "", "line": "", "inhibitor": "toci",
        "kind": "line", "induction": 0.06, "induction_p": 0.0, "induction_p_adj": 0.0, "reversal": 0.025,
        "reversal_low": 0.01, "reversal_high": 0.04, "reversal_p_adj": p, "family_size": 22, "n_pairs": 6,
        "filtered_reversal_p_adj": kept_p, "filtered_induction_p_adj": 0.0, "n_kept": 67, "n_genes": 81,
        "cite": "filtered_estimate", "fully_reversed": "no margin declared", "margin": float("nan"),
    }  # fmt: skip
    row |= SIZES | {f"filtered_{name}": value for name, value in KEPT.items()} | changes
    row["verdict"] = _rescue_words.line_verdict(row, 0.05)
    said = _rescue_words.line_sentence(row, "alone", "95 %") + _rescue_kept.said(row, "95 %", 0.05)
    return pd.DataFrame([row | {"sentence": said}])


def told(table: pd.DataFrame, **claim: Any) -> pd.Series:
    claims = pd.DataFrame([ASKED | {"verdict": "supported"} | claim])
    return rescue_claimed.with_claims(table, claims, DESIGN, alpha=0.05).iloc[0]


@pytest.mark.parametrize(("p", "kept_p"), [(0.064, 0.0019), (0.064, 0.06), (0.01, 0.06), (0.01, 0.002)])
@pytest.mark.parametrize(
    ("family", "as_"), [("claims", "as a claim"), ("further questions", "as a further question")]
)
def test_a_fraction_of_what_is_supported_is_cited_with_its_own_p(
    p: float, kept_p: float, family: str, as_: str
) -> None:
    table = reversed_(p, kept_p)
    row = told(table, family=family)
    own = f"51 % (95 % interval 29 to 73 %; reversal adjusted p = 0.0013 {as_})."
    assert row["sentence"].endswith(f"cite the fraction on the 67 of 81 {_rescue_kept.LEFT}, {own}")
    short = _rescue_kept.briefly(row["sentence"])
    assert short.endswith(f"Cite the fraction on the 67 of 81 genes left, {own}")
    for word in ("not to cite", "does not count", "not established", "no reversal", "0.06 ", "0.002"):
        assert word not in row["sentence"] + short
    both = f"toci: supported {as_}, adjusted p = 0.0058 (in the table of all signatures, adjusted for "
    assert row["sentence"].startswith(
        both + "22, p = 0.064): 42 % (" if p == 0.064 else "toci: reversed: 42 % ("
    )
    given = SimpleNamespace(alpha=0.05, method="singscore")
    found = row.to_frame().T
    cells = {str(k): v for k, v in _only_row(rescue._to_cite(found, found, given)).items()}
    assert cells["to cite"] == "yes"
    assert cells["on genes left"] == f"51 % [29, 73]; adj. p 0.0013 {as_}; 67 of 81 genes"
    assert cells["as scored"] == f"42 % [19, 63]; adj. p 0.0058 {as_}"
    terminal = taken_back(ASKED | {"verdict": "supported"}, fractions_of(table))
    assert cells["on genes left"].startswith(terminal)
    drawn = rescue_claimed.as_claimed(found).iloc[0]
    assert drawn["verdict"] == ("reversed in part" + ("" if p == 0.01 else f" {as_}"))
    assert drawn["filtered_reversal_p_adj"] == 0.0013


@pytest.mark.parametrize("verdict", ["cannot tell", "not supported"])
@pytest.mark.parametrize("p", [0.064, 0.01])
def test_no_fraction_is_cited_of_a_reversal_whose_claim_does_not_hold(verdict: str, p: float) -> None:
    row = told(reversed_(p, 0.002), verdict=verdict)
    assert "Cite" not in _rescue_kept.briefly(row["sentence"])
    assert _rescue_kept.briefly(row["sentence"]).endswith("reversal adjusted p = 0.002), not to cite.")
    found = row.to_frame().T
    given = SimpleNamespace(alpha=0.05, method="singscore")
    cells = _only_row(rescue._to_cite(found, found, given))
    assert cells["to cite"] == "no"
    assert "0.002; 67 of 81" in cells["on genes left"]
    assert rescue_claimed.as_claimed(found)["verdict"].equals(found["verdict"])


def test_what_is_supported_decides_on_which_genes_its_fraction_is_cited() -> None:
    row = told(reversed_(cite="estimate"))
    assert row["cite"] == "filtered_estimate"
    assert "cite the fraction on the 67 of 81" in row["sentence"]
    row = told(reversed_(), cite="estimate")
    assert row["cite"] == "estimate"
    assert row["sentence"].endswith("p = 0.064): 42 % (95 % interval 19 to 63 %) of the induction.")


def _only_row(parts: list[Any]) -> dict[str, str]:
    (table,) = parts
    (row,) = table.rows
    return dict(zip([column.name for column in table.columns], [_text(cell) for cell in row], strict=True))


def _text(cell: Any) -> str:
    return str(getattr(cell, "text", cell))

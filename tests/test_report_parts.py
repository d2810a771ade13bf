"""A page speaks of inhibitors, of stroma and of claims only where the run has them."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._report import address, chain, claims, figures
from marrowsig._report.page import render
from marrowsig._report.pairing import pairing

INHIBITOR = re.compile(r"inhibit|revers|rescue|\bdrugs?\b", re.IGNORECASE)
STROMA = re.compile(
    r"section on stroma|check of stroma|stroma could|references of stroma|blasts at all\?", re.IGNORECASE
)
CLAIM = re.compile(r"\bclaims?\b", re.IGNORECASE)
ALLOWED = re.compile(r"not asked of these samples|^The inhibitor reverses EMT|^Fraction reversed|^@|doi:")
"""What is not on a page and why, and titles of papers."""


def visible(page: str) -> list[str]:
    """Lines of a page that a reader sees."""
    shown = re.sub(r"<(script|style|pre|template)\b.*?</\1>", "", page, flags=re.DOTALL)
    lines = re.sub(r"</?(p|tr|li|h\d|dt|dd|dl|summary|caption|figcaption|div|section)\b[^>]*>", "\n", shown)
    texts = (html.unescape(re.sub(r"<[^>]+>", " ", line)).strip() for line in lines.split("\n"))
    return [text for text in texts if text and not ALLOWED.search(text)]


def found(pattern: re.Pattern[str], page: str) -> list[str]:
    return [line for line in visible(page) if pattern.search(line)]


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch, unfigured: None) -> None:
    """Figures by name alone: drawing takes most of the time of a page."""

    def blank(*_: object) -> figures.Figure:
        return figures.Figure("x", bytes(24), "", "", address.figure("x"))

    for section in (chain, claims):
        monkeypatch.setattr(section, "_picture", blank)


def page(*, inhibitor: bool, reference: bool) -> str:
    adata, grown = ms.ds.demo(), ms.ds.demo_stroma()
    sigs = ms.sig.load("emt.hallmark", "il6.hallmark", "stat3.specific", "emt.blast")
    mine = adata.var_names.isin([gene for sig in sigs for gene in sig.genes])
    few = mine | (np.arange(adata.n_vars) % 16 == 0)
    drugs = ("none", "JAKi_A") if inhibitor else ("none",)
    adata = adata[adata.obs["inhibitor"].isin(drugs).to_numpy(), few].copy()
    ms.pp.lognorm(adata)
    ms.tl.score(adata, sigs)
    treated = {"inhibitor": "inhibitor"} if inhibitor else {}
    design = ms.Design(culture="culture", line="line", pair="pair", **treated)
    own = {"stroma": grown[:, adata.var_names].copy()} if reference else {}
    extras = {
        "claims": ms.tl.claims(adata, design, **own),
        "chain": ms.tl.chain(adata, design, cycle=False),
    }
    if reference:
        extras["stroma"] = ms.qc.stroma(adata, design, **own)
    if inhibitor:
        extras["rescue"] = ms.tl.rescue(adata, design)
    return render(adata, ms.tl.compare(adata, design, permutations=0), design=design, extras=extras)[0]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("inhibitor", "reference"),
    [
        (False, False),
        pytest.param(True, False, marks=pytest.mark.slow),
        pytest.param(False, True, marks=pytest.mark.slow),
        pytest.param(True, True, marks=pytest.mark.slow),
    ],
)
def test_a_page_speaks_of_what_the_run_has(*, inhibitor: bool, reference: bool) -> None:
    text = page(inhibitor=inhibitor, reference=reference)
    for pattern, there in ((INHIBITOR, inhibitor), (STROMA, reference)):
        said = found(pattern, text)
        assert bool(said) == there, said
    assert found(CLAIM, text)
    assert visible(text)[0]
    assert any(line.startswith("Which numbers to cite: of a claim, ") for line in visible(text))


def test_the_answer_says_what_pairs_took_away_and_what_they_cost() -> None:
    obs = pd.DataFrame(
        {"culture": ["mono", "co"] * 4, "pair": np.repeat(list("abcd"), 2)}, index=list("stuvwxyz")
    )
    adata = ad.AnnData(np.zeros((8, 1)), obs=obs)
    offsets, noise = np.repeat([0.0, 1.0, 2.0, 3.0], 2), np.array([1, -1, -1, 1, 1, -1, -1, 1]) / 10
    adata.obsm["score_mean"] = pd.DataFrame({"emt.a": offsets + noise, "emt.b": noise}, index=obs.index)
    design = ms.Design(culture="culture", pair="pair")
    given: Any = SimpleNamespace(adata=adata, design=design, method="mean", named=["emt.a", "emt.b"])
    # By hand: noise lies within pairs and sums to 0 in each, so that pairs leave it all, on 3 df.
    y, arm = offsets + noise, np.tile([0, 1], 4)
    within = sum(((y[arm == k] - y[arm == k].mean()) ** 2).sum() for k in (0, 1)) / 6
    share = 1 - (8 * 0.01 / 3) / within
    assert pairing(given) == (
        f"Pairs took 3 of 6 degrees of freedom, and of the variance within arms: emt.a {100 * share:.0f} %, "
        "emt.b none. Whether to pair is decided by which samples belong together, not by the smaller p."
    )
    given.design = ms.Design(culture="culture")
    assert pairing(given) == ""

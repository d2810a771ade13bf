"""One column of single cells that holds culture and drug: what a run says of it, and the Python it gives."""

from __future__ import annotations

import anndata as ad
import click
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms
from marrowsig._calls import Calls
from marrowsig._cli.refused import refused
from marrowsig._cli.two_columns import two_columns
from marrowsig._drug_apart import drug_apart
from marrowsig._summed import summed
from marrowsig.tl._claims_asked import FURTHER
from marrowsig.tl._claims_stroma import CO_ONLY, IN_STROMA, co_only, in_short
from marrowsig.tl._claims_verdicts import as_rows, not_asked

DESIGN = ms.Design(culture="condition", mono="alone", co="on MSC", pair="patient")
MINE = ms.sig.Signature("emt.mine", axis="emt", genes=[f"G{i}" for i in range(9)])
NEEDED = "the drug of 'condition' in a column of its own: ms.Design(culture=..., inhibitor=...)"


def cells(levels: tuple[str, ...] = ("alone", "on MSC", "on MSC + rux")) -> ad.AnnData:
    """Sixty cells of each of three patients in each level."""
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        [(f"P{p}", level) for p in range(3) for level in levels for _ in range(60)],
        columns=["patient", "condition"],
    )
    adata = ad.AnnData(
        rng.poisson(0.4, (len(obs), 50)).astype(np.float32), obs=obs.rename(index="c{}".format)
    )
    adata.var_names = [f"G{i}" for i in range(50)]
    adata.uns["marrowsig"] = {"input": {"kind": "counts"}}
    return adata


def test_cells_are_told_of_the_two_columns_and_sums_keep_that_the_drug_was_there() -> None:
    adata = cells()
    with pytest.warns(ms.InputWarning) as caught:
        sums = summed(adata, DESIGN, Calls({})).adata
    said = [str(w.message) for w in caught]
    assert any("180 rows lie outside the design: 'condition' is 'on MSC + rux' (180)" in one for one in said)
    assert any("Make two columns of it, culture and drug: " in one for one in said)
    assert set(sums.obs["condition"]) == {"alone", "on MSC"}
    assert drug_apart(sums, DESIGN) == drug_apart(adata, DESIGN) == NEEDED
    with pytest.warns(ms.InputWarning) as caught:
        ms.tl.compare_cells(adata[::-1].copy(), DESIGN, signatures=MINE, unit="patient")
    assert any("Make two columns of it, culture and drug: " in str(w.message) for w in caught)
    plain = cells(("alone", "on MSC"))
    assert drug_apart(summed(plain, DESIGN, Calls({})).adata, DESIGN) == ""


def test_a_reversal_asks_for_the_drug_in_its_own_column_and_not_for_samples_that_are_there() -> None:
    reasons = {row["claim"]: row["reason"] for row in not_asked([], apart=NEEDED)}
    assert [claim for claim, reason in reasons.items() if reason == NEEDED] == ["emt_reversed"]
    further = as_rows(not_asked([], FURTHER, NEEDED), alpha=0.05)
    assert f"Needed: {NEEDED}." in " ".join(in_short(further))
    assert "a co-culture with an inhibitor" in not_asked([], FURTHER)[-1]["reason"]


def test_the_lines_to_paste_make_the_columns_of_the_design_that_the_warning_names(tmp_path) -> None:
    adata = cells()
    whole = ad.concat([adata, cells(("elsewhere",))], index_unique="-")  # has levels that the run left out
    whole.write_h5ad(tmp_path / "cells.h5ad")
    (said,) = two_columns(tmp_path / "cells.h5ad", DESIGN, adata.obs)
    code = "\n".join(line.removeprefix("  ") for line in said.splitlines()[1:])
    new = tmp_path / "cells_culture_drug.h5ad"
    exec(code.replace(repr(new.name), repr(str(new))), {})
    obs = ad.read_h5ad(new).obs.query("culture != 'elsewhere'")
    assert pd.crosstab(obs["culture"], obs["drug"]).to_dict() == {
        "none": {"alone": 180, "on MSC": 180},
        "rux": {"alone": 0, "on MSC": 180},
    }
    design = ms.Design(culture="culture", mono="alone", co="on MSC", inhibitor="drug", pair="patient")
    assert set(design.arms(obs.astype(str))) == {"alone", "on MSC", "on MSC+rux"}
    error = ms.DesignError("Column 'condition' holds culture and drug in one.")
    error.warned = ("Genes are few.", said)
    with click.Context(click.Command("run")):
        shown = refused(error, None)
    assert shown.message.endswith(said.partition("\n")[2])  # a refusal cuts warnings short, but no Python
    assert shown.before == ["Warning: Genes are few."]
    assert two_columns(tmp_path / "cells.csv", DESIGN, adata.obs) == []
    assert two_columns(new, DESIGN, cells(("alone", "on MSC")).obs) == []


def test_the_lines_to_paste_leave_stroma_under_the_name_that_the_command_gave(tmp_path) -> None:
    obs = cells(("alone", "on MSC", "on MSC + rux", "MSC only")).obs.assign(type="AML")
    design = ms.Design(**DESIGN.to_dict(), compartment="type")
    for stroma, kept in (("condition=MSC only", "MSC only"), ("type=MSC", "alone"), ("", "alone")):
        (said,) = two_columns(tmp_path / "cells.h5ad", design, obs, stroma=stroma)
        assert f"'MSC only': ('{kept}', 'none')," in said


def test_stroma_of_co_cultures_alone_is_said_to_lack_that_grown_alone() -> None:
    stroma = cells(("on MSC", "on MSC + rux"))
    assert co_only(stroma, DESIGN)
    assert not co_only(cells(("alone", "on MSC")), DESIGN)
    assert not co_only(None, DESIGN)
    table = as_rows([{**row, "reason": CO_ONLY} for row in not_asked([], IN_STROMA)], alpha=0.05)
    assert in_short(table) == ["Nothing was asked of stroma itself: none was grown alone."]

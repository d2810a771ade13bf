"""The main job on real data: every set under `datasets/`, as its `dataset.json` describes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from click.testing import CliRunner

from marrowsig.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

pytestmark = pytest.mark.shared

SIGNATURES = {
    "EMT": "emt.hallmark",
    "TGF_BETA": "control.hallmark_tgf_beta",
    "JAK_STAT3": "il6.hallmark",
    "IL6_JAK_STAT3": "il6.hallmark",
    "JAK_STAT": "control.progeny_jak_stat",
    "INTERFERON": "control.hallmark_ifn_alpha",
    "INFLAMMATORY": "control.hallmark_inflammatory",
}
AXES = ["emt", "il6", "stat3"]
SIGN = {"up": 1, "down": -1}


@pytest.fixture(scope="session")
def sets(shared: Path) -> list[Path]:
    """Folders of the data sets."""
    found = sorted(f.parent for f in (shared / "datasets").glob("*/dataset.json"))
    if not found:
        pytest.skip(f"no dataset.json under {shared.name}/datasets")
    return found


def about(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "dataset.json").read_text(encoding="utf-8"))


def is_cells(what: dict[str, Any]) -> bool:
    return "n_cells" in what


def run(folder: Path, out: Path, *options: str, sheet: Path | None = None, claims: bool = False) -> Result:
    """`marrowsig run` on a set; cells carry their annotation with them."""
    what = about(folder)
    samples = [] if is_cells(what) else [str(sheet or folder / "samples.tsv")]
    names = [word for name in (*AXES, *sorted(set(SIGNATURES.values()))) for word in ("-s", name)]
    words = [
        "run",
        str(folder / what["matrix"]),
        *samples,
        *options,
        *names,
        "--min-coverage",
        "0.1",
        "--quick",
        *([] if claims else ["--skip", "claims"]),
    ]
    return CliRunner().invoke(main, [*words, "--out", str(out)])


def options_of(what: dict[str, Any], contrast: dict[str, Any]) -> list[str]:
    options = ["--culture", contrast["column"], "--mono", contrast["control"], "--co", contrast["case"]]
    block = contrast.get("block")
    if block and is_cells(what):
        return [*options, "--unit", block, "--pair", block]
    return [*options, "--batch", block] if block else options


def check(out: Path, contrast: dict[str, Any]) -> dict[str, float]:
    """Compare the direction of every signature with the one that is expected; return the estimates."""
    res = pd.read_csv(out / "contrasts.csv")
    assert set(res["contrast"]) == {"co_vs_mono"}
    by_id = res.set_index("signature")
    assert by_id.loc["emt.hallmark", "n_test"] >= 2
    text = (out / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="answer">' in text
    assert "emt.hallmark" in text
    seen = {}
    for key, direction in contrast["expect"].items():
        if direction not in SIGN:
            continue
        name = SIGNATURES.get(key)
        if name is None:
            print(f"{key}: no signature for it, left out")
            continue
        estimate = by_id.loc[name, "estimate"]
        assert estimate * SIGN[direction] > 0, (
            f"{key} ({name}) should go {direction}: {by_id.loc[name].to_dict()}"
        )
        seen[name] = float(estimate)
    return seen


def bulk(sets: list[Path]) -> list[Path]:
    return [folder for folder in sets if not is_cells(about(folder))]


def run_and_check(folder: Path, which: int, tmp_path: Path) -> None:
    what = about(folder)
    contrast = what["contrasts"][which]
    out = tmp_path / f"{folder.name}_{which}"
    result = run(folder, out, *options_of(what, contrast))
    assert result.exit_code == 0, f"{folder.name}: {result.output}"
    print(folder.name, contrast["case"], check(out, contrast))


@pytest.mark.slow
@pytest.mark.usefixtures("unfigured")
def test_a_bulk_set_goes_the_way_that_is_known(sets: list[Path], tmp_path: Path) -> None:
    known = [f for f in bulk(sets) if set(SIGN) & set(about(f)["contrasts"][0]["expect"].values())]
    smallest = min(known, key=lambda folder: (folder / about(folder)["matrix"]).stat().st_size)
    run_and_check(smallest, 0, tmp_path)


@pytest.mark.slow
def test_bulk_sets_go_the_way_that_is_known(sets: list[Path], tmp_path: Path) -> None:
    for folder in bulk(sets):
        for which in range(len(about(folder)["contrasts"])):
            run_and_check(folder, which, tmp_path)


@pytest.mark.slow
def test_cells_are_summed_by_donor_or_refused(sets: list[Path], tmp_path: Path) -> None:
    cells = [folder for folder in sets if is_cells(about(folder))]
    if not cells:
        pytest.skip("no set of single cells")
    for folder in cells:
        what = about(folder)
        for i, contrast in enumerate(what["contrasts"]):
            out = tmp_path / f"{folder.name}_{i}"
            result = run(folder, out, *options_of(what, contrast))
            if "block" not in contrast:
                assert result.exit_code == 1, result.output
                assert "cells are not replicates" in result.output
                assert not out.exists()
                continue
            assert result.exit_code == 0, f"{folder.name}: {result.output}"
            print(folder.name, contrast["case"], check(out, contrast))
            assert "cells summed per" in (out / "report.html").read_text(encoding="utf-8")


def factorial(levels: set[str]) -> tuple[str, str, str] | None:
    """Two factors and the control, where levels are A, B, A_B and one more."""
    for both in sorted(levels):
        for a in sorted(levels - {both}):
            b = both.removeprefix(f"{a}_")
            rest = levels - {a, b, both}
            if b != both and b in levels and len(rest) == 1:
                return a, b, rest.pop()
    return None


@pytest.mark.slow
def test_a_factorial_gets_its_interaction(sets: list[Path], tmp_path: Path) -> None:
    done = 0
    for folder in bulk(sets):
        contrast = about(folder)["contrasts"][0]
        sheet = pd.read_csv(folder / "samples.tsv", sep="\t", dtype=str, keep_default_na=False)
        found = factorial(set(sheet[contrast["column"]]))
        if found is None:
            continue
        a, b, _ = found
        level = sheet[contrast["column"]]
        sheet["first"] = level.isin([a, f"{a}_{b}"]).map({True: a, False: f"no {a}"})
        sheet["second"] = level.isin([b, f"{a}_{b}"]).map({True: b, False: f"no {b}"})
        sheet.to_csv(tmp_path / "sheet.tsv", sep="\t", index=False)
        options = ["--culture", "first", "--mono", f"no {a}", "--co", a]
        options += ["--line", "second", "--parental", f"no {b}", "--resistant", b]
        options += ["--batch", contrast["block"]] if "block" in contrast else []
        out = tmp_path / folder.name
        result = run(folder, out, *options, sheet=tmp_path / "sheet.tsv", claims=True)
        assert result.exit_code == 0, result.output
        # A cytokine in the place of a co-culture: the claims are about cells grown with stroma.
        assert not (out / "claims.csv").exists()
        assert "names a cytokine or a drug" in result.output
        res = pd.read_csv(out / "contrasts.csv").set_index(["signature", "contrast"])
        for name in ("emt.hallmark", "il6.hallmark"):
            parts = res.loc[name, "estimate"]
            difference = parts["co_in_resistant"] - parts["co_in_parental"]
            assert parts["interaction"] == pytest.approx(difference, abs=1e-9)
            assert res.loc[(name, "interaction"), "p"] > 0
        expected = {k: v for k, v in contrast["expect"].items() if k in SIGNATURES and v in SIGN}
        if contrast["case"] == a:
            for key, direction in expected.items():
                assert res.loc[(SIGNATURES[key], "co_in_parental"), "estimate"] * SIGN[direction] > 0
        print(folder.name, res.loc["il6.hallmark", "estimate"].to_dict())
        assert (out / "figures" / "interaction_il6_hallmark.png").stat().st_size > 1000
        done += 1
    if not done:
        pytest.skip("no set with the levels A, B and A_B")

"""What the README shows runs as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import marrowsig as ms

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the README speaks of."""
    demo = ms.ds.demo()
    frame = pd.DataFrame(np.asarray(demo.X), index=demo.obs_names, columns=demo.var_names).astype(int).T
    frame.to_csv(tmp_path / "counts.csv")
    demo.obs.to_csv(tmp_path / "samples.csv", index_label="sample")
    mono_and_co = demo[(demo.obs["inhibitor"] == "none") & (demo.obs["line"] == "parental")]
    rng = np.random.default_rng(1)
    many = np.repeat(np.arange(mono_and_co.n_obs), 25)
    x = rng.poisson(np.asarray(mono_and_co.X)[many] / 25).astype(np.float32)
    obs = mono_and_co.obs.iloc[many][["culture", "pair"]].rename(columns={"pair": "donor"})
    obs.index = [f"cell{i}" for i in range(len(obs))]
    blasts = ad.AnnData(x, obs=obs.assign(cell_type="AML"), var=pd.DataFrame(index=demo.var_names))
    grown = ms.ds.demo_stroma()
    level = np.asarray(grown.X).mean(axis=0) / 25
    rows = [("co", donor) for donor in obs["donor"].unique() for _ in range(25)]
    names = pd.DataFrame(rows, columns=["culture", "donor"], index=[f"msc{i}" for i in range(len(rows))])
    few = rng.poisson(level, (len(rows), len(level))).astype(np.float32)
    msc = ad.AnnData(few, obs=names.assign(cell_type="MSC"), var=pd.DataFrame(index=grown.var_names))
    ad.concat([blasts, msc]).write_h5ad(tmp_path / "niche.h5ad")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_python_lines_run(at_work: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 4
    room: dict = {"msc": ms.ds.demo_stroma()}
    for block in blocks:
        exec(compile(block, str(README), "exec"), room)
        plt.close("all")
    assert {"co_vs_mono"} == set(room["res"]["contrast"])
    assert room["scores"].shape == (300, len(ms.sig.load("emt").ids))
    assert "emt.hallmark" in room["adata"].obsm["score_singscore"]
    assert (room["found"].verdicts["verdict"] == "not explained by carry-over").any()


def test_the_figure_is_there() -> None:
    for link in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / link).is_file()


@pytest.mark.parametrize("page", ["README.md", "docs/howto/command_line.md"])
def test_the_first_run_shows_the_levels_that_a_run_looks_for_by_itself(page: str) -> None:
    text = (README.parent / page).read_text(encoding="utf-8").replace("\\\n", " ")
    line = re.findall(r"^marrowsig run (.*)$", text, re.MULTILINE)[0]
    fields = ms.Design.__dataclass_fields__
    for name in ("mono", "co", "parental", "resistant", "vehicle"):
        assert f"--{name} {fields[name].default} " in line


@pytest.mark.parametrize("page", ["README.md", "docs/howto/command_line.md"])
def test_the_second_run_has_the_words_of_another_sheet(page: str) -> None:
    text = (README.parent / page).read_text(encoding="utf-8").replace("\\\n", " ")
    line = re.findall(r"^marrowsig run (.*)$", text, re.MULTILINE)[1]
    given = shlex.split(line, comments=True)
    fields = ms.Design.__dataclass_fields__
    for name in ("mono", "co", "parental", "resistant", "vehicle"):
        assert given[given.index(f"--{name}") + 1] != fields[name].default


def test_prose_of_the_pages_keeps_to_122_letters() -> None:
    # Tables, code and addresses cannot be broken; two pages are written by the benches, others by Sphinx.
    root, written = README.parent, {"calibration.md", "performance.md"}
    built = ("docs/_build/", "docs/api/", "docs/jupyter_execute/", "docs/signatures/")
    every = sorted((root / "docs").rglob("*.md"))
    pages = [
        README,
        root / "CONTRIBUTING.md",
        root / "docs/signatures/add.md",
        root / "docs/signatures/index.md",
    ]
    pages += [page for page in every if not page.relative_to(root).as_posix().startswith(built)]
    long = []
    for page in pages:
        code = False
        for at, line in enumerate(page.read_text(encoding="utf-8").split("\n"), start=1):
            code ^= line.lstrip().startswith("```")
            prose = not code and not line.startswith(("|", "```")) and " " in line.strip()
            if prose and len(line) > 122 and page.name not in written:
                long.append(f"{page.relative_to(root)}:{at} has {len(line)}")
    assert len(pages) > 40
    assert not long

"""`import marrowsig` stays light: menus and heavy libraries load when they are used."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {
    "anndata", "click", "formulaic", "gseapy", "jinja2", "matplotlib", "numba", "numpy", "pandas", "pooch",
    "scanpy", "scipy", "seaborn", "statsmodels", "tqdm",
}  # fmt: skip

PROBE = """
import json, sys
before = set(sys.modules)
import marrowsig
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_import_pulls_in_only_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    new = json.loads(done.stdout)
    tops = {name.split(".")[0] for name in new}
    assert "marrowsig" in tops
    assert tops & HEAVY == set()
    foreign = {t for t in tops if t not in sys.stdlib_module_names and t != "marrowsig"}
    assert foreign == set(), f"import marrowsig pulled in {sorted(foreign)}"
    assert sorted(n for n in new if n.startswith("marrowsig")) == [
        "marrowsig",
        "marrowsig._errors",
        "marrowsig._log",
        "marrowsig._version",
    ]


def test_every_public_name_resolves() -> None:
    import marrowsig as ms

    for name in ms.__all__:
        assert getattr(ms, name) is not None
    assert set(ms.__all__) <= set(dir(ms))

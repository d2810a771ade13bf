"""sdist -> wheel -> install in an empty environment: the signatures and the data must arrive."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Prints where the package was imported from, every shipped file's hash, and what `ms.sig` makes of it.
PROBE = """
import hashlib, json, marrowsig as ms
from marrowsig._paths import resource
def walk(folder, at=""):
    for entry in folder.iterdir():
        name = f"{at}/{entry.name}" if at else entry.name
        if entry.is_dir():
            yield from walk(entry, name)
        else:
            yield name, hashlib.sha256(entry.read_bytes()).hexdigest()
print(json.dumps({
    "at": ms.__file__,
    "signatures": dict(walk(resource("signatures"))),
    "data": dict(walk(resource("data"))),
    "ids": list(ms.sig.load(extra=True).ids),
}))
"""


def tree(folder: Path) -> dict[str, str]:
    """Relative path -> sha256 of every file below `folder` that git would keep."""
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file() and "__pycache__" not in f.parts
    }


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the package says of itself when it runs from a wheel that was built from the sdist."""
    at = tmp_path_factory.mktemp("wheel")
    # Without --wheel or --sdist, `build` makes the sdist and then the wheel out of that sdist.
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", at / "dist", ROOT],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    (wheel,) = (at / "dist").glob("*.whl")
    venv.create(at / "env", with_pip=True)
    python = at / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--no-index", "--no-deps", wheel],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    # The dependencies are borrowed from this environment; a .pth line adds the folder, not its own .pth
    # files, so that an editable marrowsig there stays out of sight.
    (site,) = (at / "env" / "lib").glob("python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done = subprocess.run([python, "-c", PROBE], check=True, capture_output=True, text=True, cwd=at)
    return json.loads(done.stdout) | {"env": str(at / "env")}


@pytest.mark.slow
def test_wheel_runs_from_its_own_files(installed: dict) -> None:
    assert installed["at"].startswith(installed["env"])


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["signatures", "data"])
def test_wheel_carries_every_file(installed: dict, folder: str) -> None:
    assert installed[folder] == tree(ROOT / folder)


@pytest.mark.slow
def test_wheel_loads_every_signature(installed: dict) -> None:
    on_disk = {f"{f.parent.name}.{f.stem}" for f in (ROOT / "signatures").glob("*/*.toml")}
    assert set(installed["ids"]) == on_disk

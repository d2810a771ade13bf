"""The documentation builds without a warning, misses nothing, and its worked examples hold."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import marrowsig as ms
from marrowsig.sig._load import everything

pytestmark = pytest.mark.docs
DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = [
    "index",
    "tutorial",
    "howto/index",
    "methods/index",
    "signatures/index",
    "signatures/add",
    "statistics/index",
    "api/index",
    "notebooks/index",
    "changelog",
    "contributing",
    "references",
    "batch",
    "calibration",
    "catalogue",
    "chain",
    "claims",
    "cluster",
    "confounders",
    "derived",
    "disagreements",
    "glossary",
    "performance",
    "public_data",
    "stroma",
]
MENUS = ("io", "ds", "sig", "pp", "tl", "qc", "pl", "get", "methods")
SESSION = re.compile(r"```pycon\n(.*?)```", flags=re.DOTALL)
EXAMPLES = [page.stem for page in sorted((DOCS / "methods").glob("*.md")) if page.stem != "index"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    pytest.importorskip("myst_nb", reason='the docs extra is not installed: pip install -e ".[docs]"')
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-j", "auto", "-b", "html",
         "-d", str(out / "trees"), str(DOCS), str(out / "html")],
        capture_output=True,
        text=True,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "IPKernelApp" not in line]  # talk of the kernels
    assert done.returncode == 0, "\n".join(said)[-8000:]
    return out / "html"


class Page(HTMLParser):
    """Links, anchors and loaded files of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[key] for key in ("id", "name") if key in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("img", "script", "iframe") and "src" in given:
            self.loads.append(given["src"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html") if "_static" not in path.parts}


def test_the_pages_are_there(site: Path) -> None:
    sources = {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")}
    sources = {s for s in sources if not s.rpartition("/")[2].startswith("_") and not s.startswith("_build")}
    missing = [page for page in {*PAGES, *sources} if not (site / f"{page}.html").is_file()]
    assert not missing


def test_every_public_name_has_an_entry(site: Path, pages: dict[Path, Page]) -> None:
    named = [f"{menu}.{name}" for menu in MENUS for name in getattr(ms, menu).__all__]
    named += [name for name in ms.__all__ if name not in MENUS and not name.startswith("__")]
    assert {"Design", "report", "log", "tl.compare"} <= set(named)
    missing = [
        name
        for name in named
        if f"marrowsig.{name}"
        not in getattr(pages.get(site / f"api/generated/marrowsig.{name}.html"), "ids", ())
    ]
    assert not missing


def test_every_method_has_a_page_and_every_signature_too(site: Path) -> None:
    methods = [name.replace(":", "_") for name in ms.methods.table()["method"]]
    wanted = [f"methods/{name}.html" for name in methods]
    wanted += [f"signatures/{id}.html" for id in everything().ids]
    assert not [page for page in wanted if not (site / page).is_file()]
    facts = (site / "methods/module.html").read_text(encoding="utf-8")
    assert "and the mean of every gene" in facts  # no SD, which its row does not ask for


def test_a_signature_page_holds_what_its_file_holds(site: Path) -> None:
    sig = ms.sig.load("emt.hallmark")["emt.hallmark"]
    text = (site / "signatures/emt.hallmark.html").read_text(encoding="utf-8")
    assert sig.sha256 in text
    assert str(sig.source["licence"]) in text
    assert not [gene for gene in sig.genes if f">{gene}<" not in text or sig.ids[gene] not in text]


def test_links_lead_somewhere_and_nothing_comes_from_elsewhere(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in {*page.links, *page.loads}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.loads and parts.scheme != "data":
                    broken.append(f"{path.name} loads {link}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                broken.append(f"{path.name}: {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                broken.append(f"{path.name}: no {link}")
    assert not broken


def test_no_markup_is_left_and_papers_of_many_say_et_al(pages: dict[Path, Page]) -> None:
    left = []
    for path in pages:
        html = path.read_text(encoding="utf-8")
        found = re.search(r"<article.*?</article>", html, flags=re.DOTALL)
        drawn = re.sub(r"<(pre|code|math)\b.*?</\1>", "", found[0] if found else "", flags=re.DOTALL)
        text = re.sub(r"<[^>]+>", "", drawn)
        marks = re.findall(r".{0,30}(?:`|[A-Z][\w-]+ and others\b).{0,30}", text)
        left += [f"{path.name}: {mark}" for mark in marks]
    assert not left


@pytest.mark.parametrize("page", EXAMPLES)
def test_what_a_method_page_works_out_by_hand_holds(page: str) -> None:
    path = DOCS / "methods" / f"{page}.md"
    text = "\n".join(SESSION.findall(path.read_text(encoding="utf-8")))
    said: list[str] = []
    found = doctest.DocTestRunner(verbose=False).run(
        doctest.DocTestParser().get_doctest(text, {}, page, str(path), 0), out=said.append
    )
    assert found.attempted >= 5
    assert not found.failed, "".join(said)

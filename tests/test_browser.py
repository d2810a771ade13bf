"""The report in a browser: no error, no request, nothing without words, nothing that overflows."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from marrowsig.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.browser
WIDTHS = {"desktop": (1280, 900), "telephone": (390, 844)}
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser") / "demo"
    result = CliRunner().invoke(main, ["demo", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out / "report.html"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    helper = shutil.which("chromedriver")
    if browser is None or helper is None:
        pytest.skip("no Chromium with chromedriver on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=helper))
    yield started
    started.quit()


@pytest.fixture(scope="module", params=list(WIDTHS))
def opened(request: pytest.FixtureRequest, driver: Any, page: Path) -> Any:
    width, height = WIDTHS[request.param]
    metrics = {
        "width": width,
        "height": height,
        "deviceScaleFactor": 1,
        "mobile": request.param == "telephone",
    }
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.get_log("browser")
    driver.get_log("performance")
    driver.get(page.as_uri())
    return driver


def test_no_error_and_no_request_leaves_the_page(opened: Any) -> None:
    assert opened.get_log("browser") == []
    events = [json.loads(e["message"])["message"] for e in opened.get_log("performance")]
    addresses = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert any(a.startswith("file:") for a in addresses)
    assert [a[:80] for a in addresses if not a.startswith(("file:", "data:"))] == []


def test_every_picture_is_there_and_has_words(opened: Any) -> None:
    pictures = opened.execute_script(
        "return [...document.querySelectorAll('img, svg')]"
        ".map(e => [e instanceof Image ? e.naturalWidth : 1, e.alt || e.ariaLabel])"
    )
    assert len(pictures) > 3
    for width, said in pictures:
        assert width > 0
        assert len(said or "") > 30


def test_nothing_overflows_to_the_side(opened: Any) -> None:
    inner, scroll = opened.execute_script("return [innerWidth, document.documentElement.scrollWidth]")
    assert scroll <= inner
    beyond = opened.execute_script(
        "return [...document.querySelectorAll('body *')].filter(e => !e.closest('.table, .scroll')"
        " && e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"
    )
    assert beyond == []


def test_text_can_be_read_in_light_and_dark(opened: Any) -> None:
    for scheme in ("light", "dark"):
        feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
        ink, paper = opened.execute_script(
            "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
        )
        assert contrast(ink, paper) >= 7
        for selector in (".soft", "a", ".claims strong", "figcaption"):
            colour = opened.execute_script(
                f"return getComputedStyle(document.querySelector('{selector}')).color"
            )
            assert contrast(colour, paper) >= 4.5, (scheme, selector)
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def contrast(a: str, b: str) -> float:
    """Contrast of two CSS colours as WCAG defines it."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [float(p) / 255 for p in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

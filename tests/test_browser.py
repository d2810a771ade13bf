"""The report in a browser: nothing leaves it or overflows, all can be reached, with scripts or without."""

from __future__ import annotations

import csv
import io
import json
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

import marrowsig as ms
from marrowsig._report.elements import Section, Size, Verdict, Verdicts
from marrowsig._report.page import html_of, render
from marrowsig.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {"desktop": (1280, 900), "telephone": (390, 844)}
A4 = 700  # CSS pixels between the margins of a sheet: 210 mm less 24
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
NASTY = "</script><i>&amp;'\"x"
SIGNATURES = ["emt.hallmark", "il6.hallmark"]
SEEN = """
    return [...arguments[0].querySelector('table').rows].filter((row) => row.checkVisibility())
      .map((row) => [...row.cells].map((cell) => {
        const ways = [...cell.querySelectorAll('.foot')];
        ways.forEach((e) => { e.style.display = 'none'; });
        const text = cell.innerText;
        ways.forEach((e) => { e.style.display = ''; });
        return text; }));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 2x2 with an inhibitor whose name is an attack, two methods, claims and rescue; few genes."""
    adata = ms.ds.demo()
    sigs = ms.sig.load(*SIGNATURES, "stat3.specific", "emt.blast")
    mine = adata.var_names.isin([gene for sig in sigs for gene in sig.genes])
    few = mine | (np.arange(adata.n_vars) % 8 == 0)
    adata = adata[(adata.obs["inhibitor"] != "JAKi_B").to_numpy(), few].copy()
    adata.obs["inhibitor"] = adata.obs["inhibitor"].astype(str).replace("JAKi_A", NASTY)
    adata.obs_names = [f"{name} <b>\"'&" for name in adata.obs_names]
    ms.pp.lognorm(adata)
    ms.tl.score(adata, sigs, method=["singscore", "mean"])
    design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    res = ms.tl.compare(adata, design, primary=SIGNATURES, permutations=0)
    extras = {
        "rescue": ms.tl.rescue(adata, design, signatures=SIGNATURES),
        "claims": ms.tl.claims(adata, design, carry_over=False, methods=["singscore", "mean"]),
        "command": "marrowsig run 'a file.csv'",
    }
    text, _ = render(adata, res, design=design, title=f"A {NASTY}", notes=[NASTY], extras=extras)
    path = tmp_path_factory.mktemp("browser") / "report.html"
    path.write_text(text, encoding="utf-8")
    return path


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


def show(driver: Any, path: Path, width: str) -> None:
    wide, high = WIDTHS[width]
    metrics = {"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": width == "telephone"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for log in ("browser", "performance"):
        driver.get_log(log)  # what came before is not of this page
    driver.get(path.as_uri())


@pytest.fixture(scope="module", params=list(WIDTHS))
def opened(request: pytest.FixtureRequest, driver: Any, page: Path) -> Any:
    show(driver, page, request.param)
    return driver


@pytest.fixture
def desktop(driver: Any, page: Path) -> Any:
    show(driver, page, "desktop")
    return driver


def calm(driver: Any) -> None:
    """No error, and no request but for the page itself and what it carries."""
    assert driver.get_log("browser") == []
    events = [json.loads(e["message"])["message"] for e in driver.get_log("performance")]
    addresses = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert any(a.startswith("file:") for a in addresses)
    assert [a[:80] for a in addresses if not a.startswith(("file:", "data:"))] == []


def beyond(driver: Any) -> list[str]:
    """Elements that reach beyond the right edge, but for those that scroll by themselves."""
    return driver.execute_script(
        "return [...document.querySelectorAll('body *')]"
        ".filter(e => !e.closest('.table:not(.cards), .scroll')"
        " && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
        ".map(e => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40))"
    )


def test_no_error_and_no_request_leaves_the_page(opened: Any) -> None:
    calm(opened)


def test_every_picture_is_there_and_has_words(opened: Any) -> None:
    pictures = opened.execute_script(
        "return [...document.querySelectorAll('img, svg')]"
        ".map(e => [e instanceof Image ? e.naturalWidth : 1, e.alt || e.ariaLabel])"
    )
    assert len(pictures) > 3
    for width, said in pictures:
        assert width > 0
        assert len(said or "") > 30
        assert any(letter.isdigit() for letter in said)


def test_nothing_overflows_to_the_side(opened: Any) -> None:
    inner, scroll = opened.execute_script("return [innerWidth, document.documentElement.scrollWidth]")
    assert scroll <= inner
    assert beyond(opened) == []
    cut = opened.execute_script(
        "const edge = document.querySelector('.plot svg').getBoundingClientRect();"
        "return [...document.querySelectorAll('.plot text')]"
        ".map(e => [e.textContent, e.getBoundingClientRect()])"
        ".filter(([_, b]) => b.left < edge.left || b.right > edge.right + 1 || b.bottom > edge.bottom + 1)"
        ".map(([text]) => text)"
    )
    assert cut == []


def test_no_width_makes_the_page_itself_scroll_to_the_side(driver: Any, page: Path) -> None:
    show(driver, page, "desktop")
    driver.execute_script("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
    for wide in (320, 577, 800, 1023, 1025, 1184, 1186):  # beside each bound of the style, and a small phone
        metrics = {"width": wide, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= wide, wide
        unreached = driver.execute_script(
            "return [...document.querySelectorAll('.table, .scroll, .code')]"
            ".filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0)"
            ".map(e => e.className)"
        )
        assert unreached == [], wide  # what scrolls by itself does so by the keyboard, too


def test_text_can_be_read_in_light_and_dark(opened: Any) -> None:
    opened.execute_script("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
    for scheme in ("light", "dark"):
        feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
        ink, paper = opened.execute_script(
            "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
        )
        assert contrast(ink, paper) >= 7
        # Whatever holds text of its own, against what lies behind it.
        pairs = opened.execute_script(
            """
            const behind = (e) => { for (; e; e = e.parentElement) {
              const c = getComputedStyle(e).backgroundColor;
              if (!/, 0\\)$/.test(c) && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
            const seen = {};
            for (const e of document.querySelectorAll('body *')) {
              if (e.closest('script') || !e.checkVisibility()) continue;
              if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
              const ink = e instanceof SVGElement ? 'fill' : 'color';
              seen[getComputedStyle(e)[ink] + '|' + behind(e)] = e.tagName + '.' + e.className;
            }
            return Object.entries(seen);"""
        )
        assert len(pairs) > 5
        for key, where in pairs:
            assert contrast(*key.split("|")) >= 4.5, (scheme, where, key)
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_names_of_the_user_are_text_and_nothing_else(opened: Any) -> None:
    assert opened.title == f"A {NASTY}"
    assert opened.execute_script("return document.querySelectorAll('main b b, body i, h1 *').length") == 0
    text = opened.execute_script("return document.body.textContent")
    assert NASTY in text
    arms = opened.execute_script("return [...document.querySelectorAll('.dot')].map(e => e.ariaLabel)")
    assert any(NASTY in said for said in arms)
    assert all("<b>\"'&" in said for said in arms)


def test_every_way_on_the_page_leads_somewhere(desktop: Any) -> None:
    lost = desktop.execute_script(
        "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))"
        ".filter(h => !document.getElementById(decodeURIComponent(h)))"
    )
    assert lost == []
    ids = desktop.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids)


def test_one_click_opens_the_row_and_the_figure_behind_a_number(desktop: Any) -> None:
    for text, tag in (("table", "TR"), ("figure", "FIGURE")):
        link = desktop.find_element("xpath", f"//ul[@class='claims']//a[text()='{text}']")
        target = link.get_attribute("href").split("#")[1]
        link.click()
        found, top = desktop.execute_script(
            "const e = document.getElementById(decodeURIComponent(arguments[0])); "
            "return [e.tagName, e.getBoundingClientRect().top]",
            target,
        )
        assert found == tag
        assert -5 <= top < 900
        assert desktop.execute_script(
            "return document.getElementById(decodeURIComponent(arguments[0])).checkVisibility()", target
        )


def test_a_heading_sorts_its_column_by_the_keyboard(desktop: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    desktop.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    head = "//caption[starts-with(., 'co_in_parental, singscore')]/..//th[starts-with(., 'estimate')]"
    cells = "//caption[starts-with(., 'co_in_parental, singscore')]/../tbody/tr/td[2]"
    button = desktop.find_element("xpath", f"{head}/button")
    for order in ("ascending", "descending"):
        desktop.execute_script("arguments[0].focus()", button)
        button.send_keys(Keys.ENTER)
        assert desktop.find_element("xpath", head).get_attribute("aria-sort") == order
        seen = [
            float(e.get_attribute("textContent").split(" [")[0].replace("\N{MINUS SIGN}", "-"))
            for e in desktop.find_elements("xpath", cells)
        ]
        assert len(seen) == 4
        assert seen == sorted(seen, reverse=order == "descending")


def test_the_reader_chooses_signature_and_method(desktop: Any) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select

    box = desktop.find_element("css selector", ".explorer")
    data = json.loads(box.find_element("tag name", "script").get_attribute("textContent"))
    assert [o.text for o in Select(box.find_element("name", "method")).options] == [
        "singscore",
        "mean",
        "log2",
    ]
    Select(box.find_element("name", "method")).select_by_value("mean")
    Select(box.find_element("name", "signature")).select_by_value("il6.hallmark")
    dots = box.find_elements("css selector", ".dot")
    scores = data["scores"]["mean"]["il6.hallmark"]
    assert len(dots) == len(scores) == 24
    said = dots[0].get_attribute("aria-label")
    assert said.startswith(data["samples"][0])
    shown = float(said.split(": ")[-1].split(" (")[0].replace("\N{MINUS SIGN}", "-"))
    assert shown == pytest.approx(scores[0], rel=1e-3)  # the label rounds to a few digits
    desktop.execute_script("arguments[0].focus()", dots[0])
    dots[0].send_keys(Keys.ARROW_RIGHT)
    assert data["samples"][1] in box.find_element("tag name", "figcaption").text
    assert desktop.execute_script("return document.activeElement.ariaLabel").startswith(data["samples"][1])
    # The plot shows its numbers: to the right where arms stand one below the other, else upwards.
    right, down = ([float(dot.get_attribute(name)) for dot in dots] for name in ("cx", "cy"))
    assert max(np.corrcoef(right, scores)[0, 1], -np.corrcoef(down, scores)[0, 1]) == pytest.approx(1)
    assert "co_in_parental" in box.find_element("css selector", ".found").text
    # The gene that a claim is about is there too, and its claim leads to it.
    link = desktop.find_element("css selector", "a[data-signature='IL6']")
    desktop.execute_script("arguments[0].click()", link)
    assert Select(box.find_element("name", "signature")).first_selected_option.text == "IL6"
    calm(desktop)


def test_what_has_no_partner_is_no_part_of_mean_and_n(desktop: Any) -> None:
    seen = desktop.execute_script("""
        const data = { stratum: ["AML", "AML", "AML", "MSC", "MSC"], leaves_out: true, apart: [] };
        const rows = [[0, 0, 1], [1, 0, 3], [0, 1, 8], [2, 2, 5], [3, 3, 7]]; // arm, pair, score
        const points = rows.map(([arm, pair, score], i) => ({ i, arm, pair, score }));
        markAlone(points, data);
        const found = [points.map((p) => p.alone), [0, 1, 2, 3].map((arm) => counts(points, arm))];
        found.push(means(points, ["a", "b", "c", "d"]));
        markAlone(points, { ...data, leaves_out: false });
        found.push(points.some((p) => p.alone));
        markAlone(points, { ...data, stratum: Array(5).fill("MSC"), apart: [2] });
        return [...found, points.map((p) => p.alone)];
    """)
    # No pair spans the arms of the MSCs, so there nothing is left out.
    assert seen[0] == [False, False, True, False, False]
    assert seen[1] == [["n = 1", "+1 unpaired"], ["n = 1"], ["n = 1"], ["n = 1"]]
    assert seen[2:4] == [[1, 3, 5, 7], False]
    assert seen[4] == [False, False, True, False, True]  # the arm of stroma alone has its partners elsewhere


def test_no_point_without_a_partner_hides_another(desktop: Any) -> None:
    spots = desktop.execute_script("""
        const rows = [[0, 3, false], [0, 3, true], [0, 3.01, true], [0, 5, true], [1, 3, true]];
        const points = rows.map(([arm, score, alone]) => ({ arm, score, alone }));
        const across = { flat: false, xy: (arm, score) => [100 * arm, 20 * score] };
        const down = { flat: true, xy: (arm, score) => [20 * score, 100 * arm] };
        return [placed(points, across, 5.5), placed(points, down, 5.5)];
    """)
    for drawn, side in zip(spots, (0, 1), strict=True):
        at = np.array(drawn)
        apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))[np.triu_indices(5, 1)]
        assert apart.min() >= 11  # two radii: none covers any part of another
        np.testing.assert_allclose(at[:, 1 - side], [60, 60, 60.2, 100, 60])  # the scores stay as they are
        assert at[0, side] == 0  # what has a partner stays in the middle, where its lines end
        assert (np.abs(at[:, side] - 100 * np.array([0, 0, 0, 0, 1])) < 48 / 2).all()  # within the arm


@pytest.mark.parametrize("which", ["methods-short", "methods-text"])
def test_the_methods_can_be_copied(desktop: Any, which: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    desktop.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    button = desktop.find_element("css selector", f"[data-copy='{which}-text']")
    folded = desktop.execute_script("return arguments[0].closest('details') !== null", button)
    assert folded == (which == "methods-text")  # the short one is in sight
    if folded:
        desktop.execute_script("arguments[0].closest('details').open = true", button)
    desktop.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    said = desktop.find_element("css selector", f"#{which} .said")
    WebDriverWait(desktop, 5).until(lambda _: said.text)
    assert said.text == "Copied."
    taken = desktop.execute_async_script(
        "const done = arguments[arguments.length - 1]; navigator.clipboard.readText().then(done, done)"
    )
    shown = desktop.find_elements("css selector", f"#{which}-text p")
    assert taken == "\n\n".join(p.get_attribute("textContent").strip() for p in shown)
    assert "singscore" in taken


def test_the_list_of_sections_is_folded_on_a_telephone_and_opens_by_the_keyboard(
    driver: Any, page: Path
) -> None:
    from selenium.webdriver.common.keys import Keys

    shown = "return [...document.querySelectorAll('nav a')].filter(a => a.checkVisibility("
    shown += "{contentVisibilityAuto: true, visibilityProperty: true})).length"
    show(driver, page, "desktop")
    n = len(driver.find_elements("css selector", "nav a"))
    assert driver.execute_script(shown) == n > 5
    assert not driver.find_element("css selector", "nav summary").is_displayed()
    show(driver, page, "telephone")
    tall = "return document.querySelector('nav').getBoundingClientRect().height"
    assert driver.execute_script(tall) < 60
    assert driver.execute_script(shown) == 0
    summary = driver.find_element("css selector", "nav summary")
    driver.execute_script("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    assert driver.execute_script(shown) == n
    assert beyond(driver) == []
    last = driver.find_elements("css selector", "nav a")[-1]
    last.send_keys(Keys.ENTER)
    where = last.get_attribute("hash")[1:]
    assert driver.execute_script(tall) < 60  # the way there folds it again
    top = driver.execute_script(
        "return document.getElementById(arguments[0]).getBoundingClientRect().top", where
    )
    assert -5 <= top < 844


def test_headings_and_ways_for_those_who_do_not_see(desktop: Any) -> None:
    levels = desktop.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    first = desktop.execute_script(
        "return document.querySelector('a').className + document.querySelector('a').hash"
    )
    assert first == "skip#main"
    nameless = desktop.execute_script(
        "return [...document.querySelectorAll('button, select, input, summary, a[href], [role=region]')]"
        ".filter(e => !(e.textContent.trim() || e.labels?.length || e.ariaLabel)).length"
    )
    assert nameless == 0
    regions = desktop.execute_script(
        "return [...document.querySelectorAll('[role=region]')].map(e => e.ariaLabel)"
    )
    assert len(set(regions)) == len(regions) > 5


def test_a_fold_opens_and_closes_by_the_keyboard(desktop: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    for kind in ("details.fold", ".cards details", ".claims details"):
        summary = desktop.find_element("css selector", f"main {kind} > summary")
        desktop.execute_script("arguments[0].focus()", summary)
        for key, is_open in ((Keys.ENTER, True), (Keys.SPACE, False)):
            summary.send_keys(key)
            assert desktop.execute_script("return arguments[0].parentElement.open", summary) is is_open


def test_paper_says_once_that_long_folds_are_left_out(desktop: Any) -> None:
    after = "return getComputedStyle(arguments[0], '::after').content"
    folds = desktop.find_elements("css selector", "details.fold.long > summary")
    head = desktop.find_element("tag name", "header")
    assert len(folds) > 1
    seen = {}
    for media in ("", "print"):
        desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        seen[media] = [desktop.execute_script(after, e) for e in (head, *folds)]
    assert seen[""] == ["none"] * (1 + len(folds))
    assert "printed if opened" in seen["print"][0]
    assert set(seen["print"][1:]) == {'" [\N{HORIZONTAL ELLIPSIS}]"'}
    desktop.execute_script("document.querySelectorAll('main details').forEach(d => { d.open = true; })")
    assert [desktop.execute_script(after, e) for e in (head, *folds)] == ["none"] * (1 + len(folds))
    desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_on_paper_nothing_is_cut_off_and_figures_are_there(driver: Any, page: Path) -> None:
    show(driver, page, "desktop")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": A4, "height": 990, "deviceScaleFactor": 1, "mobile": False},
    )
    assert beyond(driver) == []
    # Of a claim its line is printed, and the rest where the reader opened it.
    script = "return [...document.querySelectorAll('.cards dl')].map(e => e.checkVisibility())"
    behind = driver.execute_script(script)
    assert behind
    assert not any(behind)
    # Tables of many columns have a sheet across, half as wide again.
    widths = driver.execute_script(
        "return [...document.querySelectorAll('table')].filter(t => t.checkVisibility())"
        ".map(t => [t.closest('.broad') !== null, t.scrollWidth, t.caption.textContent])"
    )
    assert len(widths) > 5
    for broad, width, caption in widths:
        assert width <= (1030 if broad else A4), caption
    hidden = driver.execute_script(
        "return [...document.images]"
        ".filter(i => !i.checkVisibility() || i.getBoundingClientRect().height < 50)"
        ".map(i => i.alt.slice(0, 50))"
    )
    assert hidden == []
    controls = driver.execute_script(
        "return [...document.querySelectorAll('select, input, nav, button')].filter(e => e.checkVisibility()"
        " && !e.closest('thead')).length"
    )
    assert controls == 0


def test_claims_of_many_decimals_fit_the_page(driver: Any, tmp_path: Path) -> None:
    """Sizes of a stroma that hardly changes: their interval goes below them, and no number is broken."""
    size = Size("\N{MINUS SIGN}0.000023 [\N{MINUS SIGN}0.000029, \N{MINUS SIGN}0.000018]", "0.00042")
    short = Size("0.0009 [\N{MINUS SIGN}0.0251, 0.0268]", "> 0.99", cite=True)
    rows = [
        Verdict(
            f"c{i}",
            "JAK/STAT3 activity rises more in stroma",
            "not supported",
            one,
            one,
            "Why. " * 30,
            [],
            "",
        )
        for i, one in enumerate((size, short))
    ]
    path = tmp_path / "claims.html"
    path.write_text(html_of([Section("claims", "The claims", [Verdicts("c", rows)])], title="t"), "utf-8")
    show(driver, path, "desktop")
    lines = "return [...document.querySelectorAll('.cards td.n > :first-child')].map(e => [e.innerText, {}])"
    for wide in (1280, 1185):  # the narrowest that is no telephone
        metrics = {"width": wide, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        assert beyond(driver) == []
        high = driver.execute_script(lines.format("e.getClientRects().length"))
        assert [(text == short.estimate, n) for text, n in high] == [(False, 2)] * 2 + [(True, 1)] * 2


def test_on_paper_no_head_stands_alone(driver: Any, page: Path) -> None:
    """A head of a table stays with its first row, a single last row with the one before."""
    show(driver, page, "desktop")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    style = "return [...new Set([...document.querySelectorAll('{}')].map(e => getComputedStyle(e).{}))]"
    for what, of in (
        ("h2, h3, summary, thead", "breakAfter"),
        ("h2, h3, summary, thead", "breakInside"),
        ("tbody tr:first-child, tbody tr:last-child", "breakBefore"),
    ):
        assert driver.execute_script(style.format(what, of)) == ["avoid"], (what, of)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_pages_of_the_documentation_do_not_scroll_to_the_side_on_a_telephone(
    driver: Any, tmp_path: Path
) -> None:
    """Calls in a sentence, long titles and formulas, beside what Sphinx says of the former."""
    call = 'logging.getLogger("marrowsig").setLevel(logging.INFO)'
    formula = f"<math>{'<mn>1.5651</mn><mo>+</mo>' * 12}</math>"
    style = (ROOT / "docs" / "_static" / "marrowsig.css").read_text(encoding="utf-8")
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><meta name='viewport' content='width=device-width'>"
        f"<style>span.pre {{ white-space: nowrap }}{style}</style>"
        f"<article class='bd-article'><h1>marrowsig.tl.contributions_of_genes</h1>"
        "<p>What is left out of a run of samples, as by "
        "<code class='literal'><span class='pre'>--keep-all-of-them</span></code>"
        f": type <code class='literal long'><span class='pre'>{call}</span></code>.</p>"
        f"<p>So {formula}.</p></article>",
        encoding="utf-8",
    )
    show(driver, path, "telephone")
    assert driver.execute_script("return document.documentElement.scrollWidth") == WIDTHS["telephone"][0]
    high = "return [...document.querySelectorAll('.pre')].map(e => e.getBoundingClientRect().height)"
    option, broken = driver.execute_script(high)
    assert broken > 1.5 * option  # an option does not break at its hyphens


def test_without_scripts_the_page_is_whole(driver: Any, page: Path) -> None:
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(driver, page, "desktop")
        assert driver.find_elements("css selector", ".explorer svg") == []
        assert not driver.find_element("css selector", ".explorer").is_displayed()
        assert not driver.find_element("css selector", "[data-copy]").is_displayed()
        assert "EMT rises in co-culture" in driver.find_element("css selector", "main").text
        driver.get(page.as_uri() + driver.find_element("css selector", ".ways a").get_attribute("hash"))
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def saved(driver: Any, region: Any, folder: Path) -> bytes:
    """Press the button below a table by the keyboard, and return the file that came."""
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    folder.mkdir()
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    button = driver.execute_script("return arguments[0].nextElementSibling.firstElementChild", region)
    assert button.get_attribute("ariaLabel").startswith("Save as CSV: ")
    driver.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    # Chromium makes an empty file of that name first, and moves what it loaded into its place.
    WebDriverWait(driver, 10).until(lambda _: any(f.stat().st_size for f in folder.glob("*.csv")))
    (file,) = folder.glob("*.csv")
    return file.read_bytes()


@pytest.mark.slow
def test_a_saved_table_holds_what_the_page_shows(driver: Any, page: Path, tmp_path: Path) -> None:
    show(driver, page, "desktop")
    driver.execute_script("document.querySelectorAll('main details.fold').forEach(d => { d.open = true; })")
    regions = driver.find_elements("css selector", "main .table")
    assert len(regions) > 8
    # A row that the field above a long table hid is not saved.
    driver.execute_script("arguments[0].querySelector('tbody tr').hidden = true", regions[-1])
    found = []
    for i, region in enumerate(regions):
        shown = [[" ".join(cell.split()) for cell in row] for row in driver.execute_script(SEEN, region)]
        raw = saved(driver, region, tmp_path / str(i))
        assert raw.startswith(b"\xef\xbb\xbf")  # spreadsheets read UTF-8 by this
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
        assert rows == [[cell.replace("\N{MINUS SIGN}", "-") for cell in row] for row in shown]
        found += [cell for row in rows[1:] for cell in row]
    assert any(cell.startswith("-0.") for cell in found)  # a number that programs read
    assert any("," in cell for cell in found)
    assert any('"' in cell for cell in found)
    assert len(rows) == len(regions[-1].find_elements("tag name", "tr")) - 1


@pytest.mark.slow
def test_the_keyboard_goes_down_the_page_and_shows_where_it_is(driver: Any, page: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    show(driver, page, "desktop")
    can = driver.execute_script(
        "return [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})).length"
    )
    assert can > 40
    stops = []
    for _ in range(can + 20):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        stop = driver.execute_script("""
            const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
            if (e === document.body) return null;
            const before = window.last ? window.last.compareDocumentPosition(e) & 4 : 4;
            window.last = e;
            const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
            return [e.tagName, e.textContent.slice(0, 40), before > 0,
              ring || (e.matches('.dot') && parseFloat(s.strokeWidth) >= 3),
              b.bottom > 0 && b.top < innerHeight && b.right > 0 && b.left < innerWidth];
        """)
        if stop is None:
            break
        stops.append(stop)
    assert stops[0][1] == "Skip to the results"
    assert len(stops) > 0.8 * can  # as many as can be reached, less the arrow keys' dots
    for what, wrong in (("goes on", 2), ("ring", 3), ("in sight", 4)):
        assert [stop for stop in stops if not stop[wrong]] == [], what


def test_small_tables_are_cards_on_a_telephone(driver: Any, page: Path) -> None:
    script = """
        document.querySelectorAll('main details').forEach(d => { d.open = true; });
        return [...document.querySelectorAll('.stack')].map(e => [
          e.scrollWidth - e.clientWidth, getComputedStyle(e.querySelector('td')).display,
          [...e.querySelectorAll('td')].every(td => td.dataset.head), e.ariaLabel])
    """
    shown = {}
    for width in WIDTHS:
        show(driver, page, width)
        shown[width] = driver.execute_script(script)
    assert len(shown["telephone"]) > 2
    assert {row[1] for row in shown["desktop"]} == {"table-cell"}
    assert [row for row in shown["telephone"] if row[0] > 1 or row[1] != "block" or not row[2]] == []


@pytest.mark.slow
def test_the_demo_is_whole_small_and_fits(driver: Any, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    result = CliRunner().invoke(main, ["demo", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert (out / "report.html").stat().st_size < 5e6
    for width in WIDTHS:
        show(driver, out / "report.html", width)
        calm(driver)
        assert beyond(driver) == []
        if width == "desktop":  # tables in sight fit; those in folds may scroll by themselves
            cut = driver.execute_script(
                "return [...document.querySelectorAll('.table')].filter(e => e.checkVisibility()"
                " && e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)"
            )
            assert cut == []
            assert driver.find_elements("css selector", ".table:not(details .table)")


def contrast(a: str, b: str) -> float:
    """Contrast of two CSS colours as WCAG defines it."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [float(p) / 255 for p in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

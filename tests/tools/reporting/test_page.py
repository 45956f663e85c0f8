"""The page in a browser: it draws what the JSON says, asks nothing of the network, and runs no text of a capture."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import require
from tests.tools.command import pumpbench
from tests.tools.reporting.browser import Browser
from tests.tools.reporting.making import MARKUP, honest, with_markup

DRAWN = "[...document.querySelectorAll('.js-plotly-plot')].map(g => [g.id, g.data.reduce((n, t) => n + t.x.length, 0)])"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("chromium")
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def browser(folder: Path, tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "profile") as opened:
        yield opened


def reported(folder: Path, *names: str) -> Path:
    done = pumpbench("report", *names, "-o", "report.html", "--force", cwd=folder)
    assert done.returncode in (1, 3), done.stderr
    return folder / "report.html"


def test_page_draws_what_its_json_says_and_asks_no_network(folder: Path, browser: Browser, tmp_path: Path) -> None:
    shutil.copy(honest(folder), folder / "second.pcapng")
    page = reported(folder, "honest.pcapng", "second.pcapng")
    told = json.loads(page.with_suffix(".json").read_text())
    browser.open(page)
    assert browser.complaints == []
    assert browser.requests == [page.as_uri()]
    assert browser.says(DRAWN) == [[chart["name"], chart["points"]] for chart in told["charts"]]
    assert [chart["name"] for chart in told["charts"]] == ["time-1", "accuracy-1", "time-2", "accuracy-2"]
    assert browser.says("document.body.dataset.verdict") == told["verdict"]
    assert browser.screenshot(tmp_path / "page.png").stat().st_size > 50_000
    # Zoomed: one axis of time carries every panel.
    assert browser.says("document.getElementById('time-1').data.every(t => t.xaxis === 'x')")
    browser.says("Plotly.relayout('time-1', {'xaxis.range': [0.1, 0.2]}).then(() => 1)")
    assert browser.says("document.getElementById('time-1')._fullLayout.xaxis.range") == [0.1, 0.2]
    assert browser.complaints == []


def test_page_takes_no_text_of_a_capture_for_its_own(folder: Path, browser: Browser) -> None:
    name = "<img src=x onerror=alert(1)>.pcapng"
    with_markup(honest(folder), folder / name)
    browser.open(reported(folder, name))
    assert browser.complaints == []
    assert len(browser.requests) == 1
    assert browser.says("typeof window.pwned") == "undefined"
    assert browser.says("document.images.length") == 0
    assert browser.says("document.scripts.length") == 3
    assert browser.says("document.body.textContent").count(MARKUP) >= 4
    assert browser.says("document.querySelector('h2').textContent").startswith(name)


def test_browser_tells_of_a_page_that_does_what_no_report_may(browser: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<script src='other.js'></script><script>console.error('wrong'); missing()</script>")
    browser.open(bad)
    assert [address.rpartition("/")[2] for address in browser.requests] == ["bad.html", "other.js"]
    assert len(browser.complaints) >= 2

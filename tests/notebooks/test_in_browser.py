"""The results page in a browser: every tab, on a laptop and on a phone, in light and in dark; and README's pictures of it.

`make pictures` drives the page of a running home and writes the pictures; the tests drive one on the suite's own stores.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from adapters.connect import open_results
from adapters.settings import Settings, load_settings
from data_contracts import Mark, Order, OrderStatus, Position, Rate, RiskState, Signal, Strategy, Verdict
from data_contracts.errors import WalletflowError
from deployments.local_stack import results_page
from deployments.local_stack.ports import free_base
from deployments.local_stack.repository import ROOT
from notebooks.pages import trouble
from notebooks.pages.tabs import TABS
from notebooks.queries.house import House

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((found for name in BROWSERS if (found := shutil.which(name))), None)
WITHOUT = "no chromium is found here (apt install chromium): the results page is not looked at in a browser"
PICTURED = os.environ.get("PICTURES") == "1"  # `make pictures`
PICTURES = {
    "docs/results_page.png": ("Overview", 1400, 1240, "light"),
    "docs/results_signals.png": ("Signals", 1400, 900, "dark"),
    "docs/results_phone.png": ("Positions", 390, 844, "light"),
}
SIZES, THEMES = {1400: 1000, 390: 844}, ("light", "dark")
PATIENCE_MS = 60_000  # on a machine busy with other tests
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=WITHOUT)


@dataclass(frozen=True)
class Served:
    """A page and the address that lets a browser in."""

    settings: Settings
    entrance: str


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if PICTURED:
        settings = load_settings()
        yield Served(settings, results_page.entrance(settings))
        return
    house: House = request.getfixturevalue("stored_house")
    with serving(house.settings, tmp_path_factory.mktemp("page")) as page:
        yield page


@contextmanager
def serving(settings: Settings, home: Path) -> Iterator[Served]:
    """The page as `make up` serves it."""
    port, secret = free_base(), home / "secret"
    secret.write_text("sesame")
    command = [sys.executable, "-m", "deployments.local_stack.results_app", "notebooks/copy_trading.py", "--port", str(port)]
    served = subprocess.Popen(
        [*command, "--secret-file", str(secret), "--checks", str(home)],
        cwd=ROOT,
        env=environment(settings, home),
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", served)
        yield Served(settings, f"http://127.0.0.1:{port}/?access_token=sesame")
    finally:
        served.terminate()
        served.wait()


def environment(settings: Settings, home: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("WALLETFLOW_")}
    addresses = {name: settings.required(name) for name in ("postgres_url", "clickhouse_url", "graph_url", "graph_password")}
    named = addresses | {"home": str(home), "graph_user": settings.graph_user}
    return own | {f"WALLETFLOW_{name.upper()}": value for name, value in named.items()}


def wait_for(address: str, served: subprocess.Popen[bytes]) -> None:
    """Until it answers or ended."""
    while served.poll() is None:
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the results page ended with {served.returncode}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture(scope="module")
def page(browser: Browser, served: Served) -> Page:
    """One visit for all tests: what the browser complains of is kept in `page.complaints`."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda sent: None if is_own(sent.url) else complaints.append(f"asked {sent.url}"))
    page.goto(served.entrance)
    page.wait_for_selector("main[data-tab='Overview']")
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


def is_own(address: str) -> bool:
    """No font, script or picture comes from elsewhere."""
    return address.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))


def opened(page: Page, tab: str) -> None:
    page.get_by_role("radio", name=tab, exact=True).click()
    page.wait_for_selector(f"main[data-tab='{tab}']")


@needs_chromium
@pytest.mark.long
@pytest.mark.timeout(120)
def test_every_tab_is_shown_on_a_laptop_and_a_phone_in_light_and_dark(page: Page) -> None:
    """No error, nothing beside the screen, no part without a row or its sentence, and letters one can tell from their ground."""
    for tab in TABS:
        opened(page, tab)
        assert page.locator(".wf-trouble").count() == 0, page.locator(".wf-trouble").inner_text()
        assert empty_parts(page) == [], tab
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(WIDER) <= 0, f"{tab} is wider than {width} px"
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                page.wait_for_function("theme => document.body.classList.contains('dark') === (theme === 'dark')", arg=theme)
                assert page.evaluate(CONTRAST) >= 4.5, f"{tab} in {theme}"
    assert page.complaints == []  # type: ignore[attr-defined]


WIDER = "document.querySelector('#App').scrollWidth - document.querySelector('#App').clientWidth"
# Of the page's letters and its softer ones on its ground, the least. 4.5 : 1 is what the eye of an older reader needs.
CONTRAST = """() => {
  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).slice(0, 3).map((one) => channel(Number(one)));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = light(getComputedStyle(document.querySelector('#App')).backgroundColor);
  const written = 'main h2, main .wf-said, main .wf-quiet, main td, main small, main .wf-note, main a:not(.wf-out)';
  const letters = [...document.querySelectorAll(written)].slice(0, 200).map((one) => light(getComputedStyle(one).color));
  return Math.min(...letters.map((one) => (Math.max(one, ground) + 0.05) / (Math.min(one, ground) + 0.05)));
}"""
EMPTY_PARTS = """() => {
  const filled = 'tbody tr, .wf-card, .wf-quiet, .wf-facts, svg, iframe, .wf-alerts, .wf-list';
  const parts = [...document.querySelectorAll('main .wf-section')].filter((part) => !part.querySelector(filled));
  return parts.map((part) => part.querySelector('h2').textContent);
}"""


def empty_parts(page: Page) -> list[str]:
    """Headings of sections that show neither a row, a figure, a picture nor a sentence."""
    return list(page.evaluate(EMPTY_PARTS))


@needs_chromium
@pytest.mark.long
@pytest.mark.skipif(PICTURED, reason="the running home moves on between the page and the rows")
def test_each_number_of_the_overview_is_that_of_the_row_it_stands_on(page: Page, served: Served, now: Any) -> None:
    opened(page, "Overview")
    shown = {one.get_attribute("data-of"): one.inner_text() for one in page.locator("main [data-of]").all()}
    expected = figures_of(served.settings, now)
    assert {name: shown[name] for name in expected} == expected
    assert set(shown) == {*expected, "today", "since_start"}  # these two are differences of the others
    assert shown["since_start"] == "+$312.50"  # 2,812.50 − 2,500.00


def figures_of(settings: Settings, now: Any) -> dict[str, str]:
    """From the rows themselves, in USD at the rate on record."""
    results, midnight = open_results(settings), now.replace(hour=0, minute=0, second=0, microsecond=0)
    (rate,) = results.rows(Rate)
    per = {one.strategy_id: Decimal(1) if one.stake_currency == "USD" else rate.usd for one in results.rows(Strategy)}
    marks = {mark.token_id: mark.price or Decimal(0) for mark in results.rows(Mark)}
    positions, signals, orders = results.rows(Position), results.rows(Signal), results.rows(Order)
    held = [one for one in positions if one.closed_at is None]
    gained = sum((one.shares * marks[one.token_id] - one.cost) * per[one.strategy_id] for one in held)
    judged = [one for one in signals if one.judged_at >= midnight]
    made = [one for one in orders if one.created_at >= midnight]
    equities = {one.strategy_id: one.equity for one in results.rows(RiskState)}
    return {
        "equity": usd(sum(equity * per[name] for name, equity in equities.items())),
        "balance": usd(sum(one.balance * per[one.strategy_id] for one in results.rows(Strategy))),
        "realized_pnl": usd(sum(one.realized_pnl * per[one.strategy_id] for one in positions), sign=True),
        "open_positions": f"{len(held)}",
        "open_cost": usd(sum(one.cost * per[one.strategy_id] for one in held)),
        "unrealized_pnl": usd(gained, sign=True),
        "judged_today": f"{len(judged)}",
        "copied_today": f"{sum(one.verdict is Verdict.COPY for one in judged)}",
        "orders_today": f"{len(made)}",
        "filled_today": f"{sum(one.status in (OrderStatus.FILLED, OrderStatus.PARTIAL) for one in made)}",
        "account_open": "$175.00",
        "account_drawdown": "5.0%",
        "calm:equity": "$1,012.50",
        "sols:equity": "12 SOL",
    }


def usd(amount: Any, sign: bool = False) -> str:
    plus = "+" if sign and round(amount, 2) > 0 else ""
    return f"{'−' if round(amount, 2) < 0 else plus}${abs(amount):,.2f}"


@needs_chromium
@pytest.mark.long
def test_a_row_opens_its_explanation_and_an_address_its_wallet(page: Page) -> None:
    opened(page, "Signals")
    first = page.locator("tr.wf-more").first
    assert not first.is_visible()
    page.locator(".wf-opener summary").first.click()
    assert first.is_visible()
    assert "Our verdict" in first.inner_text()
    page.locator("main td a.wf-address").first.click()
    page.wait_for_selector("main[data-tab='Wallets']")
    assert "Last trades" in page.locator("main").inner_text()


@needs_chromium
@pytest.mark.skipif(not PICTURED, reason="`make pictures` writes them")
@pytest.mark.parametrize("file", PICTURES)
def test_readmes_pictures_are_made_of_the_running_home(page: Page, file: str) -> None:
    tab, width, height, theme = PICTURES[file]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    opened(page, tab)
    if tab == "Signals":
        page.locator(".wf-opener summary").first.click()
    page.wait_for_function("theme => document.body.classList.contains('dark') === (theme === 'dark')", arg=theme)
    page.screenshot(path=str(ROOT / file))


def test_a_house_nobody_made_says_so(stack_settings: Settings, now: Any) -> None:
    """The schema is not there: psycopg's UndefinedTable once reached the page as a traceback."""
    with pytest.raises(WalletflowError) as failed:
        House(stack_settings.for_replay("nobody made this"), now).strategies_of()
    assert "run `make up` to migrate them" in trouble.said(failed.value, is_replay=False)

"""Every tab says what is there: nothing yet and what to do next, a few rows in words, or which store does not answer."""

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from html import unescape

import pytest
from pydantic import SecretStr

from adapters.settings import Settings
from data_contracts import Currency, LeaderStanding, LeaderWord, Rate, Venue
from data_contracts.errors import WalletflowError
from notebooks.pages import trouble
from notebooks.pages.asked import Asked, Choice, asked_of
from notebooks.pages.tabs import TABS
from notebooks.pages.view import Clock, View
from notebooks.queries.house import EVERYTHING, House
from tasks.operating.strategy_editing import StrategyChanges, change_strategy
from tasks.steps import bare_steps
from tests.notebooks.conftest import filled
from tests.notebooks.seeded import MINT, OTHER, SOL_WALLET, WALLET, in_sol, put

pytestmark = pytest.mark.timeout(60)
PLAIN = View()


def shown(house: House, tab: str, view: View = PLAIN, **chosen: object) -> str:
    """A tab's text as a person reads it, titles of cells with it."""
    filters = TABS[tab].filters(house, {})
    first = {name: one.options.get(one.value or "") for name, one in filters.items() if isinstance(one, Choice)}
    asked = asked_of(house, EVERYTHING, None, None, first | chosen)
    return text_of(TABS[tab].show(house, view, asked))


def text_of(html: str) -> str:
    titles = " ".join(re.findall(r"title='([^']*)'", html))
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)) + " " + titles)


NEXT_STEPS = {
    "Overview": [
        "No alert is open",
        "none yet",
        "strategy-editing",
        "account-limits",
        "No equity yet: the first cycle draws the first point",
    ],
    "Signals": ["No verdict here", "wallet-profiling"],
    "Positions": ["Nothing is held", "Nothing waits to be sold", "No order in the window", "Nothing was closed"],
    "Wallets": ["Nobody is followed yet", "Nobody is paused or blocked", "wallet-profiling", "wallet-discovery"],
    "Clusters": ["No owner is known yet", "wallet-clustering"],
    "Markets": ["No market yet", "No coin yet", "token-discovery"],
    "Feeds": ["Nothing has been read from any feed yet", "No hole", "webhook-syncing", "docs/inbox.md", "Nothing was read in the window"],
    "Risk": ["strategy-editing"],
    "Data quality": ["No row broke its contract"],
    "Performance": ["Nothing was realized", "copyability-rating", "counterfactual-report", "calibration-report"],
    "Configuration": ["No strategy yet", "WALLETFLOW_POSTGRES_URL"],
}


@pytest.mark.parametrize("tab", TABS)
def test_an_empty_house_says_in_each_tab_what_to_do_next(empty_house: House, tab: str) -> None:
    text = shown(empty_house, tab)
    for sentence in NEXT_STEPS[tab]:
        assert sentence in text


SAYS = {
    "Overview": [
        "$2,812.50", "+$312.50 on $2,500.00",  # 1,012.50 + 12 x 150 on 1,000 + 10 x 150
        "1 of 2", "HALTED", "Look why, then walletflow resume STRATEGY", "x is away: walletflow doctor", "5.0% of 20.0%", "$175.00 of",
        "12 SOL", "+2 SOL", "Slippage too high", "ordering.max_slippage, or leaders",
    ],
    "Signals": [
        "Will it rain on Sunday?", "Trade stale", "DENIED", "0xaaaa…aaaa", WALLET, "score 0.830 where 0.700 is needed", "other owners 2",
        "+25.0%", "The trade was too old when we saw it", "OWRR 71.0% (High confidence): 5 skilled holders", "$75.00",
        "500 shares at 0.40 USD = $200.00",
    ],
    "Positions": [
        "Will it rain on Sunday?", "−$7.25", "50 of 250 shares", "Book missing", "+2.5%", "$1.50", "0.5 SOL", "simulated",
    ],
    "Wallets": ["0xaaaa…aaaa", "75.0%", "omega 4.00 over 12 closed positions", "31.0%", "grade D", "of 208 needed", "+3.0%", "an own…lets"],
    "Clusters": ["0xbbbb…bbbb", "traded 24 tokens within 5 s of each other", "was paid 12.5", "2 wallets"],
    "Markets": ["Will it rain on Sunday?", "Sleepy Golden (SLEGOL)", "0.000000000001 SOL", "NO", "may be minted", "$50,000", "candidate"],
    "Feeds": ["data_api", "12 s", "50.0%", "1 deliveries so far", "1 intents so far", "4 signatures were seen", "75.0%", "25.0%"],
    "Risk": ["$100.00", "no limit", "1 10", "18%", "20% used", "Positions"],
    "Data quality": ["price is required", "trades"],
    "Performance": ["−$7.25", "too few markets", "+$25.00", "ahead later", "0.875", "as said", "losers"],
    "Configuration": ["calm", "sols", "begun with $1,000.00", "begun with 10 SOL", "No version is on record", "Open it with"],
}  # fmt: skip


@pytest.mark.parametrize("tab", TABS)
def test_a_few_rows_are_all_there_in_words_a_person_reads(full_house: House, tab: str) -> None:
    text = shown(full_house, tab)
    for word in SAYS[tab]:
        assert word in text, (word, text)
    assert "a group of an older report" not in text
    assert f"BUY {MINT}" not in text  # a coin has no outcome: its address was once told as one


def test_whom_a_person_holds_back_stands_with_the_reason_in_the_list_and_with_the_wallet(now: datetime) -> None:
    house = filled("held back", now)
    word = LeaderWord(strategy_id="*", wallet=WALLET, ordered_at=now, standing=LeaderStanding.BLOCKED, why="tips off")
    put(house.settings, [word, replace(word, strategy_id="calm", standing=LeaderStanding.FREE, why="not here")])
    listed = shown(house, "Wallets")
    assert "Whom a person holds back: 1" in listed
    assert "every strategy Blocked" in listed
    assert "tips off" in listed
    of_one = shown(house, "Wallets", wallet=WALLET)
    assert "tips off" in of_one
    assert "not here" in of_one  # all that was said of it


def test_a_strategy_stands_with_every_version_it_had(now: datetime) -> None:
    house = filled("versions", now)
    with bare_steps():
        change_strategy("calm", StrategyChanges(balance=Decimal(1500), why="paid in"), house.settings, now)
        change_strategy("calm", StrategyChanges(back_to=1), house.settings, now)
    text = shown(house, "Configuration")
    assert "calm: what it was" in text
    for line in ("as it was found", "2", "balance 1000 1500 paid in", "balance 1500 1000 back to version 1"):
        assert line in text
    assert f"127.0.0.1:{house.settings.prefect_port}/form/strategy-editing?parameters=" in TABS["Configuration"].show(
        house, PLAIN, asked_of(house, EVERYTHING, None, None, {"only": "differs"})
    )


@pytest.mark.parametrize("tab", TABS)
def test_a_house_of_before_solana_shows_every_tab(usd_house: House, tab: str) -> None:
    assert shown(usd_house, tab)
    assert "SOL" not in shown(usd_house, tab).replace("SOLANA", "") or tab in ("Configuration", "Markets", "Feeds")


def test_one_wallet_shows_all_that_is_on_record_of_it(full_house: House) -> None:
    text = shown(full_house, "Wallets", wallet=WALLET.upper().replace("0X", "0x"))
    for word in (
        "Knows something",
        "0.00 to +0.50 at 90 %",
        "In form",
        "Wash",
        "30 s",
        "+1.0% to +6.0%",
        "0xbbbb…bbbb",
        "Will it rain",
        OTHER,
    ):
        assert word in text
    assert "Nothing is on record of 0x1" in shown(full_house, "Wallets", wallet="0x1")
    of_coins = shown(full_house, "Wallets", wallet=SOL_WALLET)
    assert "Scalper" in of_coins
    assert "30 s later, 0.5 SOL" in of_coins


@pytest.mark.parametrize(
    ("chosen", "there", "not_there"),
    [
        ({"verdict": "COPY"}, "Consensus favours", "0 COPY"),
        ({"reasons": ["TRADE_STALE"]}, "The last 1, newest first", "DENIED"),
        ({"leader": SOL_WALLET}, "The last 1, newest first", "Will it rain"),
        ({"leader": "0x1"}, "No verdict here", "newest first"),
    ],
)
def test_signals_are_filtered_by_verdict_reason_and_wallet(
    full_house: House, chosen: dict[str, object], there: str, not_there: str
) -> None:
    text = shown(full_house, "Signals", **chosen)
    assert there in text
    assert not_there not in text.partition("Which rule")[0]


def test_signals_are_filtered_by_strategy_and_venue(full_house: House) -> None:
    of_solana = asked_of(full_house, EVERYTHING, None, Venue.SOLANA, {})
    assert of_solana.some == ["sols"]
    assert "Will it rain" not in TABS["Signals"].show(full_house, View(), of_solana)
    assert asked_of(full_house, EVERYTHING, "calm", Venue.SOLANA, {}).some == []
    assert "No verdict here" in TABS["Signals"].show(full_house, View(), asked_of(full_house, EVERYTHING, "calm", Venue.SOLANA, {}))


def test_the_account_is_shown_in_usd_at_the_rate_on_record(now: datetime) -> None:
    """The sum of 1,012.50 USD and 12 SOL was once 1,024.50 of nothing."""
    house = filled("without a rate", now)
    put(house.settings, in_sol(now))
    assert "on $1,000.00; without sols: no rate on record" in shown(house, "Overview").replace(" ;", ";")
    put(house.settings, [Rate(currency=Currency.SOL, seen_at=now, usd=Decimal(150), source="test")])
    assert "on $2,500.00" in shown(House(house.settings, now), "Overview")


def test_a_strategy_that_is_off_and_holds_nothing_counts_on_neither_side(now: datetime) -> None:
    """It once stood in what the equity was compared with, and not in the equity: 10,000 USD seemed lost."""
    house = filled("off", now)
    of_usd = {"venue": Venue.POLYMARKET, "stake_currency": Currency.USD, "balance": Decimal(10_000)}
    put(house.settings, [replace(in_sol(now)[0], strategy_id="off", enabled=False, **of_usd)])
    text = shown(house, "Overview")
    assert "+$12.50 on $1,000.00" in text
    assert "OFF it follows nobody" in text


def gone(settings: Settings, name: str, port_1: str) -> Settings:
    """Port 1 refuses."""
    return settings.model_copy(update={name: SecretStr(port_1)})


def test_a_store_that_does_not_answer_is_named_with_its_cure_and_without_its_password(usd_house: House) -> None:
    away = gone(usd_house.settings, "postgres_url", "postgresql+psycopg://walletflow:sesame@127.0.0.1:1/x")
    with pytest.raises(WalletflowError) as failed:
        shown(House(away, usd_house.now), "Overview")
    said = trouble.said(failed.value, is_replay=False)
    assert "Postgres does not answer" in said
    assert "make up" in said
    assert "sesame" not in said


@pytest.mark.parametrize("tab", ["Overview", "Signals", "Positions", "Risk"])
def test_without_clickhouse_the_money_is_still_there(usd_house: House, tab: str) -> None:
    """Only the names of markets come from there."""
    away = gone(usd_house.settings, "clickhouse_url", "http://walletflow:sesame@127.0.0.1:1/x")
    text = shown(House(away, usd_house.now), tab)
    assert "calm" in text
    assert "Will it rain" not in text


@pytest.mark.parametrize(("real", "links"), [(frozenset(), 0), (frozenset({Venue.POLYMARKET}), 1)])
def test_only_addresses_that_are_real_lead_to_an_explorer(real: frozenset[Venue], links: int) -> None:
    view = View(Clock(), real)
    assert view.wallet(WALLET).count("https://polymarket.com/profile/0xaaaa") == links
    assert "solscan" not in view.wallet(SOL_WALLET)
    assert view.market("Rain?", "1", "rain", "polymarket").count("https://polymarket.com/event/rain") == links
    assert f"?tab=Wallets&amp;wallet={WALLET}" in view.wallet(WALLET)  # our own page of it is always there


def test_what_a_store_says_cannot_become_markup(full_house: House) -> None:
    asked = Asked(full_house.now, [], chosen={"wallet": "<script>alert(1)</script>"})
    assert "<script>" not in TABS["Wallets"].show(full_house, View(), asked)

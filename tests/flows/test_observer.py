"""The observer without keys: what leaders did in the sandbox world, told as intents that an inbox takes."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.brief_settings import BriefSettings
from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed
from adapters.inbox.intents_file import Taken, take_lines
from adapters.stores.memory import MemoryResults
from data_contracts import TradeIntent
from data_contracts.errors import Refused, Unavailable, Unsafe
from deployments.commands.observe import observe, refuse_secrets, teller_of

WITHIN, MINUTE = timedelta(hours=6), timedelta(minutes=1)


@pytest.fixture
def brief(sandbox: Any, tmp_path: Path) -> Callable[..., BriefSettings]:
    """Watches those three wallets that traded last; what happened in six hours is not stale."""
    wallets = list(dict.fromkeys(trade.wallet.address for trade in sandbox.trades(sandbox.now() - WITHIN, sandbox.now())[::-1]))[:3]

    def made(**changes: Any) -> BriefSettings:
        urls = {f"{name}_url": f"{sandbox.url}/{path}" for name, path in (("data_api", "data"), ("gamma", "gamma"), ("clob", "clob"))}
        said = {"monitored_traders": ",".join(wallets), "max_intent_age_seconds": WITHIN.total_seconds()}
        return BriefSettings(**urls | said | {"output_file": tmp_path / "intents.jsonl", "poll_interval": 0.1} | changes)

    return made


def watch(brief: BriefSettings, sandbox: Any, teller: Any = None, times: int = 1) -> None:
    feed = PolymarketFeed(brief.data_api_url, brief.gamma_url, brief.clob_url)
    observe(brief, feed, teller or teller_of(brief, None), threading.Event(), times, sandbox.now)


def deeds(brief: BriefSettings, sandbox: Any) -> int:
    """What these wallets did up to a minute ago, which the feed shows by now: fills of one transaction, token and side are one."""
    trades = sandbox.trades(sandbox.now() - WITHIN, sandbox.now() - MINUTE)
    mine = [trade for trade in trades if trade.wallet.address in brief.watched]
    return len({(trade.market.condition_id, trade.order, trade.wallet.address, trade.outcome, trade.is_buy) for trade in mine})


def test_every_trade_of_a_watched_leader_is_told_once_and_an_inbox_takes_each(brief: Any, sandbox: Any) -> None:
    told = brief()
    watch(told, sandbox, times=2)
    lines = told.output_file.read_text().splitlines()
    results = MemoryResults()
    assert take_lines(told.output_file, results, sandbox.now()) == Taken(new=len(lines))
    rows = results.arrived(TradeIntent, 0, 10_000)
    assert len(rows) == len(lines)
    assert sum(row.signalled_at <= sandbox.now() - MINUTE for row in rows) == deeds(told, sandbox) > 0
    assert {row.leader for row in rows} <= set(told.watched)
    said = json.loads(lines[0])["metadata"]
    assert {"price", "detection_latency_ms", "source_tx_hash"} <= set(said)


def test_an_observer_that_is_started_again_gives_the_same_names(brief: Any, sandbox: Any) -> None:
    """So what it tells twice is accepted once."""
    told = brief()
    for _ in range(2):
        watch(told, sandbox)
    lines = told.output_file.read_text().splitlines()
    results = MemoryResults()
    taken = take_lines(told.output_file, results, sandbox.now())
    assert taken == Taken(new=len(lines) // 2, known=len(lines) // 2)


def test_only_markets_that_are_allowed_are_told_of(brief: Any, sandbox: Any) -> None:
    watch(brief(), sandbox)
    market = json.loads(brief().output_file.read_text().splitlines()[0])["market_id"]
    brief().output_file.unlink()
    watch(brief(market_allowlist=market), sandbox)
    assert {json.loads(line)["market_id"] for line in brief().output_file.read_text().splitlines()} == {market}


class Reluctant:
    """An inbox that answers so many times as it is told to, and then takes all."""

    def __init__(self, answers: list[Exception]) -> None:
        self.answers, self.taken = answers, list[str]()

    def tell(self, intent: Any) -> None:
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append(intent["intent_id"])


def test_what_an_inbox_could_not_take_is_told_again(brief: Any, sandbox: Any) -> None:
    watch(brief(), sandbox)
    all_ids = [json.loads(line)["intent_id"] for line in brief().output_file.read_text().splitlines()]
    inbox = Reluctant([Unavailable("503"), Unavailable("429")])
    watch(brief(), sandbox, inbox, times=3)
    assert inbox.taken == all_ids


def test_what_an_inbox_refuses_is_not_told_again_and_the_rest_goes_on(brief: Any, sandbox: Any) -> None:
    watch(brief(), sandbox)
    all_ids = [json.loads(line)["intent_id"] for line in brief().output_file.read_text().splitlines()]
    inbox = Reluctant([Refused("422")])
    watch(brief(), sandbox, inbox, times=2)
    assert inbox.taken == all_ids[1:]


def test_an_observer_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WALLETFLOW_LIVE_KEY", "WALLETFLOW_POSTGRES_URL", "WALLETFLOW_INBOX_TOKEN"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "postgresql://x")
            with pytest.raises(Unsafe, match=f"-u {name}"):
                refuse_secrets()
    refuse_secrets()


def test_over_http_it_needs_the_file_of_the_secret(brief: Any) -> None:
    with pytest.raises(Refused, match="--token-file"):
        teller_of(brief(output_mode="http"), None)

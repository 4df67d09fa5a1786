"""Whoever names a market and an outcome means a token: its venue says which."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from adapters.connect import open_feed, open_results
from adapters.inbox.posted_intents import intent_in
from adapters.settings import Settings
from data_contracts import Entrance, Instrument, PolymarketMarket, Signal, TakenIntent, Verdict
from domain.copying.policy import Policy
from flows.copy_trading import copy_cycle
from tasks.copying.intent_records import intent_records
from tasks.steps import bare_steps


def test_the_tokens_of_a_market_are_asked_for_by_its_name(sandbox: Any) -> None:
    """The same that its instruments are known by; of a market that nobody knows there are none."""
    feed, now = open_feed(sandbox.place(Settings())), sandbox.now()
    market = next(iter(sandbox.world._by_condition.values()))
    found = feed.tokens_in([market.condition_id, "0x" + "0" * 64], now)
    rows = feed.instruments(found["token_id"].to_list(), now)
    outcomes = dict(rows[PolymarketMarket].select("token_id", "outcome").iter_rows())
    assert found.height == len(outcomes) >= 2
    assert dict(found.select("token_id", "outcome").iter_rows()) == outcomes
    assert set(found["market_id"]) == set(rows[Instrument]["market_id"]) == {market.condition_id}


def test_an_intent_is_copied_on_the_real_stores_by_the_outcome_it_names(house: Any, sandbox: Any, mirror: Policy) -> None:
    """Posted in capitals for a market nobody had traded here yet: Gamma says which token it means, the book what it costs."""
    traded = sandbox.trades(sandbox.now() - timedelta(hours=1), sandbox.now())[::-1]
    leader, market = "0x" + "e" * 40, next(one.market for one in traded if one.market.open_at(sandbox.now().timestamp() + 600))
    house.follow([leader], mirror)
    said = {
        "intent_id": "posted",
        "timestamp": sandbox.now().isoformat(),
        "source_trader": leader,
        "market_id": market.condition_id.upper().replace("0X", "0x"),
        "outcome": market.outcomes[0].upper(),
        "side": "BUY",
        "size_usdc": 300,
    }
    open_results(house.settings).receive([intent_in(said, Entrance.HTTP, sandbox.now())])
    with bare_steps(checked=True):
        copy_cycle(house.settings, sandbox.now() + timedelta(seconds=2))
    (taken,), (signal,), (record,) = house.rows(TakenIntent), house.rows(Signal, leader=leader), intent_records(house.settings)
    assert (taken.reason, taken.market_id, taken.outcome) == (None, market.condition_id, market.outcomes[0])
    assert (signal.verdict, signal.leader_notional, signal.notional) == (Verdict.COPY, Decimal(300), Decimal(30))
    assert (record["became"], record["verdicts"][0]["orders"][0]["status"]) == ("copied", "FILLED")

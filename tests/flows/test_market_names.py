"""Whoever names a market and an outcome means a token: its venue says which."""

from typing import Any

from adapters.connect import open_feed
from adapters.settings import Settings
from data_contracts import Instrument, PolymarketMarket


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

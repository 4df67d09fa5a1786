"""Wallets of one bundle: the launch's own slot, place beside place, more than once."""

import polars as pl
import pytest

from data_contracts import Funding
from data_contracts.frames import empty
from domain.clustering.bundles import bundled
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover
from domain.solana.trades import MOST_IN_BLOCK, MOST_SWAPS
from evaluation.owners import NO_TRADES

SLOT = 400


def bought(*purchases: tuple[str, str, int, int]) -> pl.DataFrame:
    """Wallet, token, slot and place in its block."""
    rows = [(wallet, token, "BUY", (slot * MOST_IN_BLOCK + place) * MOST_SWAPS) for wallet, token, slot, place in purchases]
    return pl.DataFrame(rows, schema=["wallet", "token_id", "side", "sequence"], orient="row")


def pairs(trades: pl.DataFrame) -> list[tuple[str, str]]:
    launches = pl.DataFrame(
        {"token_id": ["t", "u", "v", "w"], "launch_slot": [SLOT, SLOT, SLOT, None]}, schema_overrides={"launch_slot": pl.Int64}
    )
    return bundled(trades, launches).select("one", "other").rows()


def test_two_that_bought_two_launches_side_by_side_are_one_bundle() -> None:
    assert pairs(bought(("b", "t", SLOT, 7), ("a", "t", SLOT, 8), ("a", "u", SLOT, 3), ("b", "u", SLOT, 5))) == [("a", "b")]


def test_once_may_be_chance() -> None:
    assert pairs(bought(("a", "t", SLOT, 7), ("b", "t", SLOT, 8))) == []


@pytest.mark.parametrize(("slot", "place"), [(SLOT + 1, 8), (SLOT, 10)])
def test_the_slot_after_or_three_places_on_is_no_bundle(slot: int, place: int) -> None:
    """The other stands at place 7: 9 would be in, 10 is not."""
    assert pairs(bought(("a", "t", SLOT, 7), ("b", "t", slot, place), ("a", "u", SLOT, 7), ("b", "u", slot, place))) == []


def test_a_chain_of_purchases_side_by_side_is_one_bundle() -> None:
    trades = [(wallet, token, SLOT, 7 + 2 * number) for token in "tu" for number, wallet in enumerate("abc")]
    assert pairs(bought(*trades)) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_a_bot_that_buys_every_launch_is_in_no_bundle_of_those_it_stood_beside() -> None:
    """It bought seven launches in their slot, two of them beside a: 2 / 7 is less than 0.34. With five it would be 0.40."""
    launches = pl.DataFrame({"token_id": [str(number) for number in range(7)], "launch_slot": [SLOT] * 7})
    own = [("a", str(number), SLOT, 1) for number in range(2)]
    for many, found in ((7, 0), (5, 1)):
        bot = [("bot", str(number), SLOT, 2) for number in range(many)]
        assert bundled(bought(*own, *bot), launches).height == found


def test_places_that_nobody_told_are_no_places_side_by_side() -> None:
    """Helius' own reading of a transaction has no place in its block: all who bought in the launch's slot stood at 0, as one owner."""
    untold = [(wallet, token, SLOT, 0) for token in "tuv" for wallet in "abc"]
    assert pairs(bought(*untold)) == []
    known = [("a", token, SLOT, 0) for token in "tu"] + [("b", token, SLOT, 1) for token in "tu"]
    assert pairs(bought(*known)) == [("a", "b")]  # one alone at 0 is the first of its block


def test_a_launch_whose_slot_nobody_saw_says_nothing() -> None:
    assert pairs(bought(*[(wallet, token, 0, 1) for wallet in "ab" for token in ("w", "x")])) == []


def test_those_who_were_sent_together_become_one_cluster() -> None:
    together = pl.DataFrame({"one": ["name:a"], "other": ["name:b"], "launches": [2]})
    found = discover(NO_TRADES, empty(Funding), [], {}, DiscoveryPolicy(), bundles=together)
    assert list(found.clusters.values()) == [["name:a", "name:b"]]

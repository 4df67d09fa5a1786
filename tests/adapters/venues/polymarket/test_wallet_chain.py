"""What the live wallet does without an order, on the sandbox's stand-in for the chain: each thing once, however often it is asked for."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_feed, open_results
from adapters.live_account import open_wallet
from adapters.stores.results import Write
from data_contracts import Fill, Instrument, Order, Position, Settlement
from data_contracts.errors import Refused, Unsafe
from data_contracts.frames import frame_of, rows_of
from domain.polymarket.amounts import UNITS
from tasks.copying.booking import book
from tasks.copying.order_execution import Execution, post_orders
from tasks.copying.settling import settle_positions
from tasks.polymarket.allowance_setting import set_allowances
from tasks.polymarket.position_redeeming import redeem_settled
from tasks.polymarket.set_merging import merge_sets
from tasks.steps import bare_steps


@pytest.fixture(autouse=True)
def _bare() -> Iterator[None]:
    with bare_steps():
        yield


def bought(sandbox: Any, market: Any, name: str, leader: str = "a", usd: str = "4") -> None:
    """A position of ours, through the very steps of a cycle."""
    ask = sandbox.book(market).asks[0].price
    order = sandbox.order(market, name, leader="0x" + leader * 40, shares=(Decimal(usd) / ask).quantize(Decimal("0.01")))
    execution = post_orders(frame_of([order], Order), sandbox.settings, sandbox.now)
    book(execution, sandbox.settings, sandbox.now)


def positions(sandbox: Any) -> dict[str, Decimal]:
    rows = open_results(sandbox.settings).rows(Position)
    return {f"{row.leader[2]} {row.outcome}": row.shares for row in rows}


def other_side(sandbox: Any, market: Any) -> Any:
    frame = open_feed(sandbox.settings).instruments([market.token_id], sandbox.now)[Instrument]
    return next(row for row in rows_of(frame, Instrument) if row.token_id != market.token_id)


def test_complete_sets_become_usd_and_the_ledger_follows(sandbox: Any) -> None:
    """Two leaders took opposite sides: what both hold of it is worth a USD each, whichever wins."""
    market = sandbox.market()
    other = other_side(sandbox, market)
    bought(sandbox, market, "yes", "a", "6")
    bought(sandbox, other, "no", "b", "3")
    held, before = positions(sandbox), sandbox.truth()
    sets = min(held.values())
    lines, fills = merge_sets(sandbox.settings, sandbox.now, dry_run=True)
    assert (lines[0]["came_of_it"], fills.height, sandbox.truth()) == ("would be merged", 0, before)
    lines, fills = merge_sets(sandbox.settings, sandbox.now, dry_run=False)
    book(Execution(frame_of([], Order), fills), sandbox.settings, sandbox.now)
    assert sandbox.truth()["collateral"] - before["collateral"] == sets * UNITS
    assert {name: shares - sets for name, shares in held.items()} == positions(sandbox)
    got = sum(fill.notional for fill in rows_of(fills, Fill))
    assert 0 <= sets - got <= Decimal("0.000002")  # each outcome's part is rounded down to a unit
    assert merge_sets(sandbox.settings, sandbox.now, dry_run=False)[0] == []


def test_a_merge_that_died_before_it_was_booked_is_booked_by_the_next_run(sandbox: Any) -> None:
    """The wallet holds what our ledger holds and nothing else, as it should: shares of a stranger would hide what is missing."""
    market = sandbox.market()
    other = other_side(sandbox, market)
    sandbox.control(f"/accounts/{sandbox.settings.live_wallet}", {"tokens": {market.token_id: 0, other.token_id: 0}})
    bought(sandbox, market, "yes", "a", "6")
    bought(sandbox, other, "no", "b", "3")
    held = positions(sandbox)
    merge_sets(sandbox.settings, sandbox.now, dry_run=False)  # and its fills are lost
    assert positions(sandbox) == held
    after_death = sandbox.truth()
    lines, fills = merge_sets(sandbox.settings, sandbox.now, dry_run=False)
    book(Execution(frame_of([], Order), fills), sandbox.settings, sandbox.now)
    assert lines[0]["came_of_it"] == "merged before, to be booked"
    assert sandbox.truth()["collateral"] == after_death["collateral"]
    assert positions(sandbox) == {name: shares - min(held.values()) for name, shares in held.items()}


def test_what_is_missing_is_allowed_and_the_second_time_nothing_is(sandbox: Any) -> None:
    sandbox.control(f"/accounts/{sandbox.settings.live_wallet}", {"allowances": False})
    missing = set_allowances(sandbox.settings, dry_run=True)
    assert missing == set_allowances(sandbox.settings, dry_run=True)  # a dry run gives nothing
    assert any("may not spend USD" in line for line in missing)
    assert set_allowances(sandbox.settings, dry_run=False) == missing
    assert set_allowances(sandbox.settings, dry_run=True) == []


def test_a_market_that_does_not_pay_yet_is_refused_and_says_so(sandbox: Any) -> None:
    wallet = open_wallet(sandbox.settings)
    with pytest.raises(Refused):
        wallet.redeem("0x" + "d" * 64)


@pytest.mark.parametrize(("change", "said"), [({"live": ""}, "simulation has no wallet"), ({"live_key": None}, "LIVE_KEY is not set")])
def test_there_is_no_wallet_in_simulation_nor_where_the_key_is_not(sandbox: Any, change: dict[str, Any], said: str) -> None:
    elsewhere = replace(sandbox, settings=sandbox.settings.model_copy(update=change))
    with pytest.raises(Unsafe, match=said):
        open_wallet(elsewhere.settings)


def test_no_order_is_merged_away_while_its_answer_is_awaited(sandbox: Any) -> None:
    market = sandbox.market()
    bought(sandbox, market, "yes", "a", "6")
    bought(sandbox, other_side(sandbox, market), "no", "b", "3")
    waiting = replace(sandbox.order(market, "waiting"), status="UNKNOWN")
    open_results(sandbox.settings).write([Write(Order, frame_of([waiting], Order))])
    assert merge_sets(sandbox.settings, sandbox.now, dry_run=False)[0] == []


def test_a_resolved_market_pays_its_winning_shares_once(sandbox: Any) -> None:
    """The ledger settled them when the market resolved: the second run finds no shares and moves nothing."""
    market = sandbox.market(for_s=10)
    for one in (market, other_side(sandbox, market)):
        bought(sandbox, one, one.token_id)
    truly, _ = sandbox.world.at(sandbox.clock()).token(market.token_id)
    sandbox.clock.advance(truly.resolves_s + 1 - sandbox.clock())
    settle_positions(sandbox.settings, sandbox.now)
    won = next(row for row in open_results(sandbox.settings).rows(Settlement) if row.payout)
    before = sandbox.truth()
    assert [line["came_of_it"] for line in redeem_settled(sandbox.settings, sandbox.now, True)] == ["would be redeemed"]
    assert sandbox.truth() == before
    (line,) = redeem_settled(sandbox.settings, sandbox.now, False)
    assert line["came_of_it"].startswith("0x")
    # The wallet is shared by the tests of this file: it holds at least what this ledger won.
    assert sandbox.truth()["collateral"] - before["collateral"] == before["tokens"][won.token_id] >= won.shares * UNITS
    assert redeem_settled(sandbox.settings, sandbox.now, False) == []

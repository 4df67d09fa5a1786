"""The form of a strategy: what is left empty stays, what no column can hold is refused where it is typed, and the run says what changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from prefect.exceptions import ParameterTypeError

from adapters import connect
from adapters.connect import Place
from data_contracts import Currency, Kind, Strategy, Venue
from data_contracts.errors import Refused
from domain.copying.policy import ExitPolicy, FollowPolicy, Policy, SizingPolicy
from domain.copying.policy_changes import OPTIONAL, PolicyChanges
from flows.strategy_editing import edit_strategy
from tasks.operating.strategy_editing import StrategyChanges, change_strategy
from tasks.steps import bare_steps
from tests.second_venue import SecondFeed

NOW = datetime(2022, 11, 8, 12, tzinfo=UTC)
WALLET = "0x" + "a" * 40
STORED = Policy(
    follow=FollowPolicy(top=100, wallets=(WALLET,)),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(25)),
    exits=ExitPolicy(max_hold_s=3600.0),
)


@pytest.fixture
def home(tape: Any, before_tape: Callable[[Any], Any]) -> Any:
    """A mirror of 1,000 USD that follows the best 100 and WALLET, and is not enabled."""
    tape.trade(0, WALLET, "BUY", "1000", "0.40")
    home = before_tape(tape)
    home.put(replace(home.strategy("one", "mirror", STORED), balance=Decimal(1_000), enabled=False))
    return home


def typed(**fields: Any) -> StrategyChanges:
    """As the form is validated before the flow runs."""
    found = edit_strategy.validate_parameters({"strategy_id": "one"} | fields)
    cells = {"venue": Venue, "kind": Kind, "balance": lambda stake: Decimal(str(stake)), "enabled": bool, "policy": lambda policy: policy}
    known = {name: make(found[name]) for name, make in cells.items() if found[name] is not None}
    return StrategyChanges(**known, without=found["without"] or [], like=found["like"])  # type: ignore[arg-type]


def edit(home: Any, strategy_id: str = "one", **fields: Any) -> list[dict[str, str]]:
    with bare_steps():
        return change_strategy(strategy_id, typed(**fields), home.settings, NOW)


def stored(home: Any, strategy_id: str = "one") -> tuple[Strategy, Policy]:
    (row,) = home.rows(Strategy, strategy_id=strategy_id)
    return row, Policy.of_record(row.policy)


@pytest.mark.parametrize("balance", [float("inf"), float("nan"), 1e400, 0, -1])
def test_a_balance_that_is_no_amount_is_refused(balance: float) -> None:
    """Infinity was taken, and a strategy without a balance ends every cycle."""
    with pytest.raises(ParameterTypeError, match="balance"):
        edit_strategy.validate_parameters({"strategy_id": "mirror", "balance": balance})


def test_editing_one_field_leaves_all_the_others(home: Any) -> None:
    """`balance` alone took `follow.top` from 100 to 20, a named wallet list to none, and a mirror strategy to owrr."""
    before = stored(home)
    lines = edit(home, balance=2_000)
    after = stored(home)
    assert after == (replace(before[0], balance=Decimal(2_000), updated_at=NOW), STORED)
    assert lines == [{"what": "balance", "was": "1000", "is": "2000"}]


def test_one_number_of_the_policy_leaves_its_group(home: Any) -> None:
    lines = edit(home, policy={"sizing": {"percent": 10}, "exits": {"stop_loss": 0.3}})
    sizing, exits = STORED.sizing.model_copy(update={"percent": Decimal(10)}), STORED.exits.model_copy(update={"stop_loss": Decimal("0.3")})
    assert stored(home)[1] == STORED.model_copy(update={"sizing": sizing, "exits": exits})
    assert lines == [
        {"what": "sizing.percent", "was": "25", "is": "10"},
        {"what": "exits.stop_loss", "was": "0.5", "is": "0.3"},
    ]


def test_what_a_form_sends_as_null_is_left_empty(home: Any) -> None:
    nothing = {"venue": None, "kind": None, "balance": None, "enabled": None, "without": None}
    assert edit(home, **nothing, policy={"follow": None, "exits": {"max_hold_s": None, "trailing": None}}) == []
    assert stored(home)[1] == STORED


def test_a_rule_is_taken_away_by_its_name(home: Any) -> None:
    assert edit(home, without=["exits.max_hold_s", "exits.stop_loss"]) == [
        {"what": "exits.stop_loss", "was": "0.5", "is": "none"},
        {"what": "exits.max_hold_s", "was": "3600", "is": "none"},
    ]
    assert "exits.trailing" in OPTIONAL
    with pytest.raises(ParameterTypeError, match="without"):
        edit_strategy.validate_parameters({"strategy_id": "one", "without": ["risk.max_drawdown"]})


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"exits": {"stop_loss": -3}}, "stop_loss"),
        ({"exits": {"stop_los": 0.3}}, "stop_los"),
        ({"follow": {"wallets": ["0x12"]}}, "wallets"),
        ({"risk": {"max_positions": 21}}, "max_positions"),
    ],
)
def test_a_wrong_number_is_refused_beside_its_field(policy: dict[str, Any], field: str) -> None:
    """A form without defaults keeps every bound of the policy it is made of."""
    with pytest.raises(ParameterTypeError, match=field):
        edit_strategy.validate_parameters({"strategy_id": "one", "policy": policy})


def test_numbers_that_do_not_go_together_are_refused_and_nothing_is_stored(home: Any) -> None:
    before = stored(home)
    with pytest.raises(Refused, match="overlap"):
        edit(
            home, balance=5, policy={"sizing": {"tiers": [{"at_least": 0, "below": 10, "multiplier": 1}, {"at_least": 5, "multiplier": 1}]}}
        )
    assert stored(home) == before


def test_every_field_of_a_policy_may_be_changed_and_says_what_it_is_for() -> None:
    for name, group in Policy.model_fields.items():
        offered = PolicyChanges.model_fields[name].annotation.model_fields  # type: ignore[union-attr]
        assert {field: info.description for field, info in offered.items()} == {
            field: info.description
            for field, info in group.annotation.model_fields.items()  # type: ignore[union-attr]
        }
    assert all(field.get("description") for field in edit_strategy.parameters.properties.values())


def test_a_new_strategy_is_a_consensus_of_ten_thousand_usd(home: Any) -> None:
    edit(home, "two")
    row, policy = stored(home, "two")
    assert (row.venue, row.stake_currency, row.kind, row.balance, row.enabled) == (Venue.POLYMARKET, Currency.USD, Kind.OWRR, 10_000, True)
    assert policy == Policy()


@pytest.fixture
def solana(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = SecondFeed(NOW)
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: feed, lambda settings: feed))  # type: ignore[arg-type, return-value]


@pytest.mark.usefixtures("solana")
def test_a_new_strategy_counts_in_what_its_venue_counts_in_and_says_how_much(home: Any) -> None:
    """10,000 of what is usual would be 10,000 SOL."""
    with pytest.raises(Refused, match="SOL"):
        edit(home, "sols", venue="solana")
    edit(home, "sols", venue="solana", kind="mirror", balance=12.5)
    row, _ = stored(home, "sols")
    assert (row.venue, row.stake_currency, row.balance) == (Venue.SOLANA, Currency.SOL, Decimal("12.5"))


@pytest.mark.usefixtures("solana")
def test_a_strategy_does_not_move_to_another_venue(home: Any) -> None:
    """What it holds and realized is in USD."""
    with pytest.raises(Refused, match="another"):
        edit(home, venue="solana")
    assert edit(home, venue="polymarket", balance=1_000) == []  # as it was


COIN_TRADER = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"


@pytest.mark.usefixtures("solana")
def test_a_wallet_that_trades_at_another_venue_is_refused_when_it_is_named(home: Any) -> None:
    """It was followed, no signal was ever made, and nobody was told; only `walletflow follow` refused it."""
    with pytest.raises(Refused, match=f"follow.wallets: {COIN_TRADER} trades at solana, one at polymarket"):
        edit(home, policy={"follow": {"wallets": [WALLET, f" {COIN_TRADER}"]}})
    new = {"venue": "solana", "kind": "mirror", "balance": 12.5}
    with pytest.raises(Refused, match=f"{WALLET} trades at polymarket, sols at solana"):
        edit(home, "sols", **new, policy={"follow": {"wallets": [WALLET]}})
    assert len(edit(home, "sols", **new, policy={"follow": {"wallets": [COIN_TRADER]}})) > 0


def test_a_stranger_among_the_wallets_of_before_hinders_no_other_change(home: Any) -> None:
    home.put(replace(stored(home)[0], policy=Policy(follow=FollowPolicy(wallets=(COIN_TRADER,))).model_dump_json()))
    assert edit(home, enabled=True) == [{"what": "enabled", "was": "no", "is": "yes"}]


@pytest.mark.parametrize("venue", ["moon", "Polymarket", ""])
def test_a_venue_nobody_can_reach_is_refused_where_it_is_typed(venue: str) -> None:
    with pytest.raises(ParameterTypeError, match="venue"):
        edit_strategy.validate_parameters({"strategy_id": "one", "venue": venue})


def test_a_row_that_cannot_be_read_is_mended_by_what_is_given_and_by_no_guess(home: Any) -> None:
    home.put(replace(stored(home)[0], kind="oracle"))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="give venue, kind, enabled, policy as well"):
        edit(home, balance=5)
    edit(home, venue="polymarket", balance=5, kind="mirror", enabled=True, policy={"follow": {"top": 3}})
    row, policy = stored(home)
    assert (row.kind, row.balance, policy.follow) == (Kind.MIRROR, 5, STORED.follow.model_copy(update={"top": 3}))


def test_a_copy_has_all_of_the_other_but_what_was_given_and_enters(home: Any) -> None:
    """The other is retired: what is copied of it begins afresh."""
    edit(home, "two", like="one", balance=250)
    (copy, policy), (other, _) = stored(home, "two"), stored(home)
    assert (copy.balance, copy.kind, copy.enabled, other.enabled) == (Decimal(250), Kind.MIRROR, True, False)
    assert policy == STORED


def test_a_copy_of_nobody_and_one_over_another_are_refused(home: Any) -> None:
    with pytest.raises(Refused, match="there is no strategy 'nine' to copy"):
        edit(home, "two", like="nine")
    with pytest.raises(Refused, match="one is there already: a copy needs a name of its own"):
        edit(home, like="one")

"""Whom to follow, by the record."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from data_contracts import Grade, Leader, WalletProfile, WalletSkill
from data_contracts.frames import frame_of
from domain.copying.policy import FollowPolicy
from domain.profiling.leaders import choose, update_leaders
from tests.ledger_rows import a_leader

ALICE, BOB, CAROL = ("0x" + digit * 40 for digit in "abc")
BY_OMEGA = FollowPolicy(choose_by="omega")


def a_profile(as_of: datetime, wallet: str = ALICE, **changes: Any) -> WalletProfile:
    """20 closed positions in politics, three times as many gains as losses, 200 USD on 1,000."""
    fields: dict[str, Any] = {
        "wallet": wallet,
        "category": "politics",
        "window_days": 0,
        "trades": 40,
        "closed_positions": 20,
        "oversold_positions": 0,
        "wins": 12,
        "win_rate": 0.6,
        "gains": 300.0,
        "losses": 100.0,
        "omega": 3.0,
        "realized_pnl": 200.0,
        "invested": 1_000.0,
        "roi": 0.2,
        "max_drawdown": 0.1,
        "median_hold_s": 3600.0,
        "median_notional": 50.0,
        "last_trade_at": as_of,
        "as_of": as_of,
    }
    return WalletProfile(**(fields | changes))


@pytest.fixture
def profiles(as_of: datetime) -> Any:
    def build(*changes: dict[str, Any]) -> pl.DataFrame:
        return frame_of([a_profile(as_of, **change) for change in changes], WalletProfile)

    return build


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"closed_positions": 10}, {"closed_positions": 9}),
        ({"omega": 1.5}, {"omega": 1.49}),
        ({"omega": 1.5}, {"omega": None}),
        ({"roi": 0.0001}, {"roi": 0.0}),
        ({"roi": 0.0001}, {"roi": None}),
        ({"window_days": 0}, {"window_days": 30}),  # a good month is no record
        ({"category": "politics"}, {"category": "all"}),  # skill in everything together is no skill in something
        ({"category": ""}, {"category": "all"}),
    ],
)
def test_a_record_qualifies_from_its_boundary_on(profiles: Any, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert list(choose(profiles(good), BY_OMEGA)) == [ALICE]
    assert choose(profiles(bad), BY_OMEGA) == {}


def test_only_records_in_the_named_categories_count(profiles: Any) -> None:
    found = profiles({"wallet": ALICE, "category": "politics"}, {"wallet": BOB, "category": "sports"})
    assert list(choose(found, FollowPolicy(choose_by="omega", categories=("sports",)))) == [BOB]


def test_the_best_come_first_and_the_rest_is_not_followed(profiles: Any) -> None:
    """By omega, then by what it earned, then by name."""
    found = profiles({"wallet": ALICE, "omega": 2.0}, {"wallet": BOB, "realized_pnl": 100.0}, {"wallet": CAROL, "realized_pnl": 300.0})
    assert list(choose(found, FollowPolicy(choose_by="omega", top=2))) == [CAROL, BOB]
    assert list(choose(found, FollowPolicy(choose_by="omega", top=3))) == [CAROL, BOB, ALICE]


def test_a_wallet_good_at_two_things_takes_one_place(profiles: Any) -> None:
    found = profiles({"omega": 5.0}, {"category": "sports", "omega": 4.0}, {"wallet": BOB, "omega": 2.0})
    reasons = choose(found, FollowPolicy(choose_by="omega", top=2))
    assert list(reasons) == [ALICE, BOB]
    assert "omega 5.00 over 20 closed positions in politics" in reasons[ALICE]


def test_equal_records_are_chosen_the_same_way_in_whatever_order_they_come(profiles: Any) -> None:
    rows = [{"wallet": wallet} for wallet in (CAROL, ALICE, BOB)]
    assert (
        list(choose(profiles(*rows), FollowPolicy(choose_by="omega", top=2)))
        == list(choose(profiles(*rows[::-1]), FollowPolicy(choose_by="omega", top=2)))
        == [ALICE, BOB]
    )


def test_a_named_wallet_is_followed_whatever_its_record(profiles: Any) -> None:
    assert choose(profiles(), FollowPolicy(wallets=(BOB,))) == {BOB: "named in the policy"}


def test_an_empty_choice_follows_nobody(profiles: Any) -> None:
    assert choose(profiles({}), FollowPolicy(top=0)) == {}


def followed_before(as_of: datetime, wallet: str, dropped: bool = False) -> Leader:
    long_ago = as_of - timedelta(days=9)
    return a_leader(long_ago, wallet, "strategy", why="then", dropped_at=long_ago if dropped else None)


@pytest.mark.parametrize(
    ("known", "wanted", "chosen_now", "dropped"),
    [
        (None, True, True, "no"),
        ("followed", True, False, "no"),
        ("followed", False, False, "now"),
        ("dropped", False, False, "then"),  # the date it was dropped stays
        ("dropped", True, True, "no"),
    ],
)
def test_a_choice_dates_what_it_changes_and_nothing_else(
    as_of: datetime, known: str | None, wanted: bool, chosen_now: bool, dropped: str
) -> None:
    before = {ALICE: followed_before(as_of, ALICE, known == "dropped")} if known else {}
    (row,) = update_leaders(before, {ALICE: "now"} if wanted else {}, "strategy", as_of)
    long_ago = as_of - timedelta(days=9)
    assert row.chosen_at == (as_of if chosen_now else long_ago)
    assert row.dropped_at == {"no": None, "now": as_of, "then": long_ago}[dropped]
    assert row.why == ("now" if wanted else "then")


def test_choosing_the_same_again_changes_nothing(as_of: datetime) -> None:
    rows = update_leaders({}, {ALICE: "good", BOB: "named"}, "strategy", as_of)
    again = update_leaders({row.wallet: row for row in rows}, {ALICE: "good", BOB: "named"}, "strategy", as_of + timedelta(days=1))
    assert again == rows


def test_a_wallet_that_lost_money_over_all_is_not_followed_for_its_best_category(profiles: Any) -> None:
    """18 of 63 leaders lost money over their lifetime: omega 5.00 from ten bets on crypto had hidden the rest."""
    best = {"wallet": ALICE, "category": "crypto", "omega": 5.0}
    assert list(choose(profiles(best, {"wallet": ALICE, "category": "all", "realized_pnl": 0.01}), BY_OMEGA)) == [ALICE]
    assert choose(profiles(best, {"wallet": ALICE, "category": "all", "realized_pnl": 0.0}), BY_OMEGA) == {}


def a_skill(as_of: datetime, wallet: str = ALICE, **changes: Any) -> WalletSkill:
    """100 bets that paid 15 cents a share more than they were worth."""
    fields: dict[str, Any] = {
        "wallet": wallet,
        "bets": 100,
        "events": 80,
        "surplus": 0.15,
        "edge": 0.6,
        "edge_low": 0.3,
        "edge_high": 0.9,
        "skilled": 0.97,
        "luck_if_chosen": 0.03,
        "grade": Grade.A,
        "as_of": as_of,
    }
    return WalletSkill(**(fields | changes))


def test_those_who_know_something_are_chosen_surest_first_up_to_the_luck_allowed(profiles: Any, as_of: datetime) -> None:
    found = profiles({"wallet": ALICE, "omega": 0.1}, {"wallet": BOB}, {"wallet": CAROL, "omega": 5.0})
    skills = frame_of(
        [
            a_skill(as_of, ALICE),
            a_skill(as_of, BOB, skilled=0.99, luck_if_chosen=0.01),
            a_skill(as_of, CAROL, skilled=0.72, luck_if_chosen=0.11),
        ],
        WalletSkill,
    )
    assert list(choose(found, FollowPolicy(), skills)) == [BOB, ALICE]
    assert list(choose(found, FollowPolicy(max_luck=0.11), skills)) == [BOB, ALICE, CAROL]
    assert list(choose(found, FollowPolicy(top=1), skills)) == [BOB]


def test_a_surer_wallet_that_may_not_be_chosen_makes_nobody_less_lucky(profiles: Any, as_of: datetime) -> None:
    """Beside ten sure traps a wallet at 0.70 is the eleventh, with 0.3 / 11 = 2.7 % of luck among all; chosen alone it is 30 %."""
    traps = [a_skill(as_of, f"0x{number:040x}", skilled=1.0, luck_if_chosen=0.0) for number in range(10)]
    skills = frame_of([*traps, a_skill(as_of, skilled=0.7, luck_if_chosen=0.027)], WalletSkill)
    assert choose(profiles({"wallet": ALICE}), FollowPolicy(max_luck=0.29), skills) == {}
    assert list(choose(profiles({"wallet": ALICE}), FollowPolicy(max_luck=0.31), skills)) == [ALICE]


def test_why_says_how_sure_we_are_and_by_what(profiles: Any, as_of: datetime) -> None:
    why = choose(profiles({}), FollowPolicy(), frame_of([a_skill(as_of)], WalletSkill))[ALICE]
    assert why.startswith("grade A: knows something with 97.0%; 100 bets in 80 events paid +15.0 cents a share more")
    assert "edge 0.60 (0.30 to 0.90)" in why
    assert "of it and all surer ones 3.0% are luck" in why


def test_who_rang_the_alarm_is_not_followed_unless_that_is_wanted(profiles: Any, as_of: datetime) -> None:
    skills = frame_of([a_skill(as_of)], WalletSkill)
    assert choose(profiles({}), FollowPolicy(), skills, faded=[ALICE]) == {}
    assert list(choose(profiles({}), FollowPolicy(drop_faded=False), skills, faded=[ALICE])) == [ALICE]
    assert list(choose(profiles({}), FollowPolicy(wallets=(ALICE,)), skills, faded=[ALICE])) == [ALICE]  # an operator's word


def test_who_knows_something_needs_a_record_in_the_wanted_categories_too(profiles: Any, as_of: datetime) -> None:
    skills = frame_of([a_skill(as_of)], WalletSkill)
    assert choose(profiles({"closed_positions": 9}), FollowPolicy(), skills) == {}
    assert choose(profiles({"category": "politics"}), FollowPolicy(categories=("sports",)), skills) == {}


def test_who_is_dropped_is_told_why_once(as_of: datetime) -> None:
    """The reason stands where it stood why the wallet was followed, and later choices leave it there."""
    (row,) = update_leaders({ALICE: followed_before(as_of, ALICE)}, {}, "strategy", as_of, {ALICE: "the edge is gone"})
    assert (row.why, row.dropped_at) == ("the edge is gone", as_of)
    assert update_leaders({ALICE: row}, {}, "strategy", as_of + timedelta(days=1), {ALICE: "still gone"}) == [row]


@pytest.mark.parametrize(
    ("wallet", "category", "said"),
    [
        (ALICE, "politics", "20 closed positions in politics, PnL 1 USD"),
        ("CL9F7VmzY5oBnNbFRr8EWaxvUU5tL7yXNYTZFZJ7Wt7y", "", "20 closed positions in coins, PnL 1.234 SOL"),
    ],
)
def test_why_tells_a_record_in_what_its_wallet_counts_in(profiles: Any, wallet: str, category: str, said: str) -> None:
    """1.234 SOL were once "1 USD in markets without a category"."""
    reasons = choose(profiles({"wallet": wallet, "category": category, "realized_pnl": 1.234}), BY_OMEGA)
    assert said in reasons[wallet]

"""The followed wallets' own accounts against what we stored."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.connect import open_feed, open_history
from data_contracts import Activity, Leader, Trade
from tasks.fast_check import breaches
from tasks.profiling.wallet_reconciliation import keep_accounts, read_accounts
from tests.ledger_rows import a_leader

FOLLOWED, DROPPED, OTHER = ("0x" + letter * 40 for letter in "abc")


def leader(wallet: str, at: datetime, dropped_at: datetime | None = None) -> Leader:
    return a_leader(at, wallet, dropped_at=dropped_at)


@pytest.mark.usefixtures("bare")
def test_what_the_feed_missed_of_a_followed_wallet_is_found_once_and_stored(rooms: Any, t0: datetime) -> None:
    """Three trades of the followed wallet, one of which the feed told: two were missing, and the next time none."""
    trades = [(second, wallet, "m", "Yes", "BUY", 10.0, 0.5) for second in (1, 2, 3) for wallet in (FOLLOWED, DROPPED, OTHER)]
    house, now = rooms(*trades), t0 + timedelta(minutes=1)
    house.put(leader(FOLLOWED, t0), leader(DROPPED, t0, dropped_at=t0))
    history = open_history(house.settings)
    history.append(open_feed(house.settings).trades(t0, t0 + timedelta(seconds=1)), Trade)
    account = read_accounts(house.settings, now, days=1)
    assert (account.wallets, account.activities.height, account.missing.height) == (1, 3, 2)
    assert set(account.missing["wallet"]) == {FOLLOWED}
    assert breaches(account.missing, Trade) == breaches(account.activities, Activity) == []
    keep_accounts(account.activities, account.missing, house.settings, now)
    assert history.trades(t0, now, [FOLLOWED]).height == 3
    assert history.activities(t0, now, [FOLLOWED]).height == 3
    assert read_accounts(house.settings, now, days=1).missing.is_empty()


@pytest.mark.usefixtures("bare")
def test_a_house_that_follows_nobody_asks_nothing(rooms: Any, t0: datetime) -> None:
    account = read_accounts(rooms().settings, t0, days=1)
    assert (account.wallets, account.activities.height, account.missing.height) == (0, 0, 0)

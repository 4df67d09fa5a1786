"""Coins that nobody trades any more: their token accounts are kept in less room and are told as before."""

import pytest

from sandbox.solana.accounts import Accounts, AccountState
from sandbox.solana.balances import Balances
from sandbox.solana.chain import TRADED_FOR, Chain
from sandbox.solana.coins import EVERY_S, QUIET, Coins
from sandbox.solana.keys import token_account
from sandbox.solana.token_accounts import TokenAccounts

NOW_S, HOUR_S = 1_795_000_000.0, 3_600.0


def told(chain: Chain) -> list[tuple[object, AccountState, bool]]:
    """All that is asked of a token account."""
    accounts = Accounts(chain)
    keys = [accounts.token_key(token_account(*key)) for key in chain.balances.accounts]
    return [(key, accounts.token_state(key), chain.balances.is_open(key)) for key in keys if key]


def lists(chain: Chain) -> list[list[object]]:
    accounts = Accounts(chain)
    owners = dict.fromkeys(owner for owner, _ in chain.balances.accounts)
    return [[*accounts.held_by(owner)] for owner in owners] + [[*accounts.holders(mint)] for mint in chain.launches]


def test_a_coin_at_rest_is_told_as_before() -> None:
    chain = Chain(7, Coins(7), NOW_S - HOUR_S / 2).at(NOW_S)
    before, listed = told(chain), lists(chain)
    for mint in list(chain.launches)[::2]:
        chain.balances.rest(mint)
    assert len(before) == len(chain.balances.accounts) > 200
    assert len(chain.balances.coins) < len(before)
    assert (told(chain), lists(chain)) == (before, listed)


def test_coins_come_to_rest_and_no_lamport_is_lost_by_it() -> None:
    """Of 16 hours with one launch in forty minutes; a coin is at rest before the one that comes 12 hours later is traded."""
    chain = Chain(7, Coins(7, busy_from_s=NOW_S), NOW_S - 16 * HOUR_S).at(NOW_S)
    balances, older = chain.balances, [one.mint for one in chain.launches.values() if one.launched_at_s < NOW_S - TRADED_FOR * EVERY_S]
    assert len(older) == pytest.approx(4 * HOUR_S / EVERY_S / QUIET, abs=1)
    assert not {mint for _, mint in balances.coins} & set(older)
    own = sum(lamports for key, lamports in balances.lamports.items() if isinstance(key, str) or key not in balances.coins)
    assert own + sum(balances.holding(token)[0] for token in balances.accounts) + balances.burned == sum(Balances(7).lamports.values())


def test_what_is_at_rest_stays_so() -> None:
    accounts = TokenAccounts()
    for token in (("ann", "frog"), ("bob", "frog"), ("ann", "moon")):
        accounts.append(token)
    accounts.rest("frog", [(1, 10), (0, 0)])
    assert [accounts.at_rest(token) for token in accounts] == [(1, 10), (0, 0), (0, 0)]
    with pytest.raises(ValueError, match="frog is at rest"):
        accounts.append(("eve", "frog"))

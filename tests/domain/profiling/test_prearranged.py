"""Bets whose other side was there to lose, beside wallets that only meet each other often."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import Side, Trade, Trap
from data_contracts.frames import frame_of
from domain.polymarket.markets import SCHEMA
from domain.profiling.prearranged import prearranged
from domain.profiling.traps import flags

WINNER, LOSER, MAKER = ("0x" + letter * 40 for letter in "abc")
Build = Callable[..., Any]
Match = tuple[str, str, int]  # buyer, seller, market


@pytest.fixture
def matches(a_trade: Build, as_of: Any) -> Build:
    """Two Trade rows a match, each match in one transaction. `minted`: the other buys No instead of selling Yes."""

    def build(rows: Iterable[Match], minted: bool = False, named: bool = True) -> pl.DataFrame:
        trades = []
        for number, (buyer, other, market) in enumerate(rows):
            way = (Side.BUY, "No") if minted else (Side.SELL, "Yes")
            for wallet, side, outcome in ((buyer, Side.BUY, "Yes"), (other, *way)):
                trades.append(
                    a_trade(
                        f"{number}{wallet}{minted}",
                        wallet=wallet,
                        side=side,
                        outcome=outcome,
                        market_id=f"m{market}",
                        token_id=f"m{market}:{'0' if outcome == 'Yes' else '1'}",
                        shares=Decimal(10 + number),
                        tx_hash=f"0x{number}" if named else "",
                        traded_at=as_of + timedelta(seconds=number),
                    )
                )
        return frame_of(trades, Trade)

    return build


def score(trades: pl.DataFrame, wallet: str) -> float:
    found: float = prearranged(trades, fewest=5).filter(pl.col("wallet") == wallet)["score"].item()
    return found


def stranger(number: int) -> str:
    return f"0x{number:040x}"


@pytest.mark.parametrize("minted", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_a_thousand_wins_against_one_wallet_are_no_record(matches: Build, minted: bool, named: bool) -> None:
    """Wilson: 1,000 of 1,000 is surely 1000 / (1000 + 1.645²). By transaction, or by market, instant and quantity where none is named."""
    trades = matches([(WINNER, LOSER, market) for market in range(1000)], minted=minted, named=named)
    assert score(trades, WINNER) == pytest.approx(1000 / (1000 + 1.645**2))


def test_many_wallets_that_are_there_to_lose_are_added_up(matches: Build) -> None:
    """40 losers with 10 bets each: no single one is more than a fortieth of the winner's."""
    trades = matches([(WINNER, stranger(market // 10), market) for market in range(400)])
    assert score(trades, WINNER) > 0.99


def test_a_maker_whose_customers_trade_elsewhere_too_has_no_captives(matches: Build) -> None:
    """Twenty customers trade in twenty markets each, in ten of them with the maker: surely (Wilson) 33 %, and half is wanted."""
    rows = [(stranger(who), MAKER, 20 * who + market) for who in range(20) for market in range(10)]
    rows += [(stranger(who), stranger(100 + market), 20 * who + market) for who in range(20) for market in range(10, 20)]
    assert score(matches(rows), MAKER) == 0


@pytest.mark.parametrize(("bets", "captive"), [(4, False), (5, True)])
def test_a_captive_has_a_record_of_its_own(matches: Build, bets: int, captive: bool) -> None:
    """Who came four times and never again may have met a maker by chance; makers have many such customers."""
    trades = matches([(WINNER, stranger(market // bets), market) for market in range(20 * bets)])
    assert (score(trades, WINNER) > 0) == captive


def test_two_on_the_same_side_of_one_transaction_are_no_counterparties(matches: Build, a_trade: Build) -> None:
    """A taker's order meets two makers: each meets the taker, not the other."""
    rows = [(WINNER, MAKER, market) for market in range(30)]
    trades = matches(rows)
    also = trades.filter(pl.col("wallet") == MAKER).with_columns(pl.lit(LOSER).alias("wallet"))
    both = pl.concat([trades.filter(pl.col("wallet") != WINNER), also])
    assert prearranged(both, fewest=5)["score"].to_list() == [0, 0]


def test_it_is_a_flag_of_its_own(matches: Build, as_of: Any) -> None:
    found = flags(matches([(WINNER, LOSER, market) for market in range(50)]), SCHEMA.to_frame(), as_of)
    flagged = found.filter(pl.col("flagged") & (pl.col("trap") == Trap.PREARRANGED))
    assert set(flagged["wallet"]) == {WINNER, LOSER}

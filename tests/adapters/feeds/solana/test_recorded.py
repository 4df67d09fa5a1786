"""Recordings of Solana in the two formats we know, as rows of the house."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.connect import open_recording
from adapters.feeds.recorded_conditions import Conditions
from adapters.feeds.solana.recorded import RecordedSolana, is_solana
from adapters.feeds.solana.recorded_rows import SLOTS_A_SECOND
from data_contracts import Instrument, SolanaToken, Trade, Venue
from data_contracts.errors import Refused
from data_contracts.frames import rows_of
from domain.solana.trades import MOST_IN_BLOCK, MOST_SWAPS

T0 = datetime(2026, 6, 28, 16, 57, 35, tzinfo=UTC)
CREATED = int(T0.timestamp())
MINT, POOL, CREATOR = "Mint1111111111111111111111111111", "Poo1L111111111111111111111111111", "Crea111111111111111111111111111111"
ONE, TWO, BUYER = (f"{name}1111111111111111111111111111111" for name in ("A", "B", "C"))
PURSE, EXCHANGE = (f"{name}1111111111111111111111111111111" for name in ("P", "E"))


def write(place: Path, **tables: dict[str, list[Any]]) -> Path:
    for name, columns in tables.items():
        pl.DataFrame(columns).write_parquet(place / f"{name}.parquet")
    return place


@pytest.fixture
def sniped(tmp_path: Path) -> Path:
    """A fleet of two buys a launch in its slot 1,000, at places 5 and 6; somebody else buys in the pool 4 s later."""
    return write(
        tmp_path,
        swaps={
            "mint": [MINT], "seq": [0], "ts": [T0 + timedelta(seconds=4)], "wallet": ["RDCT-718155b276"], "side": ["BUY"], "sol": [0.5],
            "tokens": [1_000_000.0], "tx_hash": pl.Series([None], dtype=pl.String),
        },
        captures={"mint": [MINT], "pool": [POOL], "created": [T0]},
        fleet_members={"fleet": [3, 3], "wallet": [ONE, TWO]},
        launch_fleet_buys={
            "mint": [MINT, MINT], "wallet": [TWO, ONE], "sig": ["s2", "s1"], "slot": [1000, 1000], "ts": [CREATED, CREATED],
            "sol_net": [21.15, 21.827137], "tokens": [178_246_713.26, 441_614_045.62],
        },
        launches_onchain={"mint": [MINT], "created": [CREATED], "creation_slot": [1000]},
        launches_creation_block={"mint": [MINT], "wallets_bloc": [f'["{ONE}", "{TWO}"]'], "idx_bloc": ["[5, 6]"], "creator": [CREATOR]},
    )  # fmt: skip


@pytest.fixture
def traced(tmp_path: Path) -> Path:
    """Two buyers of a curve whom one purse paid, who is one of them; a failed transaction; and a third whom an exchange paid."""
    at = [T0, T0 + timedelta(seconds=1), T0 + timedelta(seconds=3)]
    paid = T0 - timedelta(days=1)
    return write(
        tmp_path,
        curve_events={
            "label": ["X"] * 3, "mint": [MINT] * 3, "sig": ["a", "b", "c"], "ts": at, "signer": [ONE, TWO, ONE],
            "kind": ["achat", "autre", "vente"], "token_delta": [10.0, 0.0, -4.0], "sol_delta": [-0.5, -0.000005, 0.25],
            "rank_tx": [1, 2, 3],
        },
        inflows={
            "label": ["X"] * 5, "wallet": [ONE, TWO, PURSE, BUYER, ONE],
            "nature": ["financement"] * 4 + ["produit_de_vente"], "source": [PURSE, PURSE, EXCHANGE, EXCHANGE, POOL],
            "source_known": [None, None, "an exchange", "an exchange", None], "ts": [paid] * 5, "amount_sol": [1.5, 1.5, 20.0, 0.0, 3.0],
            "signature": list("vwxyz"),
        },
        splits={
            "label": ["X", "X"], "kind": ["C_bailleurs_communs_PRIVES", "C_infrastructure"], "funder": [PURSE, EXCHANGE],
            "source": [None, None], "wallets": [f'["{ONE}", "{TWO}"]', f'["{PURSE}", "{BUYER}"]'],
        },
    )  # fmt: skip


def feed(place: Path) -> RecordedSolana:
    found = open_recording(place, Conditions(spread="fitted"))
    assert isinstance(found, RecordedSolana)
    return found


def test_a_fleet_s_purchases_stand_at_their_place_on_the_chain(sniped: Path) -> None:
    first, second, _ = rows_of(feed(sniped).all_trades, Trade)
    assert [(one.wallet, one.sequence // MOST_SWAPS) for one in (first, second)] == [
        (ONE, 1000 * MOST_IN_BLOCK + 5),
        (TWO, 1000 * MOST_IN_BLOCK + 6),
    ]
    assert (first.venue, first.notional, first.pool) == (Venue.SOLANA, Decimal("21.827137"), "")


def test_a_swap_without_a_slot_comes_after_the_launch_by_its_seconds(sniped: Path) -> None:
    """4 s are 10 slots: 1,010. Whom the recording hides is a name."""
    swap = rows_of(feed(sniped).all_trades, Trade)[-1]
    assert swap.sequence // MOST_SWAPS // MOST_IN_BLOCK == 1000 + 4 * SLOTS_A_SECOND
    assert (swap.wallet, swap.pool, swap.price, swap.tx_hash) == ("name:RDCT-718155b276", POOL, Decimal("5e-7"), "")


def test_what_came_in_the_second_of_a_launch_is_not_called_bundled(traced: Path) -> None:
    first = rows_of(feed(traced).all_trades, Trade)[0]
    assert first.traded_at == T0
    assert first.sequence // MOST_SWAPS // MOST_IN_BLOCK == 1


def test_a_coin_is_its_own_market_that_never_ends(sniped: Path) -> None:
    rows = feed(sniped).instruments([MINT], T0 + timedelta(hours=1))
    instrument, token = rows_of(rows[Instrument], Instrument)[0], rows_of(rows[SolanaToken], SolanaToken)[0]
    assert (instrument.market_id, instrument.payout, instrument.ended_at) == (MINT, None, None)
    assert (token.launch_slot, token.launched_at, token.creator, token.pool) == (1000, T0, CREATOR, POOL)


def test_a_coin_is_not_known_before_its_launch(sniped: Path) -> None:
    for seconds, known in ((-1, 0), (0, 1)):
        assert feed(sniped).instruments([MINT], T0 + timedelta(seconds=seconds))[SolanaToken].height == known


def test_the_last_trade_is_the_book(sniped: Path) -> None:
    assert feed(sniped).books([MINT], T0 + timedelta(seconds=5))[MINT].asks[0].price == Decimal("5e-7")


def test_what_moved_no_coins_is_no_trade(traced: Path) -> None:
    sides = [(one.side.value, one.shares, one.notional) for one in rows_of(feed(traced).all_trades, Trade)]
    assert sides == [("BUY", Decimal(10), Decimal("0.5")), ("SELL", Decimal(4), Decimal("0.25"))]


def test_what_was_got_for_a_sale_and_nothing_at_all_are_no_payments(traced: Path) -> None:
    paid = feed(traced).chain.fundings
    assert sorted(paid.select("wallet", "funder").rows()) == sorted([(ONE, PURSE), (TWO, PURSE), (PURSE, EXCHANGE)])


def test_a_purse_that_bought_as_well_is_of_its_group(traced: Path) -> None:
    groups = feed(traced).chain.groups
    assert list(groups.named.values()) == [frozenset({ONE, TWO, PURSE})]
    assert groups.apart == {tuple(sorted((PURSE, BUYER)))}


def test_another_directory_is_no_recording_of_solana(tmp_path: Path) -> None:
    assert not is_solana(tmp_path)
    with pytest.raises(Refused, match="no recording of Solana"):
        RecordedSolana(tmp_path)


def test_a_file_that_cannot_be_read_is_refused_in_one_line(sniped: Path) -> None:
    (sniped / "swaps.parquet").write_bytes(b"no parquet")
    with pytest.raises(Refused, match=r"swaps\.parquet: it is no Parquet that can be read"):
        _ = feed(sniped).all_trades

"""The chain as a feed: what watched wallets did comes whole, in order and once, whatever a node does."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.jupiter import Jupiter
from adapters.feeds.solana.recorded_rates import RateAt
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.solana_feed import SolanaFeed
from data_contracts import ChainReading, Instrument, Rate, ReadAs, Side, SolanaToken, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import rows_of
from domain.solana.programs import USDC
from tests.adapters.feeds.conftest import Unpaced
from tests.flows.conftest import served
from tests.solana_chain import SmallChain
from tests.solana_transactions import SOL, Making

BEGINS = datetime(2026, 11, 28, 12, tzinfo=UTC)
A, B = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"
MINT, OTHER_MINT = "3Y1SCEJABneLzJ1KL7f6jp5NyP7wxjtqmAy5qKAVpump", "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"


@dataclass
class Told:
    """What is on record, as a test says it."""

    watched: list[str] = field(default_factory=lambda: [A, B])
    rate: Decimal | None = None
    minted: dict[str, SolanaToken] = field(default_factory=dict)

    def wallets(self) -> list[str]:
        return self.watched

    def rates(self) -> RateAt:
        return lambda at: self.rate

    def tokens(self, token_ids: Collection[str]) -> dict[str, SolanaToken]:
        return {name: token for name, token in self.minted.items() if name in token_ids}


@dataclass
class Case:
    """A chain, and a feed that reads it."""

    chain: SmallChain
    told: Told
    feed: SolanaFeed
    rpc: SolanaRpc

    def at(self, seconds: float) -> datetime:
        return BEGINS + timedelta(seconds=seconds)

    def walk(self, after_s: float, until_s: float, pages: int = 40, cursor: str = "") -> tuple[list[Trade], list[ChainReading], datetime]:
        self.chain.now = max(self.chain.now, self.at(until_s))
        self.feed.confirmed_until(self.at(until_s))
        walk = self.feed.walk(self.at(after_s), self.at(until_s), pages, cursor)
        return rows_of(walk.trades, Trade), rows_of(walk.besides[ChainReading], ChainReading), walk.complete_from


@pytest.fixture
def case() -> Iterator[Case]:
    chain = SmallChain(now=BEGINS, begins=BEGINS)
    with contextmanager(served)(chain.app()) as url:
        rpc, told = SolanaRpc(f"{url}/solana", Unpaced()), Told()
        yield Case(chain, told, SolanaFeed(rpc, Jupiter(JsonApi(f"{url}/jupiter", "jupiter", Unpaced())), told), rpc)


def test_what_watched_wallets_traded_comes_as_trades_with_their_pool(case: Case) -> None:
    """1.5 SOL for 3,000 coins of 6 decimals; half of them for 0.9."""
    case.chain.buy(10, A, MINT, 15 * SOL // 10, 3_000_000_000)
    case.chain.sell(20, A, MINT, 1_500_000_000, 9 * SOL // 10)
    case.chain.buy(21, "somebody else", MINT, SOL, 10**9)
    trades, readings, complete_from = case.walk(0, 30)
    bought, sold = sorted(trades, key=lambda trade: trade.sequence)
    assert (bought.side, bought.notional, bought.shares, bought.pool) == (Side.BUY, Decimal("1.5"), Decimal(3_000), "CURVE")
    assert (sold.side, sold.notional, sold.shares, sold.traded_at) == (Side.SELL, Decimal("0.9"), Decimal(1_500), case.at(20))
    assert [reading.read_as for reading in readings] == [ReadAs.TRADE] * 2
    assert complete_from == case.at(0)


def test_it_says_up_to_when_it_has_all_by_the_slot_of_its_node(case: Case) -> None:
    """The slot of 60.8 s has the second 60: of that second another block may come. So all of 59 is there."""
    case.chain.now = case.at(60.9)
    assert case.feed.confirmed_until(case.at(61)) == case.at(59)
    case.chain.behind_s = 30
    assert case.feed.confirmed_until(case.at(61)) == case.at(29)


def test_every_signature_that_is_listed_ends_as_exactly_one(case: Case) -> None:
    case.chain.buy(1, A, MINT, SOL, 10**9)
    case.chain.send(2, A, MINT, 10**6, "a friend")
    failed = case.chain.buy(3, B, MINT, SOL, 10**9)
    case.chain.blocks[-1].transaction = replace(case.chain.blocks[-1].transaction, error="Custom: 6001")
    newer = case.chain.buy(4, B, MINT, SOL, 10**9)
    case.chain.unsupported.add(newer)
    missing = case.chain.buy(5, B, MINT, SOL, 10**9)
    case.chain.hides.add(missing)
    _, readings, _ = case.walk(0, 10)
    ends = {reading.signature: reading.read_as for reading in readings}
    assert sorted(ends.values()) == sorted(ReadAs)
    assert (ends[failed], ends[newer], ends[missing]) == (ReadAs.FAILED, ReadAs.UNREADABLE, ReadAs.GAP)
    assert "-32015" in next(reading.why for reading in readings if reading.signature == newer)


def test_one_transaction_that_cannot_be_read_costs_no_other_its_place(case: Case) -> None:
    """-32015 of one page lost a public ledger five of a hundred."""
    case.chain.unsupported.add(case.chain.buy(1, A, MINT, SOL, 10**9))
    case.chain.buy(2, A, MINT, SOL, 10**9)
    trades, _, complete_from = case.walk(0, 10)
    assert (len(trades), complete_from) == (1, case.at(0))


def test_a_transaction_is_asked_for_once_though_looks_overlap(case: Case) -> None:
    case.chain.buy(1, A, MINT, SOL, 10**9)
    case.walk(0, 10)
    case.walk(0, 40)
    assert case.chain.calls()["getTransaction"] == 1


@pytest.mark.parametrize(("looked_s", "is_whole"), [(94, True), (95.6, False)])
def test_what_is_listed_and_not_there_is_a_hole_once_it_is_not_young(case: Case, looked_s: float, is_whole: bool) -> None:
    """One node lists what the next does not have yet. Looks overlap by 120 s and ask again; after 90 s it is a hole, and a gap."""
    case.chain.hides.add(case.chain.buy(5, A, MINT, SOL, 10**9))
    *_, complete_from = case.walk(0, looked_s)
    assert (complete_from == case.at(0)) is is_whole


def test_a_hole_is_filled_when_the_transaction_comes(case: Case) -> None:
    case.chain.hides.add(case.chain.buy(5, A, MINT, SOL, 10**9))
    assert case.walk(0, 10)[0] == []
    case.chain.hides.clear()
    trades, (reading,), _ = case.walk(0, 40)
    assert (len(trades), reading.read_as) == (1, ReadAs.TRADE)


def test_what_vanishes_from_the_chain_is_said_to_have(case: Case) -> None:
    """A block that was confirmed and not finalized: its purchase never happened."""
    gone = case.chain.buy(5, A, MINT, SOL, 10**9)
    case.walk(0, 10)
    case.chain.forget(gone)
    trades, (reading,), _ = case.walk(0, 40)
    assert (trades, reading.signature, reading.read_as) == ([], gone, ReadAs.GAP)
    assert reading.why.startswith("it was listed")
    assert case.walk(0, 70)[1] == []  # said once


def test_a_node_that_is_behind_the_one_asked_before_is_no_witness(case: Case) -> None:
    """Providers have many: the first says slot 100, the second lists only up to 50. Nothing vanished, and nothing is missing."""
    case.chain.buy(20, A, MINT, SOL, 10**9)
    case.walk(0, 30)
    case.feed.confirmed_until(case.at(30))
    case.chain.behind_s = 15
    with pytest.raises(Unavailable, match="-32016"):
        case.feed.walk(case.at(0), case.at(30), 40)


@pytest.mark.parametrize("method", ["getSlot", "getSignaturesForAddress", "getTransaction"])
def test_a_node_that_has_enough_of_us_is_away_and_nothing_is_lost(case: Case, method: str) -> None:
    case.chain.buy(5, A, MINT, SOL, 10**9)
    case.chain.refuses[method] = 429, {"Retry-After": "0"}
    with pytest.raises(Unavailable, match="429"):
        case.walk(0, 10)
    case.chain.refuses.clear()
    assert len(case.walk(0, 40)[0]) == 1


def test_a_key_in_an_address_is_shown_to_nobody(case: Case) -> None:
    rpc = SolanaRpc(case.rpc.url + "?api-key=hidden-word", Unpaced())
    case.chain.refuses["getSlot"] = 403, {}
    with pytest.raises(Refused) as refused:
        rpc.ask("getSlot")
    assert "hidden-word" not in str(refused.value)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """30 signatures are one page."""
    monkeypatch.setattr("adapters.feeds.solana.listing.PAGE", 30)
    monkeypatch.setattr("adapters.feeds.solana.chain_walk.PAGE", 30)


def test_a_list_of_several_pages_is_read_to_its_end(case: Case, small_pages: None) -> None:
    for number in range(63):
        case.chain.send(number / 100, A, MINT, 1, "a friend")
    readings = case.walk(-1, 20)[1]
    assert len(readings) == 63


def test_a_walk_that_was_cut_goes_on_where_it_stood(case: Case, small_pages: None) -> None:
    """40 signatures of a wallet, a page a walk; each is among the rows of one walk or another."""
    for number in range(40):
        case.chain.send(float(number), A, MINT, 1, "a friend")
    case.chain.now = case.at(2_000)
    first = case.feed.walk(case.at(-1), case.at(2_000), 1)
    assert first.complete_from == case.at(10)
    assert first.cursor
    second = case.feed.walk(case.at(-1), first.complete_from, 1, first.cursor)
    assert (second.complete_from, second.cursor) == (case.at(-1), "")
    names = {name for walk in (first, second) for name in walk.besides[ChainReading]["signature"]}
    assert len(names) == 40


def test_a_place_the_chain_forgot_is_refused(case: Case) -> None:
    """Below a signature nobody knows a node lists nothing, which passed for the end."""
    case.chain.send(1, A, MINT, 1, "a friend")
    with pytest.raises(Refused):
        case.walk(0, 10, cursor=f'{{"{A}": "forgotten"}}')


def test_a_walk_whose_time_is_up_says_from_where_it_is_complete(case: Case) -> None:
    for number in range(60):
        case.chain.send(float(number), A, MINT, 1, "a friend")
    case.feed._walk.patience_s = 0.0
    _, readings, complete_from = case.walk(-1, 100)
    assert len(readings) == 10  # the first part is read whatever it takes: at ten calls a second what two seconds grant
    assert complete_from == case.at(59 - 10)


def test_a_node_with_a_part_of_the_history_says_that_it_ended(case: Case) -> None:
    case.chain.buy(100, A, MINT, SOL, 10**9)
    case.chain.begins_s, case.chain.now = 60, case.at(200)
    case.feed.confirmed_until(case.at(200))
    walk = case.feed.walk(case.at(0), case.at(200), 40)
    assert (walk.has_ended, walk.complete_from, walk.trades.height) == (True, case.at(60), 1)


def test_dollars_are_sol_at_the_rate_on_record_or_no_row_but_a_reading(case: Case) -> None:
    making = Making(payer=A, signers=(A,)).give(USDC, A, "POOL", 300_000_000).give(MINT, "POOL", A, 10**9)
    case.chain.add(making.done(), 5)
    trades, (reading,), _ = case.walk(0, 10)
    assert (trades, reading.read_as, reading.unpriced) == ([], ReadAs.TRADE, 1)
    case.told.rate = Decimal(150)
    (trade,), (reading,), _ = case.walk(0, 40)
    assert (trade.notional, reading.trades, reading.unpriced) == (Decimal(2), 1, 0)


def test_what_a_wallet_holds_is_told_with_the_second_that_it_is_of(case: Case) -> None:
    """100 coins at 10; 40 sold at 20.1. The node is at 20.8: the second 20 is not over, so it says what was held when it began."""
    case.chain.buy(10, A, MINT, SOL, 100 * 10**6)
    case.chain.sell(20.1, A, MINT, 40 * 10**6, SOL)
    case.chain.now = case.at(20.9)
    case.feed.confirmed_until(case.at(21))
    held = case.feed.holding(A, MINT, MINT, case.at(21))
    assert held is not None
    assert (held.shares, held.known_at) == (Decimal(100), case.at(19))
    case.chain.now = case.at(22.5)
    held = case.feed.holding(A, MINT, MINT, case.at(23))
    assert held is not None
    assert (held.shares, held.known_at) == (Decimal(60), case.at(21))


def test_a_wallet_without_an_account_holds_nothing(case: Case) -> None:
    case.chain.now = case.at(10)
    held = case.feed.holding(A, MINT, MINT, case.at(10))
    assert held is not None
    assert held.shares == 0


def test_coins_that_come_and_go_beside_trades_are_told(case: Case) -> None:
    case.chain.buy(10, A, MINT, SOL, 100)
    case.chain.send(20, A, MINT, 30, B)
    case.chain.now = case.at(30)
    rows = case.feed.activities([A, B], case.at(0), case.at(30))
    assert rows.select("wallet", "type", "shares").rows() == [
        (A, "TRADE", Decimal("0.0001")),
        (A, "TRANSFER_OUT", Decimal("0.00003")),
        (B, "TRANSFER_IN", Decimal("0.00003")),
    ]


def test_a_mint_is_an_instrument_and_what_is_none_is_left_out(case: Case) -> None:
    case.chain.coins[MINT].decimals = 9
    frames = case.feed.instruments([MINT, OTHER_MINT], case.at(0))
    (row,) = rows_of(frames[Instrument], Instrument)
    assert (row.token_id, row.share_decimals, row.share_increment, row.entry_denial) == (MINT, 9, Decimal("1e-9"), None)
    assert row.fee_rate == Decimal("0.005")  # nobody saw its launch: the dearer fee is expected


@pytest.mark.parametrize(
    ("info", "is_denied"),
    [
        ({"freezeAuthority": A}, True),
        ({"extensions": [{"extension": "permanentDelegate", "state": {"delegate": A}}]}, True),
        ({"extensions": [{"extension": "permanentDelegate", "state": {"delegate": None}}]}, False),
        ({"extensions": [{"extension": "transferHook", "state": {"programId": None}}]}, False),
        ({"extensions": [{"extension": "transferHook", "state": {"programId": A}}]}, True),
        ({"extensions": [{"extension": "metadataPointer", "state": {}}]}, False),
    ],
)
def test_a_mint_somebody_has_power_over_is_not_entered(case: Case, info: dict[str, object], is_denied: bool) -> None:
    case.chain.coins[MINT].info = info
    (row,) = rows_of(case.feed.instruments([MINT], case.at(0))[Instrument], Instrument)
    assert (row.entry_denial is not None) is is_denied


def test_quotes_are_a_book_without_the_router_s_fee(case: Case) -> None:
    """1,000 SOL and 1e9 coins: 0.1 SOL buys 99,990.000999 coins before the fee, so a coin costs 0.0000010001 SOL."""
    case.chain.coins[MINT].sol = 1_000 * SOL
    book = case.feed.books([MINT], case.at(0))[MINT]
    assert len(book.asks) == len(book.bids) == 3
    assert book.asks[0].price == pytest.approx(Decimal("0.0000010001"), rel=Decimal("1e-6"))
    assert book.bids[0].price < book.asks[0].price < book.asks[1].price
    assert sum(level.price * level.shares for level in book.asks) == pytest.approx(Decimal(5))


def test_what_no_route_sells_has_no_bids_and_what_nobody_knows_no_book(case: Case) -> None:
    case.chain.coins[MINT].is_sellable = False
    books = case.feed.books([MINT, OTHER_MINT], case.at(0))
    assert (books[MINT].bids, len(books[MINT].asks)) == ((), 3)
    assert OTHER_MINT not in books


@pytest.mark.parametrize(("usd", "rows"), [(150.25, [Decimal("150.25")]), (None, [])])
def test_what_a_sol_is_worth(case: Case, usd: float | None, rows: list[Decimal]) -> None:
    case.chain.sol_usd = usd
    assert [row.usd for row in rows_of(case.feed.rates(case.at(0)), Rate)] == rows


@pytest.mark.parametrize(("count", "calls"), [(10, (10, 0)), (11, (0, 1)), (130, (0, 2))])
def test_many_transactions_are_read_in_one_call_where_the_node_has_it(case: Case, count: int, calls: tuple[int, int]) -> None:
    """Ten credits for a page of 100, one for each asked for by itself: from eleven on a page is cheaper."""
    case.chain.has_stream = True
    for number in range(count):
        case.chain.send(float(number), A, MINT, 1, "a friend")
    assert len(case.walk(-1, 200)[1]) == count
    asked = case.chain.calls()
    assert (asked["getTransaction"], asked["getTransactionsForAddress"]) == calls


def test_a_node_without_it_is_asked_once_and_then_one_by_one(case: Case) -> None:
    for number in range(12):
        case.chain.send(float(number), A, MINT, 1, "a friend")
        case.chain.send(float(number), B, MINT, 1, "a friend")
    assert len(case.walk(-1, 60)[1]) == 24
    assert case.chain.calls()["getTransactionsForAddress"] == 1
    assert case.chain.calls()["getTransaction"] == 24


def test_one_transaction_that_is_newer_than_we_are_loses_no_page(case: Case) -> None:
    case.chain.has_stream = True
    for number in range(12):
        case.chain.send(float(number), A, MINT, 1, "a friend")
    case.chain.unsupported.add(case.chain.blocks[3].signature)
    ends = [reading.read_as for reading in case.walk(-1, 60)[1]]
    assert (ends.count(ReadAs.NOT_A_TRADE), ends.count(ReadAs.UNREADABLE)) == (11, 1)
    for number in range(12):
        case.chain.send(70.0 + number, B, MINT, 1, "a friend")
    case.walk(60, 100)
    assert case.chain.calls()["getTransactionsForAddress"] == 2  # it is asked again about another

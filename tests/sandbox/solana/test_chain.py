"""The make-believe chain: every lamport is somewhere, the same history on every machine, and our own readers read it as it truly was."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.rpc_transactions import read_row
from data_contracts import LineKind, ReadAs
from domain.solana.curve import Fees
from domain.solana.curve_accounts import read_curve
from domain.solana.events import Event
from domain.solana.programs import WSOL
from domain.solana.readings import Reading
from domain.solana.swaps import read_swaps
from domain.solana.transaction_events import events_in
from domain.solana.transactions import ChainTransaction
from sandbox.solana.app import Solana
from sandbox.solana.balances import EXCHANGE_LAMPORTS, Balances
from sandbox.solana.blocks import Placed
from sandbox.solana.calls import rent, token_rent
from sandbox.solana.chain import Chain
from sandbox.solana.coins import Coins
from sandbox.solana.curve_trades import TAKER, CurveTrade, curve_data
from sandbox.solana.deeds import Truth
from sandbox.solana.enhanced_rows import enhanced_row
from sandbox.solana.keys import token_account
from sandbox.solana.launches import launch
from sandbox.solana.packing import Done, Packing
from sandbox.solana.pool_trades import Migration, PoolTrade
from sandbox.solana.reserves import SUPPLY, Reserves
from sandbox.solana.rotations import Rotation
from sandbox.solana.rpc_rows import transaction_row
from sandbox.solana.slots import has_block, height_of, slot_at, starts_s
from sandbox.solana.transfers import Gift, Payments, Wrapping
from sandbox.solana.writing import FIXED, written

NOW_S, HOUR_S = 1_795_000_000.0, 3_600.0
COSTS = (LineKind.VENUE_FEE, LineKind.NETWORK_FEE, LineKind.PRIORITY_FEE, LineKind.TIP, LineKind.RENT)
READ_AS = {"buy": ReadAs.TRADE, "sell": ReadAs.TRADE, "none": ReadAs.NOT_A_TRADE, "failed": ReadAs.FAILED}


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(7, Coins(7), NOW_S - 2 * HOUR_S).at(NOW_S)


def read(chain: Chain, placed: Placed, encoding: str) -> ChainTransaction:
    one = written(chain.blocks, chain.balances, chain.seed, placed)
    found = (
        read_enhanced(enhanced_row(one, NOW_S)) if encoding == "enhanced" else read_row(transaction_row(one, encoding), index=placed.index)
    )
    assert isinstance(found, ChainTransaction), found
    return found


def own(chain: Chain) -> Iterator[Placed]:
    yield from chain.blocks


def test_no_lamport_appears_or_is_lost(chain: Chain) -> None:
    """What all accounts hold and what the network burned is what there was in the beginning, to the lamport."""
    began = sum(Balances(7).lamports.values())
    assert sum(chain.balances.lamports.values()) + chain.balances.burned == began
    assert chain.balances.burned > 0
    assert began > 3 * EXCHANGE_LAMPORTS


def test_all_coins_of_a_launch_are_held_by_somebody(chain: Chain) -> None:
    held: Counter[str] = Counter()
    for (_, mint), raw in chain.balances.coins.items():
        held[mint] += raw
    assert {held[mint] for mint in chain.launches} == {SUPPLY}


def test_balances_continue_from_transaction_to_transaction(chain: Chain) -> None:
    """Before the first an account has what it began with, afterwards what the one before left: of everybody, programs' accounts too."""
    last = FIXED | {key: lamports for key, lamports in Balances(7).lamports.items() if isinstance(key, str)}
    last[token_account(TAKER, WSOL)] = token_rent(WSOL)
    for placed in list(own(chain))[:1_500]:
        found = written(chain.blocks, chain.balances, 7, placed)
        for address, before, after in zip(found.layout.all, found.before, found.after, strict=True):
            assert last.get(address, 0) == before, address
            last[address] = after
        assert sum(found.before) - sum(found.after) == found.fee


@pytest.mark.parametrize(("encoding", "every"), [("json", 1), ("jsonParsed", 3), ("base64", 3), ("enhanced", 3)])
def test_our_readers_get_exactly_what_was_done(chain: Chain, encoding: str, every: int) -> None:
    """Side, lamports, coins, every fee, tip and deposit of every transaction, and what it was where it was no trade.

    An enhanced payload does not say how many signed: there the network's fee is known in one sum with what was paid for priority."""
    wrong, seen, apart = [], Counter[ReadAs](), encoding != "enhanced"
    for placed in list(own(chain))[::every]:
        transaction = read(chain, placed, encoding)
        assert transaction.is_whole
        truths = placed.did.truths()  # type: ignore[union-attr]  # nothing came from outside
        for wallet in {truth.wallet: None for truth in truths}:
            mine = [truth for truth in truths if truth.wallet == wallet]
            reading = read_swaps(transaction, wallet)
            seen[reading.read_as] += 1
            if reading.read_as is not READ_AS[mine[0].kind] or (reading.swaps and _told(reading, apart) != _true(mine, apart)):
                wrong.append((reading, mine))
    assert wrong == []
    assert set(seen) == {ReadAs.TRADE, ReadAs.NOT_A_TRADE, ReadAs.FAILED}


def _told(reading: Reading, apart: bool) -> tuple[object, ...]:
    """Its swaps, and what it cost."""
    venue, network, priority, tip, rent = (-reading.raw(WSOL, kind) for kind in COSTS)
    swaps = {(swap.side.value.lower(), swap.coin.mint, swap.coin.raw, swap.lamports) for swap in reading.swaps}
    return swaps, len(reading.swaps), venue, tip, rent, *((network, priority) if apart else (network + priority,))


def _true(truths: Sequence[Truth], apart: bool) -> tuple[object, ...]:
    swaps = {(truth.kind, truth.mint, truth.tokens, truth.lamports) for truth in truths}
    names = ("venue_fee", "tip", "rent", "network_fee", "priority_fee")
    venue, tip, rent, network, priority = (sum(getattr(truth, name) for truth in truths) for name in names)
    return swaps, len(truths), venue, tip, rent, *((network, priority) if apart else (network + priority,))


def test_every_event_is_read_to_its_last_byte(chain: Chain) -> None:
    names: Counter[str] = Counter()
    for placed in own(chain):
        for event in events_in(read(chain, placed, "json")):
            assert isinstance(event, Event), event
            assert (event.unknown_bytes, event.missing) == (0, ())
            names[event.name] += 1
    wanted = {"CreateEvent", "TradeEvent", "CompleteEvent", "CompletePumpAmmMigrationEvent", "CreatePoolEvent", "BuyEvent", "SellEvent"}
    assert set(names) == wanted


def test_what_comes_back_from_disk_is_what_was_done(chain: Chain) -> None:
    """Of the coin of a deed, only its trades are gone: no transaction is written from them."""
    packing, one_of_each = Packing(chain.launches), {type(placed.did): placed for placed in own(chain)}
    for placed in [*one_of_each.values(), *chain.blocks[::50]]:
        done = Done(placed.did, array("q", placed.lamports), array("q", placed.coins))
        back = packing.unpacked(packing.packed(done))
        assert (back.did.costs, back.did.error) == (done.did.costs, done.did.error)  # type: ignore[union-attr]
        assert list(back.did.moves().lamports.items()) == list(done.did.moves().lamports.items())  # type: ignore[union-attr]
        assert list(back.did.moves().coins.items()) == list(done.did.moves().coins.items())  # type: ignore[union-attr]
        assert back.did.calls(placed.slot, 1) == done.did.calls(placed.slot, 1)  # type: ignore[union-attr]
        assert (back.did.truths(), back.lamports, back.coins) == (done.did.truths(), done.lamports, done.coins)  # type: ignore[union-attr]


def test_a_token_account_is_in_the_transactions_that_move_its_coins(chain: Chain) -> None:
    """Which those are is not kept: they are those of its owner that are the mint's too."""
    places: dict[object, list[int]] = defaultdict(list)
    for place, placed in enumerate(own(chain)):
        moves = placed.did.moves()  # type: ignore[union-attr]
        for key in moves.lamports.keys() | moves.coins.keys():
            places[key].append(place)
    accounts = [key for key in places if not isinstance(key, str)]
    assert len(accounts) > 1_000
    for key in accounts:
        assert list(chain.blocks.places_of(key)) == places[key]  # type: ignore[arg-type]


def test_a_history_that_is_on_disk_is_written_as_one_in_memory(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.solana.blocks.NEWEST", 8)
    on_disk = Chain(7, Coins(7), NOW_S - 2 * HOUR_S).at(NOW_S)
    for place in range(0, len(chain.blocks), 40):
        assert written(on_disk.blocks, on_disk.balances, 7, on_disk.blocks[place]) == written(
            chain.blocks, chain.balances, 7, chain.blocks[place]
        )


def test_every_kind_of_transaction_and_of_version_occurs(chain: Chain) -> None:
    kinds = Counter((type(placed.did), placed.did.error is not None) for placed in own(chain))
    trades = {(kind, failed) for kind in (CurveTrade, PoolTrade) for failed in (False, True)}
    assert trades | {(kind, False) for kind in (Migration, Payments, Gift, Wrapping, Rotation)} <= set(kinds)
    versions = Counter(placed.did.costs.version for placed in own(chain))  # type: ignore[union-attr]
    assert set(versions) == {-1, 0, 1}


def test_the_history_does_not_depend_on_when_it_is_asked_for() -> None:
    """Seen every seven minutes or at once: the same transactions, and of another seed others."""
    at_once, in_steps = (Chain(7, Coins(7), NOW_S - HOUR_S) for _ in range(2))
    for minutes in range(0, 61, 7):
        in_steps.at(NOW_S - HOUR_S + 60 * minutes)
    places = [[(one.slot, one.index, *one.lamports) for one in chain.at(NOW_S).blocks] for chain in (at_once, in_steps)]
    assert places[0] == places[1]
    other = Chain(8, Coins(8), NOW_S - HOUR_S).at(NOW_S)
    assert other.blocks.signature(other.blocks[0]) != at_once.blocks.signature(at_once.blocks[0])


def test_a_signature_is_found_and_a_stranger_is_not(chain: Chain) -> None:
    for place in (0, 1, 777, len(chain.blocks) - 1):
        assert chain.blocks.place_of(chain.blocks.signature(chain.blocks[place])) == place
    other = Chain(8, Coins(8), NOW_S - HOUR_S).at(NOW_S)
    assert chain.blocks.place_of(other.blocks.signature(other.blocks[5])) is None
    assert chain.blocks.place_of("no signature") is None


def test_slots_last_from_200_to_400_ms_and_each_of_them_has_its_place() -> None:
    slots = range(484_000_000, 484_000_400)
    lengths = [starts_s(slot + 1) - starts_s(slot) for slot in slots]
    assert min(lengths) >= 0.2
    assert max(lengths) <= 0.4001
    assert [slot_at(starts_s(slot)) for slot in slots] == list(slots)
    assert sum(map(has_block, slots)) == 392  # 400 x 49 / 50
    assert height_of(slots[-1]) - height_of(slots[0]) == sum(map(has_block, slots[1:]))


def test_nothing_is_in_a_slot_without_a_block_and_places_only_grow(chain: Chain) -> None:
    places = [(placed.slot, placed.index) for placed in own(chain)]
    assert places == sorted(set(places))
    assert all(has_block(slot) for slot, _ in places)


def test_an_account_of_a_curve_is_what_its_last_trade_left(chain: Chain) -> None:
    """Of either size: a tail means nothing."""
    open_curves = [coin for coin in chain.launches.values() if not chain.last_trades[coin.mint].after.is_pool]
    for coin in open_curves:
        reserves, (curve, quote_mint) = (
            chain.last_trades[coin.mint].after,
            read_curve(curve_data(coin, chain.last_trades[coin.mint].after), Fees()),
        )
        assert (curve.virtual_tokens, curve.virtual_quote) == (reserves.tokens, reserves.quote)
        assert (curve.real_tokens, curve.real_quote, quote_mint) == (reserves.left, reserves.sol, WSOL)
    assert {len(curve_data(coin, Reserves())) for coin in open_curves} == {151, 256}
    assert rent(151) == 1_941_840  # (151 + 128) x 6,960


def test_the_first_trade_of_a_launch_is_its_makers() -> None:
    coin = launch(7, 3, 0.0)
    assert (coin.trades[0].wallet, coin.trades[0].at_s) == (coin.creator, coin.launched_at_s)


def test_a_chain_that_is_opened_weeks_later_begins_anew_and_is_the_same_for_three_days() -> None:
    """Three days are an era: at 71 hours the chain of the origin goes on, at 73 hours the next began; a second start finds the same."""
    begins = [Solana.of(7, lambda hours=hours: NOW_S + hours * HOUR_S, NOW_S).chain.begins_s for hours in (0, 71, 73, 100)]  # type: ignore[misc]
    assert [(begin - begins[0]) / HOUR_S for begin in begins] == [0, 0, 72, 72]

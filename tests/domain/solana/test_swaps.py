"""A wallet's trades are read from what its balances did, whatever the transaction is called and whoever made the pool."""

from decimal import Decimal

import pytest

from data_contracts import LineKind, NoTrade, ReadAs, Side
from domain.solana.programs import USDC, USDT, WSOL
from domain.solana.readings import Reading, Swap
from domain.solana.swaps import read_swaps
from domain.solana.tips import JITO, NEXTBLOCK
from domain.solana.trades import trades_of
from domain.solana.transactions import ChainTransaction, Unreadable
from tests.solana_transactions import FIRST_SECOND, SOL, TOKEN_RENT, Making

TIP_ACCOUNT, OTHER_TIP_ACCOUNT = JITO.split()[0], NEXTBLOCK.split()[0]


def read(making: Making | ChainTransaction, owner: str = "OWNER") -> Reading:
    """Whatever it is, its lines add up to what the wallet has more of."""
    transaction = making.done() if isinstance(making, Making) else making
    reading = read_swaps(transaction, owner)
    assert reading.raw(WSOL) == transaction.sol_change(owner)
    for mint in {token.mint for token in transaction.tokens_of(owner)} - {WSOL}:
        assert reading.raw(mint) == transaction.token_change(owner, mint)
    return reading


def only(reading: Reading) -> Swap:
    assert reading.read_as is ReadAs.TRADE, reading
    (swap,) = reading.swaps
    return swap


def said(swap: Swap) -> tuple[Side, int, str, int, int | None]:
    """Side, coins, the money's mint, money, lamports."""
    return swap.side, swap.coin.raw, swap.counter.mint, swap.counter.raw, swap.lamports


def costs(reading: Reading) -> dict[str, int]:
    """In lamports, of the kinds that occurred, paid above zero."""
    kinds = [LineKind.VENUE_FEE, LineKind.RENT, LineKind.TIP, LineKind.NETWORK_FEE, LineKind.PRIORITY_FEE]
    return {kind.value: -reading.raw(WSOL, kind) for kind in kinds if reading.raw(WSOL, kind)}


def curve_buy(sol: int = 2 * SOL, coins: int = 59_000_000) -> Making:
    """A curve holds SOL itself and takes its fee through the system program."""
    return Making().open("OWNER", "COIN").pay("OWNER", "CURVE", sol).give("COIN", "CURVE", "OWNER", coins)


def pool_sale(coins: int = 500, sol: int = SOL, coin: str = "COIN", pool: str = "POOL") -> Making:
    """Wrapped SOL out of a pool's vault."""
    return Making().give(coin, "OWNER", pool, coins).give(WSOL, pool, "OWNER", sol)


class TestOneCoin:
    def test_price_fee_tip_rent_and_network_fee_of_a_purchase_are_told_apart(self) -> None:
        """2,000,000,000 + fee 20,000,000 + tip 55,000,000 + rent 2,039,280 + network 10,005,000 = 2,087,044,280 lamports less."""
        making = curve_buy()
        making.fee = 5_000
        transaction = (
            Making(fee=10_005_000)
            .open("OWNER", "COIN")
            .pay("OWNER", "CURVE", 2 * SOL)
            .give("COIN", "CURVE", "OWNER", 59)
            .pay("OWNER", "VENUE", 20_000_000)
            .pay("OWNER", TIP_ACCOUNT, 55_000_000, by_hand=True)
        )
        reading = read(transaction)
        assert said(only(reading)) == (Side.BUY, 59, WSOL, 2 * SOL, 2 * SOL)
        assert costs(reading) == {
            "VENUE_FEE": 20_000_000,
            "TIP": 55_000_000,
            "RENT": TOKEN_RENT,
            "NETWORK_FEE": 5_000,
            "PRIORITY_FEE": 10_000_000,
        }
        assert reading.raw(WSOL) == -2_087_044_280

    def test_several_landing_services_may_be_tipped(self) -> None:
        making = curve_buy().pay("OWNER", TIP_ACCOUNT, 10_000, True).pay("OWNER", OTHER_TIP_ACCOUNT, 20_000, True)
        assert costs(read(making))["TIP"] == 30_000

    def test_a_sale_brings_what_the_pool_gave_and_the_terminals_part_is_a_fee(self) -> None:
        reading = read(pool_sale(500, 222_691_527).give(WSOL, "OWNER", "TERMINAL", 1_892_877))
        assert said(only(reading)) == (Side.SELL, 500, WSOL, 222_691_527, 222_691_527)
        assert costs(reading) == {"VENUE_FEE": 1_892_877, "NETWORK_FEE": 5_000}

    def test_what_a_pool_pays_to_the_venue_by_itself_is_a_fee_too(self) -> None:
        """A curve moves its own lamports: no instruction shows it."""
        making = Making().give("COIN", "OWNER", "CURVE", 500).take("CURVE", "OWNER", 178_300_225).take("CURVE", "VENUE", 1_801_012)
        reading = read(making)
        assert said(only(reading)) == (Side.SELL, 500, WSOL, 180_101_237, 180_101_237)
        assert costs(reading) == {"VENUE_FEE": 1_801_012, "NETWORK_FEE": 5_000}

    def test_wrapped_sol_that_is_held_pays_as_well(self) -> None:
        swap = only(read(Making().give(WSOL, "OWNER", "POOL", SOL).give("COIN", "POOL", "OWNER", 1_000)))
        assert said(swap) == (Side.BUY, 1_000, WSOL, SOL, SOL)

    def test_a_temporary_account_of_wrapped_sol_costs_nothing(self) -> None:
        making = Making().open("OWNER", WSOL, amount=300_000_000).give(WSOL, "OWNER", "POOL", 300_000_000)
        reading = read(making.give("COIN", "POOL", "OWNER", 1_000).close("OWNER", WSOL))
        assert said(only(reading)) == (Side.BUY, 1_000, WSOL, 300_000_000, 300_000_000)
        assert costs(reading) == {"NETWORK_FEE": 5_000}

    def test_wrapped_sol_that_stays_wrapped_is_not_counted_twice(self) -> None:
        """solana-dex-parser#54, million: SOL and wrapped SOL both move; 22.4 SOL were booked for 11.2."""
        making = pool_sale(500, SOL).give(WSOL, "OWNER", "OWNER2", 0)
        native_and_wrapped = making.take("POOL", "OWNER", 200_000_000)
        assert said(only(read(native_and_wrapped))) == (Side.SELL, 500, WSOL, 1_200_000_000, 1_200_000_000)

    def test_a_deposit_comes_back_when_everything_is_sold(self) -> None:
        reading = read(pool_sale().close("OWNER", "COIN"))
        assert said(only(reading)) == (Side.SELL, 500, WSOL, SOL, SOL)
        assert costs(reading) == {"RENT": -TOKEN_RENT, "NETWORK_FEE": 5_000}

    def test_the_program_may_call_buying_what_is_a_sale(self) -> None:
        """A reversed pool has wrapped SOL for its base: its program says Buy while the owner sells; its fee is in the coin."""
        making = Making().give("COIN", "OWNER", "POOL", 468_700).give("COIN", "OWNER", "VENUE", 234).give(WSOL, "POOL", "OWNER", SOL)
        reading = read(making)
        assert said(only(reading)) == (Side.SELL, 468_934, WSOL, SOL, SOL)
        assert reading.raw("COIN", LineKind.VENUE_FEE) == -234

    @pytest.mark.parametrize("decimals", [0, 2, 9, 12])
    def test_a_coin_has_its_own_decimals(self, decimals: int) -> None:
        making = pool_sale()
        making.decimals["COIN"] = decimals
        assert only(read(making)).coin.decimals == decimals

    def test_of_a_coin_with_a_transfer_fee_the_buyer_has_what_arrived(self) -> None:
        making = Making().pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 1_000, kept=50)
        reading = read(making)
        assert said(only(reading)) == (Side.BUY, 950, WSOL, SOL, SOL)
        assert (reading.raw("COIN", LineKind.TRADED), reading.raw("COIN", LineKind.TRANSFER_FEE)) == (1_000, -50)

    def test_of_a_coin_with_a_transfer_fee_the_seller_gave_all_of_it(self) -> None:
        reading = read(Making().give("COIN", "OWNER", "POOL", 1_000, kept=50).give(WSOL, "POOL", "OWNER", SOL))
        assert said(only(reading)) == (Side.SELL, 1_000, WSOL, SOL, SOL)
        assert (reading.raw("COIN", LineKind.TRADED), reading.raw("COIN", LineKind.TRANSFER_FEE)) == (-950, -50)

    def test_fees_that_stay_in_the_pool_cannot_be_seen_and_are_part_of_the_price(self) -> None:
        """pump's buy_v3 and PumpSwap's buy_v2 leave them in the vault: 10 paid are 10, of which 0.03 is a fee that shows nowhere."""
        assert said(only(read(curve_buy(10 * SOL, 7)))) == (Side.BUY, 7, WSOL, 10 * SOL, 10 * SOL)

    def test_one_purchase_from_several_pools_is_one(self) -> None:
        """solana-dex-parser#74: legs of 8.91 and 1.5795 are 10.4895."""
        making = Making().pay("OWNER", "CURVE", 8_910_000_000).give("COIN", "CURVE", "OWNER", 900)
        making.give(WSOL, "OWNER", "POOL", 1_579_500_000).give("COIN", "POOL", "OWNER", 100)
        assert said(only(read(making))) == (Side.BUY, 1_000, WSOL, 10_489_500_000, 10_489_500_000)

    def test_a_coin_that_is_made_and_bought_in_one_transaction_is_bought(self) -> None:
        """The curve is given all of it and keeps what it did not sell: 1,000,000 minted, 96,449 sold."""
        making = Making(signers=("OWNER", "COIN")).open("CURVE", "COIN").open("OWNER", "COIN").mint("COIN", "CURVE", 1_000_000)
        making.open_program_account("CURVE", 1_691_280).pay("OWNER", "CURVE", 3 * SOL).give("COIN", "CURVE", "OWNER", 96_449)
        reading = read(making)
        assert said(only(reading)) == (Side.BUY, 96_449, WSOL, 3 * SOL, 3 * SOL)
        assert costs(reading)["RENT"] == 2 * TOKEN_RENT + 1_691_280

    def test_a_developer_may_buy_most_of_its_coin(self) -> None:
        making = Making().mint("COIN", "CURVE", 1_000_000)
        making.purses["CURVE/COIN"].before = making.purses["CURVE/COIN"].now = 0
        making.mint("COIN", "CURVE", 1_000_000).pay("OWNER", "CURVE", 80 * SOL).give("COIN", "CURVE", "OWNER", 790_000)
        making.purses["OWNER/COIN"].before, making.purses["OWNER/COIN"].now = 0, 790_000
        assert said(only(read(making))) == (Side.BUY, 790_000, WSOL, 80 * SOL, 80 * SOL)

    def test_a_transfer_that_was_sent_along_is_no_part_of_the_price(self) -> None:
        """A terminal takes 1 %; 1.5 SOL beside a purchase of 2 go to a friend."""
        reading = read(curve_buy().pay("OWNER", "TERMINAL", 20_000_000, True).pay("OWNER", "FRIEND", 1_500_000_000, True))
        assert said(only(reading)) == (Side.BUY, 59_000_000, WSOL, 2 * SOL, 2 * SOL)
        assert (reading.raw(WSOL, LineKind.VENUE_FEE), reading.raw(WSOL, LineKind.MOVED)) == (-20_000_000, -1_500_000_000)


class TestDollars:
    def test_a_purchase_for_dollars_has_its_price_in_sol_where_sol_was_in_between(self) -> None:
        """The wallet's own SOL moves by rent and fee alone: 0.0022 SOL is not what 200 USDC bought."""
        making = (
            Making(fee=168_517).open("OWNER", "COIN").give(USDC, "OWNER", "POOL", 200_000_000).give(WSOL, "POOL", "ROUTER", 891_398_241)
        )
        reading = read(making.give(WSOL, "ROUTER", "VAULTS", 891_398_241).give("COIN", "VAULTS", "OWNER", 1_198))
        assert said(only(reading)) == (Side.BUY, 1_198, USDC, 200_000_000, 891_398_241)
        assert costs(reading) == {"RENT": TOKEN_RENT, "NETWORK_FEE": 5_000, "PRIORITY_FEE": 163_517}

    @pytest.mark.parametrize("dollar", [USDC, USDT])
    def test_a_sale_for_dollars_with_a_fee_in_dollars(self, dollar: str) -> None:
        making = (
            Making().give("COIN", "OWNER", "POOL", 10).give(dollar, "POOL", "OWNER", 5_000_000).give(dollar, "OWNER", "TERMINAL", 50_000)
        )
        reading = read(making)
        assert said(only(reading)) == (Side.SELL, 10, dollar, 5_000_000, None)
        assert reading.raw(dollar, LineKind.VENUE_FEE) == -50_000

    def test_a_sale_for_tether_over_sol_and_dollars(self) -> None:
        """COIN for SOL, SOL for USDC, USDC for USDT: what passed in SOL is its price."""
        making = Making().give("COIN", "OWNER", "A", 10).give(WSOL, "A", "B", 2 * SOL).give(USDC, "B", "C", 300_000_000)
        assert said(only(read(making.give(USDT, "C", "OWNER", 299_900_000)))) == (Side.SELL, 10, USDT, 299_900_000, 2 * SOL)

    def test_a_sale_for_sol_over_dollars(self) -> None:
        making = Making().give("COIN", "OWNER", "A", 10).give(USDC, "A", "B", 150_000_000).give(WSOL, "B", "OWNER", SOL)
        assert said(only(read(making))) == (Side.SELL, 10, WSOL, SOL, SOL)

    def test_sol_for_dollars_buys_no_coin_and_its_amounts_are_kept(self) -> None:
        """solana-dex-parser#42: -0.222783537 SOL, +49.931178 USDC."""
        reading = read(Making().give(WSOL, "OWNER", "POOL", 222_783_537).give(USDC, "POOL", "OWNER", 49_931_178))
        assert (reading.read_as, reading.why) == (ReadAs.NOT_A_TRADE, NoTrade.MONEY_FOR_MONEY)
        (swap,) = reading.swaps
        assert (swap.gave.raw, swap.got.mint, swap.got.raw, swap.lamports) == (222_783_537, USDC, 49_931_178, 222_783_537)

    def test_a_coin_paid_half_in_sol_and_half_in_dollars_is_two_purchases(self) -> None:
        making = Making().pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 100)
        reading = read(making.give(USDC, "OWNER", "POOL", 150_000_000).give("COIN", "POOL", "OWNER", 99))
        assert {said(swap) for swap in reading.swaps} == {
            (Side.BUY, 100, WSOL, SOL, SOL),
            (Side.BUY, 99, USDC, 150_000_000, None),
        }

    @pytest.mark.parametrize(("sent_on", "parts"), [(0, [60, 40]), (50, [30, 20]), (60, [24, 16]), (96, [3, 1]), (98, []), (99, [])])
    def test_what_was_sent_on_is_missing_in_each_part_and_no_part_is_nothing(self, sent_on: int, parts: list[int]) -> None:
        """60 for SOL and 40 for dollars, of which a friend got 60: the second purchase was of 0 coins, and its price a division by zero."""
        making = Making().pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 60)
        making.give(USDC, "OWNER", "POOL", 5_000_000).give("COIN", "POOL", "OWNER", 40).give("COIN", "OWNER", "FRIEND", sent_on)
        reading, made = read(making), making.done()
        assert sorted((swap.coin.raw for swap in reading.swaps), reverse=True) == parts
        assert len(list(trades_of(reading, made, "chain", FIRST_SECOND, Decimal(200)))) == len(parts)


class TestSeveralCoins:
    def test_two_coins_bought_in_one_transaction_have_each_their_own_price(self) -> None:
        making = curve_buy(2 * SOL, 59).pay("OWNER", "CURVE2", SOL).give("COIN2", "CURVE2", "OWNER", 7)
        assert {(swap.coin.mint, *said(swap)) for swap in read(making).swaps} == {
            ("COIN", Side.BUY, 59, WSOL, 2 * SOL, 2 * SOL),
            ("COIN2", Side.BUY, 7, WSOL, SOL, SOL),
        }

    def test_one_coin_sold_and_another_bought(self) -> None:
        """3 SOL came, 1 SOL went: the balance shows 2 only."""
        making = pool_sale(500, 3 * SOL).pay("OWNER", "CURVE", SOL).give("COIN2", "CURVE", "OWNER", 7)
        assert {(swap.coin.mint, *said(swap)) for swap in read(making).swaps} == {
            ("COIN", Side.SELL, 500, WSOL, 3 * SOL, 3 * SOL),
            ("COIN2", Side.BUY, 7, WSOL, SOL, SOL),
        }

    def test_a_coin_for_a_coin_over_sol_is_a_sale_and_a_purchase(self) -> None:
        """The wallet's SOL does not move, and a venue took 0.01 SOL on the way."""
        making = Making().give("COIN", "OWNER", "A", 500).give(WSOL, "A", "B", 990_000_000).give(WSOL, "A", "VENUE", 10_000_000)
        reading = read(making.give("COIN2", "B", "OWNER", 7))
        assert {(swap.coin.mint, *said(swap)) for swap in reading.swaps} == {
            ("COIN", Side.SELL, 500, WSOL, SOL, SOL),
            ("COIN2", Side.BUY, 7, WSOL, 990_000_000, 990_000_000),
        }
        assert costs(reading) == {"VENUE_FEE": 10_000_000, "NETWORK_FEE": 5_000}

    def test_a_coin_for_a_coin_without_money_in_between_is_a_rotation(self) -> None:
        swap = only(read(Making().give("COIN", "OWNER", "POOL", 500).give("COIN2", "POOL", "OWNER", 7)))
        assert (swap.is_rotation, swap.gave.raw, swap.got.raw, swap.lamports) == (True, 500, 7, None)

    def test_the_coin_in_the_middle_of_a_route_is_not_traded(self) -> None:
        """pump's multi_hop_swap: events name the user for both halves, and the coin in the middle never enters the wallet."""
        making = Making().give("COIN", "OWNER", "A", 500).give("MIDDLE", "A", "B", 33).give("COIN2", "B", "OWNER", 7)
        swap = only(read(making))
        assert (swap.is_rotation, swap.gave.mint, swap.got.mint) == (True, "COIN", "COIN2")

    def test_what_is_left_of_the_coin_in_the_middle_is_not_traded(self) -> None:
        """A router leaves 3 of 1,000 with the owner."""
        making = Making().pay("OWNER", "A", SOL).give("MIDDLE", "A", "OWNER", 1_000).give("MIDDLE", "OWNER", "B", 997)
        assert said(only(read(making.give("COIN", "B", "OWNER", 7)))) == (Side.BUY, 7, WSOL, SOL, SOL)

    def test_a_coin_that_was_sent_along_is_not_sold(self) -> None:
        reading = read(curve_buy(2 * SOL, 59).give("COIN2", "OWNER", "FRIEND", 5))
        assert said(only(reading)) == (Side.BUY, 59, WSOL, 2 * SOL, 2 * SOL)
        assert reading.raw("COIN2") == -5

    def test_sol_that_came_beside_an_exchange_of_coins_is_no_part_of_it(self) -> None:
        """Cashback of 0.5 SOL is claimed in the transaction in which one coin goes for another."""
        making = Making().give("COIN", "OWNER", "POOL", 500).give("COIN2", "POOL", "OWNER", 7).take("CASHBACK", "OWNER", SOL // 2)
        assert only(read(making)).is_rotation

    def test_money_is_not_paid_twice_for_two_coins(self) -> None:
        """Somebody takes 2 of a coin: one is the wallet's, one became another coin for it. 1 dollar was paid in all."""
        making = Making().give(USDC, "OWNER", "A", 1_000_000).give("COIN", "A", "OWNER", 1_000).give("COIN", "A", "B", 1_000)
        assert read(making.give("COIN2", "B", "OWNER", 1_000)).read_as is ReadAs.UNREADABLE

    def test_swaps_that_cannot_be_told_apart_are_on_record_as_unreadable(self) -> None:
        """One pool gives two coins for one payment."""
        reading = read(Making().pay("OWNER", "POOL", SOL).give("COIN", "POOL", "OWNER", 5).give("COIN2", "POOL", "OWNER", 7))
        assert (reading.read_as, reading.swaps) == (ReadAs.UNREADABLE, ())


class TestOthersInIt:
    def test_a_wallet_whose_fee_is_paid_by_another(self) -> None:
        making = Making(payer="RELAYER", signers=("RELAYER", "OWNER")).pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 9)
        reading = read(making)
        assert said(only(reading)) == (Side.BUY, 9, WSOL, SOL, SOL)
        assert costs(reading) == {}
        assert read(making, "RELAYER").why == NoTrade.NOTHING_MOVED

    def test_what_a_relayer_is_paid_back_is_a_cost(self) -> None:
        making = Making(payer="RELAYER", signers=("RELAYER", "OWNER")).pay("OWNER", "RELAYER", 7_000, by_hand=True)
        reading = read(making.pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 9))
        assert (only(reading).lamports, costs(reading)) == (SOL, {"VENUE_FEE": 7_000})

    def test_a_deposit_that_a_relayer_paid_is_none_of_the_wallets_costs(self) -> None:
        making = Making(payer="RELAYER", signers=("RELAYER", "OWNER")).open("OWNER", "COIN", payer="RELAYER")
        reading = read(making.give(WSOL, "OWNER", "POOL", SOL).give("COIN", "POOL", "OWNER", 9))
        assert said(only(reading)) == (Side.BUY, 9, WSOL, SOL, SOL)
        assert costs(reading) == {}

    @pytest.mark.parametrize(("buyer", "sol", "coins"), [("OWNER", 2 * SOL, 20), ("OTHER", SOL, 11)])
    def test_two_buyers_in_one_transaction_have_each_their_own(self, buyer: str, sol: int, coins: int) -> None:
        making = Making(signers=("OWNER", "OTHER")).pay("OWNER", "CURVE", 2 * SOL).give("COIN", "CURVE", "OWNER", 20)
        making.pay("OTHER", "CURVE", SOL).give("COIN", "CURVE", "OTHER", 11)
        assert said(only(read(making, buyer))) == (Side.BUY, coins, WSOL, sol, sol)

    @pytest.mark.parametrize("buyer", ["OWNER", "FLEET1", "FLEET2"])
    def test_buyers_of_a_fleet_that_are_funded_in_the_same_transaction_bought(self, buyer: str) -> None:
        """Their SOL came and went at once: their balances show coins only."""
        making = Making(signers=("OWNER", "FLEET1", "FLEET2")).pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 30)
        for number, one in enumerate(("FLEET1", "FLEET2")):
            making.pay("OWNER", one, SOL, by_hand=True).pay(one, "CURVE", SOL).give("COIN", "CURVE", one, 20 + number)
        swap = only(read(making, buyer))
        assert (swap.side, swap.lamports) == (Side.BUY, SOL)

    def test_a_market_maker_that_signs_is_a_pool(self) -> None:
        """A request for quotes: the maker signs too, and may pay the fee."""
        making = Making(payer="MAKER", signers=("MAKER", "OWNER")).give("COIN", "OWNER", "MAKER", 5).give(WSOL, "MAKER", "OWNER", SOL)
        assert said(only(read(making))) == (Side.SELL, 5, WSOL, SOL, SOL)

    def test_vaults_with_owners_of_their_own_are_one_pool(self) -> None:
        making = Making().give(USDC, "OWNER", "QUOTE_VAULT", 100_000_000).give(USDC, "OWNER", "FEES", 100_000)
        reading = read(making.give("COIN", "BASE_VAULT", "OWNER", 5))
        assert said(only(reading)) == (Side.BUY, 5, USDC, 100_000_000, None)
        assert reading.raw(USDC, LineKind.VENUE_FEE) == -100_000

    def test_who_is_not_in_a_transaction_did_nothing(self) -> None:
        assert read(curve_buy(), "STRANGER").why == NoTrade.NOT_IN_IT


class TestNoTrades:
    @pytest.mark.parametrize(
        ("making", "why"),
        [
            (Making(), NoTrade.NOTHING_MOVED),
            (Making().pay("OWNER", "FRIEND", SOL, True), NoTrade.MONEY_ONLY),
            (Making().give(USDC, "OWNER", "FRIEND", 5), NoTrade.MONEY_ONLY),
            (Making(payer="FRIEND", signers=("FRIEND",)).pay("FRIEND", "OWNER", 100, True), NoTrade.MONEY_ONLY),  # dust
            (Making().give("COIN", "OWNER", "FRIEND", 5), NoTrade.TOKENS_ONLY),
            (Making().open("FRIEND", "COIN").give("COIN", "OWNER", "FRIEND", 5), NoTrade.TOKENS_ONLY),
            (Making().open("OWNER", "COIN").give("COIN", "AIRDROP", "OWNER", 5), NoTrade.TOKENS_ONLY),
            (Making().burn("COIN", "OWNER", 5), NoTrade.TOKENS_ONLY),
            (
                Making().pay("OWNER", "TREASURY", 5_000_000).give("COIN", "AIRDROP", "OWNER", 5),
                NoTrade.NO_COUNTERPARTY,
            ),  # a claim with a fee
            (Making().pay("OWNER", "STAKE_POOL", SOL).mint("STAKED", "OWNER", 5), NoTrade.NO_COUNTERPARTY),
            (Making().take("STAKE_POOL", "OWNER", SOL).burn("STAKED", "OWNER", 5), NoTrade.NO_COUNTERPARTY),
            (Making().give(WSOL, "CREATOR_VAULT", "OWNER", SOL), NoTrade.MONEY_ONLY),  # fees swept out of a vault
            (Making().give(WSOL, "POOL", "OWNER", SOL).give("COIN", "POOL", "OWNER", 5), NoTrade.LIQUIDITY),  # fees of a position
            (Making().give(WSOL, "OWNER", "POOL", SOL).give("COIN", "OWNER", "POOL", 5), NoTrade.LIQUIDITY),
            (Making().give(WSOL, "OWNER", "POOL", SOL).give("COIN", "OWNER", "POOL", 5).mint("LP", "OWNER", 3), NoTrade.LIQUIDITY),
            (Making().give(WSOL, "POOL", "OWNER", SOL).give("COIN", "POOL", "OWNER", 5).burn("LP", "OWNER", 3), NoTrade.LIQUIDITY),
            (Making().give("COIN", "OWNER", "POOL", 5), NoTrade.TOKENS_ONLY),  # liquidity of one side
            (Making().give("COIN", "OWNER", "A", 5).give(WSOL, "A", "B", SOL).give("COIN", "B", "OWNER", 5), NoTrade.NOTHING_MOVED),
            (Making().pay("OWNER", "A", SOL).give("COIN", "A", "B", 5).give(WSOL, "B", "OWNER", 2 * SOL), NoTrade.MONEY_ONLY),  # a circle
        ],
    )
    def test_it_is_no_trade(self, making: Making, why: NoTrade) -> None:
        reading = read(making)
        assert (reading.read_as, reading.why, reading.swaps) == (ReadAs.NOT_A_TRADE, why, ())

    def test_whoever_gets_dust_traded_nothing(self) -> None:
        making = Making().pay("OWNER", "STRANGER1", 0, True).pay("OWNER", "STRANGER2", 100, True)
        assert [read(making, owner).why for owner in ("STRANGER1", "STRANGER2")] == [NoTrade.NOTHING_MOVED, NoTrade.MONEY_ONLY]

    def test_one_of_a_kind_is_no_coin(self) -> None:
        making = Making().pay("OWNER", "SELLER", SOL).give("NFT", "SELLER", "OWNER", 1)
        making.decimals["NFT"] = 0
        assert read(making).why == NoTrade.NON_FUNGIBLE

    def test_a_failed_transaction_costs_its_fee_and_nothing_else(self) -> None:
        """xray#182."""
        reading = read(Making(fee=169_118).done(error='{"InstructionError": [2, {"Custom": 3012}]}'))
        assert (reading.read_as, reading.swaps, reading.raw(WSOL)) == (ReadAs.FAILED, (), -169_118)

    def test_what_cannot_be_read_is_on_record_with_its_reason(self) -> None:
        reading = read_swaps(Unreadable("S", "a transaction of version 2"), "OWNER")
        assert (reading.signature, reading.read_as, reading.why) == ("S", ReadAs.UNREADABLE, "a transaction of version 2")


class TestThreads:
    """What people met with other tools, made anew."""

    def test_parsers_booked_a_purchase_of_32090_sol_for_a_sale_of_1_7(self) -> None:
        """solana-dex-parser#82, #83: raw amounts of the coin taken for lamports."""
        assert said(only(read(pool_sale(32_090 * SOL, 1_700_000_000)))) == (Side.SELL, 32_090 * SOL, WSOL, 1_700_000_000, 1_700_000_000)
        assert only(read(pool_sale(14_039 * SOL, 451_284_733))).lamports == 451_284_733

    def test_the_mint_that_came_out_is_not_sol(self) -> None:
        """solana-dex-parser#27: 4.819527277 SOL bought 3,440.562297804 of a coin of 9 decimals."""
        making = Making().pay("OWNER", "CURVE", 4_819_527_277).give("COIN", "CURVE", "OWNER", 3_440_562_297_804)
        making.decimals["COIN"] = 9
        swap = only(read(making))
        assert (swap.got.mint, swap.got.raw, swap.got.decimals, swap.lamports) == ("COIN", 3_440_562_297_804, 9, 4_819_527_277)

    def test_three_parts_of_3128042_lamports(self) -> None:
        """oisy-wallet#13953: 1,000,000 traded + 19,162 fee + 2,108,880 for an account of 175 bytes."""
        making = Making(fee=19_162).pay("OWNER", "CURVE", 1_000_000).give("COIN", "CURVE", "OWNER", 7)
        reading = read(making.open_program_account("EXTENDED", 2_108_880))
        assert said(only(reading)) == (Side.BUY, 7, WSOL, 1_000_000, 1_000_000)
        assert costs(reading) == {"RENT": 2_108_880, "NETWORK_FEE": 5_000, "PRIORITY_FEE": 14_162}

    def test_the_deposit_of_a_temporary_account_comes_back(self) -> None:
        """rotki#10775: 0.01203928 SOL went into an account of wrapped SOL, 0.00203928 of them a deposit that returned."""
        making = Making().open("OWNER", WSOL, amount=10_000_000).give(WSOL, "OWNER", "POOL", 10_000_000)
        reading = read(making.give("COIN", "POOL", "OWNER", 7).close("OWNER", WSOL))
        assert said(only(reading)) == (Side.BUY, 7, WSOL, 10_000_000, 10_000_000)
        assert costs(reading) == {"NETWORK_FEE": 5_000}


class TestHelius:
    """Enhanced payloads say what changed and no more: no signers, no balances before, often no instructions."""

    def test_a_deposit_is_known_by_its_size(self) -> None:
        reading = read(curve_buy().pay("OWNER", "VENUE", 20_000_000).as_helius())
        assert said(only(reading)) == (Side.BUY, 59_000_000, WSOL, 2 * SOL, 2 * SOL)
        assert costs(reading) == {"VENUE_FEE": 20_000_000, "RENT": TOKEN_RENT, "NETWORK_FEE": 5_000}

    def test_a_payload_with_accounts_missing_is_read_from_what_the_wallet_paid(self) -> None:
        """The recorded webhook lists three accounts: the pool's SOL and the terminal are not among them."""
        making = pool_sale(500, 11_263_971_513).pay("OWNER", "TERMINAL", 113_463_653, True)
        whole = making.as_helius(payments=tuple(making.payments))
        kept = tuple(
            one
            for one in whole.accounts
            if one.address in ("OWNER", "OWNER/COIN", "POOL/COIN", "OWNER/So11111111111111111111111111111111111111112")
        )
        tokens = tuple(one for one in whole.tokens if one.account in {account.address for account in kept})
        reading = read(making.as_helius(payments=tuple(making.payments), accounts=kept, tokens=tokens))
        assert said(only(reading)) == (Side.SELL, 500, WSOL, 11_263_971_513, 11_263_971_513)
        assert costs(reading) == {"VENUE_FEE": 113_463_653, "NETWORK_FEE": 5_000}

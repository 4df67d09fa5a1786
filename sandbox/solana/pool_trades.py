"""A trade in a pool of PumpSwap, paid with SOL that is wrapped for it, and a curve going on as a pool."""

from dataclasses import dataclass

from sandbox.solana.borsh import event, i128, keys, text, u8, u16, u64
from sandbox.solana.calls import Call, closed, created, opened, reads, rent, sent, signs, token_rent, told, transfer, wrapped, writes
from sandbox.solana.curve_trades import FEE_CONFIG, GLOBAL, TAKER, OneTrade, trade_truth
from sandbox.solana.deeds import Costs, Key, Moves, Truth, asked_before, with_budget, with_costs
from sandbox.solana.keys import (
    ASSOCIATED,
    PUMP,
    PUMP_FEES,
    PUMP_SWAP,
    SYSTEM,
    TOKEN,
    TOKEN_2022,
    WSOL,
    curve_of,
    derived,
    events_of,
    liquidity_mint,
    pool_authority,
    pool_fees_of,
    pool_of,
    token_account,
)
from sandbox.solana.launches import CoinTrade, Launch
from sandbox.solana.reserves import FOR_SALE, MIGRATION_LAMPORTS, POOL_FEES, SUPPLY, Reserves

MIGRATOR = "39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg"
BUY, SELL = bytes.fromhex("66063d1201daebea"), bytes.fromhex("33e685a4017f83ad")
MIGRATE, CREATE_POOL = bytes.fromhex("9beae792ec9ea21e"), bytes.fromhex("e992d18ecf6840bc")
POOL_BYTES, LIQUIDITY_MINT_BYTES = 300, 82
LOCKED = 100  # shares of a new pool that nobody gets


@dataclass(frozen=True, slots=True)
class PoolTrade(OneTrade):
    """In its pool: an account of wrapped SOL is there for this transaction only."""

    @property
    def error(self) -> tuple[int, int] | None:
        return (asked_before(self.costs) + (4 if self.trade.is_buy else 1), self.code) if self.code else None

    @property
    def about(self) -> tuple[str, ...]:
        return self.coin.mint, PUMP_SWAP, pool_of(self.coin.mint)

    def moves(self) -> Moves:
        moves, coin, trade, wallet = Moves(), self.coin, self.trade, self.payer
        pool, swapped, way = pool_of(coin.mint), trade.swapped, 1 if trade.is_buy else -1
        fees = swapped.protocol_fee + swapped.creator_fee
        stays = trade_truth(coin, trade, self.costs, 0).lamports
        self._pay_wrapped(moves, pool, way * stays)
        self._pay_wrapped(moves, TAKER, swapped.protocol_fee)
        self._pay_wrapped(moves, pool_fees_of(coin.creator), swapped.creator_fee)
        moves.lamports[wallet] -= way * stays + fees
        unchanged: tuple[Key, ...] = (TAKER, (wallet, WSOL))
        for untouched in unchanged:
            moves.lamports[untouched] += 0
        moves.send(pool, wallet, coin.mint, way * swapped.tokens)
        moves.lamports[pool, coin.mint] += 0
        moves.pay(wallet, (wallet, coin.mint), self.deposit)
        return with_costs(self.costs, wallet, moves, bool(self.code))

    def _pay_wrapped(self, moves: Moves, owner: str, lamports: int) -> None:
        moves.lamports[owner, WSOL] += lamports
        moves.coins[owner, WSOL] += lamports

    def calls(self, slot: int, at_s: int) -> list[Call]:
        mint, wallet, trade, failed = self.coin.mint, self.payer, self.trade, bool(self.code)
        purse = token_account(wallet, WSOL)
        calls = [opened(wallet, wallet, WSOL, True)]
        if trade.is_buy:
            calls += [transfer(wallet, purse, trade.lamports), wrapped(purse), opened(wallet, wallet, mint, self.opens)]
        calls += [self._swap(at_s, failed), closed(purse, wallet, WSOL)]
        if self.closes:
            calls.append(closed(token_account(wallet, mint), wallet, mint))
        return with_budget(self.costs, wallet, calls)

    def _swap(self, at_s: int, failed: bool) -> Call:
        mint, wallet, trade, swapped = self.coin.mint, self.payer, self.trade, self.trade.swapped
        pool, vault = pool_of(mint), pool_fees_of(self.coin.creator)
        own, purse = token_account(wallet, mint), token_account(wallet, WSOL)
        its, till = token_account(pool, mint), token_account(pool, WSOL)
        taker, maker = token_account(TAKER, WSOL), token_account(vault, WSOL)
        stays = trade_truth(self.coin, trade, self.costs, 0).lamports
        fees = ((taker, swapped.protocol_fee), (maker, swapped.creator_fee))
        inner: tuple[Call, ...]
        if trade.is_buy:
            data = BUY + u64(swapped.tokens, trade.lamports * 105 // 100) + u8(1)
            inner = (sent(its, own, mint, swapped.tokens, pool, False), sent(purse, till, WSOL, stays, wallet))
            inner += tuple(sent(purse, to, WSOL, lamports, wallet) for to, lamports in fees)
        else:
            data = SELL + u64(swapped.tokens, trade.lamports * 95 // 100)
            inner = (sent(own, its, mint, swapped.tokens, wallet), sent(till, purse, WSOL, trade.lamports, pool, False))
            inner += tuple(sent(till, to, WSOL, lamports, pool, False) for to, lamports in fees)
        inner = () if failed else (*inner, told(PUMP_SWAP, swap_event(self.coin, trade, at_s)))
        accounts = (
            *writes(pool), *signs(wallet), *reads(_config(), mint, WSOL), *writes(own, purse, its, till), *reads(TAKER), *writes(taker),
            *reads(TOKEN_2022, TOKEN, SYSTEM, ASSOCIATED, events_of(PUMP_SWAP), PUMP_SWAP), *writes(maker), *reads(vault),
            *reads(FEE_CONFIG, PUMP_FEES),
        )  # fmt: skip
        return Call(PUMP_SWAP, accounts, data, (f"Instruction: {'Buy' if trade.is_buy else 'Sell'}",), inner, units=61_000)


def _config() -> str:
    return derived(PUMP_SWAP, b"global_config")


def swap_event(coin: Launch, trade: CoinTrade, at_s: int) -> bytes:
    """What PumpSwap writes of a trade: reserves are those before it."""
    swapped, before, wallet = trade.swapped, trade.before, trade.wallet
    way = 1 if trade.is_buy else -1
    bound = trade.lamports * (105 if trade.is_buy else 95) // 100
    with_lp = swapped.quote + way * swapped.lp_fee
    numbers = (
        swapped.tokens,
        bound,
        0 if trade.is_buy else swapped.tokens,
        trade.lamports if trade.is_buy else 0,
        before.tokens,
        before.quote,
    )
    fees = (POOL_FEES.lp, swapped.lp_fee, POOL_FEES.protocol, swapped.protocol_fee)
    addresses = (
        pool_of(coin.mint), wallet, token_account(wallet, coin.mint), token_account(wallet, WSOL), TAKER, token_account(TAKER, WSOL),
        coin.creator,
    )  # fmt: skip
    middle = [u8(0), u64(0, 0, 0, at_s, swapped.tokens), text("buy")] if trade.is_buy else []
    return event(
        "BuyEvent" if trade.is_buy else "SellEvent",
        u64(at_s, *numbers, swapped.quote, *fees, with_lp, trade.lamports), keys(*addresses), u64(POOL_FEES.creator, swapped.creator_fee),
        *middle, u64(0, 0, 0, 0), i128(0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Migration:
    """A curve that is sold out goes on as a pool: its SOL and the coins that were kept for it move there. `opens` the creator's purse."""

    coin: Launch
    pool: Reserves
    costs: Costs
    opens: bool = True

    @property
    def payer(self) -> str:
        return MIGRATOR

    @property
    def error(self) -> None:
        return None

    @property
    def about(self) -> tuple[str, ...]:
        return self.coin.mint, PUMP, PUMP_SWAP

    def moves(self) -> Moves:
        moves, mint = Moves(), self.coin.mint
        curve, pool, vault = curve_of(mint), pool_of(mint), pool_fees_of(self.coin.creator)
        moves.pay(curve, MIGRATOR, MIGRATION_LAMPORTS)
        moves.pay(curve, (pool, WSOL), self.pool.quote)
        moves.coins[pool, WSOL] += self.pool.quote
        moves.send(curve, pool, mint, self.pool.tokens)
        for account, lamports in (
            (pool, rent(POOL_BYTES)), (liquidity_mint(mint), rent(LIQUIDITY_MINT_BYTES)),
            ((pool, mint), token_rent(mint)), ((pool, WSOL), token_rent(WSOL)), ((vault, WSOL), token_rent(WSOL) * self.opens),
        ):  # fmt: skip
            moves.pay(MIGRATOR, account, lamports)
        moves.coins[vault, WSOL] += 0
        moves.lamports[curve, mint] += 0
        return with_costs(self.costs, MIGRATOR, moves)

    def calls(self, slot: int, at_s: int) -> list[Call]:
        mint = self.coin.mint
        curve, pool, authority, vault = curve_of(mint), pool_of(mint), pool_authority(mint), pool_fees_of(self.coin.creator)
        its, till = token_account(pool, mint), token_account(pool, WSOL)
        new = (
            created(MIGRATOR, pool, POOL_BYTES, PUMP_SWAP), created(MIGRATOR, liquidity_mint(mint), LIQUIDITY_MINT_BYTES, TOKEN),
            opened(MIGRATOR, pool, mint, True), opened(MIGRATOR, pool, WSOL, True), opened(MIGRATOR, vault, WSOL, self.opens),
            sent(token_account(curve, mint), its, mint, self.pool.tokens, curve, False), wrapped(till),
            told(PUMP_SWAP, self._pool_event(at_s)),
        )  # fmt: skip
        pooled = Call(
            PUMP_SWAP, (*writes(pool), *reads(_config(), authority, mint, WSOL), *writes(liquidity_mint(mint), its, till)),
            CREATE_POOL + u16(0) + u64(self.pool.tokens, self.pool.quote) + keys(self.coin.creator) + u8(0) + u8(0),
            ("Instruction: CreatePool",), new, units=120_000,
        )  # fmt: skip
        accounts = (
            *reads(GLOBAL), *signs(MIGRATOR), *reads(mint),
            *writes(curve, token_account(curve, mint), pool, its, till, token_account(vault, WSOL)),
            *reads(vault, SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED, PUMP_SWAP, events_of(PUMP_SWAP), events_of(PUMP), PUMP),
        )  # fmt: skip
        inner = (pooled, told(PUMP, self._migrated_event(at_s)))
        return with_budget(self.costs, MIGRATOR, [Call(PUMP, accounts, MIGRATE, ("Instruction: Migrate",), inner, units=170_000)])

    def truths(self) -> list[Truth]:
        return []

    def _pool_event(self, at_s: int) -> bytes:
        mint, tokens, quote = self.coin.mint, self.pool.tokens, self.pool.quote
        shares, maker = int((tokens * quote) ** 0.5), pool_authority(mint)
        return event(
            "CreatePoolEvent",
            u64(at_s), u16(0), keys(maker, mint, WSOL), u8(6), u8(9), u64(tokens, quote, tokens, quote, LOCKED, shares, shares - LOCKED),
            u8(255), keys(pool_of(mint), liquidity_mint(mint), token_account(maker, mint), token_account(maker, WSOL)),
            keys(self.coin.creator), u8(0),
        )  # fmt: skip

    def _migrated_event(self, at_s: int) -> bytes:
        mint = self.coin.mint
        return event(
            "CompletePumpAmmMigrationEvent",
            keys(MIGRATOR, mint), u64(self.pool.tokens, self.pool.quote, MIGRATION_LAMPORTS), keys(curve_of(mint)), u64(at_s),
            keys(pool_of(mint), WSOL),
        )  # fmt: skip


def pool_data(coin: Launch) -> bytes:
    """Its account; what lies in it is in its two token accounts."""
    mint = coin.mint
    pool = pool_of(mint)
    shares = int(((SUPPLY - FOR_SALE) * 85 * 10**9) ** 0.5)
    parts = (
        bytes.fromhex("f19a6d0411b16dbc"), u8(255), u16(0), keys(pool_authority(mint), mint, WSOL, liquidity_mint(mint)),
        keys(token_account(pool, mint), token_account(pool, WSOL)), u64(shares), keys(coin.creator), u8(0), u8(0), i128(0),
    )  # fmt: skip
    return b"".join(parts).ljust(POOL_BYTES, b"\0")

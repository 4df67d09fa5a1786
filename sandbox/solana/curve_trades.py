"""A trade on a curve of pump.fun, and a launch: its coin, its curve, and what its maker buys at once."""

from dataclasses import dataclass

from sandbox.solana.borsh import event, keys, text, u8, u32, u64
from sandbox.solana.calls import Call, closed, created, minted, opened, reads, rent, sent, signs, token_rent, told, transfer, writes
from sandbox.solana.deeds import BASE_FEE, Costs, Moves, Truth, asked_before, with_budget, with_costs
from sandbox.solana.keys import (
    PUMP,
    PUMP_FEES,
    SYSTEM,
    TOKEN_2022,
    WSOL,
    curve_fees_of,
    curve_of,
    derived,
    events_of,
    key,
    token_account,
)
from sandbox.solana.launches import CoinTrade, Launch
from sandbox.solana.reserves import CURVE_FEES, SUPPLY, Reserves

GLOBAL = "4wTV1YmiEkRvAtNtsSGPtUrqRYQMe5SKy2uB4Jjaxnjf"
TAKER = "62qc2CNXwrYqQScmEdiZFFAnJR262PxWEuNQtxfafNgV"  # of the protocol's part
FEE_CONFIG = "8Wf5TiAheLUqBrKXeYg2JtAFFMWtKdG2BSFgqUcPVwTt"
BUY, SELL, CREATE = (bytes.fromhex(one) for one in ("66063d1201daebea", "33e685a4017f83ad", "d6904cec5f8b31b4"))
CURVE_BYTES, LATER_CURVE_BYTES, MINT_BYTES = 151, 256, 399
SLIPPED, FROZEN = 6002, 17  # TooMuchSolRequired of pump; AccountFrozen of the token program


@dataclass(frozen=True, slots=True)
class OneTrade:
    """One wallet buys or sells. `opens` its token account with it, or closes it. `code`: it fails, and why."""

    coin: Launch
    trade: CoinTrade
    costs: Costs
    opens: bool = False
    closes: bool = False
    code: int = 0

    @property
    def payer(self) -> str:
        return self.trade.wallet

    @property
    def deposit(self) -> int:
        """What its token account costs, below 0 where that comes back."""
        return token_rent(self.coin.mint) * (self.opens - self.closes)

    def truths(self) -> list[Truth]:
        if self.code:
            return [Truth(self.payer, "failed", network_fee=BASE_FEE, priority_fee=self.costs.priority)]
        return [trade_truth(self.coin, self.trade, self.costs, self.deposit)]


@dataclass(frozen=True, slots=True)
class CurveTrade(OneTrade):
    """On the coin's curve."""

    @property
    def error(self) -> tuple[int, int] | None:
        return (asked_before(self.costs) + self.trade.is_buy, self.code) if self.code else None

    @property
    def about(self) -> tuple[str, ...]:
        return self.coin.mint, PUMP

    def moves(self) -> Moves:
        moves = Moves()
        swap_moves(moves, self.coin, self.trade)
        moves.pay(self.payer, (self.payer, self.coin.mint), self.deposit)
        return with_costs(self.costs, self.payer, moves, bool(self.code))

    def calls(self, slot: int, at_s: int) -> list[Call]:
        mint, wallet = self.coin.mint, self.payer
        calls = [swap_call(self.coin, self.trade, at_s, bool(self.code))]
        if self.trade.is_buy:
            calls.insert(0, opened(wallet, wallet, mint, self.opens and not self.code))
        if self.closes:
            calls.append(closed(token_account(wallet, mint), wallet, mint))
        return with_budget(self.costs, wallet, calls)


def trade_truth(coin: Launch, trade: CoinTrade, costs: Costs, deposit: int) -> Truth:
    swapped, side = trade.swapped, "buy" if trade.is_buy else "sell"
    quote = swapped.quote + (swapped.lp_fee if trade.is_buy else -swapped.lp_fee)  # what stays in the pool is its price
    fees = swapped.protocol_fee + swapped.creator_fee
    base = BASE_FEE * costs.signatures
    return Truth(trade.wallet, side, coin.mint, swapped.tokens, quote, fees, base, costs.priority, costs.tip, deposit)


def swap_moves(moves: Moves, coin: Launch, trade: CoinTrade) -> None:
    curve, swapped = curve_of(coin.mint), trade.swapped
    way = 1 if trade.is_buy else -1
    payer = trade.wallet if trade.is_buy else curve
    moves.lamports[trade.wallet] -= way * swapped.quote
    moves.lamports[curve] += way * swapped.quote
    moves.pay(payer, TAKER, swapped.protocol_fee)
    moves.pay(payer, curve_fees_of(coin.creator), swapped.creator_fee)
    if not trade.is_buy:  # the seller's part of it, in one go
        moves.pay(trade.wallet, curve, swapped.protocol_fee + swapped.creator_fee)
    moves.send(curve, trade.wallet, coin.mint, way * swapped.tokens)
    moves.lamports[curve, coin.mint] += 0


def swap_call(coin: Launch, trade: CoinTrade, at_s: int, failed: bool) -> Call:
    mint, wallet, swapped = coin.mint, trade.wallet, trade.swapped
    curve, vault = curve_of(mint), curve_fees_of(coin.creator)
    own, its = token_account(wallet, mint), token_account(curve, mint)
    inner: tuple[Call, ...]
    if trade.is_buy:
        data = BUY + u64(swapped.tokens, trade.lamports * 105 // 100) + u8(1)
        owners = (*reads(SYSTEM, TOKEN_2022), *writes(vault))
        paid = ((curve, swapped.quote), (TAKER, swapped.protocol_fee), (vault, swapped.creator_fee))
        inner = (sent(its, own, mint, swapped.tokens, curve, False), *(transfer(wallet, to, lamports) for to, lamports in paid))
    else:
        data = SELL + u64(swapped.tokens, trade.lamports * 95 // 100)
        owners = (*reads(SYSTEM), *writes(vault), *reads(TOKEN_2022))
        inner = (sent(own, its, mint, swapped.tokens, wallet),)
    accounts = (*reads(GLOBAL), *writes(TAKER), *reads(mint), *writes(curve, its, own), *signs(wallet), *owners)
    tail = reads(events_of(PUMP), PUMP, _counted(), FEE_CONFIG, PUMP_FEES)
    name = "Buy" if trade.is_buy else "Sell"
    events = [trade_event(coin, trade, at_s), *([complete_event(coin, wallet, at_s)] if trade.graduates else [])]
    inner = () if failed else (*inner, *(told(PUMP, one) for one in events))
    return Call(PUMP, (*accounts, *tail), data, (f"Instruction: {name}",), inner, units=35_962)


def trade_event(coin: Launch, trade: CoinTrade, at_s: int) -> bytes:
    """What pump.fun writes of a trade: reserves are those afterwards, of the curve even where it is sold out by it."""
    swapped, before = trade.swapped, trade.before
    way = 1 if trade.is_buy else -1
    virtual = (before.quote + way * swapped.quote, before.tokens - way * swapped.tokens)
    real = (before.sol + way * swapped.quote, before.left - way * swapped.tokens)
    return event(
        "TradeEvent",
        keys(coin.mint), u64(swapped.quote, swapped.tokens), u8(trade.is_buy), keys(trade.wallet), u64(at_s, *virtual, *real),
        keys(TAKER), u64(CURVE_FEES.protocol, swapped.protocol_fee), keys(coin.creator), u64(CURVE_FEES.creator, swapped.creator_fee),
        u8(0), u64(0, 0, 0, at_s), text("buy" if trade.is_buy else "sell"), u8(0), u64(0, 0, 0, 0), u32(0),
        keys(WSOL), u64(0, virtual[0], real[0]),
    )  # fmt: skip


def complete_event(coin: Launch, wallet: str, at_s: int) -> bytes:
    return event("CompleteEvent", keys(wallet, coin.mint, curve_of(coin.mint)), u64(at_s), keys(WSOL))


def _counted() -> str:
    return derived(PUMP, b"global_volume_accumulator")


@dataclass(frozen=True, slots=True)
class Launching:
    """A coin is made, and its maker buys the first of it in the same transaction."""

    coin: Launch
    trade: CoinTrade
    costs: Costs

    @property
    def payer(self) -> str:
        return self.coin.creator

    @property
    def error(self) -> None:
        return None

    @property
    def about(self) -> tuple[str, ...]:
        return (PUMP,)

    def moves(self) -> Moves:
        mint, maker, curve = self.coin.mint, self.payer, curve_of(self.coin.mint)
        moves = Moves()
        for account, lamports in ((mint, rent(MINT_BYTES)), (curve, rent(curve_bytes(self.coin)))):
            moves.pay(maker, account, lamports)
        for owner in (curve, maker):
            moves.pay(maker, (owner, mint), token_rent(mint))
        moves.coins[curve, mint] += SUPPLY
        swap_moves(moves, self.coin, self.trade)
        return with_costs(self.costs, maker, moves)

    def calls(self, slot: int, at_s: int) -> list[Call]:
        coin, maker = self.coin, self.payer
        return with_budget(
            self.costs, maker, [_create(coin, at_s), opened(maker, maker, coin.mint, True), swap_call(coin, self.trade, at_s, False)]
        )

    def truths(self) -> list[Truth]:
        deposits = rent(MINT_BYTES) + rent(curve_bytes(self.coin)) + 2 * token_rent(self.coin.mint)
        return [trade_truth(self.coin, self.trade, self.costs, deposits)]


def _create(coin: Launch, at_s: int) -> Call:
    mint, maker, curve = coin.mint, coin.creator, curve_of(coin.mint)
    authority, its = derived(PUMP, b"mint-authority"), token_account(curve, mint)
    data = CREATE + text(coin.name) + text(coin.symbol) + text(_uri(coin)) + keys(maker) + u8(0) + u8(0)
    accounts = (*signs(mint), *reads(authority), *writes(curve, its), *reads(GLOBAL), *signs(maker), *reads(SYSTEM, TOKEN_2022))
    new = (
        created(maker, mint, MINT_BYTES, TOKEN_2022),
        Call(TOKEN_2022, writes(mint), u8(20) + u8(6) + key(authority) + u8(0), ("Instruction: InitializeMint2",), units=1_772),
        created(maker, curve, curve_bytes(coin), PUMP),
        opened(maker, curve, mint, True),
        minted(mint, its, SUPPLY, authority),
        told(PUMP, create_event(coin, at_s)),
    )
    tail = reads("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL", events_of(PUMP), PUMP)
    return Call(PUMP, (*accounts, *tail), data, ("Instruction: CreateV2",), new, units=92_000)


def create_event(coin: Launch, at_s: int) -> bytes:
    new = Reserves()
    return event(
        "CreateEvent",
        text(coin.name), text(coin.symbol), text(_uri(coin)), keys(coin.mint, curve_of(coin.mint), coin.creator, coin.creator),
        u64(at_s, new.tokens, new.quote, new.left, SUPPLY), keys(TOKEN_2022), u8(0), u8(0), keys(WSOL), u64(new.quote),
    )  # fmt: skip


def _uri(coin: Launch) -> str:
    return f"https://meta.example/{coin.mint[:12]}.json"


def curve_bytes(coin: Launch) -> int:
    """How large its account is: later curves have a tail that means nothing to who reads the fields."""
    return LATER_CURVE_BYTES if coin.number % 4 == 0 else CURVE_BYTES


def curve_data(coin: Launch, reserves: Reserves) -> bytes:
    """Its account: of a curve that is sold out, nothing is left and it says so."""
    left = (0, 0, 0, 0) if reserves.is_pool else (reserves.tokens, reserves.quote, reserves.left, reserves.sol)
    head = bytes.fromhex("17b7f83760d8ac60") + u64(*left, SUPPLY) + u8(reserves.is_pool) + keys(coin.creator) + u8(0) + u8(0) + keys(SYSTEM)
    return head.ljust(curve_bytes(coin), b"\0")

"""Jupiter's `/order`, `/execute` and `/build` on the ledger: a swap is a few transfers between its taker and a market maker, priced by the
coin's own curve or pool. No program of a venue runs here, so the maker signs where a pool would not have to: in its own slot.

Odd orders come as those of `metis` do, signed by the maker already; even ones as those of `jupiterz`, whose maker signs in `/execute`.
Source: https://github.com/jup-ag/docs, openapi-spec/swap/v2/swap.yaml
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction
from spl.token.instructions import close_account, create_idempotent_associated_token_account, sync_native, transfer_checked
from spl.token.models import CloseAccountParams, SyncNativeParams, TransferCheckedParams

from sandbox.solana.coins import DAY_S, Coin, Coins
from sandbox.solana.drainers import spoiled
from sandbox.solana.keys import WSOL, address
from sandbox.solana.ledger import TOKEN, TOKEN_2022, Landed, Ledger, Rejected, associated, seed_of
from sandbox.wire import Clock, Json

SLIPPAGE_BPS, BASIS_POINTS = 50, 10_000
UNITS, UNIT_PRICE = 200_000, 250_000  # of compute, and micro-lamports for each: 50,000 lamports for priority
SIGNATURE_LAMPORTS, DEPOSIT = 5_000, 2_074_080
A_LOT = 2**60
NO_ROUTE = "COULD_NOT_FIND_ANY_ROUTE"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a swap gives at an instant: raw amounts. `fee` is Jupiter's, in lamports."""

    coin: Coin
    is_buy: bool
    given: int
    got: int
    fee: int
    fee_bps: int

    def at_least(self, slippage_bps: int) -> int:
        return self.got * (BASIS_POINTS - slippage_bps) // BASIS_POINTS


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that was given out: what was to be signed, and the least it may bring."""

    quote: Quote
    least: int
    message: bytes
    router: str


@dataclass
class Swaps:
    """Who quotes, builds, co-signs and lands swaps. `late` are transactions that land by themselves at their instant."""

    coins: Coins
    ledger: Ledger
    clock: Clock
    ordered: dict[str, Ordered] = field(default_factory=dict)
    late: list[tuple[float, bytes, Ordered]] = field(default_factory=list)

    def __post_init__(self) -> None:
        seed = self.ledger.seed
        self.maker = Keypair.from_seed(seed_of(seed, "market maker"))
        self.fees = address(seed, "jupiter's fees")
        self.table = address(seed, "lookup table")
        self.ledger.fund(str(self.maker.pubkey()), 10**12)
        self.ledger.give(str(self.maker.pubkey()), WSOL, A_LOT)
        self.fee_account = self.ledger.give(self.fees, WSOL, 0)
        self.table_keys = [WSOL, self.fee_account, str(associated(str(self.maker.pubkey()), WSOL, TOKEN))]
        self.ledger.add_table(self.table, self.table_keys)

    def quote(self, given: str, wanted: str, amount: int) -> Quote | None:
        """None where no route leads: nobody sells a honeypot, and of what was drained hardly anything comes."""
        coin = next(self.coins.named([wanted if given == WSOL else given], self.clock()), None)
        if coin is None or WSOL not in (given, wanted):
            return None
        bps = fee_bps(coin, self.clock())
        quote = _bought(coin, amount, bps) if given == WSOL else _sold(coin, amount, bps)
        return quote if quote.got > 0 else None

    def order(self, query: Mapping[str, str]) -> tuple[int, Json]:
        """`/order`: a quote, with a transaction to be signed where a taker is named."""
        request_id = address("request", self.ledger.seed, len(self.ordered), self.ledger.slot, *sorted(query.items()))[:36]
        quote = self._asked(query)
        if isinstance(quote, str):
            return 400, {"requestId": request_id, "error": quote}
        slippage = int(query.get("slippageBps", SLIPPAGE_BPS))
        router = "metis" if len(self.ordered) % 2 else "jupiterz"
        told = _quote_row(quote, query, slippage) | {"requestId": request_id, "router": router, "mode": "ultra"}
        if not query.get("taker"):
            return 200, told | {"transaction": None, "taker": None}
        return 200, told | self._transaction(quote, query, slippage, request_id, router)

    def _transaction(self, quote: Quote, query: Mapping[str, str], slippage: int, request_id: str, router: str) -> Json:
        taker, fault = query["taker"], query.get("fault", "")
        refused = self._shortage(quote, taker)
        if refused or fault == "not_built":
            code, why = refused or (3, "Quote could not be built into a transaction")
            return {"transaction": "", "lastValidBlockHeight": "", "errorCode": code, "errorMessage": why, "error": why, "taker": taker}
        blockhash, height = self.ledger.latest_blockhash()
        instructions = spoiled(fault, self.instructions(quote, taker, query), Pubkey.from_string(taker), self.ledger)
        message = MessageV0.try_compile(Pubkey.from_string(taker), instructions, [self._lookup_table()], Hash.from_string(blockhash))
        least = quote.got * 2 if fault == "stale" else quote.at_least(slippage)
        self.ordered[request_id] = Ordered(quote, least, to_bytes_versioned(message), router)
        return {
            "transaction": b64encode(bytes(self._half_signed(message, router))).decode(),
            "lastValidBlockHeight": str(height),
            "signatureFeeLamports": SIGNATURE_LAMPORTS * message.header.num_required_signatures,
            "signatureFeePayer": taker,
            "prioritizationFeeLamports": UNITS * UNIT_PRICE // 10**6,
            "prioritizationFeePayer": taker,
            "rentFeeLamports": DEPOSIT if quote.is_buy else 0,
            "rentFeePayer": taker,
            "gasless": False,
            "taker": taker,
        }

    def build(self, query: Mapping[str, str]) -> tuple[int, Json]:
        """`/build`: the instructions, for whoever sends them by itself. No fee of Jupiter's."""
        quote = self._asked(query)
        if isinstance(quote, str) or not query.get("taker"):
            return 400, {"error": quote if isinstance(quote, str) else "taker is required"}
        free = Quote(quote.coin, quote.is_buy, quote.given, quote.got + (0 if quote.is_buy else quote.fee), 0, 0)
        slippage = int(query.get("slippageBps", SLIPPAGE_BPS))
        rows = [_instruction_row(one) for one in self.instructions(free, query["taker"], query)]
        blockhash, height = self.ledger.latest_blockhash()
        return 200, _quote_row(free, query, slippage) | {
            "computeBudgetInstructions": rows[1:2],
            "setupInstructions": rows[2:-2],
            "swapInstruction": rows[-2],
            "cleanupInstruction": rows[-1],
            "otherInstructions": [],
            "tipInstruction": None,
            "addressesByLookupTableAddress": {self.table: self.table_keys},
            "blockhashWithMetadata": {"blockhash": list(bytes(Hash.from_string(blockhash))), "lastValidBlockHeight": height},
        }

    def execute(self, body: Any, fault: str = "", after_s: float = 0) -> tuple[int, Json]:
        """`/execute`: lands what was ordered and signed. With `late` or `denied`, by itself and later; with `never`, not at all."""
        ordered = self.ordered.get(str(body.get("requestId")))
        if ordered is None:
            return 200, _failed(-1, "Missing cached order")
        try:
            signed = VersionedTransaction.from_bytes(b64decode(str(body.get("signedTransaction"))))
        except ValueError:
            return 200, _failed(-2, "Invalid signed transaction")
        if to_bytes_versioned(signed.message) != ordered.message:
            return 200, _failed(-3, "Invalid message bytes")
        data = bytes(self._co_signed(signed))
        if fault in ("late", "denied", "never"):
            self.late += [(self.clock() + after_s, data, ordered)] if fault != "never" else []
            return 200, _succeeded(str(signed.signatures[0]), self.ledger.slot, ordered.quote)
        return self._answer(ordered, data, str(signed.signatures[0]))

    def send(self, data: bytes) -> Landed:
        """`sendTransaction`. What `/build` gave lacks the maker's signature, which no pool's swap would need. Raises Rejected."""
        try:
            return self.ledger.submit(bytes(self._co_signed(VersionedTransaction.from_bytes(data))))
        except ValueError as error:
            raise Rejected(f"failed to deserialize: {error}") from error

    def land_late(self) -> None:
        """What was to land by itself until now does, unless it died before."""
        due = [one for one in self.late if one[0] <= self.clock()]
        self.late = [one for one in self.late if one not in due]
        for _, data, ordered in due:
            self._landed(ordered, data)

    def _answer(self, ordered: Ordered, data: bytes, signature: str) -> tuple[int, Json]:
        landed = self._landed(ordered, data)
        is_quote = ordered.router == "jupiterz"
        if isinstance(landed, str):
            code = -2000 if is_quote else -1000
            return 200, _failed(code, landed, signature)
        if landed.error is not None:
            return 200, _failed(6001, "Slippage tolerance exceeded", signature) | {"slot": str(landed.slot)}
        return 200, _succeeded(signature, landed.slot, ordered.quote)

    def _landed(self, ordered: Ordered, data: bytes) -> Landed | str:
        """Where the price has moved past what the order may bring at least, the maker has nothing to give and the chain fails it."""
        known = self.ledger.landed.get(str(VersionedTransaction.from_bytes(data).signatures[0]))
        if known is not None:
            return known
        now = self.quote(*_pair(ordered.quote), ordered.quote.given)
        self._stock(ordered.quote.coin.launch.mint, A_LOT if now is not None and now.got >= ordered.least else 0)
        try:
            return self.ledger.submit(data)
        except Rejected as error:
            return str(error)

    def _stock(self, mint: str, raw: int) -> None:
        self.ledger.give(str(self.maker.pubkey()), mint, raw)
        self.ledger.give(str(self.maker.pubkey()), WSOL, raw)

    def _asked(self, query: Mapping[str, str]) -> Quote | str:
        amount = query.get("amount", "")
        if not amount.isdecimal() or int(amount) == 0:
            return "amount is required"
        return self.quote(query.get("inputMint", ""), query.get("outputMint", ""), int(amount)) or NO_ROUTE

    def _shortage(self, quote: Quote, taker: str) -> tuple[int, str] | None:
        has = self.ledger.lamports(taker)
        if quote.is_buy:
            return (1, "Insufficient funds") if has < quote.given else None
        held = self.ledger.tokens(str(associated(taker, quote.coin.launch.mint, TOKEN_2022)))
        if held < quote.given:
            return 1, "Insufficient funds"
        return (2, "Insufficient SOL for gas") if has < 2 * SIGNATURE_LAMPORTS else None

    def instructions(self, quote: Quote, taker: str, query: Mapping[str, str]) -> list[Instruction]:
        """SOL is wrapped, both sides are moved, and what was wrapped is unwrapped."""
        owner, maker, mint = Pubkey.from_string(taker), self.maker.pubkey(), quote.coin.launch.mint
        self.ledger.add_mint(mint, 6, TOKEN_2022)
        self._stock(mint, A_LOT)
        own_sol, own = associated(taker, WSOL, TOKEN), associated(taker, mint, TOKEN_2022)
        makers_sol, makers = associated(str(maker), WSOL, TOKEN), associated(str(maker), mint, TOKEN_2022)
        price = UNIT_PRICE + (0 if query.get("fault") == "twin" else 5 * (len(self.ordered) % 1_000))  # no two orders are the same bytes
        sol, coin = Pubkey.from_string(WSOL), Pubkey.from_string(mint)
        begin = [
            set_compute_unit_limit(UNITS),
            set_compute_unit_price(price),
            create_idempotent_associated_token_account(owner, owner, sol, TOKEN),
        ]
        fee = [_moved(TOKEN, own_sol, sol, Pubkey.from_string(self.fee_account), owner, quote.fee, 9)] if quote.fee else []
        end = close_account(CloseAccountParams(program_id=TOKEN, account=own_sol, dest=owner, owner=owner))
        if quote.is_buy:
            return [
                *begin,
                create_idempotent_associated_token_account(owner, owner, coin, TOKEN_2022),
                transfer(TransferParams(from_pubkey=owner, to_pubkey=own_sol, lamports=quote.given)),
                sync_native(SyncNativeParams(program_id=TOKEN, account=own_sol)),
                *fee,
                _moved(TOKEN, own_sol, sol, makers_sol, owner, quote.given - quote.fee, 9),
                _moved(TOKEN_2022, makers, coin, own, maker, quote.got, 6),
                end,
            ]
        return [
            *begin,
            _moved(TOKEN_2022, own, coin, makers, owner, quote.given, 6),
            _moved(TOKEN, makers_sol, sol, own_sol, maker, quote.got + quote.fee, 9),
            *fee,
            end,
        ]

    def _lookup_table(self) -> AddressLookupTableAccount:
        return AddressLookupTableAccount(Pubkey.from_string(self.table), [Pubkey.from_string(key) for key in self.table_keys])

    def _half_signed(self, message: MessageV0, router: str) -> VersionedTransaction:
        empty = [Signature.default()] * message.header.num_required_signatures
        unsigned = VersionedTransaction.populate(message, empty)
        return self._co_signed(unsigned) if router == "metis" else unsigned

    def _co_signed(self, transaction: VersionedTransaction) -> VersionedTransaction:
        """With the maker's signature in the maker's slot, if it has one."""
        message, signatures = transaction.message, list(transaction.signatures)
        signers = message.account_keys[: message.header.num_required_signatures]
        if self.maker.pubkey() in signers:
            signatures[signers.index(self.maker.pubkey())] = self.maker.sign_message(to_bytes_versioned(message))
        return VersionedTransaction.populate(message, signatures)


def fee_bps(coin: Coin, now_s: float) -> int:
    """Of a coin younger than a day 50, else 10."""
    return 50 if now_s - coin.launch.launched_at_s < DAY_S else 10


def _bought(coin: Coin, lamports: int, bps: int) -> Quote:
    fee = lamports * bps // BASIS_POINTS
    return Quote(coin, True, lamports, coin.reserves.buy(lamports - fee)[1], fee, bps)


def _sold(coin: Coin, tokens: int, bps: int) -> Quote:
    gross = 0 if coin.is_honeypot else coin.reserves.sell(tokens)[1]
    fee = gross * bps // BASIS_POINTS
    return Quote(coin, False, tokens, gross - fee, fee, bps)


def _pair(quote: Quote) -> tuple[str, str]:
    mint = quote.coin.launch.mint
    return (WSOL, mint) if quote.is_buy else (mint, WSOL)


def _moved(program: Pubkey, source: Pubkey, mint: Pubkey, dest: Pubkey, owner: Pubkey, raw: int, decimals: int) -> Instruction:
    places = {"source": source, "mint": mint, "dest": dest, "owner": owner}
    return transfer_checked(TransferCheckedParams(program_id=program, amount=raw, decimals=decimals, signers=[], **places))


def _quote_row(quote: Quote, query: Mapping[str, str], slippage_bps: int) -> Json:
    return {
        "inputMint": query["inputMint"],
        "outputMint": query["outputMint"],
        "inAmount": str(quote.given),
        "outAmount": str(quote.got),
        "otherAmountThreshold": str(quote.at_least(slippage_bps)),
        "swapMode": "ExactIn",
        "slippageBps": slippage_bps,
        "priceImpact": -100 * _impact(quote),
        "feeBps": quote.fee_bps,
        "feeMint": WSOL,
        "platformFee": {"amount": str(quote.fee), "feeBps": quote.fee_bps, "feeMint": WSOL},
        "routePlan": [{"swapInfo": {"label": _venue(quote)}, "percent": 100, "bps": BASIS_POINTS}],
        "totalTime": 12,
    }


def _venue(quote: Quote) -> str:
    return "Pump.fun Amm" if quote.coin.reserves.is_pool else "Pump.fun"


def _impact(quote: Quote) -> float:
    """How much worse than the price before it, as a part."""
    tokens, lamports = (quote.got, quote.given) if quote.is_buy else (quote.given, quote.got)
    paid = lamports / tokens / 1000
    price = quote.coin.reserves.price
    return max(paid / price - 1 if quote.is_buy else 1 - paid / price, 0.0)


def _succeeded(signature: str, slot: int, quote: Quote) -> Json:
    amounts = {"totalInputAmount": str(quote.given), "totalOutputAmount": str(quote.got)}
    return {"status": "Success", "signature": signature, "slot": str(slot), "code": 0, **amounts}


def _failed(code: int, why: str, signature: str = "") -> Json:
    return {"status": "Failed", "code": code, "error": why} | ({"signature": signature} if signature else {})


def _instruction_row(one: Instruction) -> Json:
    accounts: Sequence[Any] = one.accounts
    return {
        "programId": str(one.program_id),
        "accounts": [{"pubkey": str(a.pubkey), "isSigner": a.is_signer, "isWritable": a.is_writable} for a in accounts],
        "data": b64encode(bytes(one.data)).decode(),
    }

"""What an order must be before the book sees it. Pure: each check raises Refusal with the venue's words.

Sources: https://docs.polymarket.com/resources/error-codes; polymarket-client 0.14.0 (orders.context: decimals by tick)."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from polymarket._internal.wallet import (
    derive_beacon_deposit_wallet_address,
    derive_proxy_wallet_address,
    derive_safe_wallet_address,
    derive_uups_deposit_wallet_address,
)
from polymarket.environments import PRODUCTION

from sandbox.exchange.contracts import CTF, EXCHANGE_V2, EXCHANGE_V3, POSITION_MANAGER, Route, route_of
from sandbox.exchange.matching import WHOLE
from sandbox.exchange.orders import Kind, Order, Posted
from sandbox.exchange.refusals import WRONG_MAKER, WRONG_SIGNER, Refusal
from sandbox.exchange.signing import order_signer, wallet_order_signer
from sandbox.markets import Market

SMALLEST = 5_000_000  # shares that may rest
_SMALLEST_MARKETABLE = 1_000_000  # dollars that may take
_SOONEST_EXPIRY_S = 60
_UNIT = 1_000_000
AMOUNT_DECIMALS = {1000: 3, 100: 4, 50: 5, 25: 6, 10: 5, 1: 6}  # by tick in ten-thousandths; sizes have 2, always
_WALLETS = PRODUCTION._config.wallet_derivation
_OTHER_ROUTES = (Route("2", EXCHANGE_V2, CTF), Route("3", EXCHANGE_V3, POSITION_MANAGER))


class Rule(NamedTuple):
    """Who may sign for which wallet, and how the signature is read."""

    owns: Callable[[str, str], bool]  # (login, maker)
    signer: Callable[..., str | None]
    is_wallet: bool  # the order names the wallet itself as its signer


def check(order: Order, now_s: float) -> None:
    """All but what depends on the book and the balance."""
    check_signer(order)
    check_but_signer(order, now_s)


def check_but_signer(order: Order, now_s: float) -> None:
    check_amounts(order)
    check_expiration(order.posted, now_s)


def check_signer(order: Order) -> None:
    posted, login, route = order.posted, order.login, route_of(order.market)
    fields, rule = posted.fields, SIGNATURE_TYPES[posted.fields.signature_type]
    if fields.signer != (fields.maker if rule.is_wallet else login):
        raise Refusal(WRONG_SIGNER)
    if not rule.owns(login, fields.maker):
        raise Refusal(WRONG_SIGNER if rule.is_wallet else WRONG_MAKER)
    if rule.signer(fields, route, posted.signature) != login:
        elsewhere = (other for other in _OTHER_ROUTES if other.version != route.version)
        mismatch = any(rule.signer(fields, other, posted.signature) == login for other in elsewhere)
        raise Refusal("order_version_mismatch" if mismatch else "invalid signature")


def check_amounts(order: Order) -> None:
    tick = tick_of(order.market)
    check_decimals(order, AMOUNT_DECIMALS[tick])
    if not is_on_grid(order, tick):
        price = float(order.price / WHOLE)
        raise Refusal(f"order {order.hash} is invalid. Price ({price}) breaks minimum tick size rule: {tick / WHOLE}")
    if order.posted.kind.rests and order.size < SMALLEST:
        raise Refusal(f"order {order.hash} is invalid. Size ({order.size / _UNIT}) lower than the minimum: {SMALLEST // _UNIT}")


def check_marketable(order: Order) -> None:
    dollars = order.posted.fields.maker_amount
    if order.is_buy and dollars < _SMALLEST_MARKETABLE:
        raise Refusal(f"invalid amount for a marketable BUY order (${dollars / _UNIT}), min size: $1")


def check_expiration(posted: Posted, now_s: float) -> None:
    """A GTD order must have time left, and only a GTD order may have an end. The clients ask for three minutes, the venue for one."""
    if (posted.kind is Kind.GTD) != (posted.expiration > 0) or 0 < posted.expiration < now_s + _SOONEST_EXPIRY_S:
        raise Refusal("invalid expiration")
    if posted.post_only and not posted.kind.rests:
        raise Refusal("Invalid order payload")


def tick_of(market: Market) -> int:
    """In ten-thousandths of a dollar."""
    return market.tick_millis * 10


def check_decimals(order: Order, decimals: int) -> None:
    fields = order.posted.fields
    takes = order.is_buy and not order.posted.kind.rests
    maker, taker = (decimals, 2) if order.is_buy and not takes else (2, decimals)
    if fields.maker_amount % 10 ** (6 - maker) or fields.taker_amount % 10 ** (6 - taker):
        kind = "market buy" if takes else "buy" if order.is_buy else "sell"
        words = f"the {kind} orders maker amount supports a max accuracy of {maker} decimals, taker amount a max of {taker} decimals"
        raise Refusal(f"invalid amounts, {words}")


def is_on_grid(order: Order, tick: int) -> bool:
    if order.posted.kind.rests:
        return order.price % tick == 0 and tick <= order.price <= WHOLE - tick
    limit = order.price // tick * tick if order.is_buy else -(-order.price // tick) * tick
    return tick <= limit <= WHOLE - tick and _is_rounded(order, limit, 10 ** (6 - AMOUNT_DECIMALS[tick]))


def _is_rounded(order: Order, limit: int, step: int) -> bool:
    """A market order's second amount is the first one divided or multiplied by the limit and rounded down to `step`, so its own
    price lies a hair off the grid. Anything further off is a price that the grid does not have."""
    fields = order.posted.fields
    exact = Fraction(fields.maker_amount * WHOLE, limit) if order.is_buy else Fraction(fields.maker_amount * limit, WHOLE)
    return exact - step < fields.taker_amount <= exact


SIGNATURE_TYPES = (
    Rule(lambda login, maker: maker == login, order_signer, False),
    Rule(lambda login, maker: maker == derive_proxy_wallet_address(login, _WALLETS), order_signer, False),
    Rule(lambda login, maker: maker == derive_safe_wallet_address(login, _WALLETS), order_signer, False),
    Rule(lambda login, maker: maker in deposit_wallets(login), wallet_order_signer, True),
)


def deposit_wallets(login: str) -> tuple[str, str]:
    """Of today's factory and of the one before."""
    return derive_beacon_deposit_wallet_address(login, _WALLETS), derive_uups_deposit_wallet_address(login, _WALLETS)


def wallet_of(login: str, signature_type: int) -> str:
    """Which wallet a login trades from when it says no more than the type."""
    derived = (lambda: login, lambda: derive_proxy_wallet_address(login, _WALLETS), lambda: derive_safe_wallet_address(login, _WALLETS))
    return derived[signature_type]() if signature_type < len(derived) else deposit_wallets(login)[0]

"""The contracts an order may be signed for, and which of them a market uses. Source: polymarket-client 0.14.0, environments."""

from typing import NamedTuple

from sandbox.markets import Market

CHAIN_ID = 137
PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
CTF = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
NEG_RISK_ADAPTER = "0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296"  # shows neg-risk balances under the CTF's interface
POSITION_MANAGER = "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF"
COLLATERAL_ADAPTER = "0xAdA100Db00Ca00073811820692005400218FcE1f"
NEG_RISK_COLLATERAL_ADAPTER = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
ROUTER = "0x12121212006e4CD160D18e3f00711DA5c3372600"
EXCHANGE_V2 = "0xE111180000d2663C0091e4f400237545B87B996B"
NEG_RISK_EXCHANGE_V2 = "0xe2222d279d744050d28e00520010520000310F59"
EXCHANGE_V3 = "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"
PERPS_DEPOSIT = "0xDCa4af75705dbB50f62437045afF9921947917d2"
AUTO_REDEEM_OPERATOR = "0xa1200000d0002264C9a1698e001292D00E1b00af"
BINARY_MODULE = "0x1000008dD9001B968442c1000017eaE6E0dA00Ba"
NEG_RISK_MODULE = "0x200000900045e3B6259600682756002200028933"

EXCHANGES = (EXCHANGE_V2, NEG_RISK_EXCHANGE_V2, EXCHANGE_V3)
# Everything that asks a trading wallet for leave to move its dollars, or its shares: token contract and operator.
SPENDERS = (*EXCHANGES, COLLATERAL_ADAPTER, NEG_RISK_COLLATERAL_ADAPTER, ROUTER, PERPS_DEPOSIT)
OPERATORS = (
    *((CTF, operator) for operator in (EXCHANGE_V2, NEG_RISK_EXCHANGE_V2, COLLATERAL_ADAPTER, NEG_RISK_COLLATERAL_ADAPTER)),
    *((CTF, operator) for operator in (AUTO_REDEEM_OPERATOR, BINARY_MODULE, NEG_RISK_MODULE)),
    *((POSITION_MANAGER, operator) for operator in (ROUTER, EXCHANGE_V3, AUTO_REDEEM_OPERATOR)),
)

_RESERVED_BITS = ((1 << 64) - 1) << 40


class Route(NamedTuple):
    """Where a market's orders settle: the EIP-712 domain's version and contract, and the contract that holds the shares."""

    version: str
    exchange: str
    shares: str


_V3 = Route("3", EXCHANGE_V3, POSITION_MANAGER)


def route_of(market: Market) -> Route:
    if is_position_id(market.token_ids[0]):
        return _V3
    return Route("2", NEG_RISK_EXCHANGE_V2 if market.neg_risk else EXCHANGE_V2, CTF)


def is_position_id(token_id: str) -> bool:
    """Whether an id is of the second protocol: the eight reserved bytes of its layout are zero."""
    return not int(token_id) & _RESERVED_BITS

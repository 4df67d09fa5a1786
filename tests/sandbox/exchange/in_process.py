"""The exchange without a network, and orders signed by the official builder: for tests of many orders."""

from dataclasses import dataclass
from typing import Any

from py_clob_client_v2.order_utils import exchange_order_builder_v2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, order_to_json_v2
from py_clob_client_v2.signer import Signer

from sandbox.exchange.auth import Key
from sandbox.exchange.contracts import CHAIN_ID, EXCHANGE_V2, route_of
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.orders import Order, read_order
from sandbox.markets import Market
from tests.sandbox.exchange.conftest import address_of

UNIT = 1_000_000


@dataclass
class Trader:
    """One wallet at the exchange. Its salt counts, so that each of its orders is another one."""

    exchange: Exchange
    private_key: str
    key: Key
    salt: int = 0

    @classmethod
    def at(cls, exchange: Exchange, private_key: str, dollars: int = 1_000, **tokens: int) -> "Trader":
        address = address_of(private_key)
        account = exchange.ledger.account(address)
        account.balances["pUSD"] = dollars * UNIT
        account.allow_everything()
        return cls(exchange, private_key, exchange.keys.create(address, 0))

    @property
    def address(self) -> str:
        return self.key.address

    def holds(self, asset: str) -> int:
        return self.exchange.ledger.account(self.address).balances.get(asset, 0)

    def body(self, market: Market, **order: Any) -> dict[str, Any]:
        """What would be posted. Anything of it may be said differently: `price` and `size`, or the amounts themselves."""
        return signed_body(self, market, **order)

    def post(self, market: Market, outcome: int, side: str, price: int, shares: int, kind: str = "GTC", **more: Any) -> Order:
        """`price` in cents, `shares` whole."""
        usd = price * shares * UNIT // 100
        maker, taker = (usd, shares * UNIT) if side == "BUY" else (shares * UNIT, usd)
        body = self.body(market, outcome=outcome, side=side, maker_amount=maker, taker_amount=taker, kind=kind, **more)
        return self.exchange.post(self.key, read_order(body))


def signed_body(
    trader: Trader,
    market: Market,
    *,
    outcome: int = 0,
    side: str = "BUY",
    maker_amount: int,
    taker_amount: int,
    kind: str = "GTC",
    expiration: int = 0,
    post_only: bool = False,
    contract: str | None = None,
    version: str | None = None,
    salt: int | None = None,
) -> dict[str, Any]:
    trader.salt += 1
    route = route_of(market)
    builder = exchange_order_builder_v2.ExchangeOrderBuilderV2(
        contract or route.exchange,
        CHAIN_ID,
        Signer(trader.private_key, CHAIN_ID),
        generate_salt=lambda: str(salt or trader.salt),
        domain_version=version or route.version,
    )
    data = OrderDataV2(
        maker=trader.address,
        tokenId=market.token_ids[outcome],
        makerAmount=str(maker_amount),
        takerAmount=str(taker_amount),
        side=0 if side == "BUY" else 1,
        signatureType=0,
        timestamp="1790000000000",
        expiration=str(expiration),
    )
    return order_to_json_v2(builder.build_signed_order(data), trader.key.key, kind, post_only)


def wrong_contract(market: Market) -> str:
    """The other exchange of the same version."""
    return EXCHANGE_V2 if market.neg_risk else "0xe2222d279d744050d28e00520010520000310F59"

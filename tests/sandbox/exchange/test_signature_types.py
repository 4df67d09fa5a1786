"""All four kinds of wallet, on both versions of the client that can post: who signs, who pays, and what is refused."""

from typing import Any

import pytest
from polymarket.environments import PRODUCTION
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import MarketOrderArgsV2, OrderType
from py_clob_client_v2.exceptions import PolyApiException

from sandbox.exchange.rules import wallet_of
from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Clients, Served, address_of

KEY = PUBLIC_KEYS[3]
SHARES: Any = {"2": "CONDITIONAL", "3": "CONDITIONAL-V2"}
KINDS = ("EOA", "POLY_PROXY", "GNOSIS_SAFE", "DEPOSIT_WALLET")


def v2_client(served: Served, signature_type: int, funder: str) -> ClobClient:
    client = ClobClient(f"{served.url}/clob", chain_id=137, key=KEY, signature_type=signature_type, funder=funder)
    client.set_api_creds(client.create_or_derive_api_key())
    return client


def buy(client: ClobClient, token_id: str) -> Any:
    order = MarketOrderArgsV2(token_id=token_id, amount=5, side="BUY", price=0.99)
    return client.create_and_post_market_order(order, order_type=OrderType.FAK)


@pytest.mark.parametrize("signature_type", range(4))
@pytest.mark.parametrize("where", [{"neg_risk": False}, {"neg_risk": True}])
def test_py_clob_client_v2_trades_from_each_kind_of_wallet(served: Served, signature_type: int, where: dict[str, Any]) -> None:
    wallet, token_id = wallet_of(address_of(KEY), signature_type), served.market(**where).token_ids[0]
    served.fund(wallet)
    assert buy(v2_client(served, signature_type, wallet), token_id)["status"] == "matched"
    assert served.control(f"/accounts/{wallet}")["tokens"][token_id] >= 5_000_000


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("signature_type", range(4))
def test_polymarket_client_trades_from_each_kind_of_wallet(served: Served, clients: Clients, signature_type: int, version: str) -> None:
    """Version 3 is Exchange V3, where shares are positions and lie with the position manager."""
    wallet, token_id = wallet_of(address_of(KEY), signature_type), served.market(version=version).token_ids[1]
    served.fund(wallet)
    client = clients(KEY, wallet)
    assert client.wallet_type == KINDS[signature_type]
    bought = client.place_market_order(token_id=token_id, side="BUY", amount=5, max_price="0.99")
    assert bought.ok
    assert client.get_balance_allowance(asset_type=SHARES[version], token_id=token_id).balance >= bought.taking_amount * 1_000_000


@pytest.mark.parametrize(
    ("signature_type", "wallet_type", "words"),
    [
        (1, 2, "maker address not allowed, please use the deposit wallet flow"),
        (2, 1, "maker address not allowed, please use the deposit wallet flow"),
        (0, 1, "maker address not allowed, please use the deposit wallet flow"),
        (3, 2, "the order signer address has to be the address of the API KEY"),
    ],
)
def test_a_wallet_of_another_kind_is_refused(served: Served, signature_type: int, wallet_type: int, words: str) -> None:
    wallet = wallet_of(address_of(KEY), wallet_type)
    served.fund(wallet)
    with pytest.raises(PolyApiException) as refused:
        buy(v2_client(served, signature_type, wallet), served.market().token_ids[0])
    assert refused.value.error_msg == {"error": words}


def test_the_sandbox_knows_the_same_contracts_as_the_client() -> None:
    from sandbox.exchange import contracts

    config = PRODUCTION._config
    assert (
        config.standard_exchange,
        config.neg_risk_exchange,
        config.exchange_v3,
    ) == (contracts.EXCHANGE_V2, contracts.NEG_RISK_EXCHANGE_V2, contracts.EXCHANGE_V3)

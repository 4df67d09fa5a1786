"""What the official clients' own tests say, asked of what we trade with: signatures, log-in, fees, price walks.

Not asked: `order_v1_eoa`. Orders of the first exchange have been rejected since 2026-04-28; nothing here can sign one.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Keys
from polymarket._internal.actions.orders.market import adjust_buy_amount_for_fees
from polymarket._internal.actions.orders.market_data import PlatformFeeInfo
from polymarket._internal.actions.orders.types import BYTES32_ZERO, UnsignedOrder
from polymarket._internal.environment import PRODUCTION_CONFIG, create_environment
from polymarket._internal.hmac import build_hmac_signature
from polymarket._internal.l1_auth import sign_api_key_auth
from polymarket.clients.secure import SecureClient
from polymarket.models.clob import ApiKeyCreds
from py_clob_client.utilities import generate_orderbook_summary_hash, parse_raw_orderbook_summary
from py_clob_client_v2.clob_types import OrderSummary, OrderType
from py_clob_client_v2.config import get_contract_config
from py_clob_client_v2.order_builder.builder import OrderBuilder
from pydantic import SecretStr

from adapters.venues.polymarket.official_client import Draft, OfficialClient, Places
from data_contracts import Instrument, Side
from domain.copying.book import Level, takes
from domain.copying.fees import taker_fee
from domain.polymarket.amounts import Amounts
from domain.polymarket.exchanges import CHAIN
from domain.polymarket.order_hash import Account

HARDHAT = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # public: key 0 of every test chain
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
WALLET_TYPES = ["EOA", "POLY_PROXY", "GNOSIS_SAFE", "DEPOSIT_WALLET"]
NOBODY = ApiKeyCreds.parse_response({"apiKey": "key", "secret": "c2VjcmV0", "passphrase": "word"})


@pytest.fixture(scope="module")
def official(recorded_answers: Path) -> dict[str, Any]:
    return dict(json.loads((recorded_answers / "official_test_vectors.json").read_text()))


@pytest.fixture(scope="module")
def vectors(recorded_answers: Path) -> dict[str, Any]:
    return dict(json.loads((recorded_answers / "order_vectors.json").read_text()))


def client_of(wallet: str, signature_type: int) -> OfficialClient:
    """Made without a network: logged in as nobody."""
    account = Account(wallet, OWNER, signature_type)
    ours = OfficialClient(account, SecretStr(HARDHAT), Places())
    ours._made = SecureClient._construct_for_wallet(
        signer=Keys.from_key(HARDHAT),
        wallet=wallet,
        wallet_type=WALLET_TYPES[signature_type],  # type: ignore[arg-type]
        signer_type="OWNER",
        environment=create_environment(name="test", config=PRODUCTION_CONFIG),
        config=PRODUCTION_CONFIG,
        credentials=NOBODY,
        api_key=None,
        logger=None,
        on_rate_limit_update=None,
    )
    return ours


def unsigned_of(row: dict[str, Any]) -> UnsignedOrder:
    return UnsignedOrder(
        chain_id=row["chain_id"],
        builder=row["builder"],
        exchange_address=row["verifying_contract"],
        expiration=0,
        maker=row["maker"],
        maker_amount=int(row["maker_amount"]),
        metadata=row["metadata"],
        order_type="FAK",
        salt=int(row["salt"]),
        side=["BUY", "SELL"][row["side"]],  # type: ignore[arg-type]
        signature_type=row["signature_type"],
        signer=row["signer"],
        taker_amount=int(row["taker_amount"]),
        timestamp=int(row["timestamp"]),
        token_id=row["token_id"],
        protocol_version=row["domain_version"],
    )


@pytest.fixture(scope="module")
def client() -> OfficialClient:
    return client_of(OWNER, 0)  # making one costs a second; who signs is all that it adds to a draft


def drafted(row: dict[str, Any]) -> Draft:
    return Draft(Amounts(0, 0), row["verifying_contract"], Decimal("0.01"), row["signature_type"], unsigned_of(row))


def test_every_exchange_and_every_wallet_is_signed_for_as_the_vectors_say(vectors: dict[str, Any], client: OfficialClient) -> None:
    seen = set()
    for row in vectors["signatures"]:
        first, second = client.signed(drafted(row)), client.signed(drafted(row))
        assert first.signature == row["signature"], row
        assert first == second  # a second signature is the same one: the same order, not another
        seen.add((row["route"], row["signature_type"]))
    assert len(seen) == 3 * 4


def test_a_deposit_wallet_is_signed_for_as_the_old_clients_tests_say(official: dict[str, Any], client: OfficialClient) -> None:
    """On the test chain, whose exchange the old client knows."""
    row = official["order_v2_poly1271"]
    plain = {
        "chain_id": row["chain_id"],
        "builder": BYTES32_ZERO,
        "metadata": BYTES32_ZERO,
        "verifying_contract": get_contract_config(row["chain_id"]).exchange_v2,
        "domain_version": row["domain"]["version"],
        "signature_type": row["signatureType"],
    }
    names = {"maker_amount": "makerAmount", "taker_amount": "takerAmount", "token_id": "tokenId", "timestamp": "timestamp_ms"}
    same = {name: row[name] for name in ("maker", "signer", "salt", "side")}
    draft = drafted(plain | same | {ours: row[theirs] for ours, theirs in names.items()})
    assert client.signed(draft).signature == row["signature"]


def test_the_log_in_is_signed_as_the_vectors_say(official: dict[str, Any], vectors: dict[str, Any]) -> None:
    keys = Keys.from_key(HARDHAT)
    for row in (official["clob_auth_l1"] | {"signature": official["clob_auth_l1"]["expected"]}, *vectors["l1_auth"]):
        signed = sign_api_key_auth(keys, chain_id=row["chain_id"], timestamp=row["timestamp"], nonce=row["nonce"])
        assert signed.signature == row["signature"]


def test_a_request_is_signed_as_the_vectors_say(official: dict[str, Any], vectors: dict[str, Any]) -> None:
    for row in (official["hmac_l2"] | {"signature": official["hmac_l2"]["expected"]}, *vectors["hmac"]):
        found = build_hmac_signature(
            secret=row["secret"], timestamp=int(row["timestamp"]), method=row["method"], path=row["path"], body=row["body"]
        )
        assert found == row["signature"]


def fee_market(a_live_market: Any, rate: object, exponent: int) -> Instrument:
    return a_live_market(fee_rate=Decimal(str(rate)), fee_exponent=exponent)  # type: ignore[no-any-return]


def test_the_fee_is_the_venues_rounded_to_five_digits(official: dict[str, Any], a_live_market: Any) -> None:
    """On purpose: the old client's tests leave 0.05640625 unrounded; the venue charges 0.05641 (unified client, rounding up)."""
    block = official["platform_fee"]
    for price, fee in block["rate_0.25_exp_2_100_contracts"].items():
        ours = taker_fee(Decimal(100), Decimal(price), fee_market(a_live_market, 0.25, 2))
        assert abs(ours - Decimal(str(fee))) <= Decimal("0.000005")
    for row in block["amount_100_usd_exp_1"]:
        for price in ("0.3", "0.5", "0.7"):
            shares = Decimal(100) / Decimal(price)
            assert taker_fee(shares, Decimal(price), fee_market(a_live_market, row["rate"], 1)) == Decimal(str(row[price]))
    charged = official["unified_sdk_fees"]["fee_100_shares_price_0.05_rate_0.25_exp_2"]
    assert taker_fee(Decimal(100), Decimal("0.05"), fee_market(a_live_market, 0.25, 2)) * 10**6 == charged["up"]


def test_a_buy_that_must_leave_room_for_its_fee_is_cut_as_the_unified_clients_tests_say(official: dict[str, Any]) -> None:
    for row in official["unified_sdk_fees"]["adjust_buy"]:
        amount = adjust_buy_amount_for_fees(
            amount=Decimal(row["amount"]),
            price=Decimal(row["price"]),
            max_spend=Decimal(row["max_spend"]),
            fee=PlatformFeeInfo(Decimal(str(row["rate"])), Decimal(row["exp"])),
            builder_taker_fee_rate=Decimal(str(row["builder"])),
        )
        # On purpose not rounded to the unit: the client's own order cuts it to the cent.
        assert abs(amount * 10**6 - row["out"]) < 10


def test_walking_the_book_ends_where_the_old_clients_tests_say(official: dict[str, Any]) -> None:
    """A SELL is walked by our own book as well; a BUY names USD there and shares here."""
    walker = OrderBuilder(signer=None)
    for row in official["market_price_walk"]["rows"]:
        levels = [OrderSummary(price=price, size=size) for price, size in row["levels"]]
        walk = walker.calculate_buy_market_price if row["side"] == "BUY" else walker.calculate_sell_market_price
        kind = OrderType.FOK if row["type"] == "FOK" else OrderType.FAK
        if row["expected"] == "raises":
            with pytest.raises(Exception, match="no match"):
                walk(levels, row["amount"], kind)
            continue
        assert walk(levels, row["amount"], kind) == row["expected"]
        if row["side"] == "SELL":
            best_first = [Level(Decimal(price), Decimal(size)) for price, size in reversed(row["levels"])]
            assert float(takes(best_first, Side.SELL, Decimal(row["amount"]), Decimal(0))[-1].price) == row["expected"]


def test_a_books_hash_is_the_one_of_the_first_clients_tests(official: dict[str, Any]) -> None:
    for row in official["orderbook_hash"]["rows"]:
        raw = {name: value for name, value in row.items() if name != "expected"}
        raw |= {side: [{"price": price, "size": size} for price, size in row[side]] for side in ("bids", "asks")}
        summary = parse_raw_orderbook_summary(raw | {"hash": ""})
        assert generate_orderbook_summary_hash(summary) == row["expected"]


def test_the_exchanges_are_the_clients_own() -> None:
    from domain.polymarket.exchanges import NEG_RISK, STANDARD, V3

    theirs = (PRODUCTION_CONFIG.standard_exchange, PRODUCTION_CONFIG.neg_risk_exchange, PRODUCTION_CONFIG.exchange_v3)
    assert (STANDARD.address, NEG_RISK.address, V3.address) == theirs
    assert PRODUCTION_CONFIG.chain_id == CHAIN

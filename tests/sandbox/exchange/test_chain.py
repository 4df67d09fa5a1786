"""What a wallet does without the exchange, by polymarket-client unmodified: plain accounts over a node, the others over the relayer."""

import pytest
from polymarket import RelayerApiKey, SecureClient
from polymarket.errors import RequestRejectedError, TransactionFailedError

from sandbox.exchange.contracts import COLLATERAL_ADAPTER, CTF, PUSD
from sandbox.exchange.rules import wallet_of
from sandbox.markets import Market
from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Clients, Served, address_of, environment

KEY = PUBLIC_KEYS[2]
OWNER = address_of(KEY)


@pytest.fixture
def client(served: Served, clients: Clients, signature_type: int) -> SecureClient:
    """Of each kind of wallet, with a hundred dollars. Contract wallets allow nothing; a plain one, which sends each of 17
    permissions by itself, lacks two."""
    wallet = wallet_of(OWNER, signature_type)
    served.control(f"/accounts/{wallet}", {"collateral": 100_000_000, "allowances": signature_type == 0})
    client = clients(KEY, wallet)
    if signature_type == 0:
        client.approve_erc20(token_address=PUSD, spender_address=COLLATERAL_ADAPTER, amount=0).wait()
        client.approve_erc1155_for_all(token_address=CTF, operator_address=COLLATERAL_ADAPTER, approved=False).wait()
    return client


def held(served: Served, client: SecureClient, market: Market) -> tuple[int, int, int]:
    truth = served.control(f"/accounts/{client.wallet}")
    return truth["collateral"], *(truth["tokens"].get(token_id, 0) for token_id in market.token_ids)


@pytest.mark.parametrize(("signature_type", "version"), [(0, "2"), (1, "3"), (2, "2"), (3, "3")])
def test_each_kind_of_wallet_allows_splits_and_merges(client: SecureClient, served: Served, version: str) -> None:
    market = served.market(version=version)
    assert not client.get_trading_approvals_state().is_fully_approved
    client.setup_trading_approvals()
    assert client.get_trading_approvals_state().is_fully_approved
    start, *before = held(served, client, market)
    client.split_position(condition_id=market.condition_id, amount=10_000_000).wait()
    assert held(served, client, market) == (start - 10_000_000, before[0] + 10_000_000, before[1] + 10_000_000)
    client.merge_positions(condition_id=market.condition_id, amount=4_000_000).wait()
    assert held(served, client, market) == (start - 6_000_000, before[0] + 6_000_000, before[1] + 6_000_000)


def test_a_resolved_market_pays_its_winners_once(served: Served, clients: Clients) -> None:
    """A dollar for each winning share, and the second time nothing."""
    served.fund(OWNER, 100)
    market = served.market(for_s=10)
    client = clients(KEY)
    client.split_position(condition_id=market.condition_id, amount=6_000_000).wait()
    start, *shares = held(served, client, market)
    served.clock.now_s = market.resolves_s + 1
    for _ in range(2):
        client.redeem_positions(condition_id=market.condition_id).wait()
        assert held(served, client, market) == (start + shares[market.winner], 0, 0)


def test_what_is_not_allowed_reverts(served: Served, clients: Clients) -> None:
    served.control(f"/accounts/{OWNER}", {"collateral": 100_000_000, "allowances": False})
    with pytest.raises(RequestRejectedError, match="execution reverted: transfer amount exceeds allowance"):
        clients(KEY).split_position(condition_id=served.market().condition_id, amount=1_000_000)


def test_a_relayed_transaction_that_reverts_fails_as_a_whole(served: Served, clients: Clients) -> None:
    wallet = wallet_of(OWNER, 3)
    served.fund(wallet, 5)
    handle = clients(KEY, wallet).split_position(condition_id=served.market().condition_id, amount=6_000_000)
    with pytest.raises(TransactionFailedError, match="exceeds balance"):
        handle.wait()
    assert served.control(f"/accounts/{wallet}")["collateral"] == 5_000_000


def test_a_wrong_relayer_key_is_refused(served: Served) -> None:
    wallet = wallet_of(OWNER, 3)
    served.fund(wallet, 5)
    key = RelayerApiKey(key="guessed", address=OWNER)
    with (
        SecureClient.create(private_key=KEY, wallet=wallet, environment=environment(served.url), api_key=key) as client,
        pytest.raises(RequestRejectedError, match="Unauthorized"),
    ):
        client.split_position(condition_id=served.market().condition_id, amount=1_000_000)


def test_a_missing_allowance_is_given_and_the_order_sent_again(served: Served, clients: Clients) -> None:
    """The client's own recovery: refused for want of an allowance, it approves, and posts the same order once more."""
    served.control(f"/accounts/{OWNER}", {"collateral": 100_000_000, "allowances": False})
    client = clients(KEY)
    assert client.place_market_order(token_id=served.market().token_ids[0], side="BUY", amount=5, max_price="0.99").ok


def test_who_has_no_wallet_gets_a_deposit_wallet(served: Served) -> None:
    owner = address_of(PUBLIC_KEYS[0])
    key = RelayerApiKey(key=served.control(f"/relayer-keys/{owner}")["key"], address=owner)
    with SecureClient.create(private_key=PUBLIC_KEYS[0], environment=environment(served.url), api_key=key) as client:
        assert client.wallet_type == "DEPOSIT_WALLET"
        assert client.wallet == wallet_of(owner, 3)

"""The node, asked by the `solana` package's own client and by hand: what nodes answer, and what they say no with."""

import asyncio
from typing import Any

import httpx
import pytest
from solana.exceptions import SolanaRpcException
from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException
from solders.pubkey import Pubkey
from solders.signature import Signature

from adapters.feeds.solana.pool_addresses import curve_address, pool_address
from adapters.feeds.solana.rpc_transactions import read_answer, read_page
from domain.solana.curve import Fees
from domain.solana.curve_accounts import read_curve
from domain.solana.transactions import ChainTransaction
from sandbox.solana.chain import Chain, slot_seen
from sandbox.solana.launches import Launch
from sandbox.solana.node import _first_block
from sandbox.solana.people import Person
from sandbox.solana.slots import HASH_LIVES, height_of, starts_s
from tests.solana_sandbox import SolanaSandbox

FINALIZED, NEWEST = {"commitment": "finalized"}, {"commitment": "confirmed", "maxSupportedTransactionVersion": 1}


@pytest.fixture(scope="module")
def chain(solana_sandbox: SolanaSandbox) -> Chain:
    return solana_sandbox.solana.chain.at(solana_sandbox.clock())


@pytest.fixture
def asks(solana_sandbox: SolanaSandbox) -> Any:
    """`ask(method, *params)`: the whole answer."""

    def ask(method: str, *params: Any) -> Any:
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        return httpx.post(solana_sandbox.rpc_url, json=asked, trust_env=False).json()

    return ask


def busy_coin(chain: Chain, graduated: bool = False) -> Launch:
    """The one with the most transactions on its curve."""
    coins = [coin for coin in chain.launches.values() if (pool_address(coin.mint) in chain.places) is graduated]
    return max(coins, key=lambda coin: len(chain.blocks.places_of(curve_address(coin.mint))))


def test_solanas_own_client_reads_it(solana_sandbox: SolanaSandbox, chain: Chain) -> None:
    asyncio.run(_read_all(solana_sandbox, chain))


async def _read_all(solana_sandbox: SolanaSandbox, chain: Chain) -> None:
    coin = busy_coin(chain)
    curve = Pubkey.from_string(curve_address(coin.mint))
    async with AsyncClient(solana_sandbox.rpc_url) as client:
        listed = (await client.get_signatures_for_address(curve, limit=20)).value
        assert [row.slot for row in listed] == sorted((row.slot for row in listed), reverse=True)
        for row in listed:
            for encoding in ("json", "jsonParsed", "base64"):
                found = (await client.get_transaction(row.signature, encoding, max_supported_transaction_version=1)).value
                assert found is not None
                assert found.slot == row.slot
        recent = (await client.get_latest_blockhash()).value
        assert recent.last_valid_block_height > (await client.get_block_height()).value
        account = (await client.get_account_info(curve)).value
        assert account is not None
        assert read_curve(account.data, Fees())[0].virtual_tokens == chain.last_trades[coin.mint].after.tokens
        assert (await client.get_slot()).value == slot_seen(solana_sandbox.clock(), "finalized")
        statuses = (await client.get_signature_statuses([listed[0].signature, Signature.default()])).value
        assert [status is not None for status in statuses] == [True, False]
        assert (await client.get_multiple_accounts([curve, Pubkey.default()])).value[1] is not None
        assert (await client.get_balance(Pubkey.from_string(coin.creator))).value == chain.balances.lamports[coin.creator]


def test_paging_signatures_backwards_gives_each_once(solana_sandbox: SolanaSandbox, chain: Chain) -> None:
    asyncio.run(_page_back(solana_sandbox, chain))


async def _page_back(solana_sandbox: SolanaSandbox, chain: Chain) -> None:
    curve = curve_address(busy_coin(chain).mint)
    found: list[Signature] = []
    async with AsyncClient(solana_sandbox.rpc_url) as client:
        before = None
        while page := (await client.get_signatures_for_address(Pubkey.from_string(curve), before=before, limit=17)).value:
            found += [row.signature for row in page]
            before = found[-1]
        until = found[10]
        newer = (await client.get_signatures_for_address(Pubkey.from_string(curve), until=until)).value
    places = chain.blocks.places_of(curve)
    assert [chain.blocks.place_of(str(one)) for one in found] == list(places)[::-1]
    assert [row.signature for row in newer] == found[:10]


def test_the_first_trades_of_a_curve_come_in_one_ascending_page(asks: Any, chain: Chain) -> None:
    """And the next page goes on where it ended; in the other order the same come backwards."""
    curve = curve_address(busy_coin(chain).mint)
    options = {"transactionDetails": "full", "sortOrder": "asc", "limit": 30, **NEWEST}
    first = asks("getTransactionsForAddress", curve, options)["result"]
    rows, token = read_page(first)
    assert all(isinstance(row, ChainTransaction) for row in rows)
    second = asks("getTransactionsForAddress", curve, options | {"paginationToken": token})["result"]
    signatures = [row["transaction"]["signatures"][0] for page in (first, second) for row in page["data"]]
    assert [chain.blocks.place_of(one) for one in signatures] == list(chain.blocks.places_of(curve)[:60])
    spots = [(row["slot"], row["transactionIndex"]) for row in first["data"]]
    assert spots == sorted(spots)
    ending = asks("getTransactionsForAddress", curve, {"sortOrder": "desc", "limit": 1000})["result"]
    assert [row["signature"] for row in ending["data"]][::-1][:60] == signatures
    assert ending["paginationToken"] is None


def test_pages_are_filtered_by_outcome_slot_and_time(asks: Any, chain: Chain) -> None:
    curve = curve_address(busy_coin(chain).mint)
    whole = asks("getTransactionsForAddress", curve, {"sortOrder": "asc"})["result"]["data"]
    middle = whole[len(whole) // 2]
    for filters, wanted in (
        ({"status": "failed"}, [row for row in whole if row["err"]]),
        ({"status": "succeeded"}, [row for row in whole if not row["err"]]),
        ({"slot": {"gt": middle["slot"]}}, [row for row in whole if row["slot"] > middle["slot"]]),
        ({"blockTime": {"lte": middle["blockTime"]}}, [row for row in whole if row["blockTime"] <= middle["blockTime"]]),
    ):
        assert asks("getTransactionsForAddress", curve, {"sortOrder": "asc", "filters": filters})["result"]["data"] == wanted
        assert wanted


def test_a_page_that_is_for_paid_plans_only_is_not_there(asks: Any, solana_sandbox: SolanaSandbox) -> None:
    control = f"{solana_sandbox.url}/control/solana/node"
    httpx.post(control, json={"missing_methods": ["getTransactionsForAddress"]}, trust_env=False)
    try:
        assert asks("getTransactionsForAddress", curve_address("So11111111111111111111111111111111111111112"))["error"]["code"] == -32601
    finally:
        httpx.post(control, json={"missing_methods": []}, trust_env=False)


def test_a_newer_version_is_refused_to_whoever_does_not_read_it(asks: Any, chain: Chain) -> None:
    """One v1 transaction answers -32015, alone and for the whole page it is in; a v0 one does where no version is named."""
    by_version = {version: _signature_of_version(chain, version) for version in (-1, 0, 1)}
    for version, most, is_fine in ((-1, None, True), (0, None, False), (0, 0, True), (1, 0, False), (1, 1, True)):
        options: dict[str, Any] = {} if most is None else {"maxSupportedTransactionVersion": most}
        answer = asks("getTransaction", by_version[version], options)
        assert ("result" in answer) is is_fine
        assert is_fine or answer["error"]["code"] == -32015
    page = {"transactionDetails": "full", "maxSupportedTransactionVersion": 0}
    assert asks("getTransactionsForAddress", curve_address(busy_coin(chain).mint), page)["error"]["code"] == -32015


def _signature_of_version(chain: Chain, version: int) -> str:
    return next(chain.blocks.signature(one) for one in chain.blocks if one.did.costs.version == version)  # type: ignore[union-attr]


def test_what_is_unknown_is_null_and_what_is_wrong_says_why(asks: Any, chain: Chain) -> None:
    assert asks("getTransaction", str(Signature.default()))["result"] is None
    assert asks("getAccountInfo", Person("wallet", 999).address(7))["result"]["value"] is None
    for method, params, code in (
        ("getSignaturesForAddress", ["nonsense"], -32602),
        ("getSignaturesForAddress", [curve_address(busy_coin(chain).mint), {"limit": 1001}], -32602),
        ("getSignaturesForAddress", [curve_address(busy_coin(chain).mint), {"minContextSlot": 2**40}], -32016),
        ("getTransaction", ["abc"], -32602),
        ("getNonsense", [], -32601),
        ("getBlockTime", [2**40], -32004),
        ("getBlockTime", [480_000_049], -32007),
    ):
        assert asks(method, *params)["error"]["code"] == code, method


def test_several_questions_are_answered_at_once(solana_sandbox: SolanaSandbox) -> None:
    methods = ("getSlot", "getBlockHeight", "getNonsense", "sendTransaction")
    asked = [{"jsonrpc": "2.0", "id": number, "method": method} for number, method in enumerate(methods)]
    answers = httpx.post(solana_sandbox.rpc_url, json=asked, trust_env=False).json()
    assert [("result" in one, one["id"]) for one in answers] == [(True, 0), (True, 1), (False, 2), (False, 3)]
    assert answers[3]["error"]["code"] == -32602  # it is there, and wants a transaction


def test_a_node_says_since_when_it_has_blocks(asks: Any, chain: Chain) -> None:
    """What it does not find may have been before: the first block's time is known, though the slot the chain began in may have none."""
    first = asks("getFirstAvailableBlock")["result"]
    assert abs(asks("getBlockTime", first)["result"] - int(chain.begins_s)) <= 1
    assert [_first_block(starts_s(slot)) for slot in (480_000_048, 480_000_049, 480_000_050)] == [480_000_048, 480_000_050, 480_000_050]


def test_who_asks_too_much_is_told_when_to_come_back(solana_sandbox: SolanaSandbox) -> None:
    control = f"{solana_sandbox.url}/control/solana/node"
    httpx.post(control, json={"busy": 1, "retry_after_s": 3}, trust_env=False)
    answer = httpx.post(solana_sandbox.rpc_url, json={"jsonrpc": "2.0", "id": 1, "method": "getSlot"}, trust_env=False)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    httpx.post(control, json={"busy": 1}, trust_env=False)
    asyncio.run(_ask_again(solana_sandbox.rpc_url))


async def _ask_again(url: str) -> None:
    async with AsyncClient(url) as client:
        with pytest.raises((SolanaRpcException, RPCException)):
            await client.get_slot()
        assert (await client.get_slot()).value > 0


def test_a_hash_is_valid_for_150_blocks(asks: Any, solana_sandbox: SolanaSandbox) -> None:
    asked = asks("getLatestBlockhash", {"commitment": "processed"})["result"]
    height = height_of(asked["context"]["slot"])
    assert asked["value"]["lastValidBlockHeight"] == height + HASH_LIVES
    assert asks("isBlockhashValid", asked["value"]["blockhash"])["result"]["value"] is True
    assert asks("isBlockhashValid", curve_address(asked["value"]["blockhash"]))["result"]["value"] is False


def test_holders_supply_and_token_accounts_are_what_is_held(asks: Any, chain: Chain) -> None:
    coin = busy_coin(chain)
    assert asks("getTokenSupply", coin.mint)["result"]["value"]["amount"] == "1000000000000000"
    largest = asks("getTokenLargestAccounts", coin.mint)["result"]["value"]
    assert 1 < len(largest) <= 20
    amounts = [int(row["amount"]) for row in largest]
    assert amounts == sorted(amounts, reverse=True)
    owner = next(
        owner for (owner, mint), raw in chain.balances.coins.items() if mint == coin.mint and raw and owner != curve_address(coin.mint)
    )
    rows = asks("getTokenAccountsByOwner", owner, {"mint": coin.mint}, {"encoding": "jsonParsed"})["result"]["value"]
    held = [row["account"]["data"]["parsed"]["info"]["tokenAmount"]["amount"] for row in rows]
    assert held == [str(chain.balances.coins[owner, coin.mint])]
    info = asks("getAccountInfo", rows[0]["pubkey"], {"encoding": "jsonParsed"})["result"]["value"]
    assert info["data"]["parsed"]["info"]["owner"] == owner
    assert asks("getTokenAccountBalance", rows[0]["pubkey"])["result"]["value"]["amount"] == held[0]


def test_one_transaction_is_read_by_our_reader_as_it_was_asked_for(asks: Any, chain: Chain) -> None:
    signature = chain.blocks.signature(chain.blocks[-300])
    read = read_answer(asks("getTransaction", signature, NEWEST), signature)
    assert isinstance(read, ChainTransaction)
    assert read.signature == signature

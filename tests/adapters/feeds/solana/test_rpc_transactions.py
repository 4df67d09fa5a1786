"""A transaction is one thing, in whatever encoding it comes; and what cannot be read says why."""

from base64 import b64encode
from copy import deepcopy
from typing import Any

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, CompiledInstruction, Instruction
from solders.message import Message, MessageAddressTableLookup, MessageHeader, MessageV0, MessageV1, TransactionConfig
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from adapters.feeds.solana.rpc_transactions import read_answer, read_page, read_row
from data_contracts import Side
from domain.solana.base58 import encode_base58
from domain.solana.programs import NATIVE, USDC, WSOL
from domain.solana.swaps import read_swaps
from domain.solana.transactions import ChainTransaction, Payment, Unreadable, Version
from tests.solana_transactions import SOL, Making

PAYER, FRIEND, PROGRAM, LOOKED_UP = (Pubkey(bytes([number]) * 32) for number in (1, 2, 3, 4))
ASKED = b"\x07" * 9
TRANSFER = transfer(TransferParams(from_pubkey=PAYER, to_pubkey=FRIEND, lamports=50))
CALL = Instruction(PROGRAM, ASKED, [AccountMeta(PAYER, True, True), AccountMeta(FRIEND, False, True)])
SIGNATURE = str(Signature.from_bytes(bytes([9]) * 64))


def signed(message: Message | MessageV0 | MessageV1) -> VersionedTransaction:
    return VersionedTransaction.populate(message, [Signature.from_bytes(bytes([9]) * 64)])


def legacy() -> VersionedTransaction:
    return signed(Message.new_with_blockhash([TRANSFER, CALL], PAYER, Hash.default()))


def v1() -> VersionedTransaction:
    return signed(MessageV1.try_compile(PAYER, [TRANSFER, CALL], Hash.default(), TransactionConfig()))


def v0() -> VersionedTransaction:
    """Its last account comes from a lookup table."""
    keys = [PAYER, FRIEND, PROGRAM, Pubkey.from_string(NATIVE)]
    instructions = [CompiledInstruction(3, TRANSFER.data, bytes([0, 1])), CompiledInstruction(2, ASKED, bytes([0, 4]))]
    lookups = [MessageAddressTableLookup(PROGRAM, b"\x00", b"")]
    return signed(MessageV0(MessageHeader(1, 0, 2), keys, Hash.default(), instructions, lookups))


def keys_of(transaction: VersionedTransaction) -> list[str]:
    return [str(key) for key in transaction.message.account_keys]


def row(transaction: VersionedTransaction, version: Any, body: Any, loaded: tuple[str, ...] = ()) -> dict[str, Any]:
    count = len(keys_of(transaction)) + len(loaded)
    return {
        "slot": 400_000_000,
        "blockTime": 1_790_000_000,
        "transactionIndex": 12,
        "version": version,
        "transaction": body,
        "meta": {
            "err": None,
            "fee": 5_000,
            "preBalances": [1_000_000] * count,
            "postBalances": [994_950, 1_000_050, *[1_000_000] * (count - 2)],
            "preTokenBalances": [],
            "postTokenBalances": [],
            "innerInstructions": [],
            "logMessages": ["Program log: 1"],
            "loadedAddresses": {"writable": list(loaded), "readonly": []},
        },
    }


def as_json(transaction: VersionedTransaction) -> dict[str, Any]:
    message = transaction.message
    instructions = [
        {"programIdIndex": one.program_id_index, "accounts": list(bytes(one.accounts)), "data": encode_base58(bytes(one.data))}
        for one in message.instructions
    ]
    return {
        "signatures": [SIGNATURE],
        "message": {
            "accountKeys": keys_of(transaction),
            "header": {"numRequiredSignatures": 1, "numReadonlySignedAccounts": 0, "numReadonlyUnsignedAccounts": 1},
            "instructions": instructions,
        },
    }


def as_parsed(transaction: VersionedTransaction, loaded: tuple[str, ...] = ()) -> dict[str, Any]:
    """The system program is parsed, the other is not; accounts are listed with where they come from."""
    keys = [*keys_of(transaction), *loaded]
    listed = [{"pubkey": key, "signer": key == str(PAYER), "source": "lookupTable" if key in loaded else "transaction"} for key in keys]
    info = {"source": str(PAYER), "destination": str(FRIEND), "lamports": 50}
    call = transaction.message.instructions[1]
    accounts = [keys[index] for index in bytes(call.accounts)]
    instructions = [
        {"programId": NATIVE, "program": "system", "parsed": {"type": "transfer", "info": info}},
        {"programId": str(PROGRAM), "accounts": accounts, "data": encode_base58(ASKED)},
    ]
    return {"signatures": [SIGNATURE], "message": {"accountKeys": listed, "instructions": instructions}}


def read(one: Any, **more: Any) -> ChainTransaction:
    transaction = read_row(one, **more)
    assert isinstance(transaction, ChainTransaction), transaction
    return transaction


def why(one: Any) -> str:
    unreadable = read_answer(one)
    assert isinstance(unreadable, Unreadable)
    return unreadable.why


@pytest.mark.parametrize(
    ("made", "named", "version", "first_byte", "loaded"),
    [
        (legacy(), "legacy", Version.LEGACY, 0x01, ()),
        (v0(), 0, Version.V0, 0x80, (str(LOOKED_UP),)),
        (v1(), 1, Version.V1, 0x81, ()),
    ],
)
def test_every_version_is_the_same_in_every_encoding(
    made: VersionedTransaction, named: Any, version: Version, first_byte: int, loaded: tuple[str, ...]
) -> None:
    data = bytes(made)
    assert first_byte in (data[0], data[65])  # legacy and v0 begin with their signatures, v1 with itself
    bodies = [[b64encode(data).decode(), "base64"], [encode_base58(data), "base58"], as_json(made), as_parsed(made, loaded)]
    base64, base58, json, parsed = (read(row(made, named, body, loaded)) for body in bodies)
    assert base64 == base58 == json
    assert (parsed.accounts, parsed.payments, parsed.signers, parsed.fee) == (json.accounts, json.payments, json.signers, json.fee)
    assert json.version is version
    assert (json.signature, json.slot, json.index, json.fee_payer) == (SIGNATURE, 400_000_000, 12, str(PAYER))
    assert json.payments == (Payment(str(PAYER), str(FRIEND), 50, False, True),)
    assert [(one.program, one.data) for one in json.instructions] == [(NATIVE, TRANSFER.data), (str(PROGRAM), ASKED)]
    assert [one.address for one in json.accounts if one.from_lookup_table] == list(loaded)


def test_accounts_of_instructions_may_come_from_lookup_tables() -> None:
    transaction = read(row(v0(), 0, as_json(v0()), (str(LOOKED_UP),)))
    assert transaction.instructions[1].accounts == (str(PAYER), str(LOOKED_UP))


def test_what_a_row_of_a_block_leaves_out_is_passed_in() -> None:
    bare = {key: value for key, value in row(legacy(), "legacy", as_json(legacy())).items() if key in ("transaction", "meta")}
    transaction = read(bare, slot=5, index=3)
    assert (transaction.slot, transaction.index, transaction.block_time, transaction.version) == (5, 3, None, Version.LEGACY)


def test_inner_instructions_stand_behind_the_one_that_led_to_them() -> None:
    one = row(legacy(), "legacy", as_json(legacy()))
    keys = keys_of(legacy())
    inner = {"programIdIndex": keys.index(NATIVE), "accounts": [0, 1], "data": encode_base58(TRANSFER.data), "stackHeight": 3}
    one["meta"]["innerInstructions"] = [{"index": 1, "instructions": [inner]}]
    transaction = read(one)
    assert [(it.outer, it.inner, it.depth) for it in transaction.instructions] == [(0, None, 1), (1, None, 1), (1, 0, 3)]
    assert [payment.is_outer for payment in transaction.payments] == [True, False]


def token(index: int, amount: str, mint: str = "COIN", owner: str | None = "OWNER") -> dict[str, Any]:
    return {
        "accountIndex": index,
        "mint": mint,
        "owner": owner,
        "programId": "T",
        "uiTokenAmount": {"amount": amount, "decimals": 6, "uiAmount": 1.5},
    }


def with_tokens(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    one = row(legacy(), "legacy", as_json(legacy()))
    one["meta"] |= {"preTokenBalances": before, "postTokenBalances": after}
    return one


def test_a_token_account_that_is_listed_on_one_side_held_nothing_on_the_other() -> None:
    opened, closed = token(1, "18446744073709551615"), token(2, "7")
    changes = [(one.account, one.before, one.after, one.change) for one in read(with_tokens([closed], [opened])).tokens]
    keys = keys_of(legacy())
    assert changes == [(keys[2], 7, 0, -7), (keys[1], 0, 2**64 - 1, 2**64 - 1)]


def test_an_account_that_is_closed_and_opened_for_another_coin_is_two_changes() -> None:
    tokens = read(with_tokens([token(1, "7")], [token(1, "9", "COIN2")])).tokens
    assert [(one.mint, one.change) for one in tokens] == [("COIN", -7), ("COIN2", 9)]


def test_an_account_that_changes_hands_takes_its_coins_along() -> None:
    tokens = read(with_tokens([token(1, "7")], [token(1, "7", owner="OTHER")])).tokens
    assert [(one.owner, one.change) for one in tokens] == [("OWNER", -7), ("OTHER", 7)]


def test_a_failed_transaction_names_its_error() -> None:
    one = row(legacy(), "legacy", as_json(legacy()))
    one["meta"]["err"] = {"InstructionError": [2, {"Custom": 3012}]}
    assert read(one).error == '{"InstructionError": [2, {"Custom": 3012}]}'


def test_an_answer_of_nothing_is_a_gap() -> None:
    assert read_answer({"jsonrpc": "2.0", "result": None, "id": 1}) is None


def test_a_page_is_rows_and_the_way_on() -> None:
    good, bad = row(legacy(), "legacy", as_json(legacy())), {"slot": 5}
    rows, token = read_page({"data": [good, bad], "paginationToken": "400000000:12"})
    assert (rows[0], token) == (read(good), "400000000:12")
    assert isinstance(rows[1], Unreadable)
    assert read_page({"data": [], "paginationToken": None}) == ([], None)


def broken(*path: Any, value: Any) -> dict[str, Any]:
    one = deepcopy(row(legacy(), "legacy", as_json(legacy())))
    place: Any = one
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return one


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"error": {"code": -32015, "message": "Transaction version (1) is not supported"}}, "-32015"),
        (broken("meta", value=None), "meta is missing"),
        (broken("version", value=2), "version 2"),
        (broken("version", value=True), "version True"),
        (broken("transaction", value=["AQ==", "base64+zstd"]), "encoding"),
        (broken("transaction", value=["AQ==", "base64"]), "no transaction"),
        (broken("transaction", value=None), "body is missing"),
        (broken("meta", "fee", value=5000.0), "meta.fee is no whole number: 5000.0"),
        (broken("meta", "preBalances", value=[1]), "balances for"),
        (broken("meta", "postBalances", 0, value="1"), "postBalances is no whole number"),
        (broken("meta", "preTokenBalances", value=[token(1, "1.5")]), "no raw amount"),
        (broken("meta", "preTokenBalances", value=[token(1, "1e3")]), "no raw amount"),
        (broken("meta", "preTokenBalances", value=[token(1, "1", owner=None)]), "the owner of a token balance is missing"),
        (broken("meta", "preTokenBalances", value=[token(99, "1")]), "IndexError"),
        (broken("blockTime", value=10**30), "blockTime"),
        (broken("transaction", "signatures", value=[]), "IndexError"),
        ("nothing", "no object"),
        ([], "no object"),
    ],
)
def test_what_cannot_be_read_says_why(one: Any, said: str) -> None:
    assert said in why(one)


def test_what_cannot_be_read_keeps_its_signature_where_it_has_one() -> None:
    for one in (broken("meta", "fee", value=None), row(v1(), 1, [b64encode(bytes(v1())).decode(), "base64"]) | {"meta": None}):
        unreadable = read_row(one)
        assert isinstance(unreadable, Unreadable)
        assert unreadable.signature == SIGNATURE


def test_a_v0_row_without_the_addresses_of_its_lookup_table_is_not_read_by_half() -> None:
    one = row(v0(), 0, as_json(v0()), (str(LOOKED_UP),))
    one["meta"]["loadedAddresses"] = None
    assert "lookup tables" in why(one)


def told_with_lookup_table(made: ChainTransaction) -> dict[str, Any]:
    """A made-up transaction as the RPC tells it: all accounts but those that signed come from a lookup table."""
    static = [one for one in made.accounts if one.is_signer]
    loaded = [one for one in made.accounts if not one.is_signer]
    places = {one.address: index for index, one in enumerate([*static, *loaded])}
    lists = {
        name: [
            {
                "accountIndex": places[one.account],
                "mint": one.mint,
                "owner": one.owner,
                "uiTokenAmount": {"amount": str(getattr(one, side)), "decimals": one.decimals},
            }
            for one in made.tokens
        ]
        for name, side in (("preTokenBalances", "before"), ("postTokenBalances", "after"))
    }
    message = {"accountKeys": [one.address for one in static], "instructions": [], "header": {"numRequiredSignatures": len(static)}}
    meta = {
        "fee": made.fee,
        "err": None,
        "preBalances": [one.before for one in (*static, *loaded)],
        "postBalances": [one.after for one in (*static, *loaded)],
        "loadedAddresses": {"writable": [one.address for one in loaded], "readonly": []},
        **lists,
    }
    return {"slot": 1, "version": 0, "transaction": {"signatures": [SIGNATURE], "message": message}, "meta": meta}


def test_a_route_over_pools_from_a_lookup_table_is_seen() -> None:
    """open-sol-bot#32: a copied wallet's trades over several pools were not noticed at all."""
    making = (
        Making().give(USDC, "OWNER", "A", 200_000_000).give(WSOL, "A", "B", SOL).give("MIDDLE", "B", "C", 33).give("COIN", "C", "OWNER", 7)
    )
    transaction = read(told_with_lookup_table(making.done()))
    (swap,) = read_swaps(transaction, "OWNER").swaps
    assert (swap.side, swap.coin.raw, swap.counter.raw, swap.lamports) == (Side.BUY, 7, 200_000_000, SOL)
    assert {one.address for one in transaction.accounts if not one.from_lookup_table} == {"OWNER"}

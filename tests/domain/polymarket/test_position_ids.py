"""What an outcome id says about itself, and which contract settles an order for it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Reason
from domain.polymarket.exchanges import NEG_RISK, STANDARD, V3, Exchange, exchange_of
from domain.polymarket.position_ids import IdKind, decoded, kind_of, position_id
from tests.markets import polymarket_words

CTF = "69515744437473089728151261939146426925489297565662421305942992110046228478629"
BINARY = "456322662693127080402085893806415780684933579476723864069977356327020658688"
COMBO = "1628948707922995775031622509772078765406110626872621424817699628095377506304"
# Differences on purpose from pmwallets' position-ids.json.
DIRECTIONAL = "unknown module 4"  # ts-sdk's ids.test.ts names module 4 "directional"; they take it for a CTF hash
NO_VERSION = "no version, CTF id (the CLOB before V2)"  # facts: "reject missing/unknown versions"; they order there
OURS = {"ctf": IdKind.CTF, "combo": IdKind.COMBO, "invalid": IdKind.INVALID}


@pytest.fixture(scope="module")
def oracles() -> Path:
    if "WALLETFLOW_ORACLES" not in os.environ:
        pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory with polymarket/ in it")
    return Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket"


@pytest.fixture(scope="module")
def theirs(oracles: Path) -> dict[str, Any]:
    return dict(json.loads((oracles / "pmwallets" / "position-ids.json").read_text()))


@pytest.fixture(scope="module")
def protocol_ids(oracles: Path) -> dict[str, Any]:
    return dict(json.loads((oracles / "official_test_vectors.json").read_text())["protocol_ids"])


def test_every_id_is_of_the_kind_pmwallets_says(theirs: dict[str, Any]) -> None:
    for row in theirs["ids"]:
        kind = kind_of(row["id"])
        if row["name"] == DIRECTIONAL:
            assert kind is IdKind.DIRECTIONAL
        elif row["kind"] == "v2":
            assert kind in (IdKind.BINARY, IdKind.NEG_RISK), row
        else:
            assert kind is OURS[row["kind"]], row


def test_every_market_is_ordered_where_pmwallets_says(theirs: dict[str, Any]) -> None:
    expected = {"v2": V3, "ctf": STANDARD}
    for row in theirs["markets"]:
        answer = exchange_of(polymarket_words(token_id=row["id"], version=row["version"] or "missing"))
        if row["name"] == NO_VERSION:
            assert answer is Reason.MARKET_VERSION_UNKNOWN
        elif row["expect"] == "skip":
            assert isinstance(answer, Reason), row
        else:
            assert answer == expected[row["expect"]], row


@pytest.mark.parametrize(
    ("token_id", "version", "neg_risk", "answer"),
    [
        (CTF, "v1", False, STANDARD),
        (CTF, "v1", True, NEG_RISK),
        (BINARY, "v2", False, V3),
        (BINARY, "v2", True, V3),  # V3 settles both kinds
        (BINARY, "v1", False, Reason.MARKET_VERSION_UNKNOWN),
        (CTF, "v2", False, Reason.MARKET_VERSION_UNKNOWN),
        (CTF, "v3", False, Reason.MARKET_VERSION_UNKNOWN),
        (COMBO, "v2", False, Reason.MARKET_IS_COMBO),
        (COMBO, "v1", False, Reason.MARKET_IS_COMBO),
        ("yes", "v1", False, Reason.MARKET_VERSION_UNKNOWN),
    ],
)
def test_the_version_and_the_neg_risk_flag_choose_the_exchange(
    token_id: str, version: str, neg_risk: bool, answer: Exchange | Reason
) -> None:
    """Ordering a neg-risk market on the standard exchange is the commonest bug of copy traders (PolyHermes 38, 51)."""
    assert exchange_of(polymarket_words(token_id=token_id, version=version, neg_risk=neg_risk)) == answer


def test_the_ids_of_the_unified_clients_tests_come_apart_and_together(protocol_ids: dict[str, Any]) -> None:
    """Module 4, arity 4, chain 0x0102: 0x04 0011…eeff 0004 0123456789abcdef 0102 + condition + outcome."""
    names = {"binary": IdKind.BINARY, "neg-risk": IdKind.NEG_RISK, "combo": IdKind.COMBO, "directional": IdKind.DIRECTIONAL}
    for condition, module in ((protocol_ids["binary_condition"], 1), (protocol_ids["combo_condition"], 3)):
        for outcome in (0, 1):
            parts = decoded(position_id(condition, outcome))
            assert parts.kind is names[protocol_ids["modules"][str(module)]]
            assert (parts.condition_id, parts.outcome, parts.base_hash) == (condition, outcome, "00112233445566778899aabbccddeeff")


def test_an_id_with_reserved_bits_set_is_a_hash_even_when_its_first_byte_names_a_module(protocol_ids: dict[str, Any]) -> None:
    """The conditions of `protocol_ids` fill the reserved bytes with 0123456789abcdef, to show where they lie."""
    for condition in protocol_ids["conditions"].values():
        assert kind_of(position_id(condition, 0)) is IdKind.CTF
    bare = protocol_ids["conditions"]["3"].replace("0123456789abcdef", "0" * 16)
    parts = decoded(position_id(bare, 1))
    assert (parts.kind, parts.arity, parts.chain, parts.condition, parts.outcome) == (IdKind.DIRECTIONAL, 4, 0x0102, 3, 1)


def test_what_the_unified_client_rejects_is_no_id(protocol_ids: dict[str, Any]) -> None:
    for text in protocol_ids["reject"]:
        assert kind_of(str(2**256) if text == "2**256" else text) is IdKind.INVALID
    assert kind_of("٣") is IdKind.INVALID  # a digit, but none the venue writes


@pytest.mark.parametrize("outcome", [-1, 2])
def test_there_are_two_outcomes(outcome: int) -> None:
    with pytest.raises(ValueError, match="there are 0 and 1"):
        position_id("0x01" + "00" * 30, outcome)
    with pytest.raises(ValueError, match="names outcome 2: there are 0 and 1"):
        decoded(str(int("01" + "00" * 30 + "02", 16)))


@pytest.mark.parametrize("token_id", [CTF, "-1", "yes"])
def test_what_is_no_id_of_protocol_v2_does_not_come_apart(token_id: str) -> None:
    with pytest.raises(ValueError, match="is no id of protocol V2"):
        decoded(token_id)

"""What somebody calls an address, and what follows for who belongs to whom."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from data_contracts import Funding, LabelKind, Trade, WalletLabel
from data_contracts.frames import empty, frame_of
from domain.clustering.labels import MOST_WALLETS, NO_LABELS, owner_links
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover

T0 = datetime(2026, 11, 3, tzinfo=UTC)
NOTHING = empty(Trade).select("wallet", "token_id", "side", "traded_at").with_columns(pl.lit("").alias("topic"))


def paid(*payments: tuple[str, str, float, str]) -> pl.DataFrame:
    rows = [
        Funding(
            wallet=wallet,
            funder=funder,
            amount=Decimal(amount),
            funded_at=T0 + timedelta(seconds=at_s),
            tx=f"tx{number}",
            source_known=None,
        )
        for number, (funder, wallet, at_s, amount) in enumerate(payments)
    ]
    return frame_of(rows, Funding)


def label(wallet: str, kind: LabelKind, name: str = "it", source: str = "list") -> WalletLabel:
    return WalletLabel(wallet=wallet, label=kind, name=name, source=source, loaded_at=T0)


def clusters(fundings: pl.DataFrame, *labels: WalletLabel, trades: pl.DataFrame = NOTHING) -> list[list[str]]:
    named = frame_of(labels, WalletLabel) if labels else NO_LABELS
    return sorted(discover(trades, fundings, [], {}, DiscoveryPolicy(), named).clusters.values())


PURSE = paid(("f", "a", 0, "1"), ("f", "b", 60, "2"))
SPLIT = paid(*[("f", wallet, 5.0 * number, "3") for number, wallet in enumerate("abcdefgh".replace("f", "z"))])


@pytest.mark.parametrize("kind", [LabelKind.EXCHANGE, LabelKind.INFRASTRUCTURE])
def test_a_named_exchange_or_service_is_a_hub_but_nobodys_purse(kind: LabelKind) -> None:
    assert clusters(PURSE) == [["a", "b", "f"]]
    assert clusters(PURSE, label("f", kind)) == []


def test_splits_of_an_exchange_that_a_label_names_still_count() -> None:
    """Eight equal payments 5 s apart: of an exchange a split, of a contract that pays everybody nothing."""
    assert clusters(SPLIT, label("f", LabelKind.EXCHANGE)) == [sorted("abcdezgh")]
    assert clusters(SPLIT, label("f", LabelKind.INFRASTRUCTURE)) == []


def test_an_exchange_that_only_receives_collects_for_nobody() -> None:
    """It pays nobody here, so no payment could name it."""
    collected = paid(*[(wallet, "x", 60.0 * number, "5") for number, wallet in enumerate("abc")])
    lives = [(wallet, f"t{wallet}", "BUY", T0, "") for wallet in "abc"]  # wallets that trade, or they could be anybody's
    trades = pl.DataFrame(lives, schema=NOTHING.schema, orient="row")
    assert clusters(collected, trades=trades) == [["a", "b", "c", "x"]]
    assert clusters(collected, label("x", LabelKind.EXCHANGE), trades=trades) == []


def test_wallets_with_one_owners_name_are_one() -> None:
    named = [label(wallet, LabelKind.OWNER, "Ann") for wallet in "ac"] + [label("b", LabelKind.OWNER, "Bob")]
    assert clusters(empty(Funding), *named) == [["a", "c"]]


def test_two_sources_may_each_have_an_ann() -> None:
    assert clusters(empty(Funding), label("a", LabelKind.OWNER, "Ann", "one"), label("b", LabelKind.OWNER, "Ann", "two")) == []


def test_an_exchange_is_in_no_owner_whoever_says_so() -> None:
    named = [label(wallet, LabelKind.OWNER, "Binance") for wallet in "abc"]
    assert clusters(empty(Funding), *named, label("b", LabelKind.EXCHANGE, source="another")) == [["a", "c"]]


def test_what_a_contract_traded_was_its_users_doing() -> None:
    """Two wallets that trade 40 tokens within a second of each other, one of them a router."""
    rows = [(wallet, f"t{number}", T0 + timedelta(hours=number, seconds=at)) for number in range(40) for at, wallet in enumerate("ab")]
    rows += [(f"x{number}", f"t{number % 40}", T0 + timedelta(hours=number % 40, seconds=600 + number)) for number in range(400)]
    trades = pl.DataFrame(rows, schema=["wallet", "token_id", "traded_at"], orient="row").with_columns(
        pl.lit("BUY").alias("side"), pl.lit("").alias("topic")
    )
    assert clusters(empty(Funding), trades=trades) == [["a", "b"]]
    assert clusters(empty(Funding), label("b", LabelKind.INFRASTRUCTURE), trades=trades) == []


@pytest.mark.parametrize(("count", "links"), [(MOST_WALLETS, MOST_WALLETS - 1), (MOST_WALLETS + 1, 0)])
def test_a_name_of_too_many_wallets_is_no_owner(count: int, links: int) -> None:
    """ "whale" is what somebody calls a kind of wallets."""
    named = frame_of([label(f"w{number}", LabelKind.OWNER, "whale") for number in range(count)], WalletLabel)
    assert len(list(owner_links(named))) == links

"""Who paid a wallet first, as a service tells it: what becomes a payment, and who is named as one who serves everybody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from data_contracts import LabelKind
from domain.solana.first_funders import FirstFunder, funding_of, label_of
from domain.solana.fundings import LEAST
from domain.solana.programs import USDC, WSOL

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = AT + timedelta(days=7)
PAID = FirstFunder("WALLET", "PURSE", "", "", WSOL, 2_500_000_000, AT, "S")


def test_a_first_payment_is_one_like_those_the_chain_tells() -> None:
    row = funding_of(PAID, NOW)
    assert row is not None
    assert (row.wallet, row.funder, row.amount, row.funded_at, row.tx) == ("WALLET", "PURSE", Decimal("2.5"), AT, "S")
    assert (row.source_known, row.source) == (None, "helius")


@pytest.mark.parametrize(("raw", "is_kept"), [(LEAST, True), (LEAST - 1, False)])
def test_dust_is_no_payment(raw: int, is_kept: bool) -> None:
    assert (funding_of(replace(PAID, raw=raw), NOW) is not None) is is_kept


def test_dollars_are_a_payment_of_an_amount_nobody_told_and_a_coin_is_none() -> None:
    dollars = funding_of(replace(PAID, mint=USDC, raw=100_000_000), NOW)
    assert dollars is not None
    assert dollars.amount is None
    assert funding_of(replace(PAID, mint="COIN"), NOW) is None
    assert funding_of(replace(PAID, funder="WALLET"), NOW) is None


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("exchange", LabelKind.EXCHANGE),
        ("Centralized Exchange", LabelKind.EXCHANGE),
        ("Decentralized Exchange", LabelKind.INFRASTRUCTURE),
        ("Bridge", LabelKind.INFRASTRUCTURE),
        ("Key Opinion Leader", None),  # somebody with a name still pays wallets of its own
        ("", None),
    ],
)
def test_who_serves_everybody_is_named_and_a_person_is_not(kind: str, label: LabelKind | None) -> None:
    row = label_of(replace(PAID, name="Somebody", kind=kind), NOW)
    assert (None if row is None else (row.wallet, row.label, row.name)) == (None if label is None else ("PURSE", label, "Somebody"))
    funding = funding_of(replace(PAID, name="Somebody", kind=kind), NOW)
    assert funding is not None
    assert (funding.source_known == "Somebody") is (label is LabelKind.EXCHANGE)

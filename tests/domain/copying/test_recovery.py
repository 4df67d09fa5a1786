"""What becomes of an order that its venue never saw. One that expires is over for certain then, and not before."""

from datetime import timedelta

import pytest

from data_contracts import Side
from domain.copying.recovery import Fate, fate_of
from tests.adapters.venues.test_simulated import AS_OF, an_order


@pytest.mark.parametrize(
    ("side", "valid_s", "age_s", "fate"),
    [
        (Side.BUY, None, 60, Fate.AGAIN),
        (Side.BUY, None, 61, Fate.OVER),  # stale: the venue's word that it never saw it is all there is
        (Side.SELL, None, 3600, Fate.AGAIN),
        (Side.BUY, 90, 60, Fate.AGAIN),
        (Side.BUY, 90, 61, Fate.ALONE),  # stale, and it may happen all the same
        (Side.BUY, 90, 90, Fate.ALONE),
        (Side.BUY, 90, 91, Fate.OVER),
        (Side.BUY, 30, 30, Fate.AGAIN),
        (Side.BUY, 30, 31, Fate.OVER),  # dead before it is stale: the same bytes would never happen
        (Side.SELL, 90, 90, Fate.AGAIN),
        (Side.SELL, 90, 91, Fate.OVER),  # an exit gets another order, with bytes of its own
    ],
)
def test_what_was_never_seen_is_sent_again_left_alone_or_over(side: Side, valid_s: int | None, age_s: int, fate: Fate) -> None:
    expires_at = None if valid_s is None else AS_OF + timedelta(seconds=valid_s)
    order = an_order(side=side, created_at=AS_OF, expires_at=expires_at)
    assert fate_of(order, AS_OF + timedelta(seconds=age_s)) is fate


@pytest.mark.parametrize(("side", "age_s", "fate"), [(Side.BUY, 60, Fate.AGAIN), (Side.BUY, 61, Fate.ALONE), (Side.SELL, 3600, Fate.AGAIN)])
def test_what_expires_by_height_is_never_over_by_the_clock(side: Side, age_s: int, fate: Fate) -> None:
    """Its venue says when: after so many seconds a chain may have any number of blocks."""
    order = an_order(side=side, created_at=AS_OF, last_valid_height=150)
    assert fate_of(order, AS_OF + timedelta(seconds=age_s)) is fate

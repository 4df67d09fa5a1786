"""What a look could not read is a hole on record, each by itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from data_contracts import Gap, GapEnd, Trade, Venue
from data_contracts.frames import frame_of
from tasks.copying.observing import Look, Seen, keep_trades

pytestmark = pytest.mark.usefixtures("bare")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def a_gap(t0: datetime, until_s: float, found_s: float, **changes: Any) -> Gap:
    """From T0 on."""
    until = t0 + until_s * SECOND
    plain = {"source": "polymarket", "from_at": t0, "until_at": until, "filled_to_at": until, "cursor": "", "is_history": False}
    return Gap(**(plain | {"found_at": t0 + found_s * SECOND} | changes))  # type: ignore[arg-type]


def keep(place: Any, gap: Gap) -> None:
    look = Look(Venue.POLYMARKET, gap.source, frame_of([], Trade), 60.0, gap.until_at, gap)
    keep_trades(look.trades, Seen(look.trades, (look,)), place.settings, gap.found_at)


@pytest.mark.parametrize("closed", [{"closed_by": GapEnd.FILLED}, {}], ids=["filled", "open"])
def test_a_second_hole_from_the_same_watermark_is_on_record_beside_the_first(rooms: Any, t0: datetime, closed: Any) -> None:
    """The feed lagged, so the watermark stood at T0; twice the pages ran out. By the key of a gap the second was the first one again,
    which was filled: what it left out was in no store and in no gap (seed 2038 of `make simulate`)."""
    place = rooms()
    place.put(a_gap(t0, 12, 60, closed_at=t0 + MINUTE if closed else None, **closed))
    keep(place, a_gap(t0, 230, 258))
    (later,) = (one for one in place.rows(Gap) if one.closed_at is None and one.until_at == t0 + 230 * SECOND)
    assert later.from_at == t0 - timedelta(microseconds=1)
    assert len(place.rows(Gap)) == 2


def test_a_look_that_is_kept_again_after_its_answer_was_lost_leaves_one_hole(rooms: Any, t0: datetime) -> None:
    place = rooms()
    for _ in range(2):
        keep(place, a_gap(t0, 12, 60))
    assert [(one.from_at, one.until_at) for one in place.rows(Gap)] == [(t0, t0 + 12 * SECOND)]

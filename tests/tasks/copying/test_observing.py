"""What a look could not read is a hole on record, each by itself."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_history
from adapters.feeds.feed import Walk
from data_contracts import Gap, GapEnd, Side, Trade, Venue
from data_contracts.frames import frame_of
from domain.ids import row_id
from tasks.copying.gap_filling import fill_slice
from tasks.copying.observing import Look, Seen, keep_trades
from tests.ledger_rows import LEADER

pytestmark = pytest.mark.usefixtures("bare")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def a_gap(t0: datetime, until_s: float, found_s: float, **changes: Any) -> Gap:
    """From T0 on."""
    until = t0 + until_s * SECOND
    plain = {"source": "polymarket", "from_at": t0, "until_at": until, "filled_to_at": until, "cursor": "", "is_history": False}
    return Gap(**(plain | {"found_at": t0 + found_s * SECOND} | changes))  # type: ignore[arg-type]


def a_trade(t0: datetime, at_s: float) -> Trade:
    at, words = t0 + at_s * SECOND, {"market_id": "m", "token_id": "m:Yes", "outcome": "Yes", "tx_hash": "0x"}
    numbers = {"price": Decimal("0.5"), "shares": Decimal(10), "notional": Decimal(5), "ordinal": 0}
    who = {"source": "polymarket", "venue": Venue.POLYMARKET, "wallet": LEADER, "side": Side.BUY}
    return Trade(trade_id=row_id(at_s), traded_at=at, seen_at=at, **words, **numbers, **who)  # type: ignore[arg-type]


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


def test_what_shows_up_late_just_below_a_gap_is_found_when_the_gap_is_filled(rooms: Any, t0: datetime, monkeypatch: Any) -> None:
    """The hole below had been filled before the trade showed, 58 s late, and looks began above this one: nobody read there again (seed
    2020 of `make simulate`). Two minutes below a gap are read with it, as below a watermark; further down nothing is."""
    late, older = (a_trade(t0, seconds) for seconds in (-1, -121))

    class Source:
        source = "polymarket"

        def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
            return Walk(frame_of([one for one in (late, older) if after < one.traded_at <= until], Trade), after)

    monkeypatch.setattr("tasks.copying.gap_filling.sources_by_name", lambda settings: {"polymarket": Source()})
    place = rooms()
    gap = fill_slice(a_gap(t0, 12, 60), place.settings, t0 + 2 * MINUTE)
    assert gap.closed_by is GapEnd.FILLED
    stored = open_history(place.settings).trades(t0 - 5 * MINUTE, t0, only=["trade_id"])
    assert stored["trade_id"].to_list() == [late.trade_id]

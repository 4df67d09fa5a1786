"""What a worker remembers of instruments is bounded, however many markets it meets: what it forgot is simply asked for again."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from adapters import connect
from adapters.connect import Place, open_history
from data_contracts import Instrument, PolymarketMarket, Venue
from data_contracts.frames import frame_of
from tasks.copying import instruments as module
from tasks.copying.instruments import instruments_of, keep_for_exits, remembered
from tasks.copying.known_instruments import Known
from tests.markets import an_instrument, polymarket_words

pytestmark = pytest.mark.usefixtures("bare")
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
OUTCOMES = 5


@dataclass
class Gamma:
    """Whoever asks about a token is told of all outcomes of its market: "7 of 12" is an outcome of the market "12"."""

    asked: list[str] = field(default_factory=list)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        self.asked += sorted(token_ids)
        names = [
            (f"{place} of {market}", market) for market in sorted({name.split()[-1] for name in token_ids}) for place in range(OUTCOMES)
        ]
        rows = [an_instrument(token_id=name, market_id=market, updated_at=as_of) for name, market in names]
        words = [polymarket_words(token_id=name, updated_at=as_of) for name, _ in names]
        return {Instrument: frame_of(rows, Instrument), PolymarketMarket: frame_of(words, PolymarketMarket)}


@pytest.fixture
def gamma(monkeypatch: pytest.MonkeyPatch) -> Gamma:
    feed = Gamma()
    monkeypatch.setitem(connect.VENUES, Venue.POLYMARKET, Place(lambda settings: feed, lambda settings: feed))  # type: ignore[arg-type, return-value]
    return feed


@pytest.fixture
def home(rooms: Any, gamma: Gamma, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A process that keeps 40 rows, and copies of 3 with the ledger."""
    monkeypatch.setattr("tasks.copying.known_instruments.MOST_KEPT", 40)
    monkeypatch.setattr(module, "MOST_COPIES", 3)
    return rooms()


def known_of(home: Any) -> Known:
    return module._known(home.settings.required("clickhouse_url"))


def ask(home: Any, *markets: int, at_s: float = 0) -> dict[str, Instrument]:
    tokens = dict.fromkeys([f"0 of {market}" for market in markets], Venue.POLYMARKET)
    return instruments_of(tokens, home.settings, AS_OF + timedelta(seconds=at_s))


def test_of_many_markets_the_last_are_kept_and_one_that_is_used_stays(home: Any, gamma: Gamma) -> None:
    """Each market brings ten rows, of five outcomes and two classes, and a worker kept them all: 50 markets were 500 rows."""
    for market in range(1, 51):
        assert set(ask(home, 0, market)) == {"0 of 0", f"0 of {market}"}
        assert len(known_of(home)) <= 40
        assert len(known_of(home)._said) <= 40
    assert gamma.asked.count("0 of 0") == 1


def test_what_was_forgotten_is_asked_for_again(home: Any, gamma: Gamma) -> None:
    """Of an hour ago it is in the store as well; an hour later it is asked for, as what is known would be."""
    for market in range(20):
        ask(home, market)
    assert known_of(home).of(Instrument, ["0 of 0"]) == {}
    (one,) = ask(home, 0, at_s=3_600).values()
    assert (one.token_id, one.updated_at) == ("0 of 0", AS_OF + timedelta(hours=1))
    assert gamma.asked.count("0 of 0") == 2
    assert open_history(home.settings).instruments(["0 of 0"]).height == 1


def test_one_question_about_more_than_is_kept_has_all_its_answers(home: Any) -> None:
    """30 markets are 300 rows, and 40 are kept."""
    assert len(ask(home, *range(30))) == 30
    assert len(known_of(home)) == 40


def test_what_the_ledger_keeps_is_said_once_and_of_many_once_more(home: Any) -> None:
    """Copies of three are remembered; of what is held each cycle says it, so it stays."""
    held, others = an_instrument(token_id="held"), [an_instrument(token_id=f"{number}") for number in range(10)]
    copies = module._ledger_copies(home.settings.required("postgres_url"))
    for other in others:
        keep_for_exits([held, other], home.settings)
        assert len(copies) <= 3
    assert "held" in copies
    assert set(remembered([one.token_id for one in (held, *others)], home.settings)) == {"held", *(one.token_id for one in others)}


def test_what_its_venue_contradicted_is_new_when_it_is_said_again() -> None:
    """And what was dated again is as it was said, at a later instant."""
    known, one = Known(), an_instrument(token_id="a", updated_at=AS_OF)
    known.learn(frame_of([one], Instrument), Instrument)
    later = frame_of([replace(one, updated_at=AS_OF + timedelta(hours=1))], Instrument)
    assert known.date_again(later, Instrument).height == 0
    assert known.of(Instrument, ["a"])["a"].updated_at == AS_OF + timedelta(hours=1)
    known.contradict(one)
    assert known.date_again(later, Instrument).height == 1

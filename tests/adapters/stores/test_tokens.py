"""Which tokens are due for a look, and how they looked last: the same on ClickHouse and in memory."""

from dataclasses import replace
from datetime import timedelta

from adapters.stores.history import History
from data_contracts import FoundToken, TokenFinding, TokenLook
from data_contracts.frames import frame_of, rows_of
from tests.domain.discovery.test_token_surveillance import LOOK, NOW


def found(name: str, minutes_ago: float, place: FoundToken = FoundToken.LAUNCH) -> TokenFinding:
    return TokenFinding(token_id=name, found_in=place, detail="", found_at=NOW - timedelta(minutes=minutes_ago))


def looked(name: str, minutes_ago: float, next_in: float | None, price_usd: float = 1.0) -> TokenLook:
    following = None if next_in is None else NOW + timedelta(minutes=next_in)
    at = NOW - timedelta(minutes=minutes_ago)
    return replace(LOOK, token_id=name, looked_at=at, price_usd=price_usd, next_look_at=following, is_dead=next_in is None)


def test_the_longest_overdue_is_looked_at_first_and_the_dead_never(history: History) -> None:
    names = ("new", "older", "due", "later", "dead", "was due")
    history.append(frame_of([found(name, 10) for name in names if name not in ("older",)], TokenFinding), TokenFinding)
    history.append(frame_of([found("older", 90), found("older", 5, FoundToken.BOOST)], TokenFinding), TokenFinding)
    looks = [
        looked("due", 30, -15),
        looked("later", 5, 1),
        looked("dead", 60, None),
        looked("was due", 60, -30),
        looked("was due", 20, 20),  # and was looked at since
    ]
    history.append(frame_of(looks, TokenLook), TokenLook)
    assert history.due_tokens(NOW, 10) == ["older", "due", "new"]
    assert history.due_tokens(NOW, 2) == ["older", "due"]
    assert history.due_tokens(NOW + timedelta(minutes=1), 10)[-1] == "later"  # just due


def test_a_dead_token_found_again_stays_dead(history: History) -> None:
    history.append(frame_of([looked("dead", 60, None)], TokenLook), TokenLook)
    history.append(frame_of([found("dead", 1, FoundToken.BOOST)], TokenFinding), TokenFinding)
    assert history.due_tokens(NOW, 10) == []


def test_only_the_last_look_of_a_token_speaks(history: History) -> None:
    history.append(frame_of([looked("a", 10, 5, 1.0), looked("a", 5, 5, 2.0), looked("b", 7, 5, 3.0)], TokenLook), TokenLook)
    last = {row.token_id: row.price_usd for row in rows_of(history.last_looks(), TokenLook)}
    assert last == {"a": 2.0, "b": 3.0}
    assert history.last_looks(["b"])["token_id"].to_list() == ["b"]
    assert history.last_looks([]).height == 0

"""`walletflow replay --intents FILE`: the same file comes to the very same, whatever the day and the order of its lines."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.brief_settings import BriefSettings
from data_contracts.errors import Refused
from deployments.intent_replay import replay_intents

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_intent(name: str, at_s: float = 0, **changes: Any) -> dict[str, Any]:
    said = {
        "intent_id": name,
        "timestamp": (T0 + timedelta(seconds=at_s)).isoformat(),
        "source_trader": LEADER,
        "market_id": "m",
        "outcome": "YES",
        "side": "BUY",
        "size_usdc": 400,
        "metadata": {"price": 0.4, "detection_latency_ms": 2000},
    }
    return {key: value for key, value in (said | changes).items() if value is not None}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def written(*intents: Any) -> Path:
        path = tmp_path / "intents.jsonl"
        path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in intents))
        return path

    return written


SALE = an_intent("c", 100, side="SELL", size_usdc=None, size_tokens=500, metadata={"price": 0.5, "trader_position_size": 1000})
LATE = an_intent("b", 10, metadata={"price": 0.4, "detection_latency_ms": 86_400_000})


def test_each_intent_is_judged_as_if_it_arrived_now(file: Any) -> None:
    """Bought at 0.40 and half of it sold at 0.50; one that was seen a day later is stale; one of another market is of its own."""
    came = replay_intents(file(an_intent("a"), LATE, SALE, an_intent("d", 5, market_id="n", outcome="No")), BriefSettings())
    assert [(one["intent_id"], one["became"]) for one in came["records"]] == [
        ("a", "copied"),
        ("d", "copied"),
        ("c", "copied"),
        ("b", "skipped"),
    ]
    assert came["records"][-1]["verdicts"][0]["reason"] == "TRADE_STALE"
    assert (came["intents"], came["fills"], came["became"]) == (4, 3, {"copied": 3, "skipped": 1})


def test_it_comes_to_the_same_again_in_whatever_order_its_lines_stand(file: Any) -> None:
    intents = [an_intent("a"), LATE, SALE, an_intent("d", 5, market_id="n")]
    first = replay_intents(file(*intents), BriefSettings())
    again = replay_intents(file(*reversed(intents)), BriefSettings())
    assert first == again
    assert replay_intents(file(*intents[:2]), BriefSettings())["hash"] != first["hash"]


def test_what_is_no_intent_is_named_and_what_is_there_twice_counts_once(file: Any) -> None:
    came = replay_intents(file(an_intent("a"), "{", an_intent("a"), an_intent("x", side="HOLD")), BriefSettings())
    assert (came["intents"], came["repeated"]) == (1, 1)
    assert [bad["where"] for bad in came["bad_lines"]] == ["line 2", "line 4"]


def test_only_those_are_followed_that_are_named(file: Any) -> None:
    came = replay_intents(file(an_intent("a"), an_intent("b", source_trader=OTHER)), BriefSettings(follow_traders=OTHER))
    assert [one["became"] for one in came["records"]] == ["denied", "copied"]


def test_a_file_without_an_intent_or_without_a_price_is_refused(file: Any) -> None:
    with pytest.raises(Refused, match="holds no intent"):
        replay_intents(file("{}"), BriefSettings())
    with pytest.raises(Refused, match="says a price"):
        replay_intents(file(an_intent("a", metadata=None)), BriefSettings())

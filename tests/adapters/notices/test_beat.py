"""Who watches from outside hears of completed cycles; and no cycle hears of him."""

import logging
import threading
import time

import pytest
from pydantic import SecretStr

from adapters.notices.beat import Beat
from flows.copy_trading import copy_trading
from tasks.operating import beat as beat_file
from tasks.operating.beat import send_beat
from tests.receiver import Receiver


def ended() -> None:
    """Every call of a beat that is under way."""
    for thread in threading.enumerate():
        if thread.name == "beat":
            thread.join(60)


def test_each_completed_cycle_is_counted_and_told(receiver: Receiver) -> None:
    beat = Beat()
    for number in (1, 2):
        beat.completes(SecretStr(f"{receiver.url}/ping/hunter2"))
        receiver.wait_for(number)
        ended()
    assert receiver.posted == [("/ping/hunter2", "1 cycles completed"), ("/ping/hunter2", "2 cycles completed")]


def test_a_cycle_waits_for_nobody_and_the_next_answer_says_what_was_left_out(receiver: Receiver) -> None:
    """He does not answer the first: the second and third are counted, and not sent."""
    receiver.released.clear()
    beat, began_s = Beat(), time.monotonic()
    for _ in range(3):
        beat.completes(SecretStr(receiver.url))
    assert time.monotonic() - began_s < 4  # he is waited for 5 s where somebody waits
    receiver.wait_for(1)
    receiver.released.set()
    ended()
    beat.completes(SecretStr(receiver.url))
    assert [body for _, body in receiver.wait_for(2)] == ["1 cycles completed", "4 cycles completed"]
    ended()


@pytest.mark.parametrize("answer", [500, None])
def test_whoever_says_no_or_is_away_stops_nobody_and_his_address_is_in_no_log(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, answer: int | None
) -> None:
    receiver.status = answer or 200
    url = f"{receiver.url}/hunter2" if answer else "http://127.0.0.1:9/hunter2"
    beat = Beat()
    with caplog.at_level(logging.WARNING, "walletflow.beat"):
        beat.completes(SecretStr(url))
        ended()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "walletflow.beat"]
    assert "hunter2" not in line
    assert line.endswith("answered with 500" if answer else "ConnectError")


def test_only_a_cycle_that_completed_is_told_and_only_to_an_address_that_is_set(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send_beat in copy_trading.on_completion_hooks
    assert send_beat not in [*copy_trading.on_failure_hooks, *copy_trading.on_crashed_hooks, *copy_trading.on_cancellation_hooks]
    monkeypatch.setattr(beat_file, "beat", Beat())
    monkeypatch.delenv("WALLETFLOW_BEAT_URL", raising=False)
    send_beat(None, None, None)
    assert beat_file.beat.completed == 0
    monkeypatch.setenv("WALLETFLOW_BEAT_URL", receiver.url)
    send_beat(None, None, None)
    receiver.wait_for(1)
    ended()

"""A long run shows how far it is, and a short one nothing."""

import pytest

from tasks.operating import progress
from tasks.operating.progress import shown
from tasks.steps import bare_steps


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What stands under the run, in its order: what is made first is changed from then on."""
    percents: list[float] = []
    monkeypatch.setattr(progress, "create_progress_artifact", lambda progress, description: percents.append(progress) or "id")
    monkeypatch.setattr(progress, "update_progress_artifact", lambda artifact, progress: percents.append(progress))
    monkeypatch.setattr(progress.FlowRunContext, "get", lambda: "a run")
    return percents


def through(parts: int, each_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many parts that take so long each."""
    clock = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: clock[0])
    for _ in shown(range(parts), "Of the wallets"):
        clock[0] += each_s


@pytest.mark.parametrize(("parts", "each_s", "expected"), [(4, 1.2, []), (4, 1.25, [100.0, 100.0])])
def test_what_is_over_within_five_seconds_leaves_nothing(
    written: list[float], monkeypatch: pytest.MonkeyPatch, parts: int, each_s: float, expected: list[float]
) -> None:
    through(parts, each_s, monkeypatch)
    assert written == expected


def test_it_is_written_each_five_seconds_and_at_the_end(written: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten parts of two seconds: after 6, 12 and 18 of 20."""
    through(10, 2.0, monkeypatch)
    assert written == [30.0, 60.0, 90.0, 100.0]


def test_a_replay_shows_nothing_in_the_house_it_runs_in(written: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with bare_steps():
        through(10, 2.0, monkeypatch)
    assert written == []

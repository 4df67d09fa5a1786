"""How far a long run is, shown under it: not before it is long, and seldom."""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TypeVar
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import FlowRunContext

from tasks.steps import is_bare

EACH_S = 5.0
T = TypeVar("T")


class Progress:
    """One artifact of a run. Outside of a run, and in a replay's bare steps, there is none."""

    def __init__(self, said: str) -> None:
        self._said, self._written_at = said, monotonic()
        self._artifact: UUID | None = None

    def at(self, percent: float) -> None:
        """So much is done, 0 to 100. Written at most each five seconds: what takes less leaves nothing."""
        is_due = monotonic() - self._written_at >= EACH_S
        if is_due and not is_bare() and FlowRunContext.get() is not None:
            self._write(percent)

    def end(self) -> None:
        """All of it is done, if a part of it was shown."""
        if self._artifact is not None:
            self._write(100.0)

    def _write(self, percent: float) -> None:
        self._written_at = monotonic()
        if self._artifact is None:
            self._artifact = create_progress_artifact(progress=percent, description=self._said)  # type: ignore[assignment]
        else:
            update_progress_artifact(self._artifact, progress=percent)


def shown(parts: Sequence[T], said: str) -> Iterator[T]:
    """The parts one after the other, with how many of them are done shown under the run."""
    progress = Progress(said)
    for number, part in enumerate(parts, 1):
        yield part
        progress.at(round(100 * number / len(parts), 1))
    progress.end()

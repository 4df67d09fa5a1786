"""Several workers in one process: exactly one is at work, and another only where a seeded choice lets it at a call to the outside."""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from random import Random
from threading import Semaphore, Thread


class Turns:
    """Who is at work. Threads stand for processes, and none runs while another does."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._at_work: _Worker | None = None
        self._main = Semaphore(0)

    @property
    def is_shared(self) -> bool:
        return self._at_work is not None

    def run(self, jobs: Sequence[Callable[[], None]]) -> None:
        """All of them to their end. Raises what one raised, the others having gone on to theirs."""
        if len(jobs) == 1:
            jobs[0]()
            return
        workers = [_Worker(job, self._main) for job in jobs]
        while left := [worker for worker in workers if not worker.is_done]:
            self._at_work = self._chance.choice(left)
            self._at_work.go_on()
            self._main.acquire()
        self._at_work = None
        for worker in workers:
            worker.join()
        raised = [worker.raised for worker in workers if worker.raised is not None]
        if raised:
            raise raised[0]

    def give_way(self) -> None:
        """Lets another go on, until it is this one's turn again."""
        me = self._at_work
        if me is not None:
            self._main.release()
            me.wait()


class _Worker:
    def __init__(self, job: Callable[[], None], main: Semaphore) -> None:
        self._job, self._main, self._gate = job, main, Semaphore(0)
        self.is_done = False
        self.raised: BaseException | None = None
        self._thread = Thread(target=copy_context().run, args=(self._run,), daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        self._gate.release()

    def wait(self) -> None:
        self._gate.acquire()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        self.wait()
        try:
            self._job()
        except BaseException as error:  # noqa: BLE001 (it is raised again where all are waited for)
            self.raised = error
        finally:
            self.is_done = True
            self._main.release()

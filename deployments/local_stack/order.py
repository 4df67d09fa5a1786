"""Doing things in the order of what they need, side by side where they do not need each other."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One thing to do once all it needs is done. A need that is not among the steps counts as done."""

    do: Callable[[], None]
    needs: tuple[str, ...] = ()


def do_all(steps: Mapping[str, Step]) -> None:
    """Raises the first error after the steps under way have ended; what needed the failed step is not begun."""
    waiting, running = dict(steps), dict[Future[None], str]()
    failures: list[BaseException] = []
    with ThreadPoolExecutor(max_workers=len(steps) or 1) as pool:
        while waiting or running:
            for name in [] if failures else ready(waiting, running.values()):
                running[pool.submit(waiting.pop(name).do)] = name
            if not running:
                break
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                del running[done]
                if (error := done.exception()) is not None:
                    failures.append(error)
    if failures:
        raise failures[0]
    if waiting:
        raise ValueError(f"these need each other: {', '.join(waiting)}")


def ready(waiting: Mapping[str, Step], running: Iterable[str]) -> list[str]:
    unfinished = {*waiting, *running}
    return [name for name, step in waiting.items() if not unfinished.intersection(step.needs)]

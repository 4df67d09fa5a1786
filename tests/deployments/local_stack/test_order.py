import pytest

from deployments.local_stack.order import Step, do_all


def steps(done: list[str], needs: dict[str, tuple[str, ...]], failing: str = "") -> dict[str, Step]:
    def do(name: str) -> None:
        if name == failing:
            raise RuntimeError(name)
        done.append(name)

    return {name: Step(lambda name=name: do(name), needs_) for name, needs_ in needs.items()}  # type: ignore[misc]


def test_a_step_is_done_after_all_it_needs() -> None:
    done: list[str] = []
    do_all(steps(done, {"worker": ("server", "migrations"), "migrations": ("postgres",), "server": ("postgres",), "postgres": ()}))
    assert (done[0], done[-1], len(done)) == ("postgres", "worker", 4)


def test_a_need_that_is_not_among_the_steps_counts_as_done() -> None:
    done: list[str] = []
    do_all(steps(done, {"server": ("an external postgres",)}))
    assert done == ["server"]


def test_what_needs_a_failed_step_is_not_begun() -> None:
    done: list[str] = []
    with pytest.raises(RuntimeError, match="server"):
        do_all(steps(done, {"postgres": (), "server": ("postgres",), "worker": ("server",)}, failing="server"))
    assert done == ["postgres"]


def test_steps_that_need_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="need each other"):
        do_all(steps([], {"hen": ("egg",), "egg": ("hen",)}))

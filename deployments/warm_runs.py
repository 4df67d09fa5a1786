"""One flow run inside the warm process: found by its entrypoint, run in its own thread, stopped at a task boundary."""

import asyncio
import ctypes
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import httpx
from prefect import Flow, State, get_client
from prefect._flow_run_suspension import mark_flow_run_suspension_requested
from prefect.client.schemas.objects import FlowRun
from prefect.engine import _drive_run_flow_result
from prefect.exceptions import ExternalSignal, Pause, PrefectException, PrefectSignal
from prefect.flow_engine import run_flow
from prefect.logging.loggers import flow_run_logger
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH
from prefect.states import Cancelled, Crashed

# What a flow may throw past its engine. Each would end the whole process and every other run in it.
LEAVES_THE_ENGINE = (PrefectSignal, ExternalSignal, SystemExit, KeyboardInterrupt, asyncio.CancelledError)


class Stopped(Pause):
    """Raised inside the thread of a run that does not reach a task boundary. The engine lets a Pause pass untouched."""


@cache
def load_flow(entrypoint: str) -> Flow[..., Any]:
    """The flow of `flows/copy_trading.py:copy_trading` or `flows.copy_trading.copy_trading`, imported once and kept."""
    place, name = entrypoint.rsplit(":" if ":" in entrypoint else ".", 1)
    module = place.removeprefix("./").removesuffix(".py").replace("/", ".")
    found = getattr(import_module(module), name, None)
    if not isinstance(found, Flow):
        raise TypeError(f"{entrypoint} is not a flow")
    return without_result(found)


def without_result(flow: Flow[..., Any]) -> Flow[..., Any]:
    """Nobody reads the result of a flow of ours. Without these options Prefect asks its server, twice a run, where to keep it."""
    return flow.with_options(persist_result=False, result_storage=PREFECT_LOCAL_STORAGE_PATH.value())


def crashed(error: BaseException) -> State[Any]:
    return Crashed(message=f"{type(error).__name__}: {str(error)[:500]}")


@dataclass
class WarmRun:
    """A run and the one who can stop it. `state_when_stopped` is None until somebody asks it to stop.

    `must_end_at`, of the machine's steady clock, is when its time-out is over: None before it began, and of a flow without one.
    """

    flow_run: FlowRun
    state_when_stopped: State[Any] | None = None
    must_end_at: float | None = None
    thread_id: int | None = None
    guard: threading.Lock = field(default_factory=threading.Lock)

    def execute(self, flow: Flow[..., Any]) -> None:
        """Run the flow to its end. The engine reports every state but one: that of a run that was asked to stop."""
        with self.guard:
            self.thread_id = threading.get_ident()
            self.must_end_at = None if flow.timeout_seconds is None else time.monotonic() + flow.timeout_seconds
        try:
            result = run_flow(flow, flow_run=self.flow_run, return_type="result" if flow.isgenerator else "state")
            _drive_run_flow_result(flow, result)
        except LEAVES_THE_ENGINE as leaving:
            self._forget_thread()
            if isinstance(leaving, Pause) and self.state_when_stopped is not None:
                self._report(flow, self.state_when_stopped)
        except (httpx.HTTPError, PrefectException) as error:  # not the flow's: those end in a state
            self._forget_thread()
            self._report(flow, Crashed(message=f"The engine could not go on: {error}"))
        except BaseException as error:  # noqa: BLE001 (a panic of polars is no Exception; nothing may end what other runs share)
            self._forget_thread()
            self._report_unreported(flow, error)
        finally:
            self._forget_thread()

    def cancel(self) -> None:
        self.stop(Cancelled(message="Cancelled while it ran."))

    def crash(self, why: str) -> None:
        self.stop(Crashed(message=why))

    def stop(self, state: State[Any]) -> None:
        """Ask it to stop at its next task boundary, the way Prefect itself suspends a run. May be asked again."""
        self.state_when_stopped = self.state_when_stopped or state
        mark_flow_run_suspension_requested(self.flow_run.id, self.state_when_stopped)

    def interrupt(self) -> None:
        """Raise in its thread: for a flow that computes on and on. A call into C is interrupted only when it returns."""
        with self.guard:
            if self.thread_id is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread_id), ctypes.py_object(Stopped))

    def _forget_thread(self) -> None:
        with self.guard:
            self.thread_id = None

    def _report_unreported(self, flow: Flow[..., Any], error: BaseException) -> None:
        """The engine has reported what a flow threw. What the engine itself threw nobody has."""
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(self.flow_run.id).state
        if state is None or not state.is_final():
            self._report(flow, crashed(error))

    def _report(self, flow: Flow[..., Any], state: State[Any]) -> None:
        flow_run_logger(self.flow_run, flow).info("Stopped: %s", state.message)
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(self.flow_run.id, state, force=True)
        for hook in flow.on_cancellation_hooks if state.is_cancelled() else flow.on_crashed_hooks:
            said = hook(flow, self.flow_run, state)
            if asyncio.iscoroutine(said):
                asyncio.run(said)

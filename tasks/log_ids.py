"""Which run, signal and order a log line is about: ids that join, in JSON logs (docs/operating.md, Logs)."""

from prefect.context import FlowRunContext


def ids(**named: str) -> dict[str, str]:
    """For a line's `extra`: what it is about, and the run it was said in, if there is one."""
    context = FlowRunContext.get()
    run = {} if context is None or context.flow_run is None else {"flow_run_id": str(context.flow_run.id)}
    return run | named

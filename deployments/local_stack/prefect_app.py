"""`python -m deployments.local_stack.prefect_app --port 4200`: Prefect's own server, behind the guard, with an entrance for browsers.

Its secret is PREFECT_SERVER_API_AUTH_STRING of the environment, as Prefect defines it.
"""

import argparse
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import uvicorn
from docket import Docket, Worker
from prefect.logging.configuration import setup_logging
from prefect.server.api import background_workers, server
from prefect.server.api.server import create_app
from prefect.server.models.deployments import mark_deployments_ready
from prefect.server.models.work_queues import mark_work_queues_ready

from deployments.automations import channels as _blocks  # noqa: F401 (the server sends by them)
from deployments.local_stack.guard import App, Guard, Receive, Scope, Send
from deployments.local_stack.services import LOOPBACK

# How often the server's own background worker looks for work of its own, four times a second by default. Most of it comes every 5 to 60 s.
LOOK_EVERY = timedelta(seconds=1)
# Of each question of a worker for its runs the server makes two tasks, to note that it came: most of its tasks. A minute without is a sign.
NOTES = (mark_deployments_ready, mark_work_queues_ready)
NOTED_EVERY_S = 15.0
# Pages of FastAPI that describe the API, without a password.
HIDDEN = ("/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json")
# Prefect's UI keeps its password where its login form puts it, and so does this page. What stands behind a # was never sent to us.
ENTER = b"""<!doctype html><meta name="referrer" content="no-referrer"><title>Walletflow</title><script>
const secret = decodeURIComponent(location.hash.slice(1));
if (secret) localStorage.setItem("prefect-password", btoa(secret));
history.replaceState(null, "", "/enter");
location.replace("/");
</script>"""
# Prefect's forms stand under numbers that a server gives. Which UI it shows is in its cookie, as at its own first page.
FORM = b"""<!doctype html><meta name="referrer" content="no-referrer"><title>Walletflow</title><p>Looking for the form</p><script>
const name = decodeURIComponent(location.pathname.slice("/form/".length));
const say = (text) => { document.querySelector("p").textContent = text; };
const place = /(^|; *)prefect_ui_version=v1/.test(document.cookie) ? "" : "/v2";
fetch("/api/deployments/filter", {
  method: "POST",
  headers: {"content-type": "application/json", authorization: `Basic ${localStorage.getItem("prefect-password")}`},
  body: JSON.stringify({deployments: {name: {any_: [name]}}}),
}).then(async (answer) => {
  const found = answer.ok ? await answer.json() : [];
  if (found.length) location.replace(`${place}/deployments/deployment/${found[0].id}/run${location.search}`);
  else if (answer.ok) say(`There is no deployment ${name}: make up registers them`);
  else if (answer.status === 401) say("This browser has not logged in: make up prints the address that does");
  else say(`Prefect says ${answer.status}`);
}, () => say("Prefect does not answer"));
</script>"""
FORMS = "/form/"


class CalmWorker(Worker):
    """Docket's worker as Prefect starts it, with no setting for this."""

    def __init__(self, docket: Docket) -> None:
        super().__init__(docket, minimum_check_interval=LOOK_EVERY, scheduling_resolution=LOOK_EVERY)

    async def _cancellation_listener(self) -> None:
        """Prefect takes back none of its own tasks: to look for that ten times a second finds nothing."""
        if self._processing_session is not None:
            self._processing_session.cancellation_ready.set()
            await self._processing_session.stopping.wait()


class CalmDocket(Docket):
    """Prefect's list of its own tasks, on which it is noted four times a minute that a worker came; at once, if its queue was not ready."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._noted_at: dict[str, float] = {}

    def add(self, function: Any, when: datetime | None = None, key: str | None = None) -> Callable[..., Awaitable[Any]]:
        ask = super().add(function, when, key)
        return self._seldom(ask, key) if function in NOTES and key is not None else ask

    def _seldom(self, ask: Callable[..., Awaitable[Any]], key: str) -> Callable[..., Awaitable[Any]]:
        async def note(**values: Any) -> Any:
            is_due = monotonic() - self._noted_at.get(key, -NOTED_EVERY_S) >= NOTED_EVERY_S
            if not is_due and not values.get("ready_work_queue_ids"):
                return None
            self._noted_at[key] = monotonic()
            return await ask(**values)

        return note


class Entrance:
    """GET /enter#user:password logs the browser in, /form/DEPLOYMENT?parameters=JSON opens a form; everything else is the application's."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = _page(scope["path"]) if scope["type"] == "http" else None
        if page is None:
            return await self._app(scope, receive, send)
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": page})
        return None


def _page(path: str) -> bytes | None:
    return ENTER if path == "/enter" else FORM if path.startswith(FORMS) else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deployments.local_stack.prefect_app", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help=f"on {LOOPBACK}")
    port = parser.parse_args().port
    setup_logging()
    background_workers.Worker = CalmWorker  # type: ignore[assignment, attr-defined]
    server.Docket = CalmDocket  # type: ignore[attr-defined]
    app = Guard(Entrance(create_app(final=True)), port, HIDDEN)
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", access_log=False, server_header=False)


if __name__ == "__main__":
    main()

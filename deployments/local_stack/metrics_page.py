"""GET /metrics beside the results page, for Prometheus: whoever asks brings the page's secret as a bearer's token (see Guard)."""

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from deployments.local_stack.guard import App, Receive, Scope, Send

if TYPE_CHECKING:
    from deployments.metrics import Exposed

PLACE = "/metrics"
WORDS = "text/plain; version=0.0.4; charset=utf-8"


class MetricsPage:
    """Wraps an ASGI application. What it needs is imported at the first scrape: a house that nobody scrapes does not pay for it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._exposed: Exposed | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PLACE:
            return await self._app(scope, receive, send)
        page = await run_in_threadpool(self._page)
        return await Response(page, media_type=WORDS)(scope, receive, send)

    def _page(self) -> bytes:
        from adapters.settings import load_settings
        from deployments.metrics import Exposed

        if self._exposed is None:
            self._exposed = Exposed(load_settings())
        return self._exposed.page()

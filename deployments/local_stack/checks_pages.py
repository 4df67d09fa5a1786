"""The Data Docs beside the results page: plain files under /checks/, for a browser that knows the page's secret."""

import hashlib
import hmac
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from deployments.local_stack.guard import App, Receive, Scope, Send

PLACE, COOKIE = "/checks", "walletflow_checks"
HINT = "Open the address of the checks that `walletflow addresses` prints: it carries the secret once."


class ChecksPages:
    """Wraps an ASGI application. The secret comes in the address once and is answered by a cookie, which is not the secret."""

    def __init__(self, app: App, directory: Path, secret: str) -> None:
        self._app, self._secret = app, secret
        self._pages = StaticFiles(directory=directory, html=True, check_dir=False)
        self._proof = hmac.new(secret.encode(), PLACE.encode(), hashlib.sha256).hexdigest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] + "/").startswith(f"{PLACE}/"):
            await self._app(scope, receive, send)
        elif answer := self._entrance(scope):
            await answer(scope, receive, send)
        else:
            await self._pages({**scope, "path": scope["path"].removeprefix(PLACE) or "/", "root_path": ""}, receive, send)

    def _entrance(self, scope: Scope) -> Response | None:
        """What is answered instead of a page; None for a browser that has shown the secret before."""
        offered = parse_qs(scope["query_string"].decode("latin-1")).get("access_token", [""])[0]
        if hmac.compare_digest(offered.encode(), self._secret.encode()):
            answer = RedirectResponse(f"{PLACE}/", status_code=303)
            answer.set_cookie(COOKIE, self._proof, path=PLACE, httponly=True, samesite="strict")
            return answer
        headers = dict(scope["headers"])
        cookie = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
        knows = cookie is not None and hmac.compare_digest(cookie.value.encode(), self._proof.encode())
        return None if knows else PlainTextResponse(HINT, status_code=401)

"""What a JSON API needs of an HTTP client, straight on httpx's transport: a request, its answer, and connections that are kept.

A copy cycle asks about sixteen times, and there the cookies, redirects, hooks and merged headers of `httpx.Client` cost as much as the call
itself. A redirect is an answer like any other.
"""

from collections.abc import Mapping
from typing import Any

import httpx

STANDARD = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}  # httpx decodes both without a package more


class LeanClient:
    """Safe to share between threads."""

    def __init__(self, timeout_s: float, headers: Mapping[str, str]) -> None:
        self.headers = httpx.Headers(STANDARD | dict(headers))
        self._transport = httpx.HTTPTransport(trust_env=False)
        self._extensions = {"timeout": httpx.Timeout(timeout_s).as_dict()}

    def request(self, method: str, url: str, params: Mapping[str, Any] | None = None, json: Any = None) -> httpx.Response:
        """The answer, read to its end. Raises httpx.RequestError when none came, or one that does not decode."""
        asked = httpx.Request(method, url, params=params, headers=self.headers, json=json, extensions=self._extensions)
        answer = self._transport.handle_request(asked)
        try:
            answer.read()
        finally:
            answer.close()
        return answer

    def close(self) -> None:
        self._transport.close()

"""Asking a JSON API over HTTP: what may be tried again is, and a no says whose and why."""

from collections.abc import Collection, Mapping
from typing import Any

import httpx
from tenacity import RetryCallState, retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from data_contracts.errors import Refused, Unavailable

TRY_AGAIN = {408, 425, 429}  # and whatever is the server's own fault: 520 to 527 come from the venue's front door
MAX_WAIT_S = 8.0
Parameters = Mapping[str, Any]


class Later(Unavailable):
    """The service said when to come back."""

    def __init__(self, message: str, after_s: float | None) -> None:
        super().__init__(message)
        self.after_s = after_s


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    told_s = error.after_s if isinstance(error, Later) else None
    return min(MAX_WAIT_S, wait_exponential_jitter(0.2, MAX_WAIT_S)(state) if told_s is None else told_s)


class JsonApi:
    """One service. Safe to share between threads."""

    def __init__(self, base_url: str, timeout_s: float = 10.0) -> None:
        self.base_url = base_url.rstrip("/")
        # A plain library name is answered 403 by the venue's front door.
        self._client = httpx.Client(timeout=timeout_s, headers={"User-Agent": "Mozilla/5.0 walletflow"}, trust_env=False)

    @retry(retry=retry_if_exception_type(Unavailable), stop=stop_after_attempt(4), wait=_wait_s, reraise=True)
    def get(self, path: str, parameters: Parameters | None = None, parts: Collection[str] = (), or_list: bool = False) -> Any:
        """The parsed answer, which has these parts, or is a list that is not empty where one may come.

        Raises Unavailable after four tries, Refused when asking again would not help.
        """
        url = self.base_url + path
        try:
            answer = self._client.get(url, params=parameters)
        except httpx.RequestError as error:
            raise Unavailable(f"{url}: {str(error) or type(error).__name__}") from error
        if answer.status_code in TRY_AGAIN or answer.is_server_error:
            raise Later(f"{url}: {answer.status_code} {answer.text[:200]}", _retry_after_s(answer))
        if not answer.is_success:
            raise Refused(f"{url}: {answer.status_code} {answer.text[:200]}")
        try:
            parsed = answer.json()
        except ValueError as error:  # half an answer, or a page of the front door
            raise Unavailable(f"{url}: not JSON: {answer.text[:200]!r}") from error
        listed = or_list and isinstance(parsed, list) and bool(parsed)
        if parts and not listed and not (isinstance(parsed, dict) and parsed.keys() >= set(parts)):
            raise Unavailable(f"{url}: an answer of another shape, without {' or '.join(parts)}: {answer.text[:200]!r}")
        return parsed


def _retry_after_s(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.replace(".", "", 1).isdigit() else None

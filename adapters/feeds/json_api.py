"""Asking a JSON API over HTTP: what may be tried again is, and a no says whose and why."""

import json
import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from adapters.feeds.pace import OwnPace, Pace, granted, limit_of
from data_contracts.errors import Refused, Unavailable

TRY_AGAIN = {408, 425, 429}  # and whatever is the server's own fault: 520 to 527 come from the venue's front door
MAX_WAIT_S = 8.0
LONGEST_HOLD_S = 3_600.0  # one answer that says "in a year" would keep all of us away for a year, our exits too
TRIES = 4
MOST_DIGITS = 400
Parameters = Mapping[str, Any]
logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every address it asks, and Helius' key stands in its addresses


class Later(Unavailable):
    """The service said when to come back."""

    def __init__(self, message: str, after_s: float | None) -> None:
        super().__init__(message)
        self.after_s = after_s


class Declined(Refused):
    """It answered with a status that says no."""


class NotFound(Declined):
    """It has nothing of that name."""


class Spent(Unavailable):
    """Our part of its rate limit is used up for longer than it is worth waiting."""


def may_answer(error: BaseException) -> bool:
    return isinstance(error, Unavailable) and not isinstance(error, Spent)


def wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    told_s = error.after_s if isinstance(error, Later) else None
    return min(MAX_WAIT_S, wait_exponential_jitter(0.2, MAX_WAIT_S)(state) if told_s is None else told_s)


@dataclass(frozen=True, slots=True)
class Key:
    """A service's key and the header it is asked for in; shown to nobody else."""

    name: str
    secret: SecretStr

    @property
    def header(self) -> dict[str, str]:
        """For the client alone."""
        return {self.name: self.secret.get_secret_value()}


class JsonApi:
    """One service, of whose rate limits each call takes its slot first. Safe to share between threads.

    `calls_per_s` is what a plan of ours grants there, for all its paths together; None: what everybody gets.
    """

    def __init__(
        self,
        base_url: str,
        service: str = "data",
        pace: Pace | None = None,
        timeout_s: float = 10.0,
        key: Key | None = None,
        calls_per_s: float | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._service, self._pace, self._calls_per_s = service, pace or OwnPace(), calls_per_s
        # A plain library name is answered 403 by the venue's front door.
        self._client = httpx.Client(
            timeout=timeout_s, headers={"User-Agent": "Mozilla/5.0 walletflow"} | (key.header if key else {}), trust_env=False
        )

    @retry(retry=retry_if_exception(may_answer), stop=stop_after_attempt(TRIES), wait=wait_s, reraise=True)
    def get(self, path: str, parameters: Parameters | None = None, parts: Collection[str] = (), or_list: bool = False) -> Any:
        """The parsed answer, which has these parts, or is a list that is not empty where one may come.

        Raises Unavailable after four tries, Refused when asking again would not help.
        """
        parsed = self._asked("GET", path, parameters)
        listed = or_list and isinstance(parsed, list) and bool(parsed)
        if parts and not listed and not (isinstance(parsed, dict) and parsed.keys() >= set(parts)):
            told = json.dumps(parsed, default=str)[:200]
            raise Unavailable(f"{self.base_url + path}: an answer of another shape, without {' or '.join(parts)}: {told!r}")
        return parsed

    @retry(retry=retry_if_exception(may_answer), stop=stop_after_attempt(TRIES), wait=wait_s, reraise=True)
    def send(self, method: str, path: str, body: Any = None, parameters: Parameters | None = None) -> Any:
        """The parsed answer to what may be sent again: PUT, PATCH and DELETE. Raises as `get` does."""
        return self._asked(method, path, parameters, body)

    def send_once(self, method: str, path: str, body: Any = None, parameters: Parameters | None = None) -> Any:
        """The same of what may not: a POST whose answer is lost may have done what it asks. Raises Unavailable at once."""
        return self._asked(method, path, parameters, body)

    def _asked(self, method: str, path: str, parameters: Parameters | None, body: Any = None) -> Any:
        url = self.base_url + path
        slot = self._take_slot(path)
        try:
            answer = self._client.request(method, url, params=parameters, json=body)
        except httpx.RequestError as error:
            raise Unavailable(f"{url}: {str(error) or type(error).__name__}") from error
        except (httpx.InvalidURL, UnicodeEncodeError) as error:  # a cursor or an id of an answer that no address can hold
            raise Refused(f"{url!r:.200} with {parameters!r:.200} cannot be asked: {error!s:.200}") from error
        if answer.status_code in TRY_AGAIN or answer.is_server_error:
            after_s = asked_to_wait_s(answer.headers.get("Retry-After", ""))
            if after_s is not None:
                self._pace.hold(slot, after_s)  # whoever else of us would ask is told as well
            raise Later(f"{url}: {answer.status_code} {answer.text[:200]}", 0.0 if after_s is not None else None)
        if not answer.is_success:
            raise (NotFound if answer.status_code == 404 else Declined)(f"{url}: {answer.status_code} {answer.text[:200]}")
        try:
            return _parsed(answer) if answer.content or method == "GET" else None
        except (ValueError, RecursionError) as error:  # half an answer, or a page of the front door
            raise Unavailable(f"{url}: not JSON: {answer.text[:200]!r}") from error

    def _take_slot(self, path: str) -> str:
        """The name of the limit it counts for. Raises Unavailable when the next slot is too far off to wait for."""
        part, limit = limit_of(self._service, path) if self._calls_per_s is None else ("", granted(self._calls_per_s))
        slot = f"{urlsplit(self.base_url).netloc}{part or '/'}"
        wait_s = self._pace.wait_s(slot, limit)
        if wait_s > MAX_WAIT_S:
            raise Spent(f"{self.base_url}{path}: no slot within the rate limit for {wait_s:.0f} s")
        if wait_s:
            time.sleep(wait_s)
        return slot


def _parsed(answer: httpx.Response) -> Any:
    """A whole number of thousands of digits, which Python refuses to read, is none: it must not cost the rest of the answer."""
    try:
        return answer.json()
    except ValueError:
        return json.loads(answer.content, parse_int=lambda digits: int(digits) if len(digits) <= MOST_DIGITS else None)


def asked_to_wait_s(retry_after: str) -> float | None:
    """What Retry-After says, but no longer than LONGEST_HOLD_S: then it is asked again, and may say so again."""
    text = retry_after.strip()
    return min(LONGEST_HOLD_S, float(text)) if text.isascii() and text.replace(".", "", 1).isdigit() else None

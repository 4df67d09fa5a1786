"""Where intents of an observer go: a file that is appended to, or an inbox."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import httpx

from adapters.secret_files import secret_in
from data_contracts.errors import Refused, Unavailable, Unsafe

STORED = (202, 409)  # now, or before
LATER = (408, 429, 503)


class Teller(Protocol):
    """Whoever takes intents."""

    def tell(self, intent: Mapping[str, Any]) -> None:
        """Raises Unavailable where it is to be told again, Refused where that is no use, Unsafe where nothing is."""
        ...


class FileTeller:
    """A JSON object a line, whole: one write each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tell(self, intent: Mapping[str, Any]) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab", buffering=0) as file:
                file.write(f"{json.dumps(intent)}\n".encode())
        except OSError as error:
            raise Unavailable(f"{self._path}: {error.strerror}") from error


class InboxTeller:
    """An inbox, over HTTP. The secret is read from a file whenever it is needed: no environment has it, and a new one holds at once."""

    def __init__(self, endpoint: str, token_file: Path) -> None:
        self._endpoint, self._token_file = endpoint, token_file
        self._client = httpx.Client(timeout=10, trust_env=False)

    def tell(self, intent: Mapping[str, Any]) -> None:
        try:
            headers = {"Authorization": f"Bearer {secret_in(self._token_file)}"}
            answer = self._client.post(self._endpoint, json=intent, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(f"{self._endpoint}: {error}") from error
        if answer.status_code in STORED:
            return
        said = f"{self._endpoint} says {answer.status_code}: {answer.text[:300]}"
        if answer.status_code == 401:
            raise Unsafe(f"{said}; the first line of {self._token_file} must be the inbox's secret")
        raise Unavailable(said) if answer.status_code in LATER or answer.status_code >= 500 else Refused(said)

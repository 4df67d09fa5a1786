"""Who may log in and who may sign: each header is changed alone."""

import time
from typing import Any

import httpx
import pytest
from py_clob_client_v2.clob_types import ApiCreds, RequestArgs
from py_clob_client_v2.headers.headers import create_level_1_headers, create_level_2_headers
from py_clob_client_v2.signer import Signer

from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Served, address_of

SIGNER = Signer(PUBLIC_KEYS[4], 137)
NOW_S = int(time.time())


def login(timestamp: int | None = None, nonce: int = 5) -> dict[str, str]:
    return {name: str(value) for name, value in create_level_1_headers(SIGNER, nonce, timestamp).items()}


@pytest.fixture(scope="module")
def creds(served: Served) -> ApiCreds:
    answer = httpx.post(f"{served.url}/clob/auth/api-key", headers=login()).json()
    return ApiCreds(answer["apiKey"], answer["secret"], answer["passphrase"])


def signed(creds: ApiCreds, timestamp: int | None = None) -> dict[str, str]:
    request = RequestArgs("GET", "/data/orders")
    return {name: str(value) for name, value in create_level_2_headers(SIGNER, creds, request, timestamp).items()}


@pytest.mark.parametrize(
    "change",
    [
        {"POLY_ADDRESS": address_of(PUBLIC_KEYS[0])},
        {"POLY_NONCE": "6"},
        {"POLY_NONCE": "-1"},
        {"POLY_TIMESTAMP": str(NOW_S + 1)},
        {"POLY_SIGNATURE": "0x" + "11" * 65},
        {"POLY_SIGNATURE": "no"},
    ],
)
def test_a_login_changed_in_any_part_is_refused(served: Served, change: dict[str, str]) -> None:
    answer = httpx.get(f"{served.url}/clob/auth/derive-api-key", headers=login(NOW_S) | change)
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid L1 Request headers"})


@pytest.mark.parametrize(("ago_s", "status"), [(280, 200), (320, 401), (-320, 401)])
def test_an_old_request_and_one_from_the_future_are_refused(served: Served, creds: ApiCreds, ago_s: int, status: int) -> None:
    """Five minutes either way are granted."""
    at_s = int(time.time()) - ago_s
    assert httpx.get(f"{served.url}/clob/auth/derive-api-key", headers=login(at_s)).status_code == status
    assert httpx.get(f"{served.url}/clob/data/orders", headers=signed(creds, at_s)).status_code == status


@pytest.mark.parametrize("name", ["POLY_ADDRESS", "POLY_API_KEY", "POLY_PASSPHRASE", "POLY_SIGNATURE", "POLY_TIMESTAMP"])
@pytest.mark.parametrize("value", [None, "0", "\xff"])
def test_a_signed_request_changed_in_any_part_is_refused(served: Served, creds: ApiCreds, name: str, value: Any) -> None:
    headers = {key: text.encode("latin1") for key, text in signed(creds).items() if key != name}
    if value is not None:
        headers[name] = value.encode("latin1")
    answer = httpx.get(f"{served.url}/clob/data/orders", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized/Invalid api key"})


def test_the_signature_covers_method_path_and_body(served: Served, creds: ApiCreds) -> None:
    headers = signed(creds)
    assert httpx.get(f"{served.url}/clob/data/orders", headers=headers, params={"market": "0x1"}).status_code == 200
    assert httpx.get(f"{served.url}/clob/data/trades", headers=headers).status_code == 401
    assert httpx.request("DELETE", f"{served.url}/clob/cancel-all", headers=headers).status_code == 401
    assert httpx.request("GET", f"{served.url}/clob/data/orders", headers=headers, content=b"{}").status_code == 401


def test_one_key_for_a_nonce(served: Served, creds: ApiCreds) -> None:
    again = httpx.post(f"{served.url}/clob/auth/api-key", headers=login())
    assert (again.status_code, again.json()) == (400, {"error": "Could not create api key"})
    never = httpx.get(f"{served.url}/clob/auth/derive-api-key", headers=login(nonce=77))
    assert (never.status_code, never.json()) == (400, {"error": "Could not derive api key!"})
    assert httpx.get(f"{served.url}/clob/auth/derive-api-key", headers=login()).json()["apiKey"] == creds.api_key

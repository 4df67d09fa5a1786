"""Live data instead of the sandbox: which addresses, which homes, and what is said without a network."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import tenacity.nap

from adapters.settings import Settings, load_settings
from data_contracts.errors import Refused, Unavailable
from deployments.local_stack import home, live_data, sandbox, stack

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    for name in live_data.PUBLIC:
        monkeypatch.delenv(f"WALLETFLOW_{name.upper()}", raising=False)
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda seconds: None)


def names(given: Settings) -> set[str]:
    return {service.name for service in stack.services(given)}


def test_a_new_home_is_fed_by_the_sandbox_and_a_live_one_by_the_public_addresses() -> None:
    home.make(stack.given_settings().home)
    assert sandbox.NAME in names(stack.given_settings())
    live_data.begin(stack.given_settings())
    given = stack.given_settings()
    assert {name: getattr(given, name) for name in live_data.PUBLIC} == live_data.PUBLIC
    assert sandbox.NAME not in names(given)


def test_every_process_of_a_live_home_finds_its_addresses() -> None:
    """Workers read stack.env: they are not told anything else."""
    live_data.begin(stack.given_settings())
    stack.write_addresses(stack.given_settings())
    assert load_settings().data_api_url == live_data.PUBLIC["data_api_url"]


def test_an_address_the_user_named_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLETFLOW_DATA_API_URL", NOWHERE)
    live_data.begin(stack.given_settings())
    given = stack.given_settings()
    assert given.data_api_url == NOWHERE
    assert given.gamma_url == live_data.PUBLIC["gamma_url"]


def test_a_home_with_the_sandboxs_trades_takes_no_real_ones(tmp_path: Path) -> None:
    (tmp_path / sandbox.NAME).mkdir()
    with pytest.raises(Refused, match=r"holds the trades of the sandbox world.*WALLETFLOW_HOME="):
        live_data.begin(stack.given_settings())
    assert not live_data.is_live(tmp_path)


def test_without_a_network_every_silent_address_is_named_and_how_to_go_on() -> None:
    given = Settings(data_api_url=NOWHERE, gamma_url=NOWHERE + "/gamma", clob_url=NOWHERE + "/clob")
    with pytest.raises(Unavailable) as told:
        live_data.look(given)
    assert [f"{NOWHERE}{part}: " in str(told.value) for part in ("", "/gamma", "/clob")] == [True] * 3
    assert "The sandbox world needs no network: `walletflow up`" in str(told.value)


def test_a_front_door_that_says_no_is_told_as_it_said_it() -> None:
    """403 to whoever it takes for a robot or a blocked country: the answer itself says which."""
    with saying(403, {"error": "Forbidden region"}) as url, pytest.raises(Unavailable, match=r"403 .*Forbidden region"):
        live_data.look(Settings(data_api_url=f"{url}/data", gamma_url=f"{url}/gamma", clob_url=f"{url}/clob"))


@contextmanager
def saying(status: int, body: object) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET  # noqa: N815 (the name http.server looks for)

        def log_message(self, format: str, *args: object) -> None:
            """No access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()

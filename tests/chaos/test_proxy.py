"""What a client meets at the proxy: each fault is the one it is called, happens where it says that it happens, and is counted."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from chaos.faults import HAPPENS, OWN_SERVER, Fault, Whole, spoiled
from chaos.proxy import Draw, Proxies, Proxy
from tests.chaos.conftest import free_port

pytestmark = pytest.mark.usefixtures("quick")
TRUE = {"orders": list(range(50))}


@dataclass
class Server:
    """Counts what it was asked, and answers the same to everybody."""

    asked: list[bytes] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            found.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(TRUE).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as served:
        threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True).start()
        found.port = served.server_port
        yield found
        served.shutdown()


def asked(server: Server, *kinds: Fault, times: int = 1) -> tuple[list[httpx.Response | httpx.HTTPError], Draw]:
    draw, port, found = Draw(7, kinds, in_storms=1.0, is_on=bool(kinds)), free_port(), list[httpx.Response | httpx.HTTPError]()
    with Proxies([Proxy(port, server.port, draw)]), httpx.Client(trust_env=False) as client:
        for _ in range(times):
            try:
                found.append(client.post(f"http://127.0.0.1:{port}/order", json={"one": 1}))
            except httpx.HTTPError as error:
                found.append(error)
    return found, draw


def test_without_faults_it_is_not_there(server: Server) -> None:
    answers, draw = asked(server, times=3)
    assert [answer.json() for answer in answers if isinstance(answer, httpx.Response)] == [TRUE] * 3
    assert (draw.calls, draw.done.total(), server.asked) == (3, 0, [b'{"one":1}'] * 3)


STATUSES = {
    Fault.TOO_MANY: (429, None),
    Fault.TOO_MANY_UNTIL: (429, "1"),
    Fault.ERROR: (500, None),
    Fault.UNAVAILABLE_UNTIL: (503, "1"),
    Fault.GATEWAY_BEFORE: (502, None),
    Fault.GATEWAY_AFTER: (502, None),
}


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_is_the_one_it_is_called_and_happens_only_where_it_says_so(server: Server, fault: Fault) -> None:
    (answer,), draw = asked(server, fault)
    assert len(server.asked) == (fault in HAPPENS)
    assert draw.done == {fault: 1}
    if fault in STATUSES:
        assert isinstance(answer, httpx.Response)
        assert (answer.status_code, answer.headers.get("Retry-After")) == STATUSES[fault]
    elif fault is Fault.SLOW_DRIP:
        assert isinstance(answer, httpx.Response)
        assert answer.json() == TRUE
    elif fault in (Fault.HALF_JSON, Fault.WRONG_TYPE):
        assert isinstance(answer, httpx.Response)
        assert answer.status_code == 200
        with pytest.raises(ValueError, match=r".+"):
            answer.json()
    else:
        assert isinstance(answer, httpx.TransportError)


def test_half_an_answer_breaks_off_below_its_stated_length() -> None:
    whole = Whole(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"0123456789")
    assert spoiled(Fault.HALF_ANSWER, whole) == whole.head + b"01234"
    assert spoiled(Fault.HALF_JSON, whole).endswith(b"Content-Length: 5\r\nConnection: close\r\n\r\n01234")


def test_the_same_seed_draws_the_same_faults() -> None:
    def drawn(seed: int) -> list[Fault | None]:
        draw = Draw(seed, OWN_SERVER, in_storms=0.5, is_on=True)
        return [draw.next() for _ in range(50)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert None in drawn(1)


def test_a_server_that_is_dead_is_a_reset_connection(server: Server) -> None:
    server.port = free_port()
    (answer,), _ = asked(server)
    assert isinstance(answer, httpx.TransportError)

"""Helius: the history of an address, webhooks and their deliveries, who paid a wallet first."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.pool_addresses import curve_address
from adapters.feeds.solana.rpc_transactions import read_row
from adapters.inbox.posted_transactions import transactions_in
from domain.solana.transactions import ChainTransaction
from sandbox.solana.chain import Chain
from sandbox.solana.helius_faults import HeliusFaults
from sandbox.solana.launches import Fate
from sandbox.solana.people import Person, house_of, mother_of
from tests.solana_sandbox import SolanaSandbox

SECRET = "what only we two know"
WEBHOOK_FIELDS = {
    "webhookID",
    "wallet",
    "project",
    "webhookURL",
    "transactionTypes",
    "accountAddresses",
    "webhookType",
    "authHeader",
    "active",
}
Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def chain(solana_sandbox: SolanaSandbox) -> Chain:
    return solana_sandbox.solana.chain.at(solana_sandbox.clock())


@pytest.fixture
def ask(solana_sandbox: SolanaSandbox) -> Ask:
    def asked(method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, f"{solana_sandbox.helius_url}{path}", trust_env=False, **more)

    return asked


@pytest.fixture
def spoil(solana_sandbox: SolanaSandbox) -> Iterator[Callable[..., Any]]:
    """Faults as they are named, and none of another kind; afterwards they are as they were."""
    faults = solana_sandbox.solana.helius.faults
    began = vars(faults).copy()

    def asked(**wanted: Any) -> Any:
        answer = httpx.post(f"{solana_sandbox.url}/control/solana/helius", json={"off": True} | wanted, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    yield asked
    vars(faults).update(began)


@dataclass
class Receiver:
    """Whoever webhooks post to. `arrays` are the bodies, `refuse` how many of the next are answered with 500."""

    url: str
    arrays: list[Any] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    refuse: int = 0
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def signatures(self) -> list[str]:
        return [row.get("signature") or row["transaction"]["signatures"][0] for array in self.arrays for row in array]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.headers.append(self.headers.get("Authorization", ""))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            refused, found.refuse = found.refuse > 0, max(found.refuse - 1, 0)
            if not refused:
                found.arrays.append(body)
            self.send_response(500 if refused else 200)
            self.end_headers()
            found.came.set()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield found
    server.shutdown()


@pytest.fixture
def watched(ask: Ask, receiver: Receiver, solana_sandbox: SolanaSandbox) -> Iterator[Callable[..., dict[str, Any]]]:
    """`watched(addresses, **more)`: a webhook, of which the deliverer knows already. It is deleted at the end."""
    made: list[str] = []

    def watch(addresses: list[str], **more: Any) -> dict[str, Any]:
        body = {"webhookURL": receiver.url, "transactionTypes": ["ANY"], "accountAddresses": addresses, "authHeader": SECRET}
        answer = ask("POST", "/v0/webhooks", json=body | {"webhookType": "enhanced"} | more)
        assert answer.status_code == 200, answer.text
        made.append(answer.json()["webhookID"])
        while solana_sandbox.solana.helius.deliveries.looked < 0:
            receiver.came.wait(0.01)
        return dict(answer.json())

    yield watch
    for one in made:
        ask("DELETE", f"/v0/webhooks/{one}")


def pass_time(sandbox: SolanaSandbox, receiver: Receiver, wanted: Callable[[], bool], seconds: float = 1.0, steps: int = 400) -> None:
    """Second by second, until what is wanted is so."""
    for _ in range(steps):
        if wanted():
            return
        receiver.came.clear()
        sandbox.clock.now_s += seconds
        receiver.came.wait(0.15)
    raise AssertionError("it did not come")


def settled(sandbox: SolanaSandbox) -> bool:
    return all(delivery.became for delivery in sandbox.solana.helius.deliveries.log)


def test_the_history_of_an_address_comes_both_ways_in_pages(ask: Ask, chain: Chain) -> None:
    coin = max(chain.launches.values(), key=lambda one: len(chain.blocks.places_of(curve_address(one.mint))))
    curve, path = curve_address(coin.mint), f"/v0/addresses/{curve_address(coin.mint)}/transactions"
    rows = ask("GET", path, params={"sort-order": "asc", "limit": 40}).json()
    assert [chain.blocks.place_of(row["signature"]) for row in rows] == list(chain.blocks.places_of(curve)[:40])
    more = ask("GET", path, params={"sort-order": "asc", "limit": 40, "after-signature": rows[-1]["signature"]}).json()
    assert [chain.blocks.place_of(row["signature"]) for row in more] == list(chain.blocks.places_of(curve)[40:80])
    back = ask("GET", path, params={"before-signature": more[0]["signature"], "limit": 40}).json()
    assert [row["signature"] for row in back] == [row["signature"] for row in rows][::-1]
    failed = next(row for row in ask("GET", path, params={"limit": 100, "sort-order": "asc"}).json() if row["transactionError"])
    assert set(failed["transactionError"]) == {"InstructionError"}
    assert isinstance(read_enhanced(rows[0]), ChainTransaction)


def test_transactions_are_read_by_their_signatures(ask: Ask, chain: Chain) -> None:
    signatures = [chain.blocks.signature(one) for one in chain.blocks[:5]]
    assert [row["signature"] for row in ask("POST", "/v0/transactions", json={"transactions": signatures}).json()] == signatures
    for bad in ({"transactions": signatures * 21}, {"transactions": []}, {}, []):
        assert ask("POST", "/v0/transactions", json=bad).status_code == 400


@pytest.mark.parametrize(("path", "status"), [("/v0/addresses/nonsense/transactions", 400), ("/v1/wallet/nonsense/funded-by", 400)])
def test_what_is_no_address_is_refused_with_the_reason(ask: Ask, path: str, status: int) -> None:
    answer = ask("GET", path)
    assert (answer.status_code, answer.json()["error"]) == (status, "Invalid wallet address")


def test_a_key_is_asked_for_where_one_is_set(ask: Ask, spoil: Callable[..., Any]) -> None:
    assert ask("GET", "/v0/webhooks").status_code == 200
    spoil(key="k")
    assert ask("GET", "/v0/webhooks").status_code == 401
    assert ask("GET", "/v0/webhooks", params={"api-key": "other"}).status_code == 401
    assert ask("GET", "/v0/webhooks", params={"api-key": "k"}).status_code == 200
    assert ask("GET", "/v0/webhooks", headers={"X-Api-Key": "k"}).status_code == 200


def test_insiders_were_paid_by_one_mother_and_a_trader_by_an_exchange(ask: Ask, chain: Chain) -> None:
    coin = next(coin for coin in chain.launches.values() if coin.fate is Fate.RUGGED)
    house = house_of(coin.number)
    mother = mother_of(house).address(7)
    found = [ask("GET", f"/v1/wallet/{Person('insider', house, part).address(7)}/funded-by").json() for part in range(4)]
    assert {one["funder"] for one in found} == {mother}
    assert {one["funderType"] for one in found} == {None}
    wallet = next(one for place in range(400) if chain.balances.is_open(one := Person("wallet", place).address(7)))
    paid = ask("GET", f"/v1/wallet/{wallet}/funded-by").json()
    assert paid["funderType"] == "exchange"
    assert chain.blocks.place_of(paid["signature"]) is not None
    assert ask("GET", f"/v1/wallet/{paid['funder']}/identity").json()["type"] == "exchange"
    assert ask("GET", f"/v1/wallet/{wallet}/identity").status_code == 404
    assert ask("GET", f"/v1/wallet/{Person('nobody').address(7)}/funded-by").status_code == 404


def test_a_webhook_is_made_listed_replaced_switched_and_deleted(ask: Ask, watched: Callable[..., dict[str, Any]]) -> None:
    one, two = Person("wallet", 1).address(7), Person("wallet", 2).address(7)
    made = watched([one, two])
    path = f"/v0/webhooks/{made['webhookID']}"
    assert set(made) >= WEBHOOK_FIELDS
    assert ask("GET", path).json() == made
    assert made in ask("GET", "/v0/webhooks").json()
    assert ask("PATCH", path, json={"active": False}).json()["active"] is False
    body = {"webhookURL": made["webhookURL"], "transactionTypes": ["SWAP"], "accountAddresses": [one], "webhookType": "raw"}
    replaced = ask("PUT", path, json=body).json()
    assert (replaced["accountAddresses"], replaced["webhookType"], replaced["authHeader"]) == ([one], "raw", "")
    assert ask("PUT", path, json={"accountAddresses": [one, two]}).status_code == 400  # all of it is replaced: an address is missing
    assert ask("GET", path).json() == replaced
    assert ask("DELETE", path).status_code == 200
    assert ask("GET", path).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhookURL": "https://example.com/hook"},
        {"webhookURL": None},
        {"accountAddresses": []},
        {"accountAddresses": ["nonsense"]},
        {"transactionTypes": ["EVERYTHING"]},
        {"webhookType": "loud"},
        {"txnStatus": "some"},
    ],
)
def test_a_webhook_that_cannot_be_is_refused(ask: Ask, receiver: Receiver, wrong: dict[str, Any]) -> None:
    good = {"webhookURL": receiver.url, "transactionTypes": ["ANY"], "accountAddresses": [Person("wallet", 1).address(7)]}
    assert ask("POST", "/v0/webhooks", json=good | wrong).status_code == 400
    assert all(one["webhookURL"] != receiver.url for one in ask("GET", "/v0/webhooks").json())


def test_a_plan_has_so_many_webhooks(ask: Ask, watched: Callable[..., Any], spoil: Callable[..., Any], receiver: Receiver) -> None:
    watched([Person("wallet", 1).address(7)])
    spoil(most_webhooks=1)
    body = {"webhookURL": receiver.url, "transactionTypes": ["ANY"], "accountAddresses": [Person("wallet", 1).address(7)]}
    assert ask("POST", "/v0/webhooks", json=body).status_code == 400


def test_without_faults_everything_is_delivered_once_and_nothing_else(
    solana_sandbox: SolanaSandbox, receiver: Receiver, watched: Callable[..., Any], spoil: Callable[..., Any]
) -> None:
    """Arrays, with what we two agreed on in their Authorization; what failed is among them."""
    chain, deliveries = solana_sandbox.solana.chain, solana_sandbox.solana.helius.deliveries
    spoil()
    deliveries.log.clear()
    wallets = [Person("wallet", place).address(7) for place in range(60)]
    began = solana_sandbox.clock()
    watched(wallets)
    pass_time(solana_sandbox, receiver, lambda: solana_sandbox.clock() > began + 120, seconds=5)
    pass_time(solana_sandbox, receiver, lambda: settled(solana_sandbox), seconds=0.5)
    told = [(one.place, one.became) for one in deliveries.log]
    reached = max(place for place, _ in told)
    wanted = {place for wallet in wallets for place in chain.blocks.places_of(wallet)}
    assert Counter(told) == {(place, "delivered"): 1 for place in wanted if min(told)[0] <= place <= reached}
    assert sorted(receiver.signatures) == sorted(map(deliveries.signature, deliveries.log))
    assert all(isinstance(array, list) and array for array in receiver.arrays)
    assert set(receiver.headers) == {SECRET}
    posted = transactions_in(json.dumps(receiver.arrays[0]).encode(), datetime.now(UTC))  # what our inbox makes of it
    assert ([row.signature for row in posted.rows], list(posted.bad)) == ([row["signature"] for row in receiver.arrays[0]], [])


def test_deliveries_come_late_twice_and_never(
    solana_sandbox: SolanaSandbox, receiver: Receiver, watched: Callable[..., Any], spoil: Callable[..., Any]
) -> None:
    """Half of all twice, a third never, out of the chain's order: whoever receives must know what came and ask for what did not."""
    deliveries = solana_sandbox.solana.helius.deliveries
    spoil(late=0.5, late_s=30, twice=0.5, lost=0.3)
    deliveries.log.clear()
    began = solana_sandbox.clock()
    watched([Person("wallet", place).address(7) for place in range(150)])
    pass_time(solana_sandbox, receiver, lambda: solana_sandbox.clock() > began + 120, seconds=10)
    pass_time(solana_sandbox, receiver, lambda: settled(solana_sandbox), seconds=5)
    became = Counter(one.became for one in deliveries.log)
    assert became["lost"] > 0
    assert max(Counter(receiver.signatures).values()) == 2
    places = [solana_sandbox.solana.chain.blocks.place_of(one) for one in receiver.signatures]
    assert places != sorted(places)  # type: ignore[type-var]
    lost = {deliveries.signature(one) for one in deliveries.log if one.became == "lost"}
    assert not lost & set(receiver.signatures)


def test_who_does_not_answer_is_tried_again_three_times_and_then_not_any_more(
    solana_sandbox: SolanaSandbox, receiver: Receiver, watched: Callable[..., Any], spoil: Callable[..., Any]
) -> None:
    deliveries = solana_sandbox.solana.helius.deliveries
    spoil(retry_after_s=5)
    receiver.refuse = 10**6
    deliveries.log.clear()
    watched([Person("wallet", place).address(7) for place in range(300)])
    pass_time(solana_sandbox, receiver, lambda: any(one.became for one in deliveries.log))
    first = next(one for one in deliveries.log if one.became)
    assert (first.became, first.tries) == ("lost", 4)
    assert receiver.arrays == []
    receiver.refuse = 0
    pass_time(solana_sandbox, receiver, lambda: bool(receiver.arrays))


def test_a_raw_webhook_sends_what_a_node_answers(
    solana_sandbox: SolanaSandbox, receiver: Receiver, watched: Callable[..., Any], spoil: Callable[..., Any]
) -> None:
    spoil()
    watched([Person("wallet", place).address(7) for place in range(200)], webhookType="raw", txnStatus="success")
    pass_time(solana_sandbox, receiver, lambda: len(receiver.signatures) > 5)
    read = [read_row(row) for array in receiver.arrays for row in array]
    assert all(isinstance(one, ChainTransaction) and one.error is None and one.index is not None for one in read)


def test_a_fault_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no faults"):
        HeliusFaults().ask({"lots": 1})

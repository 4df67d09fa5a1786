"""What webhooks deliver: an array of transactions that touch the addresses they watch, late, twice or never as the faults have it.

When something is due is a matter of the sandbox's clock and of the seed. No answer of the sandbox waits for what is posted here."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

import httpx

from sandbox.noise import mix
from sandbox.solana.blocks import Placed
from sandbox.solana.chain import Chain, slot_seen
from sandbox.solana.enhanced_rows import enhanced_row, raw_row
from sandbox.solana.helius_faults import HeliusFaults
from sandbox.solana.node_history import History
from sandbox.solana.outside import Outside, touched_by
from sandbox.solana.rpc_rows import transaction_row
from sandbox.solana.webhooks import Webhook, Webhooks
from sandbox.wire import Clock, Json

LOOK_EVERY_S, TIMEOUT_S, AT_ONCE = 0.1, 10.0, 5  # transactions in one array
POSTS_AT_ONCE = 20
SOON_S = 1.5  # a delivery comes up to so long after its block
REMEMBERED, GIVES_UP_AFTER = 2_000, 50  # deliveries; lost ones in a row until a webhook is switched off
FAILED_STATUS = 400


@dataclass(slots=True)
class Delivery:
    """One transaction for one webhook. `became` is delivered, lost, or empty while it is still to come."""

    webhook: str
    place: int
    tries: int = 0
    became: str = ""


@dataclass
class Deliveries:
    chain: Chain
    history: History
    webhooks: Webhooks
    faults: HeliusFaults
    clock: Clock
    log: deque[Delivery] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    looked: int = -1  # up to which place of the chain; -1: not yet
    _due: list[tuple[float, int, Delivery]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _lost_in_a_row: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Until it is cancelled."""
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            while True:
                await self.deliver(client)
                await asyncio.sleep(LOOK_EVERY_S)

    async def deliver(self, client: httpx.AsyncClient) -> None:
        """Whatever is due by now, several at once."""
        if not self.webhooks.all and not self._due:
            self.looked = -1
            return
        now_s = self.clock()
        self.look(now_s)
        due: dict[tuple[str, int], list[Delivery]] = {}  # what a webhook gets for the first time, and what it is sent again
        while self._due and self._due[0][0] <= now_s:
            one = heappop(self._due)[2]
            due.setdefault((one.webhook, one.tries), []).append(one)
        posts = [group[begin : begin + AT_ONCE] for group in due.values() for begin in range(0, len(group), AT_ONCE)]
        for begin in range(0, len(posts), POSTS_AT_ONCE):  # who waits for a connection longer than for an answer has lost it
            await asyncio.gather(*(self._post(client, group) for group in posts[begin : begin + POSTS_AT_ONCE]))

    def look(self, now_s: float) -> None:
        """For what is new on the chain: of what happened before its first webhook was made nobody is told."""
        seen = self.chain.at(now_s).blocks.until(slot_seen(now_s, "confirmed"))
        begin = seen if self.looked < 0 else self.looked
        for place in range(begin, seen):
            self._schedule(place, self.chain.blocks[place], now_s)
        self.looked = seen

    def _schedule(self, place: int, placed: Placed, now_s: float) -> None:
        watching = [webhook for webhook in self.webhooks.all.values() if webhook.active]
        touched = _touched(placed) if watching else frozenset()
        for webhook in watching:
            if touched & webhook.addresses and self._wants(webhook, place, placed):
                self._plan(webhook, place, now_s)

    def _wants(self, webhook: Webhook, place: int, placed: Placed) -> bool:
        if webhook.status != "all" and (placed.error is None) != (webhook.status == "success"):
            return False
        return "ANY" in webhook.types or enhanced_row(self.history.written(place), self.clock())["type"] in webhook.types

    def _plan(self, webhook: Webhook, place: int, now_s: float) -> None:
        """By dice of its own place: late, twice, never."""
        faults = self.faults
        late, twice, lost, soon = (mix(self.chain.seed, place, number) % 10_000 / 10_000 for number in range(4))
        after_s = soon * SOON_S + (faults.late_s * (mix(self.chain.seed, place) % 1_000) / 1_000 if late < faults.late else 0.0)
        for copy in range(2 if twice < faults.twice else 1):
            delivery = Delivery(webhook.id, place)
            self.log.append(delivery)
            if lost < faults.lost:
                delivery.became = "lost"
            else:
                self._push(now_s + after_s + copy * faults.late_s / 2, delivery)

    def signature(self, delivery: Delivery) -> str:
        return self.chain.blocks.signature(self.chain.blocks[delivery.place])

    def rows(self) -> list[Json]:
        """The last that were planned, the oldest first."""
        return [
            {"webhook": one.webhook, "signature": self.signature(one), "tries": one.tries, "became": one.became} for one in list(self.log)
        ]

    def _push(self, at_s: float, delivery: Delivery) -> None:
        heappush(self._due, (at_s, next(self._order), delivery))

    async def _post(self, client: httpx.AsyncClient, group: Sequence[Delivery]) -> None:
        """Of one webhook, in one array."""
        webhook = self.webhooks.all.get(group[0].webhook)
        taken = webhook is not None and await self._taken(client, webhook, [self.payload(webhook, one.place) for one in group])
        for delivery in group:
            self._note(webhook, delivery, taken)

    async def _taken(self, client: httpx.AsyncClient, webhook: Webhook, payloads: list[Json]) -> bool:
        headers = {"Authorization": webhook.auth_header} if webhook.auth_header else {}
        try:
            answer = await client.post(webhook.url, json=payloads, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code < FAILED_STATUS

    def payload(self, webhook: Webhook, place: int) -> Json:
        written = self.history.written(place)
        if webhook.kind.startswith("raw"):
            return raw_row(written, transaction_row(written, "json"))
        return enhanced_row(written, self.clock())

    def _note(self, webhook: Webhook | None, delivery: Delivery, taken: bool) -> None:
        delivery.tries += 1
        if taken:
            delivery.became, self._lost_in_a_row[delivery.webhook] = "delivered", 0
        elif webhook is not None and delivery.tries <= self.faults.retries:
            self._push(self.clock() + self.faults.retry_after_s, delivery)
        else:
            delivery.became = "lost"
            self._give_up(delivery.webhook)

    def _give_up(self, id_: str) -> None:
        """Who takes nothing for long is switched off."""
        self._lost_in_a_row[id_] = self._lost_in_a_row.get(id_, 0) + 1
        if self._lost_in_a_row[id_] >= GIVES_UP_AFTER and id_ in self.webhooks.all:
            self.webhooks.switch(id_, {"active": False})


def _touched(placed: Placed) -> frozenset[str]:
    """Whose transaction it is; of a token account, its owner."""
    if isinstance(placed.did, Outside):
        return touched_by(placed.did)
    moves = placed.did.moves()
    named = (*moves.lamports, *moves.coins, *placed.did.about)
    return frozenset(one if isinstance(one, str) else one[0] for one in named)

"""Somebody who posts intents to the inbox all the time, and remembers which of them he was told that we have."""

import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from chaos.house import INBOX, House
from data_contracts import Side, Trade
from deployments.local_stack import home, inbox
from deployments.local_stack.services import LOOPBACK

TRIES, AGAIN_S, TIMEOUT_S = 8, 0.2, 3.0


@dataclass
class Sender:
    """Posts what leaders did of late as intents under its own names; sends again, with the same name, until it is told yes or gives up."""

    house: House
    seed: int
    every_s: float
    trades: list[Trade] = field(default_factory=list)  # what to tell of
    offered: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        drawn, number = random.Random(self.seed), 0  # noqa: S311, of a test
        url = f"http://{LOOPBACK}:{self.house.settings.port_base + INBOX}/intents"
        headers = {"Authorization": f"Bearer {home.secret(self.house.settings.home, inbox.NAME)}"}
        with httpx.Client(timeout=TIMEOUT_S, headers=headers, trust_env=False) as client:
            while not self.stopped.wait(self.every_s):
                if not self.trades:
                    continue
                number += 1
                name = f"chaos-{self.seed}-{number}"
                self.offered.add(name)
                self._send(client, url, an_intent(name, drawn.choice(self.trades)))

    def _send(self, client: httpx.Client, url: str, intent: dict[str, Any]) -> None:
        for _ in range(TRIES):
            try:
                status = client.post(url, json=intent).status_code
            except (httpx.HTTPError, json.JSONDecodeError) as error:
                self.answers[type(error).__name__] += 1
            else:
                self.answers[str(status)] += 1
                if status in (202, 409):  # 409: it was stored when the answer to an earlier try was lost
                    self.accepted.add(intent["intent_id"])
                    return
                if status == 422:
                    return
            if self.stopped.wait(AGAIN_S):
                return


def an_intent(name: str, trade: Trade) -> dict[str, Any]:
    """That its leader did the same once more, now."""
    size = {"size_usdc": round(float(trade.notional), 2) or 1.0} if trade.side is Side.BUY else {"size_tokens": float(trade.shares)}
    return {
        "intent_id": name,
        "timestamp": datetime.now(UTC).isoformat(),
        "source_trader": trade.wallet,
        "market_id": trade.token_id,
        "outcome": trade.outcome,
        "side": trade.side.value,
        "metadata": {"price": float(trade.price), "detection_latency_ms": 500},
        **size,
    }

"""Keeps the exchange on disk, so that a killed sandbox comes back with the accounts, orders and trades it had: a venue forgets nothing.

The world itself is drawn anew from its seed. What is written here is the exchange's, whole and after each change: meant for the hundreds of
orders that a house of one machine posts, not for millions. No answer leaves before what it may tell is on disk.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.exchange.exchange import Exchange
from sandbox.markets import Market

_ITS_OWN = ("orders", "trades", "closed_only", "geoblock", "_books", "_beats", "_count")
_READS = ("/books", "/midpoints", "/spreads", "/prices", "/last-trades-prices")  # POST, and change nothing
_PLACES = ("/clob", "/control", "/relayer", "/rpc", "/data")


class Keeping:
    """`advance` moves the world's clock ahead by seconds: a world whose clock went back would take back what it told."""

    def __init__(self, exchange: Exchange, file: Path, ahead_s: Callable[[], float], advance: Callable[[float], None]) -> None:
        self._exchange, self._file, self._ahead_s, self._advance = exchange, file, ahead_s, advance
        self._lock, self._changed = Lock(), False
        exchange.listeners.append(lambda what, subject: self.note())

    def note(self) -> None:
        self._changed = True

    def save_if_changed(self) -> None:
        with self._lock:
            if self._changed:
                self._changed = False
                try:
                    self._save()
                except OSError:  # a full disk: the next answer tries again, for what it tells must not be forgotten
                    self._changed = True
                    raise

    def load(self) -> None:
        """Where nothing was kept, the exchange stays as new."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            ahead_s = pickle.load(file)  # noqa: S301, our own file in a directory of ours
            self._advance(ahead_s)
            kept = _Reader(file, self._exchange).load()
        _put(self._exchange, kept)

    def _save(self) -> None:
        draft = self._file.with_suffix(".draft")
        with draft.open("wb") as file, self._exchange._lock:
            pickle.dump(self._ahead_s(), file)
            _Writer(file).dump(_taken(self._exchange))
        draft.rename(self._file)


class KeptDoor:
    """Stands before the whole sandbox: whatever a request changed is kept before its answer begins."""

    def __init__(self, app: ASGIApp, keeping: Keeping) -> None:
        self._app, self._keeping = app, keeping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(_PLACES):
            await self._app(scope, receive, send)
            return
        may_change = scope["method"] != "GET" and not path.endswith(_READS)

        async def kept_first(message: Message) -> None:
            if message["type"] == "http.response.start":
                if may_change:
                    self._keeping.note()
                self._keeping.save_if_changed()
            await send(message)

        await self._app(scope, receive, kept_first)


class _Writer(pickle.Pickler):
    def persistent_id(self, found: Any) -> str | None:
        """A market is the world's, and known by its condition."""
        return found.condition_id if isinstance(found, Market) else None


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any, exchange: Exchange) -> None:
        super().__init__(file)
        self._snapshot = exchange.world.at(exchange.clock())  # its markets must be there to be named

    def persistent_load(self, name: str) -> Market:
        market = self._snapshot.market(name)
        if market is None:
            raise pickle.UnpicklingError(f"this world has no market {name}")
        return market


def _taken(exchange: Exchange) -> dict[str, Any]:
    settlement, keys = exchange._settlement, exchange.keys
    return {
        "exchange": {name: getattr(exchange, name) for name in _ITS_OWN},
        "accounts": exchange.ledger._accounts,
        "settlement": {"in_s": settlement.in_s, "_due": settlement._due},
        "keys": dict(vars(keys)),
    }


def _put(exchange: Exchange, kept: dict[str, Any]) -> None:
    """Into the objects that others hold already."""
    vars(exchange).update(kept["exchange"])
    exchange.ledger._accounts = kept["accounts"]
    vars(exchange._settlement).update(kept["settlement"])
    vars(exchange.keys).update(kept["keys"])

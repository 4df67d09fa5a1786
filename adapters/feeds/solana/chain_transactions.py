"""Transactions by signature, each asked for once: what a node said of one does not change any more."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from adapters.batches import batches
from adapters.feeds.solana.listing import COMMITMENT
from adapters.feeds.solana.rpc import SolanaRpc, part_of
from adapters.feeds.solana.rpc_transactions import MOST_RECENT_VERSION, read_answer
from data_contracts.errors import Refused, Unavailable
from domain.solana.transactions import ChainTransaction, Unreadable

# A swap takes 23 KB. Looks overlap by two minutes, so what nobody asked for in five is not asked for again; the bound is for one long walk.
KEPT_S = 300.0
MOST_KEPT = 20_000
OPTIONS = {"encoding": "json", "commitment": COMMITMENT, "maxSupportedTransactionVersion": MOST_RECENT_VERSION}
Read = ChainTransaction | Unreadable


@dataclass
class Remembered:
    """Transactions by signature, those asked for last at the end, each with the second in which that was."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[str, tuple[float, ChainTransaction]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, signature: str) -> bool:
        return signature in self._kept

    def of(self, signatures: Iterable[str]) -> dict[str, ChainTransaction]:
        """Those of them that are remembered, now for some time more."""
        with self._lock:
            found = {name: self._kept[name][1] for name in signatures if name in self._kept}
        self.keep(found)
        return found

    def keep(self, read: Mapping[str, ChainTransaction]) -> None:
        """These are the last asked for; what is too old or too much is forgotten."""
        now = self.clock()
        with self._lock:
            for name, one in read.items():
                self._kept[name] = now, one
                self._kept.move_to_end(name)
            while self._kept and (len(self._kept) > MOST_KEPT or next(iter(self._kept.values()))[0] <= now - KEPT_S):
                self._kept.popitem(last=False)


@dataclass
class Transactions:
    """Of one node; those of the last looks are remembered, for looks overlap."""

    rpc: SolanaRpc
    remembered: Remembered = field(default_factory=Remembered)

    def asked_of(self, rpc: SolanaRpc) -> "Transactions":
        """The same memory, and what is not in it is asked of this one."""
        return replace(self, rpc=rpc)

    def some(self, signatures: Sequence[str]) -> Iterator[dict[str, Read | None]]:
        """In their order, some at a time; None for one whose transaction is not there (yet).

        Raises Unavailable when the node answers none of those it is first asked about.
        """
        answered = False
        self.remembered.keep({})
        for part in batches(list(dict.fromkeys(signatures)), part_of(self.rpc.calls_per_s)):
            known = self.remembered.of(part)
            unknown = [signature for signature in part if signature not in known]
            answers = self.rpc.ask_all("getTransaction", [[signature, OPTIONS] for signature in unknown])
            lost = [answer for answer in answers if isinstance(answer, Unavailable)]
            if lost and len(lost) == len(answers) and not answered:
                raise lost[0]
            answered = True
            read = {signature: _read(signature, answer) for signature, answer in zip(unknown, answers, strict=True)}
            self.learn(one for one in read.values() if isinstance(one, ChainTransaction))
            yield {signature: known.get(signature) or read.get(signature) for signature in part}

    def knows(self, signature: str) -> bool:
        return signature in self.remembered

    def learn(self, read: Iterable[ChainTransaction]) -> None:
        """What somebody else has read already."""
        self.remembered.keep({one.signature: one for one in read})

    def one(self, signature: str) -> Read | None:
        """The same of one."""
        return next(self.some([signature]))[signature]


def _read(signature: str, answer: object) -> Read | None:
    """A no is on record with its reason: -32015, say, of a version that is newer than we are. Silence is a gap."""
    if isinstance(answer, Unavailable):
        return None
    return Unreadable(signature, str(answer)) if isinstance(answer, Refused) else read_answer({"result": answer}, signature)

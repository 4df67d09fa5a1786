"""Transactions by signature, each asked for once: what a node said of one does not change any more."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapters.batches import batches
from adapters.feeds.solana.listing import COMMITMENT
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.rpc_transactions import MOST_RECENT_VERSION, read_answer
from data_contracts.errors import Refused, Unavailable
from domain.solana.transactions import ChainTransaction, Unreadable

AT_ONCE = 25
MOST_KEPT = 20_000
OPTIONS = {"encoding": "json", "commitment": COMMITMENT, "maxSupportedTransactionVersion": MOST_RECENT_VERSION}
Read = ChainTransaction | Unreadable


class Transactions:
    """Of one node; the last so many are remembered, for looks overlap."""

    def __init__(self, rpc: SolanaRpc) -> None:
        self._rpc = rpc
        self._known: OrderedDict[str, ChainTransaction] = OrderedDict()

    def some(self, signatures: Sequence[str]) -> Iterator[dict[str, Read | None]]:
        """In their order, some at a time; None for one whose transaction is not there (yet).

        Raises Unavailable when the node answers none of those it is first asked about.
        """
        answered = False
        for part in batches(list(dict.fromkeys(signatures)), AT_ONCE):
            unknown = [signature for signature in part if signature not in self._known]
            answers = self._rpc.ask_all("getTransaction", [[signature, OPTIONS] for signature in unknown])
            lost = [answer for answer in answers if isinstance(answer, Unavailable)]
            if lost and len(lost) == len(answers) and not answered:
                raise lost[0]
            answered = True
            read = {signature: _read(signature, answer) for signature, answer in zip(unknown, answers, strict=True)}
            self._keep(read)
            yield {signature: self._known.get(signature) or read.get(signature) for signature in part}

    def knows(self, signature: str) -> bool:
        return signature in self._known

    def learn(self, read: Iterable[ChainTransaction]) -> None:
        """What somebody else has read already."""
        self._keep({one.signature: one for one in read})

    def one(self, signature: str) -> Read | None:
        """The same of one."""
        return next(self.some([signature]))[signature]

    def _keep(self, read: Mapping[str, Read | None]) -> None:
        self._known.update({name: one for name, one in read.items() if isinstance(one, ChainTransaction)})
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)


def _read(signature: str, answer: object) -> Read | None:
    """A no is on record with its reason: -32015, say, of a version that is newer than we are. Silence is a gap."""
    if isinstance(answer, Unavailable):
        return None
    return Unreadable(signature, str(answer)) if isinstance(answer, Refused) else read_answer({"result": answer}, signature)

"""Which transactions a node lists for wallets, from the newest back: signatures, each with its slot and time."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.batches import batches
from adapters.feeds.solana.rpc import SolanaRpc, part_of
from adapters.feeds.solana.values import Fault, instant, items, slot, table, text
from data_contracts.errors import Refused, Unavailable

PAGE = 1_000
COMMITMENT = "confirmed"


@dataclass(frozen=True, slots=True)
class Seen:
    """A signature as it is listed for a wallet. `at` is None where the node does not say it; `error` where the transaction failed."""

    wallet: str
    signature: str
    slot: int
    at: datetime | None
    error: str | None
    is_final: bool


@dataclass
class Listed:
    """What was listed of each wallet, the newest first. `unread`: wallets whose older signatures were not read, though asked for.

    `ended`: wallets of which the node has nothing older. `unasked`: those that nothing was asked about, for the time was over.
    """

    rows: dict[str, list[Seen]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    unasked: set[str] = field(default_factory=set)

    @property
    def all(self) -> list[Seen]:
        return [seen for rows in self.rows.values() for seen in rows]


def list_signatures(
    rpc: SolanaRpc,
    wallets: Collection[str],
    after: datetime,
    most_pages: int,
    before: Mapping[str, str],
    slot: int | None,
    is_over: Callable[[], bool] = lambda: False,
) -> Listed:
    """Of each wallet all after `after`, or as far as so many pages of it go; from the signature in `before` on, where there is one.

    They are asked about in their order, the first few always, and nobody more once `is_over`. `slot` is how far the node must be: one that
    is behind is no witness. Raises Unavailable, and Refused where a signature in `before` is not known any more.
    """
    listed, places, due = Listed(), dict(before), list(dict.fromkeys(wallets))
    for number in range(most_pages):
        pages = _pages(rpc, [_question(wallet, places.get(wallet), slot) for wallet in due], is_over, number == 0)
        going_on = due[len(pages) :]
        for wallet, page in zip(due, pages, strict=False):
            if isinstance(page, Refused | Unavailable):
                raise page
            rows = list(_read(wallet, page))
            listed.rows.setdefault(wallet, []).extend(rows)
            if len(rows) < PAGE:
                listed.ended.add(wallet)
            elif _is_after(rows[-1], after):
                going_on.append(wallet)
                places[wallet] = rows[-1].signature
        if not going_on:
            return listed
        due = going_on
    listed.unasked = set(due) - listed.rows.keys()
    listed.unread = set(due) - listed.unasked
    return listed


def _pages(rpc: SolanaRpc, questions: Sequence[list[Any]], is_over: Callable[[], bool], is_first: bool) -> list[Any]:
    """The first page of each, or of as many as there was time for."""
    pages: list[Any] = []
    for part in batches(questions, part_of(rpc.calls_per_s)):
        if is_over() and (pages or not is_first):
            break
        pages += rpc.ask_all("getSignaturesForAddress", part)
    return pages


def _question(wallet: str, before: str | None, slot: int | None) -> list[Any]:
    options = {"limit": PAGE, "commitment": COMMITMENT, "before": before, "minContextSlot": slot}
    return [wallet, {name: value for name, value in options.items() if value is not None}]


def _is_after(seen: Seen, after: datetime) -> bool:
    return seen.at is None or seen.at > after


def _read(wallet: str, page: Any) -> Iterator[Seen]:
    """A row that cannot be read has no signature to ask for: the whole page is asked again."""
    try:
        for row in items(page, "the signatures"):
            yield _row(wallet, table(row, "a signature"))
    except Fault as error:
        raise Unavailable(f"getSignaturesForAddress: {error}") from error


def _row(wallet: str, row: dict[str, Any]) -> Seen:
    return Seen(
        wallet=wallet,
        signature=text(row.get("signature"), "signature"),
        slot=slot(row.get("slot")),
        at=instant(row.get("blockTime"), "blockTime"),
        error=None if row.get("err") is None else str(row["err"]),
        is_final=row.get("confirmationStatus") in (None, "finalized"),
    )

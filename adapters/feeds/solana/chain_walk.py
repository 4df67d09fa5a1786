"""One walk back over what watched wallets did on the chain: their signatures are listed, and each transaction is read, newest first.

Works with any node: by paging, and with fewer calls where it has a stream. A walk ends when all is read, or when its time is up: then it
says from where on it is complete.
"""

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.feeds.feed import Walk
from adapters.feeds.solana.address_stream import AddressStream
from adapters.feeds.solana.chain_rows import ChainRows, in_words
from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.listing import PAGE, Listed, Seen, list_signatures
from adapters.feeds.solana.node import Node
from adapters.feeds.solana.recorded_rates import RateAt
from adapters.feeds.solana.rpc import SolanaRpc
from data_contracts import ReadAs
from data_contracts.errors import Refused
from domain.solana.accounting import VANISHED

# Of one walk, then it ends when the part it is at has come, and reads one more where it has read none: a cycle waits 15 s for a venue.
PATIENCE_S = 7.0
# A node may list what another, which is asked next, does not have yet. Looks overlap by 120 s, so each is asked for again: only what is
# still missing then is a hole.
YOUNG = timedelta(seconds=90)
REMEMBERED = timedelta(minutes=10)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
log = logging.getLogger("walletflow.solana")


@dataclass
class ChainWalk:
    """Over the transactions of one node. What it listed lately it remembers, to notice what vanishes.

    An unhurried one lists however long it takes, and `patience_s` is for reading alone.
    """

    source: str
    rpc: SolanaRpc
    transactions: Transactions
    stream: AddressStream
    patience_s: float = PATIENCE_S
    is_unhurried: bool = False
    clock: Callable[[], float] = time.monotonic
    _lately: dict[tuple[str, str], Seen] = field(default_factory=dict)

    def walk(
        self,
        wallets: Collection[str],
        after: datetime,
        until: datetime,
        most_pages: int,
        cursor: str,
        rate_at: RateAt,
        node: Node,
    ) -> Walk:
        """All of these wallets' rows with `after` < traded_at <= `until`, the first of them asked about first.

        Where there was no time to ask about each, it is not complete from anywhere on: then `complete_from` is `until`.
        """
        calls, credits = sum(self.rpc.calls.values()), self.rpc.credits + self.stream.credits
        places = _places(cursor, wallets)
        listing_is_over = (lambda: False) if self.is_unhurried else self._timer()
        listed = list_signatures(self.rpc, wallets, after, most_pages, places, node.slot, listing_is_over)
        self._insist_on(places, listed)
        rows = ChainRows(self.source, rate_at, after, until)
        wanted = sorted((seen for seen in listed.all if _within(seen, after, until)), key=lambda seen: seen.slot, reverse=True)
        begins = [node.begins] if node.begins else []
        is_over = self._timer() if self.is_unhurried else listing_is_over
        holes = self._read(wanted, rows, (node.at or until) - YOUNG, is_over)
        complete_from = max([after, *holes, *_unread(listed), *([until] if listed.unasked else []), *begins])
        if not places:
            self._note_what_vanished(listed, rows, after, node)
        trades, besides = rows.frames()
        spent = f"{sum(self.rpc.calls.values()) - calls} calls, {self.rpc.credits + self.stream.credits - credits} credits"
        log.info("%d wallets: %d signatures (%s); %s", len(listed.rows), len(rows.readings), in_words(rows.readings), spent)
        if listed.unasked:
            log.warning("there was no time left for %d of %d wallets: a gap, filled beside the looks", len(listed.unasked), len(wallets))
        is_whole = complete_from <= after
        has_ended = not is_whole and complete_from in begins
        return Walk(trades, complete_from, "" if is_whole or has_ended else _cursor(listed, complete_from), has_ended, besides)

    def _timer(self) -> Callable[[], bool]:
        """Says whether its patience, counted from now, is over."""
        begun = self.clock()
        return lambda: self.clock() - begun > self.patience_s

    def _read(self, wanted: Sequence[Seen], rows: ChainRows, young_from: datetime, is_over: Callable[[], bool]) -> list[datetime]:
        """Adds the rows of what it gets to; what makes the walk incomplete: holes that are not young, and the first not got to."""
        self.stream.read_ahead(wanted, is_over)
        holes = []
        by_signature: dict[str, list[Seen]] = {}
        for seen in wanted:
            if seen.error is None:
                by_signature.setdefault(seen.signature, []).append(seen)
            else:
                rows.add_failed(seen)
        left = dict(by_signature)
        for part in self.transactions.some(list(by_signature)):
            for signature, read in part.items():
                for seen in left.pop(signature):
                    if rows.add(seen, read) is ReadAs.GAP and (seen.at is None or seen.at <= young_from):
                        holes.append(seen.at or rows.until)
            if is_over() and left:
                return [*holes, *(seen.at or rows.until for seen in next(iter(left.values())))]
        return holes

    def _insist_on(self, places: Mapping[str, str], listed: Listed) -> None:
        """Below a signature that the chain forgot a node lists nothing, as below the first of a wallet."""
        silent = [place for wallet, place in places.items() if not listed.rows.get(wallet)]
        if not silent:
            return
        found = self.rpc.ask("getSignatureStatuses", silent, {"searchTransactionHistory": True})
        if any(status is None for status in (found or {}).get("value", [None])):
            raise Refused("the chain does not know the signature any more from which this walk was to go on")

    def _note_what_vanished(self, listed: Listed, rows: ChainRows, after: datetime, node: Node) -> None:
        """What was listed lately, lies where this list is whole and its node was asked to be, and is not in it."""
        now = {(seen.wallet, seen.signature): seen for seen in listed.all}
        oldest = (node.at or rows.until) - REMEMBERED
        for key, seen in list(self._lately.items()):
            is_covered = seen.wallet in listed.rows.keys() - listed.unread and after < (seen.at or LONG_AGO)
            if is_covered and key not in now and node.slot is not None and seen.slot <= node.slot:
                rows.add_gap(seen, VANISHED)
                self._lately.pop(key, None)
            elif (seen.at or LONG_AGO) < oldest:
                self._lately.pop(key, None)
        self._lately |= {key: seen for key, seen in now.items() if seen.at is not None and seen.at >= oldest}


def _within(seen: Seen, after: datetime, until: datetime) -> bool:
    return seen.at is None or after < seen.at <= until


def _unread(listed: Listed) -> list[datetime]:
    """From where on the list of a wallet is whole that was not read to its end."""
    return [at for wallet in listed.unread if listed.rows[wallet] and (at := listed.rows[wallet][-1].at)]


def _places(cursor: str, wallets: Collection[str]) -> dict[str, str]:
    """Wallet → the signature its list goes on below. Raises Refused for what is no cursor of ours."""
    try:
        places = dict(json.loads(cursor)) if cursor else {}
    except (ValueError, TypeError):
        raise Refused("no cursor of this feed") from None
    return {wallet: str(place) for wallet, place in places.items() if wallet in wallets}


def _cursor(listed: Listed, complete_from: datetime) -> str:
    """Of wallets whose list has several pages, the last signature above which all is read. What may still vanish is no place to go on."""
    long = {wallet: rows for wallet, rows in listed.rows.items() if len(rows) > PAGE or wallet in listed.unread}
    places = {wallet: [seen for seen in rows if seen.at and seen.at > complete_from and seen.is_final] for wallet, rows in long.items()}
    return json.dumps({wallet: rows[-1].signature for wallet, rows in places.items() if rows}) if any(places.values()) else ""

"""How the evidence that decision kinds need is fetched: each need once a cycle, for all strategies that have it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from adapters.connect import open_history
from adapters.settings import Settings
from adapters.stores.history import History
from data_contracts import Consensus, Instrument, Side, SolanaToken, TokenLook, Trade, WalletProfile
from data_contracts.frames import rows_of
from domain.copying.evidence import Need, TokenFacts, WalletRecord
from domain.copying.judging import Judge
from domain.copying.kinds.kinds import KINDS
from domain.profiling.wallet_profiling import ALL_CATEGORIES
from tasks.copying.consensus import consensus_of

LIFETIME, RECENT_DAYS = 0, 30


@dataclass(frozen=True, slots=True)
class Asked:
    """Who needs it, and for what: the instruments that leaders of a cycle bought, and those trades."""

    judges: Sequence[Judge]
    instruments: Sequence[Instrument]
    owners: Mapping[str, str]
    settings: Settings
    as_of: datetime
    bought: Sequence[Trade] = ()


def consensus(asked: Asked) -> dict[tuple[str, str], Consensus]:
    """Of the skilled holders, by token and by who votes."""
    voters = {judge.policy.owrr.votes_by for judge in asked.judges}
    return consensus_of(asked.instruments, asked.owners, voters, asked.settings, asked.as_of)


def tokens(asked: Asked) -> dict[str, TokenFacts]:
    """What we know of each token, and how it looked last."""
    history, names = open_history(asked.settings), [one.token_id for one in asked.instruments]
    known = {row.token_id: row for row in rows_of(history.tokens(names), SolanaToken)}
    looks = {row.token_id: row for row in rows_of(history.last_looks(names), TokenLook)}
    return {name: TokenFacts(known.get(name), looks.get(name)) for name in names}


def records(asked: Asked) -> dict[str, WalletRecord]:
    """The profile of each leader that bought, over its whole life and over the last days."""
    history, buyers = open_history(asked.settings), sorted({trade.wallet for trade in asked.bought})
    windows = [_profiles(history, buyers, days) for days in (LIFETIME, RECENT_DAYS)]
    return {wallet: WalletRecord(*(window.get(wallet) for window in windows)) for wallet in buyers}


def _profiles(history: History, wallets: Sequence[str], window_days: int) -> dict[str, WalletProfile]:
    return {row.wallet: row for row in rows_of(history.profiles(wallets, window_days), WalletProfile) if row.category == ALL_CATEGORIES}


def buyers(asked: Asked) -> dict[str, frozenset[str]]:
    """The owners among all whom these strategies follow who bought each token lately, those of this cycle among them."""
    followed = sorted({leader for one in asked.judges for leader in one.leaders})
    window = timedelta(seconds=max(one.policy.score.cluster_window_s for one in asked.judges))
    columns = ["wallet", "token_id", "side"]
    names = {one.token_id for one in asked.instruments}
    stored = open_history(asked.settings).trades(asked.as_of - window, asked.as_of, followed, columns)
    bought = [(wallet, token) for wallet, token, side in stored.iter_rows() if side == Side.BUY and token in names]
    bought += [(trade.wallet, trade.token_id) for trade in asked.bought]
    found: dict[str, set[str]] = defaultdict(set)
    for wallet, token in bought:
        found[token].add(asked.owners.get(wallet, wallet))
    return {token: frozenset(owners) for token, owners in found.items()}


FETCHED_BY: Mapping[Need, Callable[[Asked], Mapping[Any, Any]]] = {
    Need.CONSENSUS: consensus,
    Need.TOKENS: tokens,
    Need.RECORDS: records,
    Need.BUYERS: buyers,
}


def fetched(asked: Asked) -> dict[str, Mapping[Any, Any]]:
    """By field of Evidence, what the kinds of these strategies need to know. Nothing is fetched that none of them needs."""
    found: dict[str, Mapping[Any, Any]] = {}
    for need, fetch in FETCHED_BY.items():
        needing = [one for one in asked.judges if need in KINDS[one.kind].needs(one.policy)]
        if needing and asked.instruments:
            found[need.value] = fetch(replace(asked, judges=needing))
    return found

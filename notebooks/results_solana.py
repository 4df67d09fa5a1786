"""What is on record of Solana alone: coins, scores, first buyers, wallets, orders, and whether the chain's news reaches us."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl
from results_reading import Look

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.history import History
from adapters.stores.results import Results
from data_contracts import (
    Candidate,
    EarlyBuyer,
    FoundIn,
    MemecoinProfile,
    Order,
    ReadAs,
    SignalScore,
    SolanaToken,
    TokenFinding,
    TokenLook,
    Venue,
)
from data_contracts.errors import WalletflowError
from data_contracts.frames import empty
from data_contracts.posted import Counter, Delivery
from domain.solana.accounting import Accounting, account_of

MOST_COINS = 500  # the last heard of; launches come by the thousand a day
LONGEST = timedelta(days=7)  # readings and deliveries are counted here, so no further back
ARRIVED, READ = "deliveries", "deliveries: read"


@dataclass(frozen=True, slots=True)
class SolanaLook:
    """`heard_of` counts all coins, of which the last `MOST_COINS` are here. `arrived` and `unread` count deliveries."""

    scores: pl.DataFrame
    orders: pl.DataFrame
    coins: pl.DataFrame
    findings: pl.DataFrame
    looks: pl.DataFrame
    heard_of: int
    buyers: pl.DataFrame
    candidates: pl.DataFrame
    profiles: pl.DataFrame
    deliveries: pl.DataFrame
    unread: int
    accounting: Accounting
    missing: str


def look_at_solana(settings: Settings, found: Look) -> SolanaLook:
    """Raises Unavailable when Postgres does not answer; without ClickHouse its parts are empty and `missing` says so."""
    results = open_results(settings)
    since = max(found.since, found.now - LONGEST)
    own = {
        "scores": results.since(SignalScore, "judged_at", found.since),
        "orders": results.since(Order, "created_at", found.since).filter(pl.col("venue") == Venue.SOLANA),
        "candidates": results.read(Candidate, found_in=FoundIn.EARLY_BUYERS),
        "deliveries": results.since(Delivery, "received_at", since, only=["source", "signature", "received_at"]),
        "unread": _unread(results),
    }
    try:
        return SolanaLook(**own, **_of_history(open_history(settings), found, own["candidates"], since), missing="")
    except WalletflowError as error:
        why = f"Coins, wallets of Solana and readings of the chain are missing. {str(error).splitlines()[0][:300]}"
        return SolanaLook(**own, **_nothing(), missing=why)


def _of_history(history: History, found: Look, candidates: pl.DataFrame, since: object) -> dict[str, object]:
    findings = history.findings()
    newest = findings.group_by("token_id").agg(pl.col("found_at").max()).sort("found_at", "token_id", descending=[True, False])
    token_ids = newest["token_id"].head(MOST_COINS).to_list()
    wallets = pl.concat([found.leaders["wallet"], candidates["wallet"]]).unique().to_list()
    return {
        "coins": history.tokens(token_ids),
        "findings": findings.filter(pl.col("token_id").is_in(token_ids)),
        "looks": history.last_looks(token_ids),
        "heard_of": newest.height,
        "buyers": history.early_buyers(token_ids),
        "profiles": history.of_wallets(MemecoinProfile, wallets).filter(pl.col("window_days") == 0),
        "accounting": account_of((one, ReadAs(end)) for one, end in history.readings_since(since).iter_rows()),  # type: ignore[arg-type]
    }


def _nothing() -> dict[str, object]:
    frames = {
        "coins": SolanaToken, "findings": TokenFinding, "looks": TokenLook, "buyers": EarlyBuyer, "profiles": MemecoinProfile
    }  # fmt: skip
    return {name: empty(row_class) for name, row_class in frames.items()} | {"heard_of": 0, "accounting": account_of([])}


def _unread(results: Results) -> int:
    reached = dict(results.read(Counter).select("name", "reached").iter_rows())
    return max(0, reached.get(ARRIVED, 0) - reached.get(READ, 0))

"""Whether those we follow, and those we might, still know what they knew."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.history import History
from adapters.stores.results import Results, Write
from data_contracts import EdgeState, Form, Leader, PeerBet, WalletSkill, contract_of
from data_contracts.frames import frame_of, rows_of
from domain.decay.edge_states import edge_state
from domain.decay.peer_results import as_bets, edge_of
from tasks.steps import step

RESULTS = ["wallet", "payoff", "fair_chance", "bought_at"]
LIKELY = 0.5  # a wallet that rather knows something than not is watched before anybody follows it
log = logging.getLogger("walletflow.decay")


def newest_states(results: Results) -> dict[str, EdgeState]:
    """By wallet, how its edge stood when it was last looked at."""
    rows = results.newest(EdgeState, "wallet", "changed_at", 1, only=contract_of(EdgeState).names)
    return {row.wallet: row for row in rows_of(rows, EdgeState)}


@step
def watch_edges(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """EdgeState rows of the followed, the likely and those ever watched, unchecked."""
    results, history = open_results(settings), open_history(settings)
    before, skills = newest_states(results), history.skills()
    likely = skills.filter(pl.col("skilled") >= LIKELY)["wallet"].to_list()
    wallets = sorted({*before, *likely, *results.read(Leader, only=["wallet"], dropped_at=None)["wallet"]})
    return frame_of(_states(wallets, before, skills, settings, as_of), EdgeState)


@step
def keep_edges(states: pl.DataFrame, settings: Settings) -> None:
    """Into Postgres: a change is a new row, a look that changed nothing renews the newest."""
    open_results(settings).write([Write(EdgeState, states, "put")])
    log.info("%d wallets watched, %d faded", states.height, (states["form"] == Form.FADED).sum())


def _purchases(history: History, wallets: Collection[str], as_of: datetime) -> pl.DataFrame:
    """First purchases of coins as bets that beat the peer in the middle or do not, in the order they were made."""
    rows = history.of_wallets(PeerBet, wallets).filter(pl.col("judged_at") <= as_of)
    return as_bets(rows).select(RESULTS)


def _states(
    wallets: Collection[str], before: Mapping[str, EdgeState], skills: pl.DataFrame, settings: Settings, as_of: datetime
) -> list[EdgeState]:
    history = open_history(settings)
    weights = dict(history.of_wallets(PeerBet, wallets).group_by("wallet").agg(pl.col("weight").mean()).iter_rows())
    edges = {
        row.wallet: edge_of(row.edge, weights[row.wallet]) if row.wallet in weights else row.edge for row in rows_of(skills, WalletSkill)
    }
    seen = history.profiles(wallets).group_by("wallet").agg(pl.col("last_trade_at").max())
    last_trade_at: dict[str, datetime] = dict(seen.select("wallet", "last_trade_at").iter_rows())
    ended = history.bets(wallets).filter(pl.col("resolved_at") <= as_of).with_columns(pl.col("payoff").cast(pl.Float64)).select(RESULTS)
    bets = pl.concat([ended, _purchases(history, wallets, as_of)])
    states = [
        edge_state(own, edges.get(wallet, 0.0), before.get(wallet), last_trade_at.get(wallet, own["bought_at"][-1]), as_of)
        for (wallet,), own in bets.group_by("wallet", maintain_order=True)
    ]
    return [state for state in states if state is not None]

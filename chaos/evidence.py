"""Reads what the checks compare: our rows from the stores, and what happened from the sandbox itself, past every proxy."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from adapters.connect import open_history, open_results
from adapters.feeds.polymarket.data_api import DataApi
from chaos.house import House
from chaos.invariants import Ledger, Truth
from chaos.senders import Sender
from data_contracts import (
    Contradiction,
    Deferral,
    Exit,
    Fill,
    Gap,
    JudgedTrade,
    Order,
    Position,
    Quarantined,
    Settlement,
    Signal,
    TakenIntent,
    Trade,
    TradeIntent,
)
from data_contracts.frames import rows_of
from tasks.copying.watermarks import read_watermark, trades_of

MOST_PAGES = 500
AROUND = timedelta(minutes=10)  # the world's clock may be ahead of ours


def our_ledger(house: House, began: datetime) -> Ledger:
    results = open_results(house.settings)
    set_aside = (json.loads(row.row).get("trade_id") for row in results.rows(Quarantined) if row.table == "trades")
    return Ledger(
        signals=results.rows(Signal),
        judged=results.rows(JudgedTrade),
        deferrals=results.rows(Deferral),
        orders=results.rows(Order),
        fills=results.rows(Fill),
        positions=results.rows(Position),
        settlements=results.rows(Settlement),
        exits=results.rows(Exit),
        intents=results.rows(TradeIntent),
        taken=results.rows(TakenIntent),
        gaps=results.rows(Gap),
        stored=rows_of(open_history(house.settings).trades(began - AROUND, datetime.now(UTC) + AROUND), Trade),
        set_aside=frozenset(filter(None, set_aside)),
        trades_until=read_watermark(results, trades_of(DataApi.source)),
        halts=[f"{row.strategy_id}: {row.says}" for row in results.rows(Contradiction)],
    )


def told_by_the_feed(house: House, began: datetime, ended: datetime) -> list[Trade]:
    """Everybody's trades of that time, by the feed when nothing spoils it."""
    walk = DataApi(house.settings.required("data_api_url")).walk(began, ended, MOST_PAGES)
    if walk.complete_from > began:
        raise ValueError(f"the feed goes back to {walk.complete_from} only: more than {MOST_PAGES} pages")
    return rows_of(walk.trades, Trade)


def the_truth(
    house: House,
    leaders: Mapping[str, Collection[str]],
    senders: Collection[Sender],
    collateral_before: int,
    began: datetime,
    ended: datetime,
) -> Truth:
    account = house.account()
    return Truth(
        orders=account["orders"],
        trades=account["trades"],
        tokens=account["tokens"],
        collateral=account["collateral"],
        collateral_before=collateral_before,
        traded=told_by_the_feed(house, began, ended),
        leaders=leaders,
        accepted=frozenset().union(*(sender.accepted for sender in senders)),
        offered=frozenset().union(*(sender.offered for sender in senders)),
        began=began,
        ended=ended,
    )

"""From trades and payments in the stores to clusters in the graph, and from those to one vote and one counterparty."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.connect import open_feed, open_graph, open_history, open_owners, open_results
from adapters.settings import Settings
from adapters.stores.graph import driver_of
from data_contracts import Funding, Instrument, Kind, Reason, Signal, WalletProfile
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of, rows_of
from domain.copying.policy import FollowPolicy, Policy, RiskPolicy, SizingPolicy
from tasks.clustering.cluster_report import evidence_of, pictures
from tasks.clustering.wallet_clustering import discover_owners, keep_owners, link_wallets, read_fundings
from tasks.copying.consensus import VOTERS, consensus_of
from tasks.copying.judging import judge_trades
from tasks.copying.observing import keep_trades, observe_trades
from tasks.copying.strategy_rows import read_strategies
from tasks.operating.strategies import put_strategy
from tasks.profiling.leaders import choose_leaders

pytestmark = pytest.mark.usefixtures("bare")
ONE, TWO, THREE, PURSE = ("0x" + letter * 40 for letter in "abcd")


@pytest.fixture
def house(rooms: Callable[..., Any], graph: tuple[str, str, str]) -> Iterator[Settings]:
    """Stores in memory, and a real graph that is empty."""
    driver_of(*graph).execute_query("MATCH (n) WHERE n:Wallet OR n:Cluster DETACH DELETE n")
    yield with_graph(rooms().settings, graph)
    driver_of(*graph).execute_query("MATCH (n) WHERE n:Wallet OR n:Cluster DETACH DELETE n")


def pay(settings: Settings, at: datetime, *wallets: str, funder: str = PURSE) -> None:
    rows = [
        Funding(wallet=wallet, funder=funder, amount=Decimal(1), funded_at=at, tx=f"{funder}-{wallet}", source_known=None)
        for wallet in wallets
    ]
    open_history(settings).append(frame_of(rows, Funding), Funding)


def discovered(settings: Settings, as_of: datetime) -> dict[str, list[str]]:
    found = discover_owners(read_fundings(settings, as_of), settings, as_of, 30)
    return keep_owners(found, settings, as_of)


def test_wallets_that_one_purse_paid_have_one_owner_in_the_graph(house: Settings, t0: datetime) -> None:
    pay(house, t0, ONE, TWO)
    clusters = discovered(house, t0)
    assert list(clusters.values()) == [[ONE, TWO, PURSE]]
    assert open_graph(house).owners() == dict.fromkeys((ONE, TWO, PURSE), next(iter(clusters)))


def test_a_payment_of_tomorrow_is_not_known_today(house: Settings, t0: datetime) -> None:
    pay(house, t0 + timedelta(days=1), ONE, TWO)
    assert discovered(house, t0) == {}


def test_a_cluster_keeps_its_id_when_a_wallet_joins(house: Settings, t0: datetime) -> None:
    pay(house, t0, ONE, TWO)
    (before,) = discovered(house, t0)
    pay(house, t0, THREE)
    (after,) = discovered(house, t0 + timedelta(hours=6))
    assert after == before


def test_what_an_operator_stated_outlives_the_next_discovery(house: Settings, t0: datetime) -> None:
    link_wallets([ONE, TWO], "the operator said so", house, t0)
    assert list(discovered(house, t0).values()) == [[ONE, TWO]]


def test_a_stated_link_joins_the_clusters_that_were_found(house: Settings, t0: datetime) -> None:
    """Stating a link used to forget every cluster that nobody had stated."""
    pay(house, t0, ONE, TWO)
    discovered(house, t0)
    found = link_wallets([TWO, THREE], "the operator said so", house, t0)
    assert list(found.values()) == [[ONE, TWO, THREE, PURSE]]


def test_a_cluster_too_large_for_an_owner_stops_the_run_and_changes_nothing(
    house: Settings, t0: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(house, t0, ONE, TWO)
    before = discovered(house, t0)
    monkeypatch.setattr("tasks.clustering.wallet_clustering.MOST_WALLETS", 3)
    pay(house, t0, THREE)
    with pytest.raises(Unsafe, match="a cluster of 4 wallets is no owner"):
        discovered(house, t0)
    assert set(open_graph(house).owners().values()) == set(before)


def test_the_report_names_what_stands_behind_a_cluster_and_draws_it(house: Settings, t0: datetime) -> None:
    pay(house, t0, ONE, TWO)
    found = discover_owners(read_fundings(house, t0), house, t0, 30)
    (row,) = evidence_of(found, found.clusters)
    assert (row["wallets"], row["purses"], row["pairs that trade together"]) == (3, 1, 0)
    (drawn,) = pictures(found, found.clusters)
    assert (drawn.count("<circle"), drawn.count("<rect"), drawn.count("<line")) == (2, 1, 2)
    assert pictures(found, {}) == []


def test_a_display_name_cannot_write_into_the_picture(house: Settings, t0: datetime) -> None:
    """A recording's wallet may be called by a name that its owner chose."""
    pay(house, t0, 'name:"];click', "name:<b>", funder="name:```")
    found = discover_owners(read_fundings(house, t0), house, t0, 30)
    (drawn,) = pictures(found, found.clusters)
    assert not any(text in drawn for text in ('"];', "<b>", "click ", "```"))


def record(wallet: str, at: datetime) -> WalletProfile:
    """A record good enough to vote."""
    counts = {"trades": 10, "closed_positions": 10, "oversold_positions": 0, "wins": 5}
    figures = {"gains": 2.0, "losses": 1.0, "omega": 2.0, "realized_pnl": 0.0, "invested": 1.0, "median_hold_s": 0.0}
    unknown = dict.fromkeys(("win_rate", "roi", "max_drawdown", "median_notional"))
    times = {"last_trade_at": at, "as_of": at}
    return WalletProfile(wallet=wallet, category="politics", window_days=0, **counts, **figures, **unknown, **times)  # type: ignore[arg-type]


def with_graph(settings: Settings, graph: tuple[str, str, str]) -> Settings:
    url, user, password = graph
    return settings.model_copy(update={"graph_url": url, "graph_user": user, "graph_password": SecretStr(password)})


@pytest.mark.parametrize(("purses", "cast"), [((PURSE, PURSE), 2), ((PURSE, "0x" + "e" * 40), 3)])
def test_the_wallets_of_one_owner_have_one_vote(
    house: Settings, rooms: Callable[..., Any], graph: tuple[str, str, str], t0: datetime, purses: tuple[str, str], cast: int
) -> None:
    """Three skilled wallets hold Yes. Where one purse paid two of them, the graph makes them one voter; by wallet they are three."""
    home = rooms(*[(0.0, wallet, "m", "Yes", "BUY", 100.0, 0.5) for wallet in (ONE, TWO, THREE)])
    home.put(*[record(wallet, t0) for wallet in (ONE, TWO, THREE)])
    settings = with_graph(home.settings, graph)
    for wallet, purse in zip((ONE, TWO), purses, strict=True):
        pay(settings, t0, wallet, funder=purse)
    discovered(settings, t0)
    market = next(row for row in rows_of(open_feed(settings).instruments(["m:Yes"], t0)[Instrument], Instrument) if row.token_id == "m:Yes")
    found = consensus_of([market], open_owners(settings).owners(), VOTERS, settings, t0 + timedelta(seconds=10))
    assert (found["m:Yes", "cluster"].qualified_for, found["m:Yes", "wallet"].qualified_for) == (cast, 3)


@pytest.mark.parametrize(
    ("purses", "second"), [((PURSE, PURSE), Reason.EXPOSURE_REACHED), ((PURSE, "0x" + "e" * 40), Reason.LEADER_TRADED)]
)
def test_the_wallets_of_one_owner_are_one_counterparty(
    house: Settings, rooms: Callable[..., Any], graph: tuple[str, str, str], t0: datetime, purses: tuple[str, str], second: Reason
) -> None:
    """One position per leader is allowed. The second leader's buy is copied unless the graph says that both leaders are one owner."""
    home = rooms((1.0, ONE, "m", "Yes", "BUY", 1000.0, 0.4), (2.0, TWO, "n", "Yes", "BUY", 1000.0, 0.4))
    settings, now = with_graph(home.settings, graph), t0 + timedelta(seconds=10)
    risk = RiskPolicy(max_positions_per_leader=1)
    policy = Policy(follow=FollowPolicy(wallets=(ONE, TWO), top=0), sizing=SizingPolicy(kind="fixed"), risk=risk)
    put_strategy("mirror", Kind.MIRROR, policy, Decimal(1_000), True, settings, t0)
    choose_leaders(settings, t0)
    for wallet, purse in zip((ONE, TWO), purses, strict=True):
        pay(settings, t0, wallet, funder=purse)
    discovered(settings, t0)
    seen = observe_trades(settings, now)
    keep_trades(seen.trades, seen, settings, now)
    signals = judge_trades(read_strategies(open_results(settings)), settings, now, {}).signals
    assert [(row.leader, row.reason) for row in rows_of(signals, Signal)] == [(ONE, Reason.LEADER_TRADED), (TWO, second)]

"""Profiling reads what changed and comes to what reading everything comes to, in ClickHouse and in memory, whatever happened in between."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, product
from typing import Any

import clickhouse_connect
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from adapters.connect import open_history
from adapters.settings import Settings
from adapters.stores import clickhouse_totals
from adapters.stores.history import Part, Since
from data_contracts import Activity, PolymarketMarket, Side, Trade, TradeTotal, Venue
from data_contracts.frames import frame_of, rows_of
from deployments.migrate import migrate_clickhouse
from domain.ids import row_id
from domain.profiling.bets import bets_of
from domain.profiling.grading import grade_bets
from domain.profiling.patience import IMPATIENT, Patience
from domain.profiling.wallet_profiling import closed_positions, profiles
from flows.wallet_profiling import close
from tasks.profiling.looks import look
from tasks.profiling.skill import keep_skill, tell_skill
from tasks.profiling.wallet_profiling import due_wallets, keep_profiles, profile_wallets
from tests.markets import an_instrument
from tests.places import empty_database

pytestmark = pytest.mark.usefixtures("bare")

T0 = datetime(2026, 6, 28, tzinfo=UTC)  # three days before a month ends
DAY = timedelta(days=1)
WALLETS = ["0x" + letter * 40 for letter in "abc"]
MARKETS = ["m0", "m1"]
BEFORE_ALL = datetime(2020, 1, 1, tzinfo=UTC)
_memories = count()


@dataclass(frozen=True)
class House:
    """Stores that are empty at first."""

    settings: Settings

    def put(self, *rows: Any) -> None:
        for row_class in dict.fromkeys(type(row) for row in rows):
            mine = [row for row in rows if type(row) is row_class]
            open_history(self.settings).append(frame_of(mine, row_class), row_class)

    def profile(self, as_of: datetime) -> None:
        """What the flow does, without its feeds and choices."""
        close(self.settings, as_of)
        for wallets in due_wallets(self.settings, as_of, IMPATIENT):
            keep_profiles(profile_wallets(wallets, self.settings, as_of), wallets, self.settings)
        keep_skill(*tell_skill(self.settings, as_of, IMPATIENT), self.settings)

    def learned(self) -> list[pl.DataFrame]:
        """Positions, profiles of all windows, bets and grades."""
        history = open_history(self.settings)
        windows = pl.concat([history.profiles(window_days=days) for days in (0, 30, 90, 180)])
        return [
            history.closed_positions(),
            windows.sort("wallet", "category", "window_days"),
            history.bets().sort("wallet", "token_id"),
            history.skills(),
        ]

    def learned_from_everything(self, as_of: datetime) -> list[pl.DataFrame]:
        """The same from all rows in store, by the formulas themselves."""
        history = open_history(self.settings)
        trades, markets = history.trades(BEFORE_ALL, as_of), history.markets().sort("token_id")
        closed = closed_positions(trades, markets, as_of, history.activities(BEFORE_ALL, as_of)).sort("wallet", "token_id")
        bets, skills = grade_bets(bets_of(trades, markets, as_of), as_of)
        found = profiles(trades, markets, closed, as_of).sort("wallet", "category", "window_days")
        return [closed, found, bets.sort("wallet", "token_id"), skills.sort("wallet")]


@pytest.fixture(scope="module")
def clickhouse_houses(clickhouse_url: str) -> Iterator[Callable[[], House]]:
    url = f"{clickhouse_url.rpartition('/')[0]}/incremental_tests"
    place = Settings(clickhouse_url=url, postgres_url="memory:incremental")  # type: ignore[arg-type]
    migrate_clickhouse(place)
    with closing(clickhouse_connect.get_client(dsn=url, autogenerate_session_id=False)) as client:

        def opened() -> House:
            empty_database(client)
            return House(place)

        yield opened


def in_memory() -> House:
    address = f"memory:incremental{next(_memories)}"
    return House(Settings(clickhouse_url=address, postgres_url=address))  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "clickhouse"])
def house(request: pytest.FixtureRequest) -> House:
    if request.param == "memory":
        return in_memory()
    opened: House = request.getfixturevalue("clickhouse_houses")()
    return opened


def trade(name: object, days: float, wallet: str = WALLETS[0], market: str = "m0", yes: bool = True, **changes: Any) -> Trade:
    """100 shares at 0.40."""
    outcome = "Yes" if yes else "No"
    row = Trade(
        trade_id=row_id("trade", name), source="test", venue=Venue.POLYMARKET, wallet=wallet, market_id=market,
        token_id=f"{market} {outcome}", outcome=outcome,
        side=Side.BUY, price=Decimal("0.4"), shares=Decimal(100), notional=Decimal(40), traded_at=T0 + days * DAY, seen_at=T0 + days * DAY,
        tx_hash="", ordinal=0,
    )  # fmt: skip
    return replace(row, **changes)


def market(name: str = "m0", end: float | None = None, yes_pays: int = 1, event: str = "", category: str = "sports") -> list[Any]:
    """Both outcomes; ended so many days after T0."""
    rows: list[Any] = []
    for place, outcome in enumerate(("Yes", "No")):
        over = {} if end is None else {"ended_at": T0 + end * DAY, "payout": Decimal(yes_pays if place == 0 else 1 - yes_pays)}
        token = {"token_id": f"{name} {outcome}", "updated_at": T0}
        rows.append(an_instrument(**(token | {"market_id": name, "category": category} | over)))
        said = {"outcome": outcome, "outcome_index": place, "question": "", "event": event, "neg_risk": False, "version": "v1"}
        rows.append(PolymarketMarket(**(token | said)))
    return rows


def did(kind: str, days: float, usd: int, wallet: str = WALLETS[0], market: str = "m0") -> Activity:
    return Activity(
        activity_id=row_id(kind, days, wallet, market, usd), source="test", venue=Venue.POLYMARKET, wallet=wallet, type=kind,
        market_id=market, token_id="", outcome="", outcome_index=None, side="", price=None, shares=Decimal(usd), usd=Decimal(usd),
        happened_at=T0 + days * DAY, tx_hash="", ordinal=0,
    )  # fmt: skip


def same(found: list[pl.DataFrame], wanted: list[pl.DataFrame]) -> None:
    """But for `as_of`: a row that nothing changed stays as it was."""
    for ours, theirs in zip(found, wanted, strict=True):
        assert_frame_equal(ours.drop("as_of"), theirs.drop("as_of"), check_exact=False, abs_tol=1e-9, rel_tol=1e-9)


# By hand


def pnl(house: House) -> list[tuple[str, float]]:
    return [(row["token_id"], float(row["realized_pnl"])) for row in open_history(house.settings).closed_positions().to_dicts()]


def test_a_position_that_is_bought_again_is_over_no_more(house: House) -> None:
    """Sold out it realized 60 - 40 = 20; the row stayed for ever, though the wallet holds again."""
    house.put(trade(1, 0), trade(2, 0.5, side=Side.SELL, notional=Decimal(60)))
    house.profile(T0 + DAY)
    assert pnl(house) == [("m0 Yes", 20.0)]
    house.put(trade(3, 1.5))
    house.profile(T0 + 2 * DAY)
    assert pnl(house) == []
    same(house.learned(), house.learned_from_everything(T0 + 2 * DAY))


def test_a_trade_that_comes_a_month_late_is_counted(house: House) -> None:
    """100 x 0.40 in June, learned of in August; Yes won: 200 - 80 = 120."""
    house.put(*market(end=1), trade(1, 0))
    house.profile(T0 + 2 * DAY)
    house.put(trade(2, 0.1))
    house.profile(T0 + 40 * DAY)
    assert pnl(house) == [("m0 Yes", 120.0)]


def test_only_what_changed_is_read_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three wallets traded and were profiled; then one of them trades once more: of seven positions one is read, and one profile is due.

    The hourly run read every trade since 2020, 6 GB a week, whatever had changed.
    """
    monkeypatch.setattr(clickhouse_totals, "UNDERWAY", timedelta(0))  # else what was written within these seconds is read twice
    house.put(*market("m0", end=1), *market("m1"))
    house.put(*(trade(n, 0.1 + n / 100, wallet, name) for n, (wallet, name) in enumerate(product(WALLETS, MARKETS))))
    house.put(trade("other", 0.5, WALLETS[0], "m0", yes=False))
    house.profile(T0 + 2 * DAY)
    house.put(trade("new", 2.5, WALLETS[1], "m1"))
    as_of = T0 + 3 * DAY
    found = look("positions", house.settings, as_of)
    read = open_history(house.settings).touched_totals(found.since, Part(0, 1))
    assert read.select("wallet", "token_id").rows() == [(WALLETS[1], "m1 Yes")]
    assert due_wallets(house.settings, as_of, Patience(part=10, longest=30 * DAY)) == [[WALLETS[1]]]


def test_a_trade_told_twice_is_one(house: House) -> None:
    house.put(*market(end=1), trade(1, 0))
    house.profile(T0 + 2 * DAY)
    house.put(trade(1, 0))
    house.profile(T0 + 3 * DAY)
    assert pnl(house) == [("m0 Yes", 60.0)]  # 100 - 40


def test_a_trade_after_the_look_waits_for_the_next(house: House) -> None:
    """A cycle stores on while profiling runs, and its trades are newer than the look."""
    house.put(*market(end=1), trade(1, 0), trade(2, 2.5, notional=Decimal(90)))
    house.profile(T0 + 2 * DAY)
    assert pnl(house) == [("m0 Yes", 60.0)]
    house.profile(T0 + 3 * DAY)
    assert pnl(house) == [("m0 Yes", 70.0)]  # 200 - 40 - 90


def test_an_older_look_says_what_was_known_then(house: House) -> None:
    house.put(*market(end=5), trade(1, 0), trade(2, 3))
    house.profile(T0 + 6 * DAY)
    house.profile(T0 + 2 * DAY)
    assert pnl(house) == []
    house.profile(T0 + 6 * DAY)
    assert pnl(house) == [("m0 Yes", 120.0)]


def test_a_position_outlives_its_trades(house: House) -> None:
    """With keep_days=200, what was bought in June is gone in February; the market ends in March: 100 x 1 - 40 = 60."""
    kept = House(house.settings.model_copy(update={"keep_days": 200}))
    old = trade(1, 0)
    kept.put(old)
    kept.profile(T0 + DAY)
    history = open_history(kept.settings)
    history.remove(frame_of([old], Trade), Trade)  # as the expiry does
    kept.put(*market(end=250), trade(2, 249))
    kept.put(trade(3, 0.5))  # one that comes after its month is gone is not counted: the others of that month are not there to be added to
    kept.profile(T0 + 251 * DAY)
    assert pnl(kept) == [("m0 Yes", 120.0)]  # 2 x (100 - 40)


def test_both_stores_sum_up_alike(clickhouse_houses: Callable[[], House]) -> None:
    """Three months, both sides, within one instant the feed's own order: the first purchase is the one at 0.20."""
    rows = [
        trade(1, 0, price=Decimal("0.6"), sequence=2), trade(2, 0, price=Decimal("0.2"), sequence=1), trade(3, 4, side=Side.SELL),
        trade(4, 40, wallet=WALLETS[1]), trade(5, 40, market="m1"),
    ]  # fmt: skip
    summed = []
    for house in (in_memory(), clickhouse_houses()):
        house.put(*rows)
        history = open_history(house.settings)
        since = Since(None, None, BEFORE_ALL, T0 + 50 * DAY)
        history.count_trades(since, BEFORE_ALL)
        totals = rows_of(history.touched_totals(since, Part()), TradeTotal)
        summed.append(sorted(totals, key=lambda row: (row.wallet, row.token_id, row.month_at)))
    assert summed[0] == summed[1]
    assert [row.first_price for row in summed[0]] == [Decimal("0.2"), None, Decimal("0.4"), Decimal("0.4")]


# The property


SELLS = st.sampled_from([Side.BUY, Side.BUY, Side.SELL])
THINGS = st.one_of(
    st.builds(
        lambda name, late, wallet, market, yes, side, shares, price, tx: lambda day: [
            trade(
                name, day - late, wallet, market, yes, side=side, shares=Decimal(shares), price=Decimal(price) / 100,
                notional=Decimal(shares) * price / 100, tx_hash=tx,
            )
        ],
        st.integers(0, 10**9), st.sampled_from([0, 0.1, 1, 4, 40]), st.sampled_from(WALLETS), st.sampled_from(MARKETS), st.booleans(),
        SELLS,
        st.sampled_from([50, 100]), st.sampled_from([20, 60]), st.sampled_from(["", "tx1", "tx2"]),
    ),
    st.builds(
        lambda name, end, pays, event, category: lambda day: market(
            name, None if end is None else day + end, pays, event=event, category=category
        ),
        st.sampled_from(MARKETS), st.sampled_from([None, -0.5, 0, 2]), st.sampled_from([0, 1]), st.sampled_from(["", "e"]),
        st.sampled_from(["sports", "politics"]),
    ),
    st.builds(
        lambda kind, usd, wallet, name, late: lambda day: [did(kind, day - late, usd, wallet, name)],
        st.sampled_from(["SPLIT", "MERGE", "REDEEM", "CONVERSION"]), st.sampled_from([50, 100]), st.sampled_from(WALLETS),
        st.sampled_from(MARKETS), st.sampled_from([0, 1]),
    ),
)  # fmt: skip
LOOKS = st.lists(st.tuples(st.sampled_from([0.04, 1, 29.9, 30, 60, 100]), st.lists(THINGS, max_size=5)), min_size=1, max_size=4)


def told_in_looks(house: House, looks: list[tuple[float, list[Any]]]) -> None:
    day = 0.0
    for after, things in looks:
        day += after
        for thing in things:
            house.put(*thing(day))
        house.profile(T0 + day * DAY)
        same(house.learned(), house.learned_from_everything(T0 + day * DAY))


@given(looks=LOOKS)
@settings(max_examples=40, phases=[Phase.generate])
def test_what_is_learned_from_changes_is_what_everything_says_in_memory(looks: Any) -> None:
    told_in_looks(in_memory(), looks)


@given(looks=LOOKS)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_learned_from_changes_is_what_everything_says_in_clickhouse(clickhouse_houses: Callable[[], House], looks: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clickhouse_totals, "UNDERWAY", timedelta(0))  # else all that this test wrote would be new at every look
        told_in_looks(clickhouse_houses(), looks)

"""A house of before wrote its positions fill by fill. Carried over, each follows from its fills, and its marks stand where marks stand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from alembic import command

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from data_contracts import Fill, FillKind, Mark, Peak, Position
from deployments.migrate import _alembic, migrate_postgres
from domain.ids import row_id
from tasks.copying.rebuilding import find_differences

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)
LEADER = "0x" + "a" * 40
BEFORE = "0012"  # the revision before
# (fill, order, side, price, shares, hours after T0). Two levels of one order, the better one first; "merge" is of no order of ours.
FILLS = [
    ("z", "buy", "BUY", "0.40", 100, 0),
    ("a", "buy", "BUY", "0.50", 50, 0),
    ("s", "sell", "SELL", "0.60", 150, 1),
    ("b", "again", "BUY", "0.30", 100, 2),
    ("m", "merge", "SELL", "0.50", 40, 3),
]
OF_ALL = {"strategy_id": "calm", "leader": LEADER, "market_id": "m", "token_id": "yes", "outcome": "Yes", "venue": "polymarket"}


def put(connection: sa.Connection, table: str, **values: object) -> None:
    row = OF_ALL | values
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), row)


@pytest.fixture
def house(postgres_url: str) -> Iterator[Settings]:
    """150 bought for 65 and sold for 90; 100 bought again for 30, of which 40 were merged for 20: 60 are left, which cost 18."""
    settings = Settings(postgres_url=f"{postgres_url}?options=-csearch_path%3Dlog_of_fills")  # type: ignore[arg-type]
    with engine_of(settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA log_of_fills"))
        command.upgrade(_alembic(connection), BEFORE)
        for order, side, hours in (("buy", "BUY", 0), ("sell", "SELL", 1), ("again", "BUY", 2)):
            at = T0 + timedelta(hours=hours)
            names = {"order_id": row_id(order), "signal_id": row_id("signal", order), "order_hash": "0x1", "status": "FILLED"}
            figures = {"shares": 150, "limit_price": 1, "observed_price": 1, "is_simulated": True, "created_at": at, "updated_at": at}
            put(connection, "orders", side=side, **names, **figures)
        for name, order, side, price, shares, hours in FILLS:
            figures = {"price": price, "shares": shares, "notional": Decimal(price) * shares, "fee": 0}
            at = {"filled_at": T0 + timedelta(hours=hours)}
            put(connection, "fills", fill_id=row_id(name), order_id=row_id(order), side=side, **figures, **at)
        money = {"shares": 60, "cost": 18, "realized_pnl": 33, "fees": 0, "lots": '[["60.000000", "18.000000"]]', "bought_shares": 100}
        marks = {"mark_price": "0.35", "mid_price": "0.36", "peak_price": "0.50", "unrealized_pnl": 3}
        times = {"opened_at": T0 + timedelta(hours=2), "updated_at": T0 + timedelta(hours=3)}
        put(connection, "positions", category="", **money, **marks, **times)
    yield settings
    engine_of(settings.required("postgres_url")).dispose()
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA log_of_fills CASCADE"))


def test_what_was_written_fill_by_fill_follows_from_the_fills(house: Settings) -> None:
    migrate_postgres(house)
    assert find_differences(house) == []
    (position,) = open_results(house).rows(Position)
    assert (position.realized_pnl, position.realized_before) == (33, 25)  # 90 - 65 the first time, 20 - 12 so far


def test_fills_are_in_their_order_and_a_merge_is_called_one(house: Settings) -> None:
    migrate_postgres(house)
    fills = {row.fill_id: row for row in open_results(house).rows(Fill)}
    assert (fills[row_id("z")].level, fills[row_id("a")].level) == (0, 1)
    assert {name for name, *_ in FILLS if fills[row_id(name)].kind is FillKind.MERGE} == {"m"}


def test_marks_and_peaks_stand_in_tables_of_their_own(house: Settings) -> None:
    migrate_postgres(house)
    results = open_results(house)
    assert [(row.token_id, row.price) for row in results.rows(Mark)] == [("yes", Decimal("0.36"))]
    assert [(row.opened_at, row.price) for row in results.rows(Peak)] == [(T0 + timedelta(hours=2), Decimal("0.50"))]


def test_there_is_a_way_back(house: Settings) -> None:
    migrate_postgres(house)
    with engine_of(house.required("postgres_url")).begin() as connection:
        command.downgrade(_alembic(connection), BEFORE)
        found = connection.execute(sa.text("SELECT mark_price, peak_price, unrealized_pnl FROM positions")).one()
    assert tuple(found) == (Decimal("0.36"), Decimal("0.50"), Decimal("3.60"))
    migrate_postgres(house)
    assert find_differences(house) == []

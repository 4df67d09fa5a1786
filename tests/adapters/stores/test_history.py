"""What a store of history promises. ClickHouse and memory take the same tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from clickhouse_connect.driver.models import SettingDef
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores.clickhouse import ClickHouseHistory, client_of
from adapters.stores.history import History, Part, Since
from adapters.stores.memory_history import MemoryHistory
from data_contracts import (
    ROW_CLASSES,
    BookSample,
    Funding,
    Instrument,
    PolymarketMarket,
    Side,
    Trade,
    WalletLabel,
    WalletProfile,
    contract_of,
)
from data_contracts.errors import Unavailable
from data_contracts.frames import empty, frame_of, rows_of, schema_of
from domain.polymarket.markets import SCHEMA

Build = Callable[..., Any]
HISTORY = [row_class for row_class in ROW_CLASSES if contract_of(row_class).store == "clickhouse"]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def append(store: History, rows: list[Any]) -> None:
    store.append(frame_of(rows, type(rows[0])), type(rows[0]))


@pytest.fixture(scope="session")
def a_trade(a_row: Build, as_of: datetime) -> Build:
    def build(trade_id: str, after_s: float = 0, **changes: Any) -> Trade:
        trade: Trade = a_row(Trade, **{"trade_id": trade_id, "traded_at": as_of + timedelta(seconds=after_s)} | changes)
        return trade

    return build


def all_of(store: History, row_class: type) -> list[Any]:
    """Every row of a class, by key: the way each store lets a test look at a table that has no question of its own."""
    contract = contract_of(row_class)
    if isinstance(store, ClickHouseHistory):
        frame = store.query(f"SELECT * FROM {contract.table} FINAL").cast(dict(schema_of(row_class).items()))
    else:
        assert isinstance(store, MemoryHistory)
        frame = store._table(row_class)
    return sorted(rows_of(frame, row_class), key=lambda row: tuple(getattr(row, name) for name in contract.key))


@pytest.mark.parametrize("row_class", HISTORY, ids=lambda row_class: row_class.__name__)
@given(data=st.data())
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_rows_come_back_as_they_went_in_and_twice_is_once(row_class: type, open_history: Any, any_rows: Any, data: st.DataObject) -> None:
    """Every digit and microsecond, empty text apart from none, any text."""
    rows, store = data.draw(any_rows(row_class)), open_history()
    for _ in range(2):
        store.append(frame_of(rows, row_class), row_class)
    assert all_of(store, row_class) == rows


def test_appending_twice_changes_nothing(history: History, as_of: datetime, a_trade: Build) -> None:
    trades = [a_trade("a"), a_trade("b", 1)]
    for _ in range(2):
        append(history, trades)
    assert rows_of(history.trades(BEGINNING, as_of + SECOND), Trade) == trades


def test_every_reading_sees_a_trade_once_while_the_server_still_holds_it_three_times(
    history: History, as_of: datetime, a_trade: Build
) -> None:
    """ClickHouse merges when it likes. Of two trades, one stored three times, the count of a wallet's trades said 4 until it did."""
    if isinstance(history, ClickHouseHistory):
        history.command("SYSTEM STOP MERGES trades")
    try:
        append(history, [a_trade("a", 0, wallet="w", token_id="t"), a_trade("b", 0, wallet="w", token_id="t")])
        for _ in range(2):
            append(history, [a_trade("b", 0, wallet="w", token_id="t")])
        everything = Since(None, None, BEGINNING, as_of)
        history.count_trades(everything, BEGINNING)
        counted = {
            "trades": history.trades(BEGINNING, as_of).height,
            "arrivals": history.arrivals(BEGINNING, as_of, ["w"], BEGINNING, []).height,
            "named": history.trades_by_id(["a", "b"], ["w"], ["t"]).height,
            "traders": history.traders(as_of)["trades"].item(),
            "activity": history.activity_of_wallets(as_of)["trades"].item(),
            "matched": history.matched_trades(["w"], as_of, ["trade_id"]).height,
            "totals": history.touched_totals(everything, Part(0, 1))["trades"].sum(),
        }
    finally:
        if isinstance(history, ClickHouseHistory):
            history.command("SYSTEM START MERGES trades")
    assert counted == dict.fromkeys(counted, 2)


def test_a_trade_that_is_stored_again_arrived_when_that_says(history: History, as_of: datetime, a_trade: Build) -> None:
    """A cycle saw it at 20 s. The next stretch of a replay lays all its trades in again, as seen when they happened: at 10 s."""
    append(history, [a_trade("a", 10, seen_at=as_of + 20 * SECOND), a_trade("b", 20, seen_at=as_of + 20 * SECOND)])
    append(history, [a_trade("a", 10, seen_at=as_of + 10 * SECOND), a_trade("c", 30, seen_at=as_of + 30 * SECOND)])
    found = history.arrivals(as_of + 15 * SECOND, as_of + 30 * SECOND, {a_trade("a").wallet}, as_of, set())
    assert found["trade_id"].to_list() == ["b", "c"]


def test_trades_come_in_time_order_however_they_were_laid_in(history: History, as_of: datetime, a_trade: Build) -> None:
    """One by one as cycles add them, two at once in no order, one between them all, and one of them anew."""
    for added in (["b"], ["d"], ["f", "e"], ["c"], ["d"], ["g"]):
        append(history, [a_trade(name, ord(name) - ord("a")) for name in added])
        last = max(map(ord, added)) - ord("a")
        assert history.trades(as_of + (last - 1) * SECOND, as_of + last * SECOND, only=["trade_id"])["trade_id"][-1] == max(added)
    assert history.trades(BEGINNING, as_of + 9 * SECOND)["trade_id"].to_list() == list("bcdefg")


def test_arrivals_go_by_when_a_trade_was_seen_and_of_old_ones_only_the_sales_asked_for(
    history: History, as_of: datetime, a_trade: Build
) -> None:
    """Seen at 10 s: what happened at 9 s; a BUY, a SELL and a SELL of another token of a day ago. Seen before and after: neither."""
    seen, day_s = as_of + 10 * SECOND, -86_400
    recent = a_trade("a", 9, seen_at=seen)
    late = [a_trade(name, day_s, seen_at=seen, side=side, token_id=token) for name, side, token in (
        ("b", Side.BUY, "held"), ("c", Side.SELL, "held"), ("d", Side.SELL, "other"))]  # fmt: skip
    append(history, [recent, *late, a_trade("e", 9, seen_at=as_of), a_trade("f", 9, seen_at=seen + SECOND)])
    found = history.arrivals(as_of, seen, [recent.wallet], as_of - 60 * SECOND, ["held"])
    assert found["trade_id"].to_list() == ["c", "a"]
    assert history.arrivals(as_of, seen, ["nobody"], as_of - 60 * SECOND, ["held"]).is_empty()
    assert history.arrivals(as_of, seen, [], as_of - 60 * SECOND, []).is_empty()


def test_a_sale_of_sixty_days_ago_that_arrives_now_takes_us_out_now(history: History, as_of: datetime, a_trade: Build) -> None:
    """Of what it says besides, and of what arrived when it happened, nothing."""
    ago_s, seen = -60 * 86_400, as_of + 10 * SECOND
    late = [a_trade(name, ago_s, seen_at=at, side=side, token_id="held") for name, side, at in (
        ("a", Side.SELL, seen), ("b", Side.BUY, seen), ("c", Side.SELL, as_of + ago_s * SECOND))]  # fmt: skip
    append(history, [*late, a_trade("d", 9, seen_at=seen)])
    found = history.arrivals(as_of, seen, [late[0].wallet], as_of - timedelta(days=1), ["held"])
    assert found["trade_id"].to_list() == ["a", "d"]


def append_written(store: ClickHouseHistory, trades: list[Trade], written_at: datetime) -> None:
    """As if they had been stored then, by the server's own clock."""
    rows = frame_of(trades, Trade).with_columns(pl.lit(written_at).alias("written_at")).to_arrow(compat_level=pl.CompatLevel.oldest())
    client_of(store._url).insert_arrow("trades", rows, settings={"insert_allow_materialized_columns": 1})


@pytest.mark.parametrize("days_off", [1, 8, 90])
def test_what_was_stored_before_the_house_was_off_is_judged_when_it_is_back(history: History, a_trade: Build, days_off: int) -> None:
    """A cycle stored a sale and was killed before it judged. By now it is old, and it lies where the server wrote it so many days ago."""
    now = datetime.now(UTC)
    then = now - timedelta(days=days_off)
    sale = replace(a_trade("a", side=Side.SELL, token_id="held"), traded_at=then - 5 * SECOND, seen_at=then)
    if isinstance(history, ClickHouseHistory):
        append_written(history, [sale], then)
    else:
        append(history, [sale])
    found = history.arrivals(then - 120 * SECOND, now, [sale.wallet], now - timedelta(days=1), ["held"])
    assert found["trade_id"].to_list() == ["a"]


def test_a_cycle_reads_none_of_what_arrived_long_ago(history: History, a_trade: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of 100 trades a month: whoever asked for the last two minutes' read all 1,200, for one might be a late sale."""
    if not isinstance(history, ClickHouseHistory):
        pytest.skip("memory keeps arrivals in their order")
    now = datetime.now(UTC)
    for month in range(12):
        at = now - timedelta(days=30 * (month + 1))
        append_written(history, [a_trade(f"{month}-{n}", traded_at=at, seen_at=at, token_id="held") for n in range(100)], at)
    append(history, [a_trade("new", traded_at=now, seen_at=now, token_id="held")])
    ask = history.query
    monkeypatch.setattr(history, "query", lambda text, **values: ask(f"{text} SETTINGS max_rows_to_read = 10", **values))
    found = history.arrivals(now - 120 * SECOND, now, [a_trade("new").wallet], now - timedelta(days=1), ["held"])
    assert found["trade_id"].to_list() == ["new"]


def test_trades_are_counted_by_when_they_arrived(history: History, as_of: datetime, a_trade: Build) -> None:
    """After the first instant, and up to the second: of arrivals at 0, 10 and 20 s the second alone."""
    append(history, [a_trade(name, -9, seen_at=as_of + at_s * SECOND) for name, at_s in (("a", 0), ("b", 10), ("c", 20))])
    assert history.trades_seen(as_of, as_of + 10 * SECOND) == 1
    assert history.trades_seen(as_of + 20 * SECOND, as_of + 90 * SECOND) == 0


def test_no_rows_are_no_rows(history: History, as_of: datetime) -> None:
    history.append(empty(Trade), Trade)
    assert history.trades(BEGINNING, as_of).schema == schema_of(Trade)
    assert history.markets().schema == SCHEMA
    assert history.profiles().schema == schema_of(WalletProfile)


@pytest.mark.parametrize(("after_s", "until_s", "found"), [(0, 2, "bc"), (-0.000001, 2, "abc"), (0, 1.999999, "b"), (2, 2, ""), (2, 9, "")])
def test_a_window_is_open_where_it_begins_and_closed_where_it_ends(
    history: History, as_of: datetime, a_trade: Build, after_s: float, until_s: float, found: str
) -> None:
    append(history, [a_trade("c", 2), a_trade("a", 0), a_trade("b", 1)])
    window = history.trades(as_of + timedelta(seconds=after_s), as_of + timedelta(seconds=until_s))
    assert "".join(window["trade_id"]) == found


def test_trades_come_in_time_order_and_by_id_within_an_instant(history: History, as_of: datetime, a_trade: Build) -> None:
    append(history, [a_trade("c", 1), a_trade("z", 0), a_trade("b", 1)])
    append(history, [a_trade("a", 1), a_trade("y", 0.5)])
    assert "".join(history.trades(BEGINNING, as_of + SECOND)["trade_id"]) == "zyabc"


def test_the_trades_of_some_tokens_are_those_among_all_trades(history: History, as_of: datetime, a_trade: Build) -> None:
    """Of what was stored twice what was stored last; of a window what is in it."""
    places = [(at_s, token) for at_s in (1, 0, 2) for token in ("yes", "no", "other")]
    for price in (Decimal("0.4"), Decimal("0.5")):
        append(history, [a_trade(f"{at_s}{token}", at_s, token_id=token, price=price) for at_s, token in places])
    everything = history.trades(as_of, as_of + 2 * SECOND)
    for token_ids in (["yes"], {"yes", "no"}, ["none"], []):
        for only in (everything.columns, ["trade_id", "price"]):
            wanted = everything.filter(pl.col("token_id").is_in(list(token_ids))).select(only)
            found = history.token_trades(token_ids, as_of, as_of + 2 * SECOND, only)
            assert (found.schema, found.rows()) == (wanted.schema, wanted.rows())


@pytest.mark.parametrize(("wallets", "found"), [(None, "abc"), (["one"], "a"), ({"two", "one"}, "ab"), ([], ""), (["nobody"], "")])
def test_trades_are_of_these_wallets_or_of_all(history: History, as_of: datetime, a_trade: Build, wallets: Any, found: str) -> None:
    append(history, [a_trade("a", wallet="one"), a_trade("b", wallet="two"), a_trade("c", wallet="three")])
    assert "".join(history.trades(BEGINNING, as_of, wallets)["trade_id"]) == found


def test_a_market_is_as_it_was_last_written(history: History, as_of: datetime, a_row: Build) -> None:
    open_one, other = a_row(Instrument, token_id="yes"), a_row(Instrument, token_id="no")
    over = replace(open_one, payout=Decimal(1), ended_at=as_of)
    append(history, [open_one, other])
    append(history, [over])
    assert {market.token_id: market for market in rows_of(history.instruments(), Instrument)} == {"yes": over, "no": other}
    assert rows_of(history.instruments(["yes"]), Instrument) == [over]
    assert history.instruments([]).is_empty()


def test_what_only_polymarket_says_stands_beside_what_the_engine_knows(history: History, a_row: Build) -> None:
    """An instrument nobody said more of is there all the same."""
    append(history, [a_row(Instrument, token_id="yes", category="politics"), a_row(Instrument, token_id="mint", category="")])
    append(history, [a_row(PolymarketMarket, token_id="yes", question="Will it?", event="it", neg_risk=True)])
    found = history.markets(["yes", "mint"]).select("token_id", "category", "question", "event", "neg_risk").sort("token_id").rows()
    assert found == [("mint", "", "", "", None), ("yes", "politics", "Will it?", "it", True)]


def test_of_one_market_twice_in_one_frame_the_later_row_counts(history: History, a_row: Build) -> None:
    append(history, [a_row(Instrument, token_id="yes", category=category) for category in ("first", "last")])
    assert history.markets()["category"].to_list() == ["last"]


@pytest.mark.parametrize(
    ("wallets", "window_days", "found"), [(None, 0, "ab"), (["a"], 0, "a"), (None, 30, "a"), (["b"], 30, ""), ([], 0, "")]
)
def test_profiles_are_of_one_window(history: History, a_row: Build, wallets: Any, window_days: int, found: str) -> None:
    append(history, [a_row(WalletProfile, wallet=wallet, window_days=days) for wallet, days in (("a", 0), ("b", 0), ("a", 30))])
    assert "".join(sorted(history.profiles(wallets, window_days)["wallet"])) == found


def test_a_question_for_a_few_columns_is_answered_with_those(history: History, as_of: datetime, a_trade: Build, a_row: Build) -> None:
    append(history, [a_trade("b", 1), a_trade("a", 0)])
    append(history, [a_row(WalletProfile, wallet="w", category="", window_days=0, closed_positions=3)])
    assert history.trades(BEGINNING, as_of + SECOND, only=["trade_id"]).to_dict(as_series=False) == {"trade_id": ["a", "b"]}
    assert history.profiles(only=["closed_positions", "wallet"]).rows() == [(3, "w")]
    assert history.profiles(["nobody"], only=["omega"]).schema == {"omega": schema_of(WalletProfile)["omega"]}


def test_payments_are_those_made_by_then(history: History, as_of: datetime, a_row: Build) -> None:
    append(
        history,
        [a_row(Funding, wallet=name, funded_at=as_of + after) for name, after in (("b", SECOND * 0), ("a", SECOND * 0), ("c", SECOND))],
    )
    assert history.fundings(as_of)["wallet"].to_list() == ["a", "b"]
    assert history.fundings(BEGINNING).is_empty()


def test_a_payment_without_a_time_is_known_since_it_was_loaded(history: History, as_of: datetime, a_row: Build) -> None:
    """Without a time it was never below `until`, and no question found it."""
    append(
        history, [a_row(Funding, wallet="a", funded_at=None, loaded_at=as_of), a_row(Funding, wallet="b", funded_at=None, loaded_at=None)]
    )
    assert history.fundings(as_of)["wallet"].to_list() == ["a"]
    assert history.fundings(as_of - SECOND).is_empty()


def test_what_people_load_is_found_by_its_wallets(history: History, a_row: Build) -> None:
    names = (("b", "owner"), ("a", "owner"), ("a", "exchange"))
    append(history, [a_row(WalletLabel, wallet=wallet, label=label, source="s") for wallet, label in names])
    assert history.of_wallets(WalletLabel).select("wallet", "label").rows() == [("a", "exchange"), ("a", "owner"), ("b", "owner")]
    assert history.of_wallets(WalletLabel, ["b", "c"])["wallet"].to_list() == ["b"]
    assert history.of_wallets(WalletLabel, []).is_empty()


def test_books_are_those_seen_after_one_instant_and_by_another(history: History, as_of: datetime, a_row: Build) -> None:
    append(history, [a_row(BookSample, token_id=f"{after}", taken_at=as_of + SECOND * after) for after in (0, 1, 2)])
    assert history.book_samples(as_of, as_of + SECOND)["token_id"].to_list() == ["1"]
    assert history.book_samples(as_of - SECOND, as_of + SECOND * 2)["token_id"].to_list() == ["0", "1", "2"]
    assert history.book_samples(BEGINNING, BEGINNING).is_empty()


def test_trades_are_found_by_their_ids(history: History, as_of: datetime, a_trade: Build) -> None:
    append(history, [a_trade("a", 1, wallet="w", token_id="t"), a_trade("b", 0, wallet="v", token_id="s"), a_trade("c", wallet="w")])
    assert history.trades_by_id(["a", "b", "never"], ["v", "w"], ["s", "t"])["trade_id"].to_list() == ["b", "a"]
    assert history.trades_by_id([], [], []).schema == schema_of(Trade)


@pytest.mark.parametrize("wallet", ["' OR 1=1 --", "\\", "{all:Bool}", "') OR ('1'='1", "a\tb\nc", "日本"])
def test_a_value_is_bound_and_never_pasted(history: History, as_of: datetime, a_trade: Build, wallet: str) -> None:
    append(history, [a_trade("a", wallet="somebody")])
    assert history.trades(BEGINNING, as_of, [wallet]).is_empty()
    append(history, [a_trade("b", wallet=wallet, token_id=wallet)])
    assert history.trades(BEGINNING, as_of, [wallet])["trade_id"].to_list() == ["b"]
    assert history.trades_by_id(["b"], [wallet], [wallet])["wallet"].to_list() == [wallet]


def test_thousands_of_wallets_can_be_asked_for_at_once(history: History, as_of: datetime, a_trade: Build) -> None:
    """The holders of twenty-five markets: 25 x 2 tokens x 100 = 5,000 addresses, 225 KB in one question."""
    wallets = [f"0x{number:040x}" for number in range(5000)]
    append(history, [a_trade("a", wallet=wallets[-1]), a_trade("b", wallet="0xelse")])
    assert history.trades(BEGINNING, as_of, wallets)["trade_id"].to_list() == ["a"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, rows: store.append(rows, Trade),
        lambda store, rows: store.trades(BEGINNING, BEGINNING),
        lambda store, rows: store.markets(["t"]),
    ],
    ids=["append", "trades", "markets"],
)
def test_a_clickhouse_that_is_down_is_unavailable_and_named(ask: Build, a_trade: Build) -> None:
    store = ClickHouseHistory("http://nobody:hidden-word@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="clickhouse: ") as caught:
        ask(store, frame_of([a_trade("a")], Trade))
    assert "127.0.0.1" in str(caught.value)
    assert "hidden-word" not in str(caught.value)


def test_a_question_clickhouse_does_not_understand_is_unavailable_in_its_own_words(clickhouse_database: str) -> None:
    with pytest.raises(Unavailable, match="no_such_table"):
        ClickHouseHistory(clickhouse_database).query("SELECT * FROM no_such_table")


def test_a_user_who_may_only_read_gets_every_answer(clickhouse_database: str, as_of: datetime, a_trade: Build) -> None:
    """Such a user may send no setting at all. A question that carried one was refused, on servers that answer text as bytes by default."""
    client = client_of(clickhouse_database)
    client.command("TRUNCATE TABLE trades")
    store = ClickHouseHistory(clickhouse_database)
    append(store, [a_trade("a", wallet="w", token_id="t")])
    before = client.server_settings
    client.server_settings = {name: SettingDef(name, "0", 1) for name in before}
    try:
        assert store.trades(BEGINNING, as_of)["wallet"].to_list() == ["w"]
        assert store.trades_by_id(["a"], ["w"], ["t"])["trade_id"].to_list() == ["a"]
    finally:
        client.server_settings = before


def test_a_removed_row_is_gone_until_it_is_written_again(history: History, a_row: Build) -> None:
    rows = [a_row(WalletProfile, wallet=wallet, category="", window_days=0) for wallet in ("stays", "goes")]
    append(history, rows)
    for _ in range(2):
        history.remove(frame_of(rows[1:], WalletProfile), WalletProfile)
        assert rows_of(history.profiles(), WalletProfile) == rows[:1]
    append(history, rows[1:])
    assert sorted(history.profiles()["wallet"]) == ["goes", "stays"]
    history.remove(empty(WalletProfile), WalletProfile)
    assert history.profiles().height == 2


def test_trades_of_more_months_than_an_insert_may_have_partitions_are_all_kept(history: History, as_of: datetime, a_trade: Build) -> None:
    """The server's own limit is 100 partitions an insert: a recording of 250 months is written in three."""
    rows = [a_trade(f"{number:03}", -30.5 * 86_400 * (250 - number)) for number in range(250)]
    append(history, rows)
    assert rows_of(history.trades(BEGINNING, as_of), Trade) == rows


def test_a_frame_without_a_column_is_not_written(history: History, as_of: datetime, a_trade: Build) -> None:
    with pytest.raises(Exception, match="side"):
        history.append(frame_of([a_trade("a")], Trade).drop("side"), Trade)
    assert history.trades(BEGINNING, as_of).is_empty()


def test_the_top_rows_of_a_column_come_highest_first(history: History, a_row: Build) -> None:
    """Of those with the values asked for; of equal ones in the order of the key."""
    sizes = {"a": 3, "b": 5, "c": 5, "d": 9}
    append(history, [a_row(WalletProfile, wallet=f"name:{name}", category="x", trades=trades) for name, trades in sizes.items()])
    append(history, [a_row(WalletProfile, wallet="name:e", category="y", trades=99)])
    top = history.top(WalletProfile, "trades", 3, only=["wallet", "trades"], category="x")
    assert top.rows() == [("name:d", 9), ("name:b", 5), ("name:c", 5)]
    assert history.top(WalletProfile, "trades", 5, category="z").height == 0


def test_arrivals_say_how_late_the_trades_of_each_source_came(history: History, as_of: datetime, a_trade: Build) -> None:
    """1, 2 and 3 s: half within 2 s. What was traded before is left out."""
    late = [a_trade(f"{second}", second, source="s", seen_at=as_of + timedelta(seconds=2 * second)) for second in (1, 2, 3)]
    append(history, [*late, a_trade("old", -60, source="s", seen_at=as_of)])
    (row,) = history.arrivals_by_source(as_of).to_dicts()
    assert (row["source"], row["trades"], row["median_s"]) == ("s", 3, 2.0)
    assert 2.8 <= row["p95_s"] <= 3.0
    assert row["last_seen_at"] == as_of + timedelta(seconds=6)
    assert history.arrivals_by_source(as_of + timedelta(hours=1)).height == 0

"""`make bench-page`: how long each tab of the results page takes in a house of a million signals and ten million trades.

In a schema and a database of their own beside a running home, which are filled by the servers themselves and stay for the next run.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from adapters.settings import Settings, load_settings
from adapters.stores.clickhouse import client_of
from adapters.stores.postgres_address import for_driver, schema_in
from deployments.migrate import migrate
from notebooks.pages.asked import Choice, asked_of
from notebooks.pages.tabs import TABS
from notebooks.pages.view import view_of
from notebooks.queries.house import House

NAME, WINDOW, MOST_S = "bench page", "24 hours", 1.0
LEADER = "'0x' || lpad(to_hex(i % 500), 40, '0')"
FILLED = {
    "strategies": (
        "strategy_id, venue, stake_currency, kind, policy, balance, enabled, created_at, updated_at",
        "'s' || i, 'polymarket', 'USD', 'owrr', '{{}}', 10000, true, now(), now() FROM generate_series(0, 3) i",
    ),
    "leaders": (
        "strategy_id, wallet, why, chosen_at",
        f"'s' || i % 4, {LEADER}, 'bench', now() FROM generate_series(0, 399) i",
    ),
    "signals": (
        "signal_id, strategy_id, venue, kind, trade_id, leader, market_id, token_id, outcome, category, side, verdict, reason, leader_price, "
        "leader_shares, leader_notional, notional, exit_fraction, traded_at, judged_at, latency_s, size_factor, fills",
        f"md5(i::text), 's' || i % 4, 'polymarket', 'owrr', md5('t' || i), {LEADER}, 'm' || i % 5000, 't' || i % 10000, 'Yes', 'politics', "
        "'BUY', CASE WHEN i % 10 = 0 THEN 'COPY' ELSE 'SKIP' END, "
        "(ARRAY['CONSENSUS_FAVOURS', 'TRADE_STALE', 'CONSENSUS_INSUFFICIENT', 'SIZE_BELOW_MINIMUM', 'CAPITAL_TOO_LOW'])[1 + i % 5], "
        "0.4, 100, 40, CASE WHEN i % 10 = 0 THEN 25 ELSE 0 END, 0, now() - i * interval '2 seconds', now() - i * interval '2 seconds', 8, 1, 1 "
        "FROM generate_series(1, {signals}) i",
    ),
    "orders": (
        "order_id, signal_id, strategy_id, venue, leader, market_id, token_id, outcome, side, shares, limit_price, observed_price, status, "
        "reason, is_simulated, order_hash, created_at, updated_at, sequence, signed_bytes, seal",
        f"md5('o' || i), md5((i * 10)::text), 's' || i % 4, 'polymarket', {LEADER}, 'm' || i % 5000, 't' || i % 10000, 'Yes', 'BUY', 60, 0.42, "
        "0.40, CASE WHEN i % 3 = 0 THEN 'DENIED' ELSE 'FILLED' END, CASE WHEN i % 3 = 0 THEN 'SLIPPAGE_TOO_HIGH' END, true, '', "
        "now() - i * interval '20 seconds', now(), 0, '', '' FROM generate_series(1, {signals} / 10) i",
    ),
    "fills": (
        "fill_id, order_id, strategy_id, venue, leader, market_id, token_id, outcome, side, price, shares, notional, fee, filled_at, sent_at, "
        "kind, sequence, level, category",
        f"md5('f' || i), md5('o' || i), 's' || i % 4, 'polymarket', {LEADER}, 'm' || i % 5000, 't' || i % 10000, 'Yes', "
        "CASE WHEN (i - 1) / 10000 % 2 = 1 THEN 'BUY' ELSE 'SELL' END, 0.41, 60, 24.6 + CASE WHEN (i - 1) / 10000 % 2 = 1 THEN 0 ELSE i % 7 - 3 END, "
        "0.3, now() - i * interval '20 seconds', now() - i * interval '20 seconds', 'TRADE', 0, 0, '' FROM generate_series(1, {signals} / 10) i",
    ),
    "positions": (
        "strategy_id, venue, leader, market_id, token_id, outcome, category, shares, cost, realized_pnl, fees, lots, opened_at, updated_at, "
        "closed_at, bought_shares, realized_before",
        f"'s' || i % 4, 'polymarket', {LEADER}, 'm' || i % 5000, 't' || i, 'Yes', 'politics', CASE WHEN i < 80 THEN 60 ELSE 0 END, "
        "CASE WHEN i < 80 THEN 24.6 ELSE 0 END, i % 21 - 10, 0.3, '[]', now() - i * interval '21 seconds', now(), "
        "CASE WHEN i < 80 THEN NULL ELSE now() - i * interval '20 seconds' END, 60, 0 FROM generate_series(0, {signals} / 20) i",
    ),
    "equity": (
        "strategy_id, as_of, cash, positions_value, equity, realized_pnl, open_positions",
        "'s' || i % 4, now() - i / 4 * interval '30 seconds', 9000, 1000, 10000 + sin(i / 5000.0) * 400, 0, 20 "
        "FROM generate_series(1, {signals} / 4) i",
    ),
    "counterfactuals": (
        'signal_id, strategy_id, verdict, reason, leader, market_id, token_id, event, category, leader_price, price, delay_s, stake, "end", '
        "gain, pnl, judged_at, ended_at, as_of",
        f"md5(i::text), 's' || i % 4, 'SKIP', 'TRADE_STALE', {LEADER}, 'm' || i % 5000, 't' || i % 10000, 'e', 'politics', 0.4, 0.41, 8, 100, "
        "'resolution', 0.1, 10, now() - i * interval '2 seconds', now(), now() FROM generate_series(1, {signals} / 4) i",
    ),
}
WALLET = "concat('0x', leftPad(lower(hex(number % 50000)), 40, '0'))"
TRADES = (
    "INSERT INTO trades (trade_id, source, venue, wallet, market_id, token_id, outcome, side, price, shares, notional, traded_at, seen_at, "
    "tx_hash, ordinal, sequence, pool) SELECT lower(hex(MD5(toString(number)))), 'polymarket', 'polymarket', "
    f"{WALLET}, concat('m', toString(number % 5000)), concat('t', toString(number % 10000)), 'Yes', if(number % 3 = 0, 'SELL', 'BUY'), 0.4, 100, "
    "40, now64(6, 'UTC') - toIntervalSecond(number / 4), now64(6, 'UTC') - toIntervalSecond(number / 4) + toIntervalSecond(5), "
    "lower(hex(MD5(toString(intDiv(number, 2))))), 0, 0, '' FROM numbers({from}, {count})"
)
A_PART = 1_000_000  # trades of one insert


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signals", type=int, default=1_000_000)
    parser.add_argument("--trades", type=int, default=10_000_000)
    options = parser.parse_args()
    settings = load_settings().for_replay(NAME)
    migrate(settings)
    fill(settings, options.signals, options.trades)
    slowest = max(seconds for _, seconds in timed(settings))
    raise SystemExit(slowest > MOST_S)


def fill(settings: Settings, signals: int, trades: int) -> None:
    """Each table by one statement; one that has rows stays as it is."""
    url = settings.required("postgres_url")
    with psycopg.connect(for_driver(url).render_as_string(hide_password=False).replace("+psycopg", ""), autocommit=True) as postgres:
        postgres.execute(f'SET search_path TO "{schema_in(url)}"')
        for table, (columns, values) in FILLED.items():
            if not postgres.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]:  # type: ignore[index]
                took("filled " + table, lambda table=table, columns=columns, values=values: postgres.execute(  # type: ignore[misc]
                    f"INSERT INTO {table} ({columns}) SELECT {values.format(signals=signals)}"
                ))  # fmt: skip
        postgres.execute("ANALYZE")
    history = client_of(settings.required("clickhouse_url"))
    known = int(history.command("SELECT count() FROM trades"))  # type: ignore[arg-type]
    for begin in range(known, trades, A_PART):
        took(f"filled trades from {begin:,}", lambda begin=begin: history.command(TRADES.format(**{"from": begin, "count": A_PART})))  # type: ignore[misc]


def timed(settings: Settings) -> list[tuple[str, float]]:
    """Each tab, the second time it is asked for: connections are there, statements are written."""
    found = []
    for name in TABS:
        show(settings, name)
        found.append((name, took(name, lambda name=name: show(settings, name))))  # type: ignore[misc]
    return found


def show(settings: Settings, name: str) -> str:
    house = House(settings, datetime.now(UTC))
    filters = TABS[name].filters(house, {})
    first = {key: one.options.get(one.value or "") for key, one in filters.items() if isinstance(one, Choice)}
    return TABS[name].show(house, view_of(house, "UTC", ""), asked_of(house, WINDOW, None, None, first))


def took(what: str, act: Callable[[], object]) -> float:
    """Seconds, printed."""
    begun = time.perf_counter()
    act()
    seconds = time.perf_counter() - begun
    print(f"{what:28} {seconds:7.2f} s", flush=True)  # noqa: T201
    return seconds


if __name__ == "__main__":
    main()

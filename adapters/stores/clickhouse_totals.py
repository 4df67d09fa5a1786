"""What profiling asks of ClickHouse: it sums up trades where they lie, and names what changed, so that nobody reads all of them.

Rows that were written lately lie in small parts, and the index of arrival leaves the others unread. Names of wallets and tokens do travel
through a scan of `trade_totals`, by the engine, at about half a second of one core for a million rows; nothing of it leaves the server.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from adapters.batches import batches
from adapters.stores.clickhouse_server import MOST_NAMED, ClickHouseServer, columns
from adapters.stores.history import Part, Since
from data_contracts import Activity, ClosedPosition, ProfilingStep, Trade, TradeTotal, WalletProfile, contract_of
from data_contracts.frames import EPOCH, schema_of

UNDERWAY = timedelta(minutes=5)  # an insert gets its instant when it begins, and is visible when it ends
ROWS_AT_ONCE = 1_000_000  # summed up in one statement
INSTANT = "DateTime64(6, 'UTC')"
WRITTEN, COUNTED, BEFORE, UNTIL = (f"{{{name}:{INSTANT}}}" for name in ("written", "counted", "before", "until"))
PART = "cityHash64(wallet) % {of:UInt64} = {number:UInt64}"
# Markets of which something was written since, or that ended since by what had been written before.
ENDED = f"""FROM instruments FINAL WHERE written_at > {WRITTEN} OR (ended_at > {BEFORE} AND ended_at <= {UNTIL})
OR token_id IN (SELECT token_id FROM polymarket_markets WHERE written_at > {WRITTEN})"""  # noqa: S608
ENDED_NUMBERS = f"SELECT cityHash64(market_id) {ENDED}"
TRADED = f"SELECT pair_number FROM trade_totals WHERE written_at > {COUNTED}"  # noqa: S608
# Wallets that did more than trade are taken as a whole: a conversion in one market says something of others, and of a market nobody told us
# about, the trades of others tell what outcomes a set of it has.
UNTOLD = f"SELECT market_id FROM trade_totals WHERE written_at > {COUNTED} AND market_id NOT IN (SELECT market_id FROM instruments)"  # noqa: S608
WHOLE = f"""FROM activities WHERE written_at > {WRITTEN} OR (happened_at > {BEFORE} AND happened_at <= {UNTIL})
OR market_id IN (SELECT market_id {ENDED}) OR market_id IN ({UNTOLD})
OR cityHash64(wallet) IN (SELECT wallet_number FROM trade_totals WHERE written_at > {COUNTED} OR market_number IN ({ENDED_NUMBERS}))"""  # noqa: S608
TOUCHED = f"(pair_number IN ({TRADED}) OR market_number IN ({ENDED_NUMBERS}) OR wallet_number IN (SELECT cityHash64(wallet) {WHOLE}))"
SUMS = """INSERT INTO trade_totals (wallet, token_id, month_at, market_id, outcome, bought_shares, sold_shares, cost, proceeds,
  trades, first_at, last_at, first_bought_at, first_price)
SELECT wallet, token_id, toDateTime64(toStartOfMonth(traded_at), 6, 'UTC') AS month_at, any(market_id), any(outcome),
  sumIf(shares, side = 'BUY'), sumIf(shares, side != 'BUY'), sumIf(notional, side = 'BUY'), sumIf(notional, side != 'BUY'), count(),
  min(traded_at), max(traded_at), minOrNullIf(traded_at, side = 'BUY'),
  argMinOrNullIf(price, (traded_at, sequence, trade_id), side = 'BUY')
FROM {trades} WHERE traded_at <= {until} AND traded_at >= {kept_from} GROUP BY wallet, token_id, month_at"""
SUMMED_UP = ("wallet", "token_id", "traded_at", "trade_id", "market_id", "outcome", "side", "price", "shares", "notional", "sequence")


class ClickHouseTotals(ClickHouseServer):
    """The `Totals` of the `History` store."""

    def mark(self, since: Since) -> datetime:
        later = f"SELECT count(), min(written_at), now64(6, 'UTC') FROM trades WHERE written_at > {WRITTEN} AND traded_at > {UNTIL}"  # noqa: S608
        count, first, now = self.query(later, **_instants_of(since)).row(0)
        mark: datetime = min(first - timedelta(microseconds=1), now - UNDERWAY) if count else now - UNDERWAY
        return mark

    def now(self) -> datetime:
        now: datetime = self.query("SELECT now64(6, 'UTC')").item()
        return now

    def count_trades(self, since: Since, kept_from: datetime) -> None:
        for where, named in self._months(since, kept_from):
            text = SUMS.replace("{until}", UNTIL).replace("{kept_from}", f"{{kept_from:{INSTANT}}}")
            self.command(
                text.replace("{trades}", newest_rows(Trade, where, SUMMED_UP)), kept_from=kept_from, **named, **_instants_of(since)
            )

    def _months(self, since: Since, kept_from: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        """Conditions, and the numbers in them, that divide what is to be summed up into small statements: a part of a month each."""
        query = (
            "SELECT toYYYYMM(traded_at) AS month, count() FROM trades "  # noqa: S608
            f"WHERE written_at > {WRITTEN} AND toStartOfMonth(traded_at) >= toDate({{kept_from:{INSTANT}}}) GROUP BY month ORDER BY month"
        )
        for month, rows in self.query(query, kept_from=kept_from, **_instants_of(since)).iter_rows():
            touched = (
                "1"
                if since.written is None
                else f"position_number IN (SELECT position_number FROM trades WHERE written_at > {WRITTEN} "  # noqa: S608
                f"AND toYYYYMM(traded_at) = {{month:UInt32}})"
            )
            of = -(-rows // ROWS_AT_ONCE)
            for number in range(of):
                yield f"toYYYYMM(traded_at) = {{month:UInt32}} AND {PART} AND {touched}", {"month": month, "number": number, "of": of}

    def touched_rows(self, since: Since) -> int:
        return int(self.query(f"SELECT count() FROM trade_totals WHERE {_touched(since)}", **_instants_of(since)).item())  # noqa: S608

    def touched_totals(self, since: Since, part: Part) -> pl.DataFrame:
        touched = newest_rows(TradeTotal, f"{PART} AND {_touched(since)}")
        return self._shaped(f"SELECT {columns(TradeTotal)} FROM {touched} WHERE first_at <= {UNTIL}", TradeTotal, since, part)  # noqa: S608

    def touched_activities(self, since: Since, part: Part) -> pl.DataFrame:
        whole = "1" if since.written is None else f"wallet IN (SELECT wallet {WHOLE})"
        text = (
            f"SELECT {columns(Activity)} FROM activities FINAL WHERE happened_at <= {UNTIL} AND {PART} AND {whole} "  # noqa: S608
            "ORDER BY happened_at, activity_id"
        )
        return self._shaped(text, Activity, since, part)

    def touched_keys(self, row_class: type, since: Since, part: Part) -> pl.DataFrame:
        touched = newest_rows(row_class, f"{PART} AND {_touched(since)}", ("wallet", "token_id", "market_id"))
        return self.query(f"SELECT wallet, token_id, market_id FROM {touched}", number=part.number, of=part.of, **_instants_of(since))  # noqa: S608

    def outcomes(self, market_ids: Collection[str]) -> pl.DataFrame:
        text = "SELECT DISTINCT market_id, token_id, outcome FROM trade_totals WHERE market_id IN {named:Array(String)}"
        frames = [self.query(text, named=list(part)) for part in batches(sorted(market_ids), MOST_NAMED)]
        return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(("market_id", "token_id", "outcome"), pl.String))

    def unended_tokens(self) -> pl.DataFrame:
        return self.query(
            "SELECT DISTINCT token_id FROM trade_totals "
            "WHERE token_id NOT IN (SELECT token_id FROM instruments FINAL WHERE payout IS NOT NULL) ORDER BY token_id"
        )

    def traders(self, until: datetime) -> pl.DataFrame:
        return self.query(
            "SELECT wallet, count() AS trades, sum(toFloat64(notional)) AS usd FROM trades FINAL "  # noqa: S608
            f"WHERE traded_at <= {UNTIL} GROUP BY wallet ORDER BY wallet",
            until=until,
        )

    def unexplained(self) -> pl.DataFrame:
        return self.query(
            "SELECT wallet, sum(proceeds) AS proceeds FROM closed_positions FINAL WHERE oversold GROUP BY wallet ORDER BY 2 DESC, wallet"
        )

    def activity_of_wallets(self, until: datetime) -> pl.DataFrame:
        return self.query(
            "SELECT wallet, toInt64(sum(trades)) AS trades, toInt64(sum(closed)) AS closed, max(last) AS last_at, "  # noqa: S608
            "max(changed) AS changed_at FROM ("
            "SELECT wallet, uniqExact(cityHash64(trade_id)) AS trades, 0 AS closed, max(traded_at) AS last, NULL AS changed "
            f"FROM trades WHERE traded_at <= {UNTIL} GROUP BY wallet UNION ALL "
            "SELECT wallet, 0, count(), max(closed_at), toNullable(max(written_at)) FROM closed_positions FINAL GROUP BY wallet"
            ") GROUP BY wallet ORDER BY wallet",
            until=until,
        )

    def profiled_wallets(self) -> pl.DataFrame:
        return self.query(
            "SELECT wallet, as_of, trades + closed_positions + oversold_positions AS rows, written_at FROM wallet_profiles FINAL "
            "WHERE window_days = 0 AND category = 'all' ORDER BY wallet"
        )

    def profile_keys(self, wallets: Collection[str]) -> pl.DataFrame:
        query = (
            f"SELECT {columns(WalletProfile, contract_of(WalletProfile).key)} FROM wallet_profiles FINAL "  # noqa: S608
            "WHERE {all:Bool} OR wallet IN {among:Array(String)}"
        )
        return self.rows(WalletProfile, query, wallets, contract_of(WalletProfile).key)

    def closed_since(self, written: datetime) -> tuple[int, int]:
        changed = f"SELECT count() FROM closed_positions WHERE written_at > {WRITTEN}"  # noqa: S608
        text = f"SELECT ({changed}), (SELECT count() FROM closed_positions)"  # noqa: S608
        changed, rows = self.query(text, written=written).row(0)
        return changed, rows

    def bet_numbers(self, until: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
        numbers = (
            "SELECT wallet_number AS wallet, cityHash64(event) AS event, market_number AS market, "  # noqa: S608
            f"toFloat64(price) AS price, toFloat64(payoff) AS payoff FROM bets FINAL WHERE resolved_at <= {UNTIL} "
            "ORDER BY bets.wallet, bets.token_id"
        )
        names = f"SELECT DISTINCT cityHash64(wallet) AS number, wallet FROM bets FINAL WHERE resolved_at <= {UNTIL} ORDER BY wallet"  # noqa: S608
        return self.query(numbers, until=until), self.query(names, until=until)

    def closed_positions(self, wallets: Collection[str] | None = None, only: Sequence[str] | None = None) -> pl.DataFrame:
        mine = "closed_positions FINAL" if wallets is None else newest_rows(ClosedPosition, "wallet IN {among:Array(String)}", only)
        query = f"SELECT {columns(ClosedPosition, only)} FROM {mine} ORDER BY wallet, token_id"  # noqa: S608
        return self.rows(ClosedPosition, query, wallets, only)

    def matched_trades(self, wallets: Collection[str], until: datetime, only: Sequence[str]) -> pl.DataFrame:
        values = {f"among{number}": list(part) for number, part in enumerate(batches(sorted(wallets), MOST_NAMED))}
        among = f"arrayConcat({', '.join(f'{{{name}:Array(String)}}' for name in values)})" if values else "[]"
        matched = f"tx_number IN (SELECT tx_number FROM trades WHERE tx_hash != '' AND wallet IN {among})"  # noqa: S608
        # Nothing is sorted or merged there: a million trades and those they met took the engine 8 GiB, and so they take what they are.
        text = (
            f"SELECT {columns(Trade, only)}, cityHash64({', '.join(contract_of(Trade).key)}) AS key, written_at, is_removed "  # noqa: S608
            f"FROM trades WHERE traded_at <= {UNTIL} AND (wallet IN {among} OR {matched})"
        )
        schema = schema_of(Trade)
        return _newest_of(self.query(text, until=until, **values)).select(only).cast({name: schema[name] for name in only})

    def steps(self) -> pl.DataFrame:
        return self.rows(ProfilingStep, f"SELECT {columns(ProfilingStep)} FROM profiling_steps FINAL ORDER BY step", None)  # noqa: S608

    def _shaped(self, text: str, row_class: type, since: Since, part: Part) -> pl.DataFrame:
        return self.query(text, number=part.number, of=part.of, **_instants_of(since)).cast(dict(schema_of(row_class).items()))


def _instants_of(since: Since) -> dict[str, datetime]:
    return {"written": since.written or EPOCH, "counted": since.counted or EPOCH, "before": since.before, "until": since.until}


def _newest_of(rows: pl.DataFrame) -> pl.DataFrame:
    """What FINAL would read of rows that came with their `key`: few are there twice."""
    twice = rows["key"].is_duplicated()
    last = rows.filter(twice).sort("written_at").unique("key", keep="last") if twice.any() else rows.clear()
    return pl.concat([rows.filter(~twice), last]).filter(pl.col("is_removed") == 0)


def newest_rows(row_class: type, where: str, only: Sequence[str] | None = None) -> str:
    """What FINAL would read of the rows that answer `where`, a condition on their keys. FINAL reads and merges all others, too."""
    contract = contract_of(row_class)
    names = columns(row_class, [name for name in contract.names if only is None or name in (*only, *contract.key)])
    by_key = f"ORDER BY written_at DESC LIMIT 1 BY {', '.join(contract.key)}"
    return f"(SELECT * FROM (SELECT {names}, is_removed FROM {contract.table} WHERE {where} {by_key}) WHERE is_removed = 0)"  # noqa: S608


def _touched(since: Since) -> str:
    return "1" if since.written is None else TOUCHED

"""What leaders held before they sold: their venue is asked, for it alone knows what they did before we watched, or besides trading."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from adapters.connect import feed_of, open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Activity, LeaderHolding, Trade
from data_contracts.errors import WalletflowError
from data_contracts.frames import frame_of, rows_of
from domain.copying.intentions import in_order
from domain.copying.leader_holdings import held_before, moves_of
from tasks.copying.sound_rows import readable_rows
from tasks.quality import sorted_out
from tasks.together import each_in_order

MOST_ASKED = 40  # in a cycle, two calls each; who is not asked now waits, and is asked in the next
AT_ONCE = 8
LONGEST = timedelta(days=1)  # between an answer and a sale
SECOND = timedelta(seconds=1)
Key = tuple[str, str]  # wallet, token
log = logging.getLogger("walletflow.holdings")


def holdings_before(sales: Sequence[Trade], settings: Settings, as_of: datetime) -> dict[str, Decimal | None]:
    """Trade id → what the leader held just before that sale; None where nobody can say yet."""
    if not sales:
        return {}
    first, last = _ends(sales)
    known = _read_known(last, settings, as_of)
    unknown = sorted(key for key in last if key not in known)[:MOST_ASKED]
    known |= _ask_venue({key: first[key] for key in unknown}, settings, as_of)
    if not known:
        return {}
    start = min([holding.known_at for holding in known.values()] + [first[key].traded_at for key in known]) - SECOND
    wallets = sorted({wallet for wallet, _ in known})
    history = open_history(settings)
    seen = rows_of(history.trades(start, as_of, wallets), Trade)
    trades = list({trade.trade_id: trade for trade in (*sales, *seen)}.values())  # of a sale that was posted to us no feed may know yet
    activities = rows_of(history.activities(start, as_of, wallets), Activity)
    moves = {key: moves_of(trades, activities, holding) for key, holding in known.items()}
    return {sale.trade_id: held_before(sale, known[key], moves[key]) for sale in sales if (key := _key(sale)) in known}


def held_before_by_venue(sale: Trade, sales: Sequence[Trade], settings: Settings, as_of: datetime) -> Decimal | None:
    """The same of one sale, among `sales`, without any store of ours."""
    answer = _ask(sale, settings, as_of)
    if answer is None:
        return None
    holding, told = answer
    return held_before(sale, holding, moves_of(sales, rows_of(told, Activity), holding))


def _ends(sales: Sequence[Trade]) -> tuple[dict[Key, Trade], dict[Key, Trade]]:
    """The first and the last sale of each holding."""
    ordered = in_order(sales)
    return {_key(sale): sale for sale in reversed(ordered)}, {_key(sale): sale for sale in ordered}


def _read_known(last: Mapping[Key, Trade], settings: Settings, as_of: datetime) -> dict[Key, LeaderHolding]:
    """Answers on record that knew of the last sale already: what was asked for a sale that waits is not asked again."""
    rows = readable_rows(open_results(settings), LeaderHolding, wallet=sorted({wallet for wallet, _ in last}))
    mine = {(row.wallet, row.token_id): row for row in rows if row.asked_at <= as_of}
    return {key: mine[key] for key, sale in last.items() if key in mine and mine[key].known_at >= sale.traded_at}


def _ask_venue(sales: Mapping[Key, Trade], settings: Settings, as_of: datetime) -> dict[Key, LeaderHolding]:
    """What the venue says of each holding, and of all its wallet did between then and its first sale; both are kept."""
    if not sales:
        return {}
    answers = each_in_order(lambda sale: _ask(sale, settings, as_of), list(sales.values()), AT_ONCE)
    told = [answer for answer in answers if answer is not None]
    activities = pl.concat([frame_of([], Activity), *(activity for _, activity in told)], how="diagonal").unique(
        "activity_id", maintain_order=True
    )
    open_history(settings).append(sorted_out(activities, Activity, settings, as_of), Activity)
    holdings = [holding for holding, _ in told]
    open_results(settings).write([Write(LeaderHolding, holdings, "put")])
    return {(holding.wallet, holding.token_id): holding for holding in holdings}


def _ask(sale: Trade, settings: Settings, as_of: datetime) -> tuple[LeaderHolding, pl.DataFrame] | None:
    """None when the venue cannot say: the sale waits."""
    feed = feed_of(sale.venue, settings)
    try:
        holding = feed.holding(sale.wallet, sale.market_id, sale.token_id, as_of)
        if holding is None:
            return None
        since = max(min(holding.known_at, sale.traded_at), as_of - LONGEST)
        return holding, feed.activities([sale.wallet], since - SECOND, as_of)
    except WalletflowError as error:
        log.warning("what %s held of %s cannot be had yet: %s", sale.wallet, sale.token_id, error)
        return None


def _key(sale: Trade) -> Key:
    return sale.wallet, sale.token_id

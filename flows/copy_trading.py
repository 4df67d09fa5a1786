"""The 30-second copy cycle: exits first, by the ledger, a price and the venue alone; then new trades, verdicts, orders, fills."""

from datetime import datetime

from adapters.settings import Settings, load_settings
from data_contracts import Trade
from tasks.clock import instant_of, run_name
from tasks.copying.carrying_out import book_late_answers, carry_out, carry_out_sales
from tasks.copying.deliveries import take_deliveries
from tasks.copying.intents import take_posted
from tasks.copying.judging import check_verdicts, judge_trades
from tasks.copying.leaving import judge_own_exits
from tasks.copying.observing import keep_trades, observe_trades
from tasks.copying.rates import record_rates
from tasks.copying.risk_assessment import read_again, take_stock
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.beat import send_beat
from tasks.operating.run_reports import Cycle, report_cycle
from tasks.profiling.book_samples import keep_seen_books
from tasks.quality import check


@flow(name="copy-trading", flow_run_name=run_name("cycle"), timeout_seconds=120, on_completion=[send_beat])
def copy_trading(as_of: AsOf = None) -> None:
    """One cycle. `as_of` is its only clock: an old one makes the old cycle happen again. Empty: the second it was scheduled for.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    now = instant_of(as_of)
    report_cycle(copy_cycle(load_settings(), now, is_live=as_of is None))


def copy_cycle(settings: Settings, as_of: datetime, is_live: bool = False) -> Cycle:
    """The steps of one cycle, in order; a replay takes the very same ones. What fails after the exits fails the run, not the exits.

    Of what is posted a live one takes all there is; another, what had come by `as_of`.
    """
    book_late_answers(settings, as_of)
    held, strategies = take_stock(settings, as_of)
    left = carry_out(judge_own_exits(strategies, settings, as_of), strategies, settings, as_of)
    strategies = read_again(strategies, left, settings) if left else strategies
    record_rates(strategies, settings, as_of)

    trades = None
    try:
        seen = observe_trades(settings, as_of)
        trades = check(seen.trades, Trade, settings, as_of)
        keep_trades(trades, seen, settings, as_of)
        take_deliveries(settings, as_of, is_live)
        take_posted(strategies, settings, as_of, is_live)
        found = judge_trades(strategies, settings, as_of, seen.lags_s, seen.unsafe)
        verdicts = check_verdicts(found, settings, as_of)
    except Exception:  # whatever it was: it is told when the leaders' exits are out
        carry_out_sales(strategies, trades, settings, as_of)
        raise
    done = tuple(filter(None, (left, carry_out(verdicts.signals, strategies, settings, as_of, verdicts))))
    keep_seen_books([book for one in done for book in one.books], settings, as_of)  # last: nothing waits for it
    return Cycle(as_of, seen, trades, held, done)

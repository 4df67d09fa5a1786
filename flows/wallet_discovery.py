"""Who might be worth a look? From leaderboards, holders of liquid markets, loaded positions, the trades, and new coins' first buyers."""

from adapters.settings import load_settings
from data_contracts import Activity, Candidate, EarlyBuyer, SolanaToken, Trade
from domain.discovery import wallet_discovery as discovery
from tasks.clock import instant_of, run_name
from tasks.discovery.first_buyers import find_early_buyers, keep_early_buyers
from tasks.discovery.wallet_discovery import find_holders, find_loaded, find_on_leaderboards, find_traders, keep_candidates, name_candidates
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_candidates
from tasks.profiling.activities import ask_candidates, keep_activities, trades_in
from tasks.quality import check


@flow(name="wallet-discovery", flow_run_name=run_name("discovery"))
def wallet_discovery(as_of: AsOf = None) -> None:
    """Adds who is new, with where it was found. What those named elsewhere did is read before the trades are looked through.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    now, settings = instant_of(as_of), load_settings()
    places = [find_on_leaderboards(settings), find_holders(settings, now), find_loaded(settings)]
    elsewhere = check(name_candidates(places, settings, now), Candidate, settings, now)
    keep_candidates(elsewhere, settings)
    told = check(ask_candidates(settings, now), Activity, settings, now)
    keep_activities(told, check(trades_in(told), Trade, settings, now), settings, now)
    traders = check(name_candidates([find_traders(settings, now)], settings, now), Candidate, settings, now)
    keep_candidates(traders, settings)
    found = find_early_buyers(settings, now)
    early, trades = check(found.early, EarlyBuyer, settings, now), check(found.trades, Trade, settings, now)
    keep_early_buyers(early, trades, check(found.tokens, SolanaToken, settings, now), settings)
    first = check(name_candidates([discovery.early(early)], settings, now), Candidate, settings, now)
    keep_candidates(first, settings)
    report_candidates([elsewhere, traders, first], settings)

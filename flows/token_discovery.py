"""Which tokens are there? Launches, new pools, and the lists that DexScreener is paid for: where we heard of each is kept."""

import polars as pl

from adapters.settings import load_settings
from data_contracts import SolanaToken, TokenFinding
from tasks.clock import instant_of, name_run, run_name
from tasks.discovery.token_discovery import find_in_lists, find_recent, keep_new_tokens
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.quality import check


@flow(name="token-discovery", flow_run_name=run_name("tokens"))
def token_discovery(as_of: AsOf = None) -> None:
    """Adds what is new. A list is what paid or rose already: a statistic that needs an unbiased universe takes launches alone.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    now, settings = instant_of(as_of), load_settings()
    listed = check(find_in_lists(settings, now), TokenFinding, settings, now)
    recent, tokens = find_recent(settings, now)
    found = pl.concat([listed, check(recent, TokenFinding, settings, now)])
    name_run(f"tokens · {found.height} found")
    keep_new_tokens(found, check(tokens, SolanaToken, settings, now), settings)

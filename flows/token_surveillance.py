"""How do the tokens look that we know? Often while they live, ever less as they die."""

from adapters.settings import load_settings
from data_contracts import SolanaToken, TokenLook
from tasks.clock import instant_of, name_run, run_name
from tasks.discovery.token_surveillance import due_tokens, keep_looks, look_at_tokens
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.quality import check


@flow(name="token-surveillance", flow_run_name=run_name("surveillance"))
def token_surveillance(as_of: AsOf = None) -> None:
    """Looks at what is due: prices, liquidity, holders, authorities, and whether it can be sold at all.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    now, settings = instant_of(as_of), load_settings()
    looks, tokens = look_at_tokens(due_tokens(settings, now), settings, now)
    name_run(f"surveillance · {looks.height} looked at")
    keep_looks(check(looks, TokenLook, settings, now), check(tokens, SolanaToken, settings, now), settings)

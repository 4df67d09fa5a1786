"""Follow a wallet by its name, or no more."""

from datetime import UTC, datetime

from prefect import flow

from adapters.settings import load_settings
from domain.wallet_addresses import TypedWallet
from tasks.clock import name_run
from tasks.operating.following import follow
from tasks.operating.run_reports import report_lines


@flow(name="leader-following", flow_run_name="{strategy_id} and {wallet}")
def follow_leader(wallet: TypedWallet, strategy_id: str, is_followed: bool = True) -> None:
    """From the next cycle on the strategy copies the wallet, beside those it chose itself; or no more, and what was copied is sold with it.

    Args:
        wallet: 0x and 40 hex digits at polymarket, a base 58 address at solana
        strategy_id: A strategy by its name, at the wallet's venue
        is_followed: Take it off the list instead. One that is chosen by its record goes on: follow.top of strategy-editing
    """
    changed = follow(strategy_id, wallet, is_followed, load_settings(), datetime.now(UTC))
    verb = ("follows" if is_followed else "follows no more") if changed else ("followed already" if is_followed else "did not name")
    name_run(f"{strategy_id} {verb} {wallet[:10]}")
    report_lines(changed, "leader-following", f"{strategy_id} {verb} {wallet}", "Wallets", wallet=wallet)

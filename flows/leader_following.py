"""Follow a wallet by its name, or no more."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from domain.wallet_addresses import TypedWallet
from tasks.clock import asked_name, name_run
from tasks.flow_runs import flow
from tasks.form_fields import StrategyId
from tasks.operating.following import follow
from tasks.operating.run_reports import report_lines


@flow(name="leader-following", flow_run_name=asked_name("{strategy_id} and {wallet}"))
def follow_leader(wallet: TypedWallet, strategy_id: StrategyId, is_followed: bool = True) -> None:
    """From the next cycle on the strategy copies the wallet, beside those it chose itself; or no more, and what was copied is sold with it.

    Args:
        wallet: The wallet's address: 0x and 40 hex digits at polymarket, base 58 at solana
        strategy_id: The strategy's name; it trades at the wallet's venue
        is_followed: On puts the wallet on the strategy's list, off takes it away. One the strategy chose by its record goes on: follow.top
    """
    changed = follow(strategy_id, wallet, is_followed, load_settings(), datetime.now(UTC))
    verb = ("follows" if is_followed else "follows no more") if changed else ("followed already" if is_followed else "did not name")
    name_run(f"{strategy_id} {verb} {wallet[:10]}")
    report_lines(changed, "leader-following", f"{strategy_id} {verb} {wallet}", "Wallets", wallet=wallet)

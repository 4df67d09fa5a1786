"""What do we know of this wallet?"""

from datetime import datetime

from adapters.settings import Settings, load_settings
from data_contracts import Activity, Trade, WalletProfile
from data_contracts.errors import Refused
from domain.wallet_addresses import TypedWallet
from tasks.clock import asked_name, instant_of, name_run
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_lines
from tasks.operating.wallet_lines import wallet_lines
from tasks.profiling.activities import ask_about, keep_activities, trades_in
from tasks.profiling.wallet_profiling import keep_profiles, profile_wallets
from tasks.quality import check


@flow(name="wallet-explaining", flow_run_name=asked_name("wallet {wallet}"))
def explain_wallet(wallet: TypedWallet, ask_venue: bool = False, as_of: AsOf = None) -> None:
    """Its record anew from the trades on record, its grade, who follows it and why, what copying it would bring, and its traps.

    Its grade and what its closed positions brought are of the last wallet-profiling, which weighs all wallets together.

    Args:
        wallet: The wallet's address: 0x and 40 hex digits at polymarket, base 58 at solana
        ask_venue: Reads first what the wallet's venue has on record of it, and keeps its trades; at polymarket only
        as_of: The instant (UTC) that counts as now; empty: now
    """
    settings, now = load_settings(), instant_of(as_of)
    if ask_venue:
        read_account(wallet, settings, now)
    profiles = check(profile_wallets([wallet], settings, now), WalletProfile, settings, now)
    if profiles.height:
        keep_profiles(profiles, [wallet], settings)
    lines = wallet_lines(wallet, settings)
    if not lines:
        raise Refused(f"nothing of {wallet} is on record: compare it with its page at the venue, or let `ask_venue` read what that knows")
    trades = max(profiles["trades"].to_list(), default=0)
    name_run(f"wallet {wallet[:10]} · {trades} trades, {'followed' if any(one.what == 'followed by' for one in lines) else 'not followed'}")
    report_lines([{"what": line.what, "said": line.said} for line in lines], "wallet-explaining", wallet, "Wallets", wallet=wallet)


def read_account(wallet: str, settings: Settings, as_of: datetime) -> None:
    """What it did by its venue's own account, since we asked last."""
    told = check(ask_about(wallet, settings, as_of), Activity, settings, as_of)
    keep_activities(told, check(trades_in(told), Trade, settings, as_of), settings, as_of)

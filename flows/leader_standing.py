"""Pause a leader, block him for good, or let him go on."""

from datetime import UTC, datetime
from typing import Literal

from adapters.settings import load_settings
from data_contracts import LeaderStanding
from domain.wallet_addresses import TypedWallet
from tasks.clock import asked_name, name_run
from tasks.flow_runs import flow
from tasks.form_fields import EveryOrOneStrategy, Reason
from tasks.operating.leader_standing import order_standing, standing_lines
from tasks.operating.run_reports import report_lines


@flow(name="leader-standing", flow_run_name=asked_name("{wallet} {standing}"))
def set_leader_standing(
    wallet: TypedWallet, standing: Literal["PAUSED", "BLOCKED", "FREE"], why: Reason, strategy_id: EveryOrOneStrategy = "*"
) -> None:
    """From now on nothing is entered behind a wallet that is PAUSED or BLOCKED; what was copied of it is still sold with it.

    A blocked wallet is never chosen, nor followed by its name. What is said of every strategy holds beside what is said of one: the
    strictest counts, and FREE ends only what was said of the same.

    Args:
        wallet: The wallet's address: 0x and 40 hex digits at polymarket, base 58 at solana
        standing: What holds from now on: PAUSED until it is FREE again, or BLOCKED for good
        why: The reason, which is kept and shown by `walletflow wallet ADDRESS` and the results page
        strategy_id: The strategy's name, or * for every strategy
    """
    words = order_standing(wallet, LeaderStanding(standing), load_settings(), datetime.now(UTC), why, strategy_id)
    name_run(f"{wallet[:10]} {standing} in {strategy_id}")
    report_lines(standing_lines(words, wallet), "leader-standing", f"What holds of {wallet}")

"""The operator's switch: lets one strategy, or every one, trade, reduce or halt."""

from datetime import UTC, datetime
from typing import Literal

from adapters.settings import load_settings
from data_contracts import TradingState
from tasks.clock import name_run
from tasks.flow_runs import flow
from tasks.form_fields import AnyReason, EveryOrOneStrategy
from tasks.operating.run_reports import report_lines
from tasks.operating.trading_state import order_state


@flow(name="trading-state", flow_run_name="{strategy_id} {state}")
def set_trading_state(
    strategy_id: EveryOrOneStrategy, state: Literal["ACTIVE", "REDUCING", "HALTED"], why: AnyReason = "", exit_everything: bool = False
) -> None:
    """ACTIVE resumes a halted strategy, REDUCING allows exits only, HALTED stops it, exits as well, until it is resumed here.

    What is said of every strategy holds beside what is said of one: the strictest counts.

    What a resume cleared stands under the run: the halts that were on record then. What comes after it halts again.

    Args:
        strategy_id: The strategy's name, or * for every strategy
        state: What the strategy may do from now on
        why: The reason, which is kept and shown by `walletflow status` and `walletflow doctor`
        exit_everything: Sells all that is held, until the next word. It goes with REDUCING; HALTED holds these exits back as well
    """
    ordered = order_state(strategy_id, TradingState(state), load_settings(), datetime.now(UTC), why, exit_everything)
    name_run(f"{strategy_id} {state} · {ordered.in_short()}")
    report_lines(ordered.lines(), "trading-state", f"{strategy_id} is {ordered.now.state}; halts cleared, and what holds", "Risk")

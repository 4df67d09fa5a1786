"""An operator wants to be out of a token now."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from tasks.clock import asked_name, name_run
from tasks.flow_runs import flow
from tasks.form_fields import AnyReason, EveryOrOneStrategy, HeldToken
from tasks.operating.run_reports import report_lines
from tasks.operating.trading_state import order_exit


@flow(name="position-closing", flow_run_name=asked_name("{strategy_id} out of {token_id}"))
def close_position(strategy_id: EveryOrOneStrategy, token_id: HeldToken, why: AnyReason = "") -> None:
    """The next cycle sells all that is held of the token now, and tries again until it is done. What is bought later is not meant.

    A halt by a person or by a contradiction of the venue holds this exit back like any other.

    Args:
        strategy_id: The strategy's name, or * for every strategy
        token_id: The token that is sold: at polymarket the outcome token, a long whole number; at solana the mint
        why: The reason, which is kept with the word; it may be left empty
    """
    meant = order_exit(strategy_id, token_id, load_settings(), datetime.now(UTC), why)
    lines = [{"strategy": one.strategy_id, "leader": one.leader, "outcome": one.outcome, "shares": f"{one.shares:f}"} for one in meant]
    report_lines(lines, "position-closing", f"To be sold: {token_id}", "Positions")
    name_run(f"{strategy_id} out of {token_id[:10]} · {len(meant)} positions")

"""Creates or changes a strategy. The Prefect UI draws the form from the types and the docstring."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.connect import VENUES
from adapters.settings import load_settings
from data_contracts import Kind, Venue
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy_changes import OPTIONAL, PolicyChanges
from tasks.clock import name_run
from tasks.flow_runs import flow
from tasks.form_fields import AnyReason, NewStrategyId, StrategyId
from tasks.operating.forms import edit_form_of
from tasks.operating.run_reports import report_lines
from tasks.operating.strategy_editing import StrategyChanges, change_strategy
from tasks.profiling.leaders import choose_leaders


def _one_of(words: tuple[str, ...], typed: str) -> str:
    if typed not in words:
        raise ValueError(f"there are {', '.join(words)}")
    return typed


Place = Annotated[str, AfterValidator(lambda typed: _one_of((*VENUES,), typed)), Field(json_schema_extra={"enum": [*VENUES]})]
Style = Annotated[str, AfterValidator(lambda typed: _one_of((*KINDS,), typed)), Field(json_schema_extra={"enum": [*KINDS]})]
Rule = Annotated[str, AfterValidator(lambda typed: _one_of(OPTIONAL, typed)), Field(json_schema_extra={"enum": [*OPTIONAL]})]
Version = Annotated[int, Field(ge=1, examples=[1])]
Stake = Annotated[float, Field(gt=0, allow_inf_nan=False, examples=[2500])]


@flow(name="strategy-editing", flow_run_name="edit {strategy_id}")
def edit_strategy(
    strategy_id: NewStrategyId,
    venue: Place | None = None,
    kind: Style | None = None,
    balance: Stake | None = None,
    enabled: bool | None = None,
    policy: PolicyChanges | None = None,
    without: list[Rule] | None = None,
    like: StrategyId | None = None,
    back_to: Version | None = None,
    why: AnyReason = "",
) -> None:
    """Stores the strategy; the next cycle trades by it. What is left empty stays as it is. Simulation unless the house was started live.

    To retire one, take `enabled` away: it enters nothing any more, and what it holds is led out of. It stays on record.

    What changed, and what it was, stands under the run, with a link that opens this form with the strategy's own values. Each state it had
    stays, as a version: `walletflow strategy NAME --history` and the tab Configuration show them.

    Args:
        strategy_id: The strategy's name: small letters, digits and dashes. A name that is not there yet makes a new strategy
        venue: Where the strategy trades; it cannot move. Empty, a new one trades at polymarket
        kind: How the strategy decides: owrr (empty, a new one) by a market's best holders, mirror by its leaders, score by what adds up
        balance: The stake that the strategy begins with: USD at polymarket (empty, a new one: 10,000 USD), SOL at solana
        enabled: Whether the strategy copies; what it holds is led out of in either case
        policy: The strategy's numbers. Whatever is money counts in the same currency as the balance
        without: Rules of the policy that the strategy does without
        like: The strategy that a new one is a copy of, but for what is given here. It enters by itself from the next cycle on
        back_to: A version of this strategy, such as 1, to make it again what it was then. It becomes a new version, and nothing is deleted
        why: The reason, which is kept with the version; it may be left empty
    """
    settings, now = load_settings(), datetime.now(UTC)
    changes = StrategyChanges(
        venue=Venue(venue) if venue else None,
        kind=Kind(kind) if kind else None,
        balance=None if balance is None else Decimal(str(balance)),
        enabled=enabled,
        policy=policy,
        without=without or [],
        like=like,
        back_to=back_to,
        why=why,
    )
    changed = change_strategy(strategy_id, changes, settings, now)
    name_run(f"edit {strategy_id} · {len(changed)} changed")
    said = f"{strategy_id}: what is another now. [Change it again]({edit_form_of(strategy_id, settings)}), from what is stored"
    report_lines(changed, "strategy-editing", said, "Configuration")
    choose_leaders(settings, now)

"""What the live wallet does without an order: allowances, redeeming, merging. polymarket-client sends the transactions."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from polymarket.errors import PolymarketError, TransactionFailedError, UserInputError

from adapters.venues.polymarket.official_client import OfficialClient, as_our_error
from data_contracts.errors import Refused
from domain.polymarket.amounts import UNITS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Money:
    """USD of the wallet, and the least of what the exchanges may take of it; a boundless allowance counts as the balance."""

    balance: Decimal
    allowance: Decimal


class WalletChain:
    """Every action may be asked for again: what is done already moves nothing a second time."""

    def __init__(self, client: OfficialClient) -> None:
        self._official = client

    def money(self) -> Money:
        state = _ask(lambda: self._official.client.get_balance_allowance(asset_type="COLLATERAL"))
        allowed = min(state.allowances.values(), default=0)
        return Money(Decimal(state.balance) / UNITS, Decimal(min(allowed, state.balance)) / UNITS)

    def shares(self, token_id: str) -> Decimal:
        """As the venue sees them after it has looked at the chain again."""
        return self._official.shares(token_id)

    def missing_allowances(self) -> list[str]:
        """Who may not yet move what, in words; empty when the wallet can trade, redeem and merge."""
        missing = _ask(self._official.client.get_trading_approvals_state).missing
        money = [f"{item.spender} may not spend USD" for item in missing.erc20]
        return money + [f"{item.operator} may not move shares of {item.token_address}" for item in missing.erc1155]

    def allow(self) -> None:
        """Gives what is missing and waits until it is given."""
        _ask(self._official.client.setup_trading_approvals)

    def redeem(self, condition_id: str) -> str:
        """The transaction that paid a resolved market's winning shares out."""
        return _ask(lambda: str(self._official.client.redeem_positions(condition_id=condition_id).wait().transaction_hash))

    def merge(self, condition_id: str, shares: Decimal) -> str:
        """The transaction that made a USD of each share of both outcomes."""
        positions = {"condition_id": condition_id, "amount": int(shares * UNITS)}
        return _ask(lambda: str(self._official.client.merge_positions(**positions).wait().transaction_hash))  # type: ignore[arg-type]


def _ask(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (TransactionFailedError, UserInputError) as error:
        raise Refused(f"polymarket: {error}") from error
    except PolymarketError as error:
        raise as_our_error(error) from error

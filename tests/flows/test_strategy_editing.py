"""What the form of a strategy takes: a number that no column can hold is refused where it is typed."""

import pytest
from prefect.exceptions import ParameterTypeError

from flows.strategy_editing import edit_strategy


@pytest.mark.parametrize("balance", [float("inf"), float("nan"), 1e400, 0, -1])
def test_a_balance_that_is_no_amount_is_refused(balance: float) -> None:
    """Infinity was taken, and a strategy without a balance ends every cycle."""
    with pytest.raises(ParameterTypeError, match="balance"):
        edit_strategy.validate_parameters({"strategy_id": "mirror", "balance": balance})

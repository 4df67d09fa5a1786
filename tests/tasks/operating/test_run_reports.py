"""What a run's tables say of each wallet."""

from datetime import UTC, datetime

import polars as pl
import pytest

from tasks.operating.run_reports import with_bets_needed

AT = datetime(2026, 11, 3, tzinfo=UTC)


def test_each_wallet_is_told_how_many_bets_it_would_take_at_its_own_prices() -> None:
    """3 % know something. At 0.50 a usual edge takes 188 bets; at 0.05 a bet says 0.0080 instead of 0.0303: 709. Without bets: 188."""
    bets = pl.DataFrame({"wallet": ["a", "a", "b"], "price": ["0.40", "0.60", "0.05"]}).cast({"price": pl.Decimal(18, 10)})
    skills = pl.DataFrame({"wallet": ["b", "a", "c"], "skilled": [0.03, 0.03, 0.03]})
    found = with_bets_needed(bets, skills)
    assert found["wallet"].to_list() == ["b", "a", "c"]
    assert found["bets_needed"].to_list() == pytest.approx([709, 188, 188])

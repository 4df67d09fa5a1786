"""Which trades a hint is worth a cycle for."""

from datetime import UTC, datetime, timedelta

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from data_contracts import Leader

RECENT = timedelta(days=1)
MOST_TOKENS = 500  # of one subscription


def watched_tokens(settings: Settings) -> tuple[set[str], set[str]]:
    """Tokens the followed wallets traded last, and the wallets."""
    wallets = open_results(settings).read(Leader, only=["wallet"], dropped_at=None)["wallet"].unique().to_list()
    now = datetime.now(UTC)
    trades = open_history(settings).trades(now - RECENT, now, wallets)
    return set(trades["token_id"].reverse().unique(maintain_order=True).head(MOST_TOKENS)), set(wallets)

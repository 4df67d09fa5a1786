"""Redeems winning shares of resolved markets for USD. The ledger settled them when their market resolved: this moves the money only."""

from datetime import datetime

from adapters.connect import open_results
from adapters.live_account import open_wallet
from adapters.settings import Settings
from adapters.venues.polymarket.wallet_chain import WalletChain
from data_contracts import Settlement
from data_contracts.errors import Refused
from tasks.steps import step

Line = dict[str, str]


@step
def redeem_settled(settings: Settings, as_of: datetime, dry_run: bool) -> list[Line]:
    """One line per market that still pays. Asked for again, what was redeemed holds no shares any more and is left out."""
    wallet = open_wallet(settings)
    won = [row for row in open_results(settings).rows(Settlement) if row.payout > 0]
    lines = []
    for market_id in sorted({row.market_id for row in won}):
        tokens = sorted({row.token_id for row in won if row.market_id == market_id})
        held = sum(wallet.shares(token_id) for token_id in tokens)
        if held:
            lines.append({"market_id": market_id, "shares": str(held), "came_of_it": _redeemed(wallet, market_id, dry_run)})
    return lines


def _redeemed(wallet: WalletChain, market_id: str, dry_run: bool) -> str:
    """A market that will not pay must not keep the others from it."""
    if dry_run:
        return "would be redeemed"
    try:
        return wallet.redeem(market_id)
    except Refused as error:
        return f"refused: {error}"

"""What a person is told of trades done by hand at the venue: adopted, his own, or not to be read. Pure."""

from collections.abc import Iterable, Sequence

from data_contracts import Fill, HandTrade, Severity, Side
from domain.operating.alerts import Finding


def adopted_finding(sale: HandTrade, fills: Iterable[Fill]) -> Finding:
    """The ledger followed a sale of the operator's own."""
    whose = ", ".join(f"{fill.shares.normalize():f} of {fill.strategy_id}" for fill in fills)
    message = f"{_words(sale)} was done by hand, and the ledger followed: {whose}. Nothing is to be done"
    return Finding(Severity.INFO, "closed_elsewhere", sale.token_id, message)


def ignored_finding(token_id: str, trades: Sequence[HandTrade]) -> Finding:
    """What he bought, or sold of a token nobody here holds, is his own."""
    done = "; ".join(_words(trade) for trade in trades)
    return Finding(Severity.INFO, "traded_elsewhere", token_id, f"{done}: done by hand, it is yours, and nothing here follows it")


def unread_finding(venue: str, says: str) -> Finding:
    """Nobody can say what was done by hand."""
    cure = "what was sold there by hand is not adopted until it can be read. Orders and exits go on; tell us"
    return Finding(Severity.WARNING, "hand_trades_unread", venue, f"{says}: {cure}")


def _words(trade: HandTrade) -> str:
    done = "The purchase" if trade.side is Side.BUY else "The sale"
    what = f"{trade.shares.normalize():f} shares of {trade.outcome or trade.token_id}"
    when = f"{trade.traded_at:%Y-%m-%d %H:%M:%S} UTC, transaction {trade.tx_hash or 'unknown'}"
    return f"{done} of {what} at {trade.price.normalize():f} ({when})"

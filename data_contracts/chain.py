"""What became of all that was seen on a chain: nothing that was seen is left out of the account."""

from data_contracts.columns import Count, Instant, Name, Text, Wallet
from data_contracts.contract import row
from data_contracts.words import ReadAs


@row(table="chain_readings", store="clickhouse", key=("wallet", "signature"))
class ChainReading:
    """One row per signature that was seen on Solana for a wallet: what became of it, `why` for all but trades. The last word holds.

    `trades` are its Trade rows; `unpriced` its swaps that give none: a coin for a coin, or dollars of an instant whose rate nobody knows.
    A GAP was seen and its transaction never came: it is asked for again, and stays one where the chain forgot it.
    """

    wallet: Wallet
    signature: Name
    source: Name
    slot: Count
    happened_at: Instant | None
    read_as: ReadAs
    why: Text
    trades: Count
    unpriced: Count
    seen_at: Instant

"""What single wallets did on the chain, trade or not: coins that came or went beside trades are in no Trade row."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from data_contracts import Activity, ReadAs, Trade, Venue
from domain.activities import activity_of
from domain.ids import row_id
from domain.solana.deeds import deeds_of
from domain.solana.readings import Reading
from domain.solana.trades import exact
from domain.solana.transactions import ChainTransaction

CAME, WENT = "TRANSFER_IN", "TRANSFER_OUT"


def activities_of(reading: Reading, transaction: ChainTransaction, trades: list[Trade], source: str, at: datetime) -> Iterator[Activity]:
    """Its trades under their own ids; and what came or went without one: transfers, coins for coins, swaps nobody could price."""
    decimals = {token.mint: token.decimals for token in transaction.tokens}
    told = {trade.token_id for trade in trades}
    yield from (activity_of(trade, None, Decimal(0)) for trade in trades)
    if reading.read_as not in (ReadAs.TRADE, ReadAs.NOT_A_TRADE):
        return
    moves: dict[tuple[str, str], int] = {}
    for deed in deeds_of(reading):
        is_transfer = deed.lamports is None and not deed.is_unpriced and (deed.gave is None or deed.got is None)
        for kind, mint, raw in ((WENT, deed.gave, deed.gave_raw), (CAME, deed.got, deed.got_raw)):
            if mint is not None and raw and (is_transfer or mint not in told):
                moves[kind, mint] = moves.get((kind, mint), 0) + raw
    for ordinal, ((kind, mint), raw) in enumerate(moves.items()):
        yield _moved(reading, kind, mint, exact(raw, decimals.get(mint, 0)), ordinal, transaction.signature, source, at)


def _moved(reading: Reading, kind: str, mint: str, shares: Decimal, ordinal: int, signature: str, source: str, at: datetime) -> Activity:
    return Activity(
        activity_id=row_id(Venue.SOLANA, signature, reading.owner, mint, kind),
        source=source,
        venue=Venue.SOLANA,
        wallet=reading.owner,
        type=kind,
        market_id=mint,
        token_id=mint,
        outcome=mint,
        outcome_index=None,
        side="",
        price=None,
        shares=shares,
        usd=Decimal(0),
        happened_at=at,
        tx_hash=signature,
        ordinal=ordinal,
    )

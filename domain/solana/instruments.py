"""A mint as the engine's Instrument: a memecoin is its own market, priced in SOL by nobody's bounds, and has no end of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from data_contracts import Currency, FeeFormula, Instrument, Reason, Venue

PRICE_STEP = Decimal("1e-18")
LEAST_SPENT = Decimal("0.001")  # SOL: below it fees are most of what is paid
# What the router takes on /order. Source: https://dev.jup.ag/docs/swap-api/fees
FEE, FEE_OF_THE_YOUNG = Decimal("0.0010"), Decimal("0.0050")
YOUNG = timedelta(hours=24)
MOST_DECIMALS = 18
# What a coin of Token-2022 can do to who holds it. Source: https://solana.com/docs/tokens/extensions
TRAPS = frozenset({"permanentDelegate", "transferHook", "pausableConfig", "defaultAccountState", "nonTransferable"})


@dataclass(frozen=True, slots=True)
class Mint:
    """A mint account. `extensions` are those that are in force."""

    token_id: str
    decimals: int
    program: str
    has_mint_authority: bool
    has_freeze_authority: bool
    extensions: frozenset[str] = frozenset()


def instrument_of(mint: Mint, launched_at: datetime | None, as_of: datetime) -> Instrument | None:
    """None for a mint of more digits than a column holds. Of one whose launch nobody saw the dearer fee is expected."""
    if mint.decimals > MOST_DECIMALS:
        return None
    is_old = launched_at is not None and as_of - launched_at >= YOUNG
    return Instrument(
        venue=Venue.SOLANA,
        token_id=mint.token_id,
        market_id=mint.token_id,
        category="",
        stake_currency=Currency.SOL,
        lowest_price=PRICE_STEP,
        highest_price=None,
        price_increment=PRICE_STEP,
        share_decimals=mint.decimals,
        share_increment=Decimal(1).scaleb(-mint.decimals),
        min_shares=Decimal(0),
        min_notional=LEAST_SPENT,
        fee_formula=FeeFormula.PROPORTIONAL,
        fee_rate=FEE if is_old else FEE_OF_THE_YOUNG,
        fee_exponent=1,
        entry_denial=Reason.TOKEN_AUTHORITY if mint.has_freeze_authority or mint.extensions & TRAPS else None,
        ends_at=None,
        ended_at=None,
        payout=None,
        updated_at=as_of,
    )

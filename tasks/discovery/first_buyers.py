"""Who bought the new coins first: one look at each launch when it is an hour old and one when it is a day old."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history, open_launch_streams
from adapters.feeds.solana.pool_addresses import curve_address, launchlab_curve, pool_address
from adapters.settings import Settings
from data_contracts import EarlyBuyer, Funding, SolanaToken, Trade
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.discovery.first_buyers import DEFAULT, LaunchPlace, early_buyers, launch_of
from domain.discovery.launch_events import CoinSeen, seen_of, trades_in
from domain.solana.base58 import is_key
from domain.solana.instruments import MOST_DECIMALS
from domain.solana.programs import WSOL, Program
from tasks.steps import step

SOURCE = "solana:launches"
AGES = (timedelta(hours=1), timedelta(days=1))
CURVES = (Program.PUMP, Program.RAYDIUM_LAUNCHLAB, Program.METEORA_DBC)
# As Jupiter names launchpads; each runs on the program whose list it is in.
ON_LAUNCHLAB, ON_METEORA = ("launchlab", "letsbonk", "bonk.fun"), ("met-dbc", "meteora", "bags", "believe", "jup-studio")
MOST_LAUNCHES = 10  # of one run
MOST_TRANSACTIONS = 1_000  # of a curve, and as many of its pool
log = logging.getLogger("walletflow.launches")


@dataclass(frozen=True, slots=True)
class FirstBuyers:
    """EarlyBuyer and Trade rows of the launches that were looked at, unchecked, and what it cost; `tokens` now know their launch's slot."""

    early: pl.DataFrame
    trades: pl.DataFrame
    tokens: pl.DataFrame
    launches: int
    credits: int


@step
def find_early_buyers(settings: Settings, as_of: datetime) -> FirstBuyers:
    """Of the launches that are due. One whose chain cannot be asked now is due again."""
    if not settings.solana_rpc_url:
        return FirstBuyers(frame_of([], EarlyBuyer), frame_of([], Trade), frame_of([], SolanaToken), 0, 0)
    early: list[EarlyBuyer] = []
    trades: list[Trade] = []
    tokens: list[SolanaToken] = []
    looked = spent = 0
    due = due_launches(settings, as_of)
    paid = open_history(settings).of_wallets(Funding) if due else frame_of([], Funding)
    for token in due:
        try:
            coin, told, credits_used = _look(token, settings, as_of)
        except (Unavailable, Refused) as error:
            log.warning("%s: %s", token.token_id, error)
            continue
        early += _buyers(token, coin, paid, as_of)
        trades += told
        tokens += [_with_launch(token, coin, as_of)] if coin.launch is not None else []
        looked, spent = looked + 1, spent + credits_used
    log.info("%d launches looked at for %d credits: %d first buyers", looked, spent, len(early))
    return FirstBuyers(frame_of(early, EarlyBuyer), frame_of(trades, Trade), frame_of(tokens, SolanaToken), looked, spent)


@step
def keep_early_buyers(early: pl.DataFrame, trades: pl.DataFrame, tokens: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse. Trades of wallets that are watched have the ids that their own feed gives them: they are there once."""
    history = open_history(settings)
    history.append(tokens, SolanaToken)
    history.append(trades, Trade)
    history.append(early, EarlyBuyer)


def due_launches(settings: Settings, as_of: datetime) -> list[SolanaToken]:
    """Of coins whose curve is known, the oldest first; each once after every age in AGES."""
    history = open_history(settings)
    since = as_of - 2 * AGES[-1]
    recent = history.tokens().filter(pl.col("launched_at") > since, pl.col("launched_at") <= as_of - AGES[0])
    tokens = [row for row in rows_of(recent.sort("launched_at"), SolanaToken) if _can_be_asked(row)]
    looked = dict(history.early_buyers([row.token_id for row in tokens]).group_by("token_id").agg(pl.col("as_of").max()).iter_rows())
    return [row for row in tokens if _is_due(row, looked.get(row.token_id), as_of)][:MOST_LAUNCHES]


def _is_due(token: SolanaToken, looked_at: datetime | None, as_of: datetime) -> bool:
    launched_at = token.launched_at or as_of
    last = max((launched_at + age for age in AGES if launched_at + age <= as_of), default=None)
    return last is not None and (looked_at is None or looked_at < last)


def _look(token: SolanaToken, settings: Settings, as_of: datetime) -> tuple[CoinSeen, Sequence[Trade], int]:
    pool, curves = pool_address(token.token_id), curves_elsewhere(token)
    on_pump = [curve_address(token.token_id), *([pool] if token.graduated_at or token.pool == pool else [])]
    stream = open_launch_streams(settings).first_of(curves or on_pump, MOST_TRANSACTIONS)
    log.info("%s: %s", token.symbol or token.token_id, stream.in_words)
    coin = seen_of(stream.transactions, token.token_id, pool, curves)
    return coin, list(trades_in(stream.transactions, coin, SOURCE, as_of)), stream.credits


def _can_be_asked(token: SolanaToken) -> bool:
    return is_key(token.token_id) and token.decimals <= MOST_DECIMALS and (_is_of_pump(token) or bool(curves_elsewhere(token)))


def _is_of_pump(token: SolanaToken) -> bool:
    """Also where nobody says where it began."""
    return token.launchpad in ("", "pump.fun", Program.PUMP)


def curves_elsewhere(token: SolanaToken) -> list[str]:
    """Where a coin of another launchpad was traded from its launch on: LaunchLab's follows from the mint, Meteora's is its first pool."""
    name = token.launchpad.lower()
    if _is_of_pump(token):
        return []
    if token.launchpad == Program.RAYDIUM_LAUNCHLAB or any(word in name for word in ON_LAUNCHLAB):
        return [launchlab_curve(token.token_id, token.quote_token_id or WSOL)]
    is_of_meteora = token.launchpad == Program.METEORA_DBC or any(word in name for word in ON_METEORA)
    return [token.pool] if is_of_meteora and is_key(token.pool) and token.graduated_at is None else []


def _with_launch(token: SolanaToken, coin: CoinSeen, as_of: datetime) -> SolanaToken:
    """As the chain has it: who made it, who signed, and in which slot."""
    seen = coin.launch
    if seen is None:
        return token
    creator, signer = seen.launch.creator or token.creator, seen.launch.user or token.launched_by
    return replace(token, creator=creator, launched_by=signer, launched_at=seen.at, launch_slot=seen.slot, updated_at=as_of)


def _buyers(token: SolanaToken, coin: CoinSeen, fundings: pl.DataFrame, as_of: datetime) -> Iterator[EarlyBuyer]:
    """By the launch as the chain has it; where it is not among what was read, by what is on record of it."""
    if coin.launch is not None:
        launch = replace(coin.launch.launch, creator=coin.launch.launch.creator or token.creator)
        place: LaunchPlace | None = LaunchPlace(launch, coin.launch.slot, coin.launch.at, token.decimals)
    else:
        place = launch_of(token) if token.launch_slot is not None else None
    if place is None or place.launch.program not in CURVES:
        return
    paid = fundings.filter(pl.col("funder").is_in(list(place.insiders)))
    payees = frozenset(paid.filter(pl.col("funded_at").fill_null(place.at) <= place.at)["wallet"])
    yield from early_buyers(replace(place, payees=payees), coin.trades, as_of, DEFAULT)

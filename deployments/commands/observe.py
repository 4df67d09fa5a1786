"""Watch leaders on public data and tell of what they do, as intents."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from adapters.brief_settings import BriefSettings, load_brief
from adapters.feeds.polymarket.polymarket_feed import PolymarketFeed
from adapters.feeds.polymarket.trade_rows import trades_in
from adapters.inbox.observed import Remembered, intents_of
from adapters.inbox.telling import FileTeller, InboxTeller, Teller
from adapters.settings import secrets_in_environment
from data_contracts import Trade
from data_contracts.errors import Impossible, Refused, Unavailable, Unsafe
from data_contracts.frames import rows_of
from deployments.terminal import say, stopping_on_signals

OVERLAP = timedelta(seconds=120)  # what a feed shows late is seen all the same
TokenFile = Annotated[Path | None, typer.Option(help="OUTPUT_MODE http: its first line is the inbox's secret")]
Times = Annotated[int, typer.Option(help="So many looks; 0: until stopped", min=0)]


def command(token_file: TokenFile = None, times: Times = 0) -> None:
    """Watch MONITORED_TRADERS, and tell of each trade in OUTPUT_FILE or to the inbox at PYTHON_ENDPOINT. All names: docs/inbox.md.

    It holds no key and no address of a store, and does not start where it was given a secret.
    """
    brief = load_brief()
    refuse_secrets()
    if not brief.watched:
        raise Impossible("MONITORED_TRADERS and FOLLOW_TRADERS are empty: nobody is watched")
    teller = teller_of(brief, token_file)
    feed = PolymarketFeed(brief.data_api_url, brief.gamma_url, brief.clob_url)
    say(f"observer: {len(brief.watched)} leaders, every {brief.poll_interval:g} s, to {where(brief)}")
    with stopping_on_signals() as stopping:
        observe(brief, feed, teller, stopping, times)


def refuse_secrets() -> None:
    """Raises Unsafe: whoever reads the world's data must have nothing that is worth taking."""
    if found := secrets_in_environment():
        raise Unsafe(f"the observer was given {', '.join(found)}: start it without, env -u {' -u '.join(found)}")


def teller_of(brief: BriefSettings, token_file: Path | None) -> Teller:
    if brief.output_mode == "file":
        return FileTeller(brief.output_file)
    path = token_file or brief.token_file
    if path is None:
        raise Refused("OUTPUT_MODE is http: name the file of the inbox's secret, --token-file ~/.walletflow/secrets/inbox")
    return InboxTeller(brief.python_endpoint, path)


def where(brief: BriefSettings) -> str:
    return str(brief.output_file) if brief.output_mode == "file" else brief.python_endpoint


def observe(
    brief: BriefSettings,
    feed: PolymarketFeed,
    teller: Teller,
    stopping: threading.Event,
    times: int = 0,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Looks again and again. What could not be told is seen, and told, again; it begins with what is not stale yet."""
    began = clock() - timedelta(seconds=brief.max_intent_age_seconds)
    remembered, after, looks = Remembered(), began, 0
    while not stopping.is_set():
        now = clock()
        try:
            if look(brief, feed, teller, remembered, max(began, after - OVERLAP), now):
                after = now
        except Unavailable as error:
            say(f"observer: {error}; looking again in {brief.poll_interval:g} s")
        looks += 1
        if looks == times or stopping.wait(brief.poll_interval):
            return


def look(brief: BriefSettings, feed: PolymarketFeed, teller: Teller, remembered: Remembered, after: datetime, now: datetime) -> bool:
    """Tells of what is new. False where something could not be told. Raises Unavailable where the feed cannot be read."""
    trades = rows_of(trades_in(feed.activities(brief.watched, after, now)), Trade)
    untold = remembered.new(intents_of(trades, {}, brief.markets, now))
    if not untold:
        return True
    books = feed.books({trade.token_id for trade in trades}, now)
    for intent in remembered.new(intents_of(trades, books, brief.markets, now)):
        try:
            teller.tell(intent)
        except Refused as error:
            say(f"observer: {error}")
        except Unavailable as error:
            say(f"observer: {error}; telling it again in {brief.poll_interval:g} s")
            return False
        remembered.told(intent)
    return True

"""What webhooks brought and what their retries lost: the chain is asked about wallets that no look asks about, as a gap like any other."""

from datetime import datetime

from adapters.connect import open_results
from adapters.feeds.feed import TradeSource
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Gap
from tasks.copying.venues import wider_sources
from tasks.copying.watermarks import OVERLAP, move_watermark, read_watermark, trades_of
from tasks.steps import step


def look_beyond(settings: Settings, as_of: datetime) -> None:
    """From where the last such look ended. Where each look asks about every wallet there is no step."""
    for source in wider_sources(settings):
        note_gap(source, settings, as_of)


@step
def note_gap(source: TradeSource, settings: Settings, as_of: datetime) -> None:
    """What was not looked at yet is a gap, and the watermark moves with it: the first look begins now."""
    results = open_results(settings)
    confirmed = source.confirmed_until(as_of)
    if confirmed is None:
        return
    mark = read_watermark(results, trades_of(source.source))
    moved = move_watermark(trades_of(source.source), confirmed)
    gap = {"source": source.source, "until_at": confirmed, "filled_to_at": confirmed, "cursor": "", "is_history": False, "found_at": as_of}
    new = [Gap(from_at=mark - OVERLAP, **gap)] if mark is not None and mark < confirmed else []  # type: ignore[arg-type]
    results.write([Write(Gap, new, "put"), moved])

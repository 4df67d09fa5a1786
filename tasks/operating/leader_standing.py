"""What an operator says of a leader: paused, blocked, or free again. In one strategy, or in every one."""

import logging
from datetime import datetime

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import LeaderStanding, LeaderWord, Strategy
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from domain.copying.leader_words import LeaderWords
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.wallet_addresses import venue_of
from tasks.copying.leader_words import read_leader_words
from tasks.operating.trading_state import require_strategy
from tasks.profiling.leaders import choose_leaders
from tasks.steps import step

log = logging.getLogger("walletflow.leaders")
Line = dict[str, str]


@step
def order_standing(
    wallet: str, standing: LeaderStanding, settings: Settings, as_of: datetime, why: str, strategy_id: str = EVERY_STRATEGY
) -> LeaderWords:
    """A person's word about a wallet, and all that holds now. From then on nothing is entered behind it, exits go on as ever.

    Raises Refused without a reason, for a strategy there is not and for one at another venue.
    """
    results = open_results(settings)
    require_strategy(strategy_id, results)
    _require(wallet, strategy_id, [row.venue for row in results.rows(Strategy, strategy_id=strategy_id)], why)
    word = LeaderWord(strategy_id=strategy_id, wallet=wallet, ordered_at=as_of, standing=standing, why=why.strip())
    results.write([Write(LeaderWord, frame_of([word], LeaderWord), "put")])
    try:
        choose_leaders(settings, as_of)
    except Unavailable as error:  # the word holds without it: the judge reads it too
        log.warning("leaders are chosen anew by the next wallet-profiling: %s", error)
    return read_leader_words(results)


def standing_lines(words: LeaderWords, wallet: str) -> list[Line]:
    """What holds of a wallet, for a person; a line that says so where nothing does."""
    held = [
        {
            "strategy": word.strategy_id,
            "standing": word.standing.value,
            "since": f"{word.ordered_at:%Y-%m-%d %H:%M:%S} UTC",
            "why": word.why,
        }
        for word in words.about(wallet)
    ]
    return held or [{"strategy": EVERY_STRATEGY, "standing": LeaderStanding.FREE.value, "since": "", "why": "nobody holds it back"}]


def _require(wallet: str, strategy_id: str, venues: list[str], why: str) -> None:
    if not why.strip():
        raise Refused("say why: the reason is kept with the word")
    if venues and venue_of(wallet) not in venues:
        raise Refused(f"{wallet} trades at {venue_of(wallet)}, {strategy_id} at {venues[0]}")

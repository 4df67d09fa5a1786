"""Let a websocket wake the copy cycle early."""

import threading
import time
from collections.abc import Callable

from adapters.feeds.polymarket.hints import hints
from adapters.settings import Settings, load_settings
from data_contracts.errors import Impossible
from deployments import waking

APART_S = 5.0  # a burst of trades wakes one cycle
TOKENS_FOR_S = 600.0  # then it is asked anew which tokens matter


def command() -> None:
    """Listen on WALLETFLOW_HINT_URL until stopped, and start a cycle when a followed wallet's market trades. The schedule stays."""
    settings = load_settings()
    if settings.hint_url is None:
        raise Impossible("WALLETFLOW_HINT_URL is not set: wss://ws-subscriptions-clob.polymarket.com/ws/market is the venue's own")
    waking.keep_listening("hint", lambda stood: listen(settings, stood=stood), threading.Event())


def listen(settings: Settings, for_s: float = TOKENS_FOR_S, stood: Callable[[], None] = lambda: None) -> int:
    """The number of cycles that were woken in `for_s` seconds."""
    from tasks.copying.hinting import watched_tokens  # the stores' drivers take a second to import

    tokens, wallets = watched_tokens(settings)
    woken, last_s, began_s = 0, float("-inf"), time.monotonic()
    for token_id, wallet in hints(settings.required("hint_url"), tokens):
        stood()
        now_s = time.monotonic()
        if now_s - last_s >= APART_S and (wallet in wallets if wallet else token_id in tokens):
            wake(settings)
            woken, last_s = woken + 1, now_s
        if now_s - began_s >= for_s:
            break
    return woken


def wake(settings: Settings) -> None:
    waking.wake(settings, waking.CYCLE)

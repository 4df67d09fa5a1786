"""Let the venue's user channel wake the execution of orders early. It runs where the key is."""

import threading
from collections.abc import Callable

from adapters.live_account import open_user_channel
from adapters.settings import load_settings
from adapters.sockets import PING_S
from adapters.venues.polymarket.user_channel import LOGGED_IN, UserChannel
from deployments.processes import keep_memory_private
from deployments.terminal import say
from deployments.waking import Bell, keep_listening, wake

EXECUTION = "order-execution"
NAME = "user channel"
APART_S = 1.0  # a match tells of itself three times or more; one run asks about all


def command() -> None:
    """Listen to our own orders until stopped, in the execution worker's shell, and ask about them when they move. The schedule stays."""
    keep_memory_private()
    settings = load_settings()
    channel = open_user_channel(settings)
    listen(channel, lambda: wake(settings, EXECUTION), threading.Event())


def listen(channel: UserChannel, wake_up: Callable[[], None], stopped: threading.Event, ping_s: float = PING_S) -> None:
    """Rings for each event, and at each log-in: what happened while nobody listened is told to nobody."""
    with Bell(wake_up, APART_S) as bell:
        keep_listening(NAME, lambda stood: _hear(channel, bell, stood, stopped, ping_s), stopped)


def _hear(channel: UserChannel, bell: Bell, stood: Callable[[], None], stopped: threading.Event, ping_s: float) -> None:
    for event in channel.events(ping_s):
        if stopped.is_set():
            return
        if event is None:
            continue
        bell.ring()
        if event is LOGGED_IN:
            stood()
            say(f"{NAME}: logged in")
        else:
            say(f"{NAME}: {event.kind} {event.status}, order {event.order_id}")

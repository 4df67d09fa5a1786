"""Who belongs to whom, for whoever goes on without knowing it."""

import logging

from adapters.connect import open_owners
from adapters.settings import Settings
from data_contracts.errors import Unavailable

log = logging.getLogger("walletflow.owners")


def known_owners(settings: Settings) -> dict[str, str]:
    """Wallet → owner. Without the graph, or where it does not answer, each wallet is its own owner's, until the next run."""
    if settings.graph_url is None:
        return {}
    try:
        return open_owners(settings).owners()
    except Unavailable as error:
        log.warning("each wallet is taken for its own owner's: %s", error)
        return {}

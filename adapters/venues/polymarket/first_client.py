"""py-clob-client 0.34.6: kept for what it still does, public reads and API keys. It cannot post: the venue takes no order of its kind."""

from typing import Any, NoReturn

from py_clob_client.client import ClobClient
from py_clob_client.exceptions import PolyApiException
from pydantic import SecretStr

from data_contracts.errors import Refused, Unavailable
from domain.polymarket.exchanges import CHAIN

DEAD = "V1 orders are dead since 2026-04-28: py-clob-client reads books and derives API keys, and posts nothing"


class ReadingClient(ClobClient):  # type: ignore[misc]
    """Reads and logs in. Whatever would place an order says so and does nothing."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Refused(DEAD)

    post_order = post_orders = create_and_post_order = create_order = create_market_order = _refuse


def key_is_known(url: str, key: SecretStr) -> bool:
    """Whether the venue has an API key of this private key: it may be asked for without making one."""
    client = ReadingClient(url.rstrip("/"), CHAIN, key.get_secret_value())
    try:
        return bool(client.derive_api_key().api_key)
    except PolyApiException as error:
        if 400 <= (error.status_code or 0) < 500:
            return False
        raise Unavailable(f"clob: {error}") from error

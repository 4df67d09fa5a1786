"""A sign of life to an address outside, for each cycle that completed: when it stops, somebody there notices what nobody here can."""

import logging
import threading

import httpx
from pydantic import SecretStr

PATIENCE_S = 5.0
log = logging.getLogger("walletflow.beat")


class Beat:
    """Counts what completed. It is told in a thread of its own, one call at a time: no cycle waits for it, and none fails by it."""

    def __init__(self) -> None:
        self.completed = 0
        self._calling = threading.Lock()

    def completes(self, url: SecretStr) -> None:
        """One more. While the last call is not answered nothing is sent; the next says the number."""
        self.completed += 1
        if self._calling.acquire(blocking=False):
            threading.Thread(target=self._call, args=(url, self.completed), name="beat", daemon=True).start()

    def _call(self, url: SecretStr, completed: int) -> None:
        """The address is a secret: it is in no log."""
        try:
            httpx.post(url.get_secret_value(), content=f"{completed} cycles completed", timeout=PATIENCE_S).raise_for_status()
        except httpx.HTTPStatusError as error:
            log.warning("the beat was answered with %d", error.response.status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("the beat did not arrive: %s", type(error).__name__)
        finally:
            self._calling.release()

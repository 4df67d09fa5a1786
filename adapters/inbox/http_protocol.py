"""HTTP/1.1 as the inbox speaks it: uvicorn's own protocol in C, which knows no limit of a head or of trailers, and what bounds both."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 16_384  # bytes
MOST_REQUEST = 16 * 1024 * 1024  # more than any body in the smallest chunks


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose head does not end, or that goes on sending: its bytes are counted as they come, whatever they mean.

    A piece of the network's is at most 256 KiB, so no more than that is held above either bound.
    """

    _came, _is_head = 0, True

    def data_received(self, data: bytes) -> None:
        self._came += len(data)
        super().data_received(data)
        if self._came > (MOST_HEAD if self._is_head else MOST_REQUEST) and not self.transport.is_closing():
            self.send_400_response("Too much of it.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._came, self._is_head = 0, True

    def on_headers_complete(self) -> None:
        self._is_head = False
        super().on_headers_complete()

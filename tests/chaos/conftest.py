"""What the tests of the proxy have in common: free ports, and faults that keep nobody waiting."""

import socket

import pytest

from chaos import proxy as proxies
from chaos.proxy import Draw


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silences and drips are over at once, and it is always stormy."""
    for name in ("SILENCE_S", "LONG_SILENCE_S", "DRIP_S"):
        monkeypatch.setattr(proxies, name, 0.01)
    monkeypatch.setattr(Draw, "_is_stormy", lambda self: True)

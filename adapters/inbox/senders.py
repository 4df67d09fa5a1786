"""Who may post, and how much: a secret compared in constant time, and an allowance for each sender."""

import hmac
from collections import OrderedDict
from collections.abc import Collection, Sequence
from hashlib import sha256

MOST_SENDERS = 10_000  # remembered; who was forgotten begins anew


class Secret:
    """What must stand in `Authorization`: as a bearer's token or, as Helius sends it, alone. Without one nobody is let in."""

    def __init__(self, secret: str, bare: bool = False) -> None:
        words = [f"Bearer {secret}", *([secret] if bare else [])] if secret else []
        self._digests = [sha256(word.encode()).digest() for word in words]

    def opens(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Digests are compared, and of each every byte: how long it takes tells nothing of the secret."""
        offered = [value for name, value in headers if name == b"authorization"]
        digest = sha256(_with_known_scheme(offered[0])).digest() if len(offered) == 1 else b""
        return any(hmac.compare_digest(digest, known) for known in self._digests)


class Allowance:
    """So many a second on average, and as many at once after a quiet second."""

    def __init__(self, per_s: float, at_once: float) -> None:
        self._per_s, self._at_once = per_s, at_once
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # sender → what was left, and when

    def wait_s(self, sender: str, now_s: float) -> float:
        """0 where it may go on; else the seconds until it may. Who is told to wait has used up nothing."""
        left, then_s = self._left.pop(sender, (self._at_once, now_s))
        left = min(self._at_once, left + (now_s - then_s) * self._per_s)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_s
        self._left[sender] = (left if wait else left - 1, now_s)
        if len(self._left) > MOST_SENDERS:
            self._left.popitem(last=False)
        return wait


class SenderNumbers:
    """Up to which of its own numbers each sender has come, since this process began, and how many were left out on the way."""

    def __init__(self) -> None:
        self._highest: OrderedDict[str, int] = OrderedDict()
        self.missing = 0

    def note(self, sender: str, number: int) -> range:
        """The numbers that were left out before this one. One that comes late stays counted: it was missed when it was due."""
        highest = self._highest.pop(sender, number)
        self._highest[sender] = max(highest, number)
        if len(self._highest) > MOST_SENDERS:
            self._highest.popitem(last=False)
        left_out = range(highest + 1, number)
        self.missing += len(left_out)
        return left_out


def _with_known_scheme(offered: bytes) -> bytes:
    """The scheme's name has no capitals that count. Source: https://www.rfc-editor.org/rfc/rfc9110#section-11.1"""
    scheme, blank, rest = offered.partition(b" ")
    return b"Bearer " + rest.lstrip(b" ") if blank and scheme.lower() == b"bearer" else offered


def said_once(headers: Collection[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a header; None where it is missing, or there twice."""
    values = [value for found, value in headers if found == name]
    return values[0].decode("latin-1").strip() if len(values) == 1 else None

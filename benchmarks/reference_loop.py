"""A fixed piece of work, timed beside what is measured: what a second of processor time is worth on this machine, right now.

Two measurements of different hours, or of different machines, are compared as multiples of it.
"""

from decimal import Decimal
from hashlib import sha256
from time import thread_time

ROUNDS = 40_000


def reference_cpu_s() -> float:
    """CPU seconds of forty thousand divisions, hashes and entries of a dict."""
    began, total, seen = thread_time(), Decimal(0), {}
    for number in range(ROUNDS):
        name = f"{number:08}"
        total += Decimal(number) / Decimal(7)
        seen[name] = sha256(name.encode()).hexdigest()
    return thread_time() - began

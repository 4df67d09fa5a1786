"""How busy others keep the machine while we measure. Linux (/proc) only."""

import os
import time
from pathlib import Path


def others_cores(seconds: float) -> float:
    """Cores that other processes use, the house's own servers among them, over the next `seconds`."""
    began, busy = time.perf_counter(), _busy_s() - time.process_time()
    time.sleep(seconds)
    return (_busy_s() - time.process_time() - busy) / (time.perf_counter() - began)


def _busy_s() -> float:
    """CPU seconds the machine has worked since it started: all but idle and waiting for a disk. Source: proc(5), /proc/stat."""
    user, nice, system, _idle, _waiting, *interrupts = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")

"""The log files of the services on this machine. Each is appended to as long as its service runs, so it is cut where it stands."""

import os
import shutil
from pathlib import Path

LONGEST = 20_000_000  # bytes


def long_logs(home: Path) -> list[Path]:
    """Those that are longer than that."""
    return sorted(path for path in (home / "logs").glob("*.log") if path.stat().st_size > LONGEST)


def cut_long_logs(home: Path) -> list[Path]:
    """The same, begun anew: what they said stands beside them as NAME.log.old, in place of what stood there before.

    A service goes on writing at the end of its file, which is its beginning now. A line that it writes in between may be lost.
    """
    found = long_logs(home)
    for path in found:
        shutil.copyfile(path, path.with_suffix(".log.old"))
        os.truncate(path, 0)
    return found

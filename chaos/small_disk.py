"""A disk of its own for a house, small enough to be filled, in memory. Only root may mount one."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from data_contracts.errors import Refused

BALLAST = "ballast"
PIECE, PAGE = 1024 * 1024, 4096  # bytes


@contextmanager
def small_disk(mib: int) -> Iterator[Path]:
    """An empty directory that holds so many MiB. It is gone afterwards, with all that lies in it. Raises Refused for all but root."""
    if os.geteuid() != 0:
        raise Refused("only root may mount a disk: leave --disk-mib away, and disks are full by EFBIG, which an ordinary user can do")
    with tempfile.TemporaryDirectory(prefix="walletflow-chaos-disk-") as directory:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0755", "tmpfs", directory], check=True)
        try:
            yield Path(directory)
        finally:
            subprocess.run(["umount", "--lazy", directory], check=True)  # whoever was killed on it lets go a moment later


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """To its last page; whoever writes to it is told ENOSPC. Then as it was before."""
    ballast = disk / BALLAST
    try:
        with ballast.open("wb", buffering=0) as file:
            _write_until_full(file)
        yield
    finally:
        ballast.unlink(missing_ok=True)


def _write_until_full(file: FileIO) -> None:
    """Raises OSError where the disk refuses for another reason."""
    for size in (PIECE, PAGE):
        try:
            while True:
                file.write(bytes(size))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

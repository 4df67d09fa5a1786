"""A disk that a run of chaos fills to its last page and empties again."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chaos.small_disk import filled, small_disk
from data_contracts.errors import Refused


@pytest.fixture
def disk() -> Iterator[Path]:
    """Of 4 MiB. Root of a container often may not mount one either."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(small_disk(4))
        except (Refused, subprocess.CalledProcessError):
            pytest.skip("nobody but root may mount a disk, and not in every container")
        yield found
    assert not found.exists()


def test_a_full_disk_takes_nothing_and_afterwards_as_much_as_before(disk: Path) -> None:
    kept = disk / "kept"
    kept.write_bytes(b"before")
    with filled(disk), pytest.raises(OSError, match="No space left") as caught:
        (disk / "new").write_bytes(bytes(4096))
    assert caught.value.errno == errno.ENOSPC
    (disk / "new").write_bytes(bytes(3 * 1024 * 1024))
    assert kept.read_bytes() == b"before"


def test_whoever_is_not_root_is_told_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Refused, match="leave --disk-mib away"), small_disk(4):
        pytest.fail("mounted")


def test_filling_what_is_gone_is_an_error_and_not_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), filled(tmp_path / "gone"):
        pytest.fail("filled")

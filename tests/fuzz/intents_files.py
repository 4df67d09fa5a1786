"""Files of intents with bad lines, torn lines and rotations: every line is an intent, known, or set aside with its number."""

import json
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from adapters.inbox.intents_file import take_lines
from adapters.stores.memory import MemoryResults
from data_contracts import Quarantined, TradeIntent
from data_contracts.errors import Refused
from tasks.backtesting.recorded_intents import read_intents
from tests.fuzz.contracts import insist_on_contract
from tests.fuzz.inbox import body
from tests.fuzz.trials import Target

CHUNK = 500
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ENDS = [b"\n"] * 20 + [b"\r\n", b"\n\n", b" \n"]


def try_lines(random: Random) -> Counter[str]:
    """The file is looked at while it is written, and renamed or copied and cut off now and then."""
    with tempfile.TemporaryDirectory() as place:
        path, results, taken, lines = Path(place) / "intents.jsonl", MemoryResults(), Counter[str](), 0
        for part in range(5):
            written = b"".join(body("/intents", random) + random.choice(ENDS) for _ in range(CHUNK // 5))
            lines += sum(bool(line.strip()) for line in written.split(b"\n"))
            with path.open("ab") as file:
                file.write(written)
            taken += _look(path, results)
            if part < 4 and random.random() < 0.3:
                path.rename(path.with_name(f"intents.jsonl.{part}"))
        assert taken.total() == lines, (taken, lines)
    _insist_on_rows(results, taken)
    return taken


def _look(path: Path, results: MemoryResults) -> Counter[str]:
    came = Counter[str]()
    while (taken := take_lines(path, results, datetime.now(UTC))) is not None:
        came += Counter(new=taken.new, known=taken.known, set_aside=taken.set_aside)
    return came


def _insist_on_rows(results: MemoryResults, taken: Counter[str]) -> None:
    rows, aside = results.rows(TradeIntent), results.rows(Quarantined)
    assert len(rows) == taken["new"]
    insist_on_contract(rows, TradeIntent)
    insist_on_contract(aside, Quarantined)
    assert all("where" in json.loads(row.row) for row in aside)


def try_replayed(random: Random) -> Counter[str]:
    """The same as `replay --intents` reads it: a recorded file, whole."""
    lines = [body("/intents", random) for _ in range(CHUNK)]
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "intents.jsonl"
        path.write_bytes(b"\n".join(lines))
        told = sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))
        try:
            read = read_intents(path)
        except Refused:
            return Counter(refused=told)
    assert len(read.intents) + read.repeated + len(read.bad) == told
    insist_on_contract(list(read.intents), TradeIntent)
    return Counter(new=len(read.intents), known=read.repeated, set_aside=len(read.bad))


TARGETS = [Target("intents file: followed", CHUNK, try_lines), Target("intents file: replayed", CHUNK, try_replayed)]

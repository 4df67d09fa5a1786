"""After `git pull && make up` nothing runs yesterday's code: what a process has read is part of its version."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from deployments.local_stack import clickhouse, inbox, prefect_server, results_page, sandbox, worker
from deployments.local_stack.repository import ROOT

DOOR = [f"deployments/local_stack/{name}.py" for name in clickhouse.DOOR]
FLOWS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "flows").glob("*.py"))


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        (results_page.CODE, ["deployments/local_stack/results_app.py", "notebooks/copy_trading.py"]),
        (inbox.CODE, ["deployments/commands/inbox.py"]),
        (worker.CODE, ["deployments/warm_process.py", *FLOWS]),
        (sandbox.CODE, ["deployments/local_stack/sandbox_app.py"]),
        (prefect_server.CODE, ["deployments/local_stack/prefect_app.py"]),
        (DOOR, ["deployments/local_stack/clickhouse_door.py"]),
    ],
    ids=["results", "inbox", "warm-worker", "sandbox", "prefect", "clickhouse"],
)
def test_each_file_that_a_service_reads_makes_it_another_one(code: Sequence[str], begins: Sequence[str]) -> None:
    """The results page showed yesterday's tabs after an upgrade: of its version were its server's files, and not the notebook's."""
    read = files_read(begins)
    assert [path for path in read if not any(path == place or path.startswith(f"{place}/") for place in code)] == []


def test_what_is_not_read_is_seen_as_such() -> None:
    assert "tasks/operating/metrics.py" not in files_read(["deployments/local_stack/sandbox_app.py"])


def files_read(begins: Sequence[str]) -> list[str]:
    """Of this repository, by whatever imports what; an import within a function counts."""
    left, seen = [ROOT / path for path in begins], set()
    while left:
        path = left.pop()
        if path not in seen:
            seen.add(path)
            left += _imported(path)
    return sorted(str(path.relative_to(ROOT)) for path in seen if path.name != "__init__.py")


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        else:
            continue
        for name in names:
            place = ROOT.joinpath(*name.split("."))
            yield from (found for found in (place.with_suffix(".py"), place / "__init__.py") if found.is_file())

"""Preparations run side by side in one process: what they import first must not be imported twice at once."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
WHILE_ANOTHER_IMPORTS = """
import sys, threading
from pathlib import Path
from types import SimpleNamespace
import deployments.preparation as preparation

step = getattr(preparation, sys.argv[1])
before = set(sys.modules)
with preparation.ONE_IMPORT_AT_A_TIME:
    thread = threading.Thread(target=lambda: step(SimpleNamespace(home=Path(sys.argv[2])), print, threading.Event()), daemon=True)
    thread.start()
    thread.join(1.0)
    drivers = {"sqlalchemy", "alembic", "great_expectations", "psycopg"} & (set(sys.modules) - before)
sys.exit(f"imported beside another: {drivers}" if drivers else 0)
"""


@pytest.mark.parametrize("step", ["apply_migrations", "put_strategies", "build_data_docs"])
def test_a_preparation_imports_no_driver_while_another_one_does(tmp_path: Path, step: str) -> None:
    """SQLAlchemy's modules import each other: of two threads that import it at once, one got half.

    "cannot import name 'Compiled' from partially initialized module" ended a first `make up` at a load of 12.
    """
    environment = {"WALLETFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)}
    asked = [sys.executable, "-c", WHILE_ANOTHER_IMPORTS, step, str(tmp_path)]
    done = subprocess.run(asked, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

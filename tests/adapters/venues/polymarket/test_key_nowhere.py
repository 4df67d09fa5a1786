"""The key is nowhere outside the executor: real runs on a real Prefect server, well and badly ended, searched for every part of it."""

import logging
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, PREFECT_LOCAL_STORAGE_PATH

from adapters.connect import open_results
from adapters.stores.results import Write
from data_contracts import ROW_CLASSES, Order, OrderStatus, contract_of
from data_contracts.frames import frame_of
from flows.allowance_setting import give_allowances
from flows.order_execution import execute_orders
from tests.adapters.venues.conftest import HARDHAT
from tests.key_forms import parts_in


def server_database() -> Path:
    return Path(str(PREFECT_API_DATABASE_CONNECTION_URL.value()).partition("///")[2])


def everything_written() -> bytes:
    """The server's database (runs, parameters, artifacts, events, states with what was raised), its log of writes, and results."""
    database = server_database()
    files = [database.with_name(database.name + end) for end in ("", "-wal")]
    files += [path for path in Path(PREFECT_LOCAL_STORAGE_PATH.value()).rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files if path.exists())


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("prefect_harness")
def test_a_run_that_ends_well_and_one_that_fails_write_no_part_of_the_key(
    sandbox: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = [sandbox.settings]
    for name in ("allowance_setting", "order_execution"):
        monkeypatch.setattr(import_module(f"flows.{name}"), "load_settings", lambda: settings[0])
    market = sandbox.market()
    open_results(sandbox.settings).write([Write(Order, frame_of([sandbox.order(market)], Order))])
    execute_orders(sandbox.now)
    give_allowances()
    (stored,) = open_results(sandbox.settings).rows(Order)
    assert stored.status is OrderStatus.FILLED  # the key was used

    settings[0] = sandbox.settings.model_copy(update={"postgres_url": None})
    with pytest.raises(Exception, match="WALLETFLOW_POSTGRES_URL"):
        execute_orders(sandbox.now)
    rows = [open_results(sandbox.settings).read(one).write_csv() for one in ROW_CLASSES if contract_of(one).store == "postgres"]
    output = capfd.readouterr()
    shown = [everything_written(), caplog.text.encode(), output.out.encode(), output.err.encode(), "\n".join(rows).encode()]
    assert b"order-execution" in shown[0]  # the search looks at the right database
    assert [parts_in(text, HARDHAT) for text in shown] == [[]] * len(shown)
    assert parts_in("\n".join(f"{name}={value}" for name, value in os.environ.items()).encode(), HARDHAT) == []

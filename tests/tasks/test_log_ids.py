"""Ids in a line of the log, as a program reads it."""

import json
import logging
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.logging.formatters import JsonFormatter

from tasks.log_ids import ids

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_a_json_line_names_the_run_the_signal_and_the_order(caplog: pytest.LogCaptureFixture) -> None:
    run = FlowRun(flow_id=uuid4(), expected_start_time=NOW)
    token = FlowRunContext.__var__.set(FlowRunContext.model_construct(flow_run=run))
    try:
        with caplog.at_level(logging.INFO, "walletflow.executing"):
            logging.getLogger("walletflow.executing").info("order %s", "o", extra=ids(order_id="o", signal_id="s"))
    finally:
        FlowRunContext.__var__.reset(token)
    line = json.loads(JsonFormatter("default", "", "%").format(caplog.records[0]))
    assert (line["order_id"], line["signal_id"], line["flow_run_id"]) == ("o", "s", str(run.id))


def test_outside_of_a_run_a_line_names_none() -> None:
    assert ids(order_id="o") == {"order_id": "o"}

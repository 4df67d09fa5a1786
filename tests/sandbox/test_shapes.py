"""Every field of the recorded shapes is there, and we invent none. Runs where WALLETFLOW_ORACLES names the directory of the oracles."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

if "WALLETFLOW_ORACLES" not in os.environ:
    pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory of the oracles", allow_module_level=True)

ORACLES = Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket"


def fields() -> Any:
    return json.loads((ORACLES / "data_api_v2" / "schema_fields.json").read_text())


def recorded(name: str) -> Any:
    return json.loads((ORACLES / "recorded" / name).read_text())


def test_a_trade_has_the_documented_fields(get: Any) -> None:
    page = get("/data/v2/trades", limit=1)
    assert set(page["data"][0]) == set(fields()["trade"]["required"])
    assert set(page["pagination"]) == set(fields()["envelope"]["pagination"])


def test_activity_and_positions_have_the_documented_fields(get: Any) -> None:
    user = get("/data/v2/trades", limit=1)["data"][0]["proxy_wallet"]
    for row in get("/data/v2/activity", user=user, limit=1000)["data"]:
        assert set(row) == set(fields()["activity"]["required"])
    for row in get("/data/v2/positions", user=user, limit=1000)["data"]:
        assert set(row) == set(fields()["position"]["required"])


def test_a_holder_has_the_documented_fields(get: Any) -> None:
    condition = get("/data/v2/trades", limit=1)["data"][0]["condition_id"]
    for include_pnl, names in (("false", ["required"]), ("true", ["required", "with_include_pnl"])):
        group = get("/data/v2/holders", condition=condition, include_pnl=include_pnl)["data"][0]
        assert set(group) == set(fields()["holder"]["group"])
        assert set(group["holders"][0]) == {field for name in names for field in fields()["holder"][name]}


def test_the_status_has_the_recorded_shape(get: Any) -> None:
    sample = json.loads((ORACLES / "data_api_v2" / "status.sample.json").read_text())["data"]
    told = get("/data/v2/status")["data"]
    assert set(told) == set(sample)
    for part in ("serving", "ingestion"):
        assert set(told[part]) == set(sample[part])


def test_gamma_uses_the_recorded_names(get: Any) -> None:
    """`version`, `feeSchedule` and `tags` are younger than one recording or the other."""
    names = {"version", "tags"}
    for file in ("gamma_market.json", "gamma_market_sports_market_money_line.json"):
        names |= set(recorded(file))
    names |= set(recorded("gamma_event.json")[0]["markets"][0])
    for closed in ("true", "false"):
        for row in get("/gamma/markets/keyset", limit=100, closed=closed)["markets"]:
            assert set(row) <= names
            assert set(row["events"][0]) <= set(recorded("gamma_event.json")[0]) | {"markets"}


def test_a_clob_market_has_the_recorded_fields(get: Any) -> None:
    condition = get("/data/v2/trades", limit=1)["data"][0]["condition_id"]
    assert set(get(f"/clob/markets/{condition}")) == set(recorded("clob_market_closed_binary_accepting_true.json"))

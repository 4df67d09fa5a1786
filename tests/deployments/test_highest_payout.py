"""What it takes to sell a token is kept with the ledger as JSON: of a house of before, that a share of an outcome pays 1 at most."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from alembic import command

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.known_rows import as_known, read_known
from adapters.stores.postgres import engine_of
from data_contracts import Instrument
from deployments.migrate import _alembic, migrate_postgres
from tests.markets import an_instrument
from tests.second_venue import a_mint

BEFORE = "0020"
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def house(postgres_url: str) -> Iterator[Settings]:
    """An outcome and a mint, written by a version that did not know the word."""
    settings = Settings(postgres_url=f"{postgres_url}?options=-csearch_path%3Dhighest_payout")  # type: ignore[arg-type]
    with engine_of(settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA highest_payout"))
        command.upgrade(_alembic(connection), BEFORE)
        for instrument in (an_instrument(), a_mint("mint", AT)):
            text = json.dumps({name: value for name, value in json.loads(as_known(instrument).row).items() if name != "highest_payout"})
            kept = {"token_id": instrument.token_id, "record": "Instrument", "row": text, "updated_at": AT}
            connection.execute(sa.text("INSERT INTO known_rows VALUES (:token_id, :record, :row, :updated_at)"), kept)
    yield settings
    engine_of(settings.required("postgres_url")).dispose()
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA highest_payout CASCADE"))


def test_kept_instruments_say_what_they_pay_at_most(house: Settings) -> None:
    migrate_postgres(house)
    found = read_known(open_results(house), Instrument, ["yes", "mint"])
    assert {token_id: one.highest_payout for token_id, one in found.items()} == {"yes": Decimal(1), "mint": None}
    assert found["yes"] == an_instrument()

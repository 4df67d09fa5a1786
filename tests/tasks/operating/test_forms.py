"""A form that opens with what is stored, and changes nothing if it is sent as it opened."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from adapters.settings import Settings
from data_contracts import Kind, Strategy, Venue
from data_contracts.words import STAKE_OF
from domain.copying.policy import Policy
from domain.copying.policy_changes import changed_policy
from flows.strategy_editing import edit_strategy
from tasks.operating import first_strategies
from tasks.operating.forms import form_of, values_of

NOW = datetime(2026, 11, 3, tzinfo=UTC)


def read_by_prefect(address: str) -> list[Any]:
    """What its two UIs make of it: the newer one reads the JSON of the query, the older decodes it once more before."""
    (text,) = parse_qs(urlsplit(address).query, strict_parsing=True)["parameters"]
    return [json.loads(text), json.loads(unquote(text))]


@pytest.mark.parametrize(("strategy_id", "venue", "kind", "policy"), first_strategies.FIRST)
def test_a_strategy_opens_with_all_its_numbers_and_sent_as_it_is_nothing_changes(
    strategy_id: str, venue: Venue, kind: Kind, policy: Policy
) -> None:
    stored = Strategy(
        strategy_id=strategy_id,
        venue=venue,
        stake_currency=STAKE_OF[venue],
        kind=kind,
        policy=policy.model_dump_json(),
        balance=Decimal("12.5"),
        enabled=True,
        created_at=NOW,
        updated_at=NOW,
    )
    address = form_of("strategy-editing", values_of(stored), Settings(port_base=4900))
    assert address.startswith("http://127.0.0.1:49")
    new, old = read_by_prefect(address)
    assert new == old
    sent = edit_strategy.validate_parameters(new)
    assert (sent["strategy_id"], sent["venue"], sent["kind"], sent["balance"], sent["enabled"]) == (strategy_id, venue, kind, 12.5, True)
    assert changed_policy(policy, sent["policy"]) == policy
    assert changed_policy(Policy(), sent["policy"]).follow == policy.follow


@pytest.mark.parametrize("word", ["50 %", "100%25", "a&b=c#d", "é + ü", 'a"b\\c'])
def test_any_word_reaches_both_uis_as_it_is(word: str) -> None:
    """The older one stops at a lone %, as its own links are encoded twice and the newer one's once."""
    assert read_by_prefect(form_of("cluster-editing", {"why": word}, Settings())) == [{"why": word}] * 2

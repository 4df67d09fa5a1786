"""Helius is made to watch whom we watch, against the sandbox's Helius: first shown, then done, and then there is nothing left to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from adapters.connect import open_webhooks
from adapters.settings import Settings
from data_contracts import Leader
from data_contracts.errors import Refused, Unsafe
from tasks.copying.webhook_syncing import carry_out, in_lines, plan_webhooks
from tasks.steps import bare_steps
from tests.flows.test_solana_cycle import FRIEND, LEADER, T0, World, world
from tests.solana_sandbox import SolanaSandbox, solana_sandbox

__all__ = ["solana_sandbox", "world"]


@pytest.fixture
def settings(world: World, solana_sandbox: SolanaSandbox) -> Iterator[Settings]:
    """A house that follows LEADER, and an account at Helius without webhooks."""
    found = {
        "helius_url": f"{solana_sandbox.url}/helius",
        "helius_key": SecretStr("sandbox"),
        "inbox_url": "http://127.0.0.1:1",
        "webhook_auth": SecretStr("the secret of our webhooks"),
    }
    settings = world.home.settings.model_copy(update=found)
    with bare_steps():
        yield settings
        for one in open_webhooks(settings).listed():
            httpx.delete(f"{solana_sandbox.url}/helius/v0/webhooks/{one.id}", trust_env=False)


def test_what_is_shown_is_done_and_then_nothing_is_left(settings: Settings, world: World) -> None:
    changes = plan_webhooks(settings)
    assert open_webhooks(settings).listed() == []
    assert [line["call"] for line in in_lines(changes)] == ["create"]
    carry_out(changes, settings)
    (made,) = open_webhooks(settings).listed()
    assert (made.addresses, made.url) == ({LEADER}, "http://127.0.0.1:1/webhooks/helius")
    assert plan_webhooks(settings) == []

    world.home.put(Leader(strategy_id="sols", wallet=FRIEND, why="test", chosen_at=T0, dropped_at=None))
    carry_out(plan_webhooks(settings), settings)
    (after,) = open_webhooks(settings).listed()
    assert after == replace(made, addresses=frozenset({LEADER, FRIEND}))  # the same one, and the rest of it was not lost

    open_webhooks(settings).switch(after.id, False)
    carry_out(plan_webhooks(settings), settings)
    assert open_webhooks(settings).listed() == [after]

    leaders = world.home.rows(Leader)
    world.home.put(*(replace(leader, dropped_at=T0) for leader in leaders))
    carry_out(plan_webhooks(settings), settings)
    assert open_webhooks(settings).listed() == []


def test_an_inbox_that_helius_cannot_reach_is_no_address_for_it(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"helius_url": "https://api-mainnet.helius-rpc.com"})
    with pytest.raises(Unsafe, match="WALLETFLOW_INBOX_URL"):
        plan_webhooks(elsewhere)


@contextmanager
def wrong_key(sandbox: SolanaSandbox) -> Iterator[None]:
    control = f"{sandbox.url}/control/solana/helius"
    httpx.post(control, json={"key": "another"}, trust_env=False).raise_for_status()
    yield
    httpx.post(control, json={"key": ""}, trust_env=False).raise_for_status()


def test_a_key_that_is_refused_is_shown_to_nobody(settings: Settings, solana_sandbox: SolanaSandbox) -> None:
    with wrong_key(solana_sandbox), pytest.raises(Refused, match="401") as refused:
        plan_webhooks(settings.model_copy(update={"helius_key": SecretStr("hidden-word")}))
    assert "hidden-word" not in str(refused.value)

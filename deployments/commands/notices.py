"""Whom to tell: by Slack, Discord, Telegram, e-mail or a webhook."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from adapters.settings import load_settings
from data_contracts.errors import Impossible, Refused, Unavailable
from deployments.local_stack.prefect_server import point_prefect_here
from deployments.terminal import Answer, out, show_json, show_table


class Act(StrEnum):
    """What to do."""

    LIST = "list"
    ADD = "add"
    REMOVE = "remove"
    TEST = "test"


Asked = Annotated[Act, typer.Argument(help="list the channels, add or remove one, or test: send a notice by each")]
Which = Annotated[str | None, typer.Argument(metavar="[CHANNEL]", help="add: slack, discord, telegram, email or webhook; remove: its name")]
Name = Annotated[str | None, typer.Option(help="add: what to call it, small letters, digits and dashes; otherwise its kind")]
JSON = Annotated[bool, typer.Option("--json", help="list, test: one JSON list; add, remove: one JSON object")]


def command(act: Asked = Act.LIST, channel: Which = None, name: Name = None, as_json: JSON = False) -> None:
    """Critical alerts are told at once, warnings bundled, each alert once and once more when it is over; and what each day came to.

    Secrets are asked for, or read line by line from the standard input, and kept in Prefect's blocks; never in a row or a log.
    test ends with 1 when a channel did not take it.
    """
    point_prefect_here(load_settings())
    import httpx

    try:
        {Act.LIST: _list, Act.ADD: _add, Act.REMOVE: _remove, Act.TEST: _test}[act](channel, name, as_json)
    except httpx.HTTPError as error:
        raise Unavailable(f"the Prefect server: {error}. See `walletflow logs prefect`") from error


def _list(channel: str | None, name: str | None, as_json: bool) -> None:
    rows = [(one, kind) for one, (kind, _) in sorted(_channels().items())]
    if as_json:
        show_json([{"name": one, "kind": kind} for one, kind in rows])
    elif rows:
        show_table(["channel", "kind"], rows)
    else:
        out.print("Nobody is told of anything. `walletflow notices add CHANNEL`: slack, discord, telegram, email, webhook", markup=False)


def _add(channel: str | None, name: str | None, as_json: bool) -> None:
    from prefect.client.orchestration import get_client

    from deployments.automations.channels import CHANNELS, PREFIX
    from deployments.automations.rules import apply

    if channel is None or channel not in CHANNELS:
        raise Refused(f"there are {', '.join(CHANNELS)}, not {channel!r}")
    kind = CHANNELS[channel]
    given = {asked: _answer(says, asked in kind.secret) for asked, says in kind.asks.items()}
    try:
        saved: Any = kind.block(given)
    except ValueError:
        raise Refused(f"{channel} does not take what was typed; see docs/operating.md") from None  # it would show secrets
    saved.save(f"{PREFIX}{name or channel}", overwrite=True)
    with get_client(sync_client=True) as client:
        apply(client)
    _end(f"{name or channel} is told from now on. Try it: walletflow notices test", name or channel, True, as_json)


def _end(line: str, channel: str, is_told: bool, as_json: bool) -> None:
    answer = Answer(as_json)
    answer.add(line, channel=channel, is_told=is_told)
    answer.end()


def _answer(says: str, is_secret: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(typer.prompt(says, hide_input=is_secret, default="", show_default=False, err=True)).strip()


def _remove(channel: str | None, name: str | None, as_json: bool) -> None:
    from prefect.client.orchestration import get_client

    from deployments.automations.rules import apply

    known, channel = _channels(), channel or ""
    _require(channel, known)
    with get_client(sync_client=True) as client:
        client.delete_block_document(known[channel][1])
        apply(client)
    _end(f"{channel} is told no more", channel, False, as_json)


def _require(channel: str, known: Mapping[str, object]) -> None:
    if channel not in known:
        raise Refused(f"there is no channel {channel!r}; there are: {', '.join(sorted(known)) or 'none'}")


def _test(channel: str | None, name: str | None, as_json: bool) -> None:
    from deployments.automations.trial import send_test

    known = _channels()
    if not known:
        raise Impossible("there is no channel yet: `walletflow notices add CHANNEL`: slack, discord, telegram, email, webhook")
    if channel is not None:
        _require(channel, known)
    found = {one: send_test(one) for one in sorted(known) if channel in (None, one)}
    if as_json:
        show_json([{"channel": one, "sent": fault is None, "fault": fault} for one, fault in found.items()])
    else:
        show_table(["verdict", "channel", "said"], [("fail" if fault else "ok", one, fault or "sent") for one, fault in found.items()])
    if any(found.values()):
        raise typer.Exit(1)


def _channels() -> dict[str, tuple[str, Any]]:
    """Name → its kind and the id of its block."""
    from prefect.client.orchestration import get_client

    from deployments.automations.channels import PREFIX
    from deployments.automations.rules import our_blocks

    with get_client(sync_client=True) as client:
        return {name.removeprefix(PREFIX): (block.block_type_name or "", block.id) for name, block in our_blocks(client).items()}

"""Prefect's automations as code: one for each kind of notice, and one for when nobody looks any more. Applied again, nothing changes."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import BlockDocument
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from deployments.automations.channels import PREFIX
from domain.operating.notices import NoticeKind

NAME = "walletflow: "
SILENT_FOR = timedelta(minutes=15)  # three looks of health-monitoring
WATCHED = "health-monitoring"
SILENCE = "nobody looks"
SUBJECT = "CRITICAL: Walletflow does not answer"
BODY = (
    f"{WATCHED} has not completed for {SILENT_FOR.total_seconds() / 60:.0f} minutes: its worker, a store or the machine is away, and "
    "nobody notices anything else. `walletflow status` and `walletflow doctor` say what; `walletflow up` starts what does not run."
)


def automations(blocks: Iterable[UUID]) -> list[AutomationCore]:
    """What they should be with these channels; without one there is none."""
    channels = sorted(blocks, key=str)
    if not channels:
        return []
    told = [
        AutomationCore(
            name=f"{NAME}{kind}",
            description=f"Sends notices of kind {kind} by every channel (walletflow notices)",
            trigger=_each(f"walletflow.notice.{kind}"),
            actions=[_sent(channel, "{{ event.payload.subject }}", "{{ event.payload.body }}") for channel in channels],
        )
        for kind in NoticeKind
    ]
    silent = AutomationCore(
        name=f"{NAME}{SILENCE}",
        description=f"Calls when {WATCHED} has not completed for a while: the server notices what no worker can say",
        trigger=_unheard(),
        actions=[_sent(channel, SUBJECT, BODY) for channel in channels],
    )
    return [*told, silent]


def apply(client: SyncPrefectClient) -> list[str]:
    """Makes the server's automations of ours what they should be, by the channels it has; returns their names. Others' are left alone."""
    wanted = {one.name: one for one in automations(block.id for block in our_blocks(client).values())}
    known = {one.name: one for one in client.read_automations() if one.name.startswith(NAME)}
    for name, automation in wanted.items():
        if name not in known:
            client.create_automation(automation)
        else:
            client.update_automation(known[name].id, automation.model_copy(update={"enabled": known[name].enabled}))
    for name in known.keys() - wanted.keys():
        client.delete_automation(known[name].id)
    return sorted(wanted)


def our_blocks(client: SyncPrefectClient) -> dict[str, BlockDocument]:
    """By name, without their secrets."""
    found = client.read_block_documents(include_secrets=False)
    return {block.name: block for block in found if block.name and block.name.startswith(PREFIX)}


def _each(event: str) -> EventTrigger:
    return EventTrigger(expect={event}, posture=Posture.Reactive, threshold=1, within=timedelta(0))


def _unheard() -> EventTrigger:
    """Once, when what completed does not complete again; then not before it has."""
    done = {"prefect.flow-run.Completed"}
    related = ResourceSpecification({"prefect.resource.role": "flow", "prefect.resource.name": WATCHED})
    return EventTrigger(match_related=related, after=done, expect=done, posture=Posture.Proactive, threshold=1, within=SILENT_FOR)


def _sent(channel: UUID, subject: str, body: str) -> SendNotification:
    return SendNotification(block_document_id=channel, subject=subject, body=body)

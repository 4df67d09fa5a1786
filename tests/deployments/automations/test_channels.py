"""What arrives by each channel, at a server on this machine; and what the automations are."""

import socketserver
import threading
from email import message_from_string, policy
from typing import Any
from uuid import uuid4

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from prefect.events.schemas.automations import Posture

from data_contracts.errors import Refused
from deployments.automations.channels import CHANNELS
from deployments.automations.rules import NAME, WATCHED, automations
from domain.operating.fitting import LONGEST
from domain.operating.notices import NoticeKind
from tests.receiver import Receiver

SUBJECT, BODY = "CRITICAL: down (graph)", "graph does not answer: `walletflow up`"


def sent(kind: str, body: str = BODY, **given: str) -> None:
    asked = dict.fromkeys(CHANNELS[kind].asks, "")
    block: Any = CHANNELS[kind].block(asked | given)
    with block.raise_on_failure():
        block.notify(body, subject=SUBJECT)


def test_a_webhook_gets_what_is_said_and_who_says_it(receiver: Receiver) -> None:
    sent("webhook", url=f"{receiver.url}/hook?token=secret")
    assert receiver.posted == [("/hook?token=secret", {"source": "walletflow", "subject": SUBJECT, "body": BODY})]


def test_a_telegram_bot_writes_into_its_chat(receiver: Receiver) -> None:
    sent("telegram", token="123:abc", chat="-42", server=receiver.url)
    ((path, body),) = receiver.posted
    assert path == "/bot123:abc/sendMessage"
    assert (body["chat_id"], body["text"]) == ("-42", f"{SUBJECT}\n{BODY}")


def test_slack_gets_title_and_text(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifySlack, "webhook_url", f"{receiver.url}/services")
    sent("slack", url="https://hooks.slack.com/services/T00000000/B00000000/" + "a" * 24)
    ((path, body),) = receiver.posted
    assert path == f"/services/T00000000/B00000000/{'a' * 24}"
    assert SUBJECT in str(body)
    assert BODY in str(body)


def test_discord_gets_title_and_text(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"{receiver.url}/api/webhooks")
    sent("discord", url="https://discord.com/api/webhooks/11/token-of-it")
    ((path, body),) = receiver.posted
    assert path.startswith("/api/webhooks/11/token-of-it")
    assert SUBJECT in str(body)
    assert BODY in str(body)


def test_the_longest_notice_arrives_whole_where_least_is_taken(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord takes the fewest letters, 2,000. Apprise counts the subject among them."""
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"{receiver.url}/api/webhooks")
    assert NotifyDiscord.body_maxlen == min(plugin.body_maxlen for plugin in (NotifyDiscord, NotifySlack))
    longest = "x " * (LONGEST // 2 - 3) + "end ."
    sent("discord", longest, url="https://discord.com/api/webhooks/11/token-of-it")
    ((_, body),) = receiver.posted
    assert longest in str(body)


class Mail(socketserver.StreamRequestHandler):
    """As much of a mail server as a letter needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    letter += part
                self.server.letters.append(letter.decode())  # type: ignore[attr-defined]
            self.wfile.write(b"250 ok\r\n")


def test_a_mail_server_gets_a_letter() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail) as server:
        server.daemon_threads = True
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        port = str(server.server_address[1])
        sent("email", server="127.0.0.1", port=port, security="insecure", sender="walletflow@example.org", to="me@example.org")
        server.shutdown()
        (letter,) = server.letters  # type: ignore[attr-defined]
    read = message_from_string(letter, policy=policy.default)
    assert (read["from"], read["to"], read["subject"]) == ("walletflow@example.org", "me@example.org", SUBJECT)
    assert read.get_content_type() == "text/plain"
    assert read.get_content().strip() == BODY


@pytest.mark.parametrize("kind", ["slack", "discord", "webhook"])
def test_what_is_no_address_is_refused_without_being_shown(kind: str) -> None:
    with pytest.raises(Refused) as refused:
        CHANNELS[kind].block({"url": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_secret_is_in_no_text_of_a_block() -> None:
    blocks = [
        CHANNELS["webhook"].block({"url": "https://example.org/hunter2"}),
        CHANNELS["telegram"].block({"token": "hunter2", "chat": "1"}),
        CHANNELS["discord"].block({"url": "https://discord.com/api/webhooks/1/hunter2"}),
        CHANNELS["email"].block(dict.fromkeys(CHANNELS["email"].asks, "a") | {"port": "", "security": "", "password": "hunter2"}),
    ]
    assert not [block for block in blocks if "hunter2" in repr(block) or "hunter2" in str(block.model_dump())]


def test_a_channel_that_says_no_raises(receiver: Receiver) -> None:
    receiver.status = 500
    with pytest.raises(Exception, match="500"):
        sent("webhook", url=f"{receiver.url}/hook")


def test_without_a_channel_there_is_no_automation() -> None:
    assert automations([]) == []


def test_each_kind_of_notice_goes_by_every_channel_and_a_silent_house_is_noticed_by_the_server() -> None:
    channels = [uuid4(), uuid4()]
    found = {one.name.removeprefix(NAME): one for one in automations(channels)}
    *kinds, silence = found
    assert kinds == [kind.value for kind in NoticeKind]
    for kind in kinds:
        trigger: Any = found[kind].trigger
        assert trigger.expect == {f"walletflow.notice.{kind}"}
        assert {action.block_document_id for action in found[kind].actions} == set(channels)  # type: ignore[union-attr]
    unheard: Any = found[silence].trigger
    assert (unheard.posture, unheard.after, unheard.expect) == (Posture.Proactive, *[{"prefect.flow-run.Completed"}] * 2)
    assert unheard.match_related.root["prefect.resource.name"] == WATCHED

"""The ways to reach a person: what each needs, and the block that keeps it. Their secrets are in these blocks, and nowhere else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import (
    AbstractAppriseNotificationBlock,
    CustomWebhookNotificationBlock,
    DiscordWebhook,
    SlackWebhook,
)
from prefect.types import SecretDict
from pydantic import Field, SecretStr

from data_contracts.errors import Refused

PREFIX = "walletflow-"  # of the names of our blocks
TELEGRAM = "https://api.telegram.org"
Given = Mapping[str, str]


class Email(AbstractAppriseNotificationBlock):
    """E-mail by a server of the operator's own."""

    _block_type_name = "Walletflow E-mail"
    _block_type_slug = "walletflow-email"

    server: str = Field(description="Such as smtp.example.org")
    port: int = Field(587, description="Usually 587 with starttls, 465 with ssl")
    security: Literal["starttls", "ssl", "insecure"] = Field(
        "starttls", description="insecure: not encrypted, for a server of this machine"
    )
    user: str = Field("", description="Empty where the server asks for none")
    password: SecretStr = Field(SecretStr(""), description="Of that user")
    sender: str = Field(description="The address it comes from")
    to: str = Field(description="The addresses it goes to, with commas between them")

    def block_initialization(self) -> None:
        """By Apprise's plugin for mail."""
        scheme = "mailto" if self.security == "insecure" else "mailtos"
        login = f"{quote(self.user, '')}:{quote(self.password.get_secret_value(), '')}@" if self.user else ""
        query = f"smtp={quote(self.server)}&from={quote(self.sender)}&to={quote(self.to)}&mode={self.security}&format=text"
        self._start_apprise_client(SecretStr(f"{scheme}://{login}{self.server}:{self.port}?{query}"))


@dataclass(frozen=True, slots=True)
class Channel:
    """`asks` names what is needed, and says what it is; those among `secret` are typed unseen. `block` makes the block of it."""

    asks: Mapping[str, str]
    secret: frozenset[str]
    block: Callable[[Given], NotificationBlock]


def _slack(given: Given) -> NotificationBlock:
    return SlackWebhook(url=SecretStr(_address(given["url"])))


def _discord(given: Given) -> NotificationBlock:
    parts = urlsplit(_address(given["url"])).path.split("/")
    if parts[:3] != ["", "api", "webhooks"] or len(parts) != 5:
        raise Refused("a Discord webhook is https://discord.com/api/webhooks/ID/TOKEN: copy it from the channel's settings")
    return DiscordWebhook(webhook_id=SecretStr(parts[3]), webhook_token=SecretStr(parts[4]))


def _telegram(given: Given) -> NotificationBlock:
    text = {"chat_id": given["chat"], "text": "{{subject}}\n{{body}}", "disable_web_page_preview": True}
    url = f"{given.get('server') or TELEGRAM}/bot{{{{token}}}}/sendMessage"
    return CustomWebhookNotificationBlock(name="telegram", url=url, json_data=text, secrets=SecretDict({"token": given["token"]}))


def _webhook(given: Given) -> NotificationBlock:
    words = {"source": "walletflow", "subject": "{{subject}}", "body": "{{body}}"}
    return CustomWebhookNotificationBlock(
        name="webhook", url="{{address}}", json_data=words, secrets=SecretDict({"address": _address(given["url"])})
    )


def _email(given: Given) -> NotificationBlock:
    known = {name: value for name, value in given.items() if value}  # what is left empty is its default
    return Email.model_validate(known | {"password": SecretStr(given["password"])})


CHANNELS: Mapping[str, Channel] = {
    "slack": Channel({"url": "An incoming webhook, https://hooks.slack.com/services/…"}, frozenset({"url"}), _slack),
    "discord": Channel({"url": "A webhook of a channel, https://discord.com/api/webhooks/…"}, frozenset({"url"}), _discord),
    "telegram": Channel({"token": "The token BotFather gave your bot", "chat": "The id of the chat"}, frozenset({"token"}), _telegram),
    "email": Channel(
        {
            "server": "The mail server, smtp.example.org",
            "port": "Its port; empty: 587",
            "security": "starttls, ssl or insecure; empty: starttls",
            "user": "The user there; empty for none",
            "password": "Its password; empty for none",
            "sender": "The address it comes from",
            "to": "The address it goes to",
        },
        frozenset({"password"}),
        _email,
    ),
    "webhook": Channel({"url": "An address that takes a POST of {source, subject, body}"}, frozenset({"url"}), _webhook),
}


def _address(typed: str) -> str:
    """Without its value in the refusal: it is a secret."""
    if not typed.strip().startswith(("https://", "http://")):
        raise Refused("an address begins with https://")
    return typed.strip()

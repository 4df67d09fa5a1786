"""What the inbox answered since it began, in Prometheus' words. Source: https://prometheus.io/docs/instrumenting/exposition_formats"""

from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.inbox.posted_intents import PostedIntent

DOORS = ("/intents", "/webhooks/helius")
FIELDS = {"body", *PostedIntent.model_fields}  # whoever may post must not make up names here
ANSWERS, FAULTS = "walletflow_inbox_answers_total", "walletflow_inbox_faults_total"


class Counted:
    """Counts the answers of each door, whoever gives them."""

    def __init__(self, app: ASGIApp, answers: Counter[tuple[str, int]]) -> None:
        self._app, self._answers = app, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["path"] in DOORS:
                self._answers[scope["path"], message["status"]] += 1
            await send(message)

        await self._app(scope, receive, counted)


def in_prometheus_words(answers: Counter[tuple[str, int]], faults: Counter[str]) -> str:
    """Answers by door and status, faults by field; fields that are none of an intent's are counted together."""
    by_status = [f'{ANSWERS}{{door="{door}",status="{status}"}} {count}' for (door, status), count in sorted(answers.items())]
    known = {name: count for name, count in faults.items() if name in FIELDS}
    counted = known | {"other": sum(faults.values()) - sum(known.values())}
    by_field = [f'{FAULTS}{{field="{name}"}} {count}' for name, count in sorted(counted.items())]
    return "\n".join([f"# TYPE {ANSWERS} counter", *by_status, f"# TYPE {FAULTS} counter", *by_field, ""])

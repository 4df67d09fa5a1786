"""What became of what was posted to us."""

import json
import sys
from decimal import Decimal
from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.terminal import out, show_table
from domain.copying.sender_numbers import in_words

Json = Annotated[bool, typer.Option("--json", help="Everything, a JSON object a line: the audit trail")]
Last = Annotated[int, typer.Option(min=1, help="How many of the last to show")]
COLUMNS = ["number", "id", "by", "received (UTC)", "leader", "side", "size", "became", "why"]


def command(as_json: Json = False, last: Last = 20) -> None:
    """Show the intents that were posted, and what became of each: denied or skipped with its Reason, or copied, by which strategy."""
    from tasks.copying.intent_records import (  # the stores' drivers take a second to import
        PAGE,
        arrived_until,
        intent_records,
        refused_records,
        sender_gaps,
    )

    settings = load_settings()
    if as_json:
        for record in (*refused_records(settings), *intent_records(settings)):
            sys.stdout.write(json.dumps(record) + "\n")
        for sender, gaps in sender_gaps(settings).items():
            sys.stdout.write(json.dumps({"became": "missing", "sender": sender, "numbers": gaps}) + "\n")
        return
    records = list(intent_records(settings, max(0, arrived_until(settings) - PAGE - last)))[-last:]
    if not records:
        out.print("No intent was posted yet. How to: docs/inbox.md")
    show_table(COLUMNS, [row(record) for record in records])
    for sender, gaps in sender_gaps(settings).items():
        out.print(f"{sender or 'A sender without a name'}: of its own numbers these did not come: {in_words(gaps)}", markup=False)


def row(record: dict[str, object]) -> tuple[str, ...]:
    size = f"{_plain(record['usd'])} USD" if record["usd"] else f"{_plain(record['shares'])} shares"
    return (
        str(record["sequence"]),
        str(record["intent_id"]),
        str(record["entrance"]),
        str(record["received_at"])[:19].replace("T", " "),
        str(record["leader"]),
        str(record["side"]),
        size,
        str(record["became"]),
        why(record),
    )


def why(record: dict[str, object]) -> str:
    verdicts = record["verdicts"]
    if not isinstance(verdicts, list) or not verdicts:
        return str(record["reason"] or "")
    return "; ".join(
        f"{one['strategy_id']}: {one['reason']}" + "".join(f", {order['status']}" for order in one["orders"]) for one in verdicts
    )


def _plain(number: object) -> str:
    return f"{Decimal(str(number)).normalize():f}"

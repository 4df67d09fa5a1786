"""What we know of one wallet, and what it would take to know more."""

from datetime import datetime
from typing import Annotated, Any

import typer

from adapters.settings import load_settings
from data_contracts.errors import Refused
from deployments.terminal import Json, out, show_json, show_table
from domain.wallet_addresses import wallet_of

RECORD = ("category", "closed_positions", "win_rate", "omega", "roi", "realized_pnl", "excess_wins_z", "last_trade_at")
Address = Annotated[str, typer.Argument(help="0x and 40 hex digits, a Solana address, or name: and a recording's name")]


def command(address: Address, as_json: Json = False) -> None:
    """Show a wallet's record by category, its grade, and how many bets it would take to know. Ends with 1 if nothing is known of it."""
    from adapters.connect import open_history  # the drivers take a second to import
    from tasks.operating.wallet_lines import followed_by, held_back, judgement

    settings, wallet = load_settings(), typed_wallet(address)
    history = open_history(settings)
    records, skills = history.profiles([wallet]).to_dicts(), history.skills([wallet]).to_dicts()
    judged, followed = judgement(wallet, skills[0] if skills else None), followed_by(wallet, settings)
    said = held_back(wallet, settings)
    if as_json:
        show_json(
            {"wallet": wallet, "judgement": judged, "followed_by": followed, "held_back": said, "profiles": records, "skills": skills}
        )
        raise typer.Exit(0 if records else 1)
    for line in said:
        out.print(line, markup=False)
    if not records:
        out.print(f"Nothing of {wallet} is known: no trade of it was profiled yet.")
        raise typer.Exit(1)
    show_table(RECORD, [[_cell(record[name]) for name in RECORD] for record in records])
    for line in ("", *(f"Followed by {one}" for one in followed), judged):
        out.print(line, markup=False)


def typed_wallet(address: str) -> str:
    """As our tables have it. Raises Refused, with the cure, for what is no wallet."""
    try:
        return wallet_of(address)
    except ValueError as error:
        raise Refused(str(error)) from error


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:,.2f}" if isinstance(value, float) else "–" if value is None else str(value) or "none"

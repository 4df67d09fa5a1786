"""Why was this copied, or not, and what became of it?"""

from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.commands import wallet
from deployments.terminal import Json, out, show_json, show_table
from domain.wallet_addresses import wallet_of

Name = Annotated[
    str, typer.Argument(help="The id of a signal, order, fill or trade, or its first six digits or more; or a wallet's address")
]


def command(name: Name, as_json: Json = False) -> None:
    """Tell one signal from the leader's trade to our position: what was known, the verdict with its Reason and cure, orders, fills.

    Of a trade that several strategies judged, each is told. Of a wallet: as `walletflow wallet ADDRESS`.
    """
    from domain.operating.explanations import explanation
    from tasks.operating.explaining import records_of  # the drivers take a second to import

    if _is_wallet(name):
        wallet.command(name, as_json)
        return
    told = [explanation(record) for record in records_of(name, load_settings())]
    if as_json:
        show_json([[{"what": line.what, "said": line.said} for line in lines] for lines in told])
        return
    for lines in told:
        show_table(("", ""), [(line.what, line.said) for line in lines])
        out.print()


def _is_wallet(name: str) -> bool:
    try:
        return bool(wallet_of(name))
    except ValueError:
        return False

"""A table under a run, and the way from an artifact to its rows on the results page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from prefect.artifacts import create_table_artifact

from adapters.settings import load_settings


def show_table(rows: Sequence[dict[str, Any]], key: str, said: str, tab: str, **asked: str) -> None:
    """`tab` is where the results page shows the same; what is `asked` there is a wallet or a reason."""
    create_table_artifact(list(rows), key=key, description=f"{said}\n\n{link_to(tab, **asked)}")


def link_to(tab: str, **asked: str) -> str:
    """As Markdown. A browser that follows it has logged in before: an artifact is no place for the secret."""
    return f"[{tab} on the results page]({page_of(tab, **asked)})"


def page_of(tab: str, **asked: str) -> str:
    """The address of a tab of the results page, on this machine."""
    return f"http://127.0.0.1:{load_settings().results_port}/?{urlencode({'tab': tab, **asked}, quote_via=quote)}"

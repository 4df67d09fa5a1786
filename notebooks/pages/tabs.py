"""The table of the tabs, in the order of the page. Whoever adds one writes its file and its line here."""

from collections.abc import Mapping
from typing import Protocol, cast

from notebooks.pages import clusters, configuration, feeds, markets, overview, performance, positions, quality, risk, signals, wallets
from notebooks.pages.asked import Asked, Filter
from notebooks.pages.view import View
from notebooks.queries.house import House


class Tab(Protocol):
    """What the file of a tab has."""

    def filters(self, house: House, given: Mapping[str, str]) -> dict[str, Filter]:
        """What may be asked here, with what the address asks for."""
        ...

    def show(self, house: House, view: View, asked: Asked) -> str:
        """The tab as HTML. Only the open one is shown, so only its questions are asked."""
        ...


TABS: dict[str, Tab] = {
    name: cast(Tab, module)
    for name, module in (
        ("Overview", overview),
        ("Signals", signals),
        ("Positions", positions),
        ("Wallets", wallets),
        ("Clusters", clusters),
        ("Markets", markets),
        ("Feeds", feeds),
        ("Risk", risk),
        ("Data quality", quality),
        ("Performance", performance),
        ("Configuration", configuration),
    )
}

"""How large this home is."""

from typing import Annotated

import typer

from adapters.settings import load_settings
from deployments.local_stack.stack import started_settings
from deployments.sizes import FILES, Size, sizes_of
from deployments.terminal import Json, out, show_json, show_table


def command(
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="how many tables, the largest first")] = 20, as_json: Json = False
) -> None:
    """Bytes and rows of the largest tables, and bytes of each part of the home. What stays how long: docs/retention.md."""
    settings = load_settings().model_copy(update={"port_base": started_settings().port_base})
    found = sizes_of(settings)
    if as_json:
        return show_json([{"store": store, "name": name, "bytes": one.size, "rows": one.rows} for (store, name), one in found.items()])
    largest_first = sorted(found.items(), key=lambda item: -item[1].size)
    tables = [row(*key, size) for key, size in largest_first if key[0] != FILES]
    show_table(["store", "table", "MB", "rows"], tables[:most])
    show_table(["part of the home", "MB"], [(name, megabytes(size)) for (store, name), size in largest_first if store == FILES])
    out.print(f"{megabytes(Size(sum(size.size for (store, _), size in found.items() if store == FILES)))} MB in {settings.home}")
    return None


def row(store: str, table: str, size: Size) -> tuple[str, ...]:
    return store, table, megabytes(size), f"{size.rows:,}"


def megabytes(size: Size) -> str:
    return f"{size.size / 1e6:,.2f}"

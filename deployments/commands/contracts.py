"""What every table promises, rule by rule."""

from typing import Annotated

import typer

from data_contracts import ROW_CLASSES, contract_of
from data_contracts.errors import Refused
from data_contracts.rules import rules_of
from deployments.terminal import show

COLUMNS = ("table", "expectation", "column", "rule")
Tables = Annotated[list[str] | None, typer.Argument(help="Tables to list; without: all")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON array, an object for each expectation")]


def command(tables: Tables = None, as_json: AsJson = False) -> None:
    """List the checks of every table: one named expectation per column and rule, as the fast check and the reports know them."""
    classes = {contract_of(row_class).table: row_class for row_class in ROW_CLASSES}
    for table in tables or ():
        if table not in classes:
            raise Refused(f"there is no table {table!r}; there are: {', '.join(sorted(classes))}")
    rows = [row for table in sorted(tables or classes) for row in expectations(table, classes[table])]
    show(COLUMNS, rows, as_json)


def expectations(table: str, row_class: type) -> list[tuple[str, ...]]:
    """One row per rule, in the order of the columns."""
    return [(table, rule.name, rule.column, rule.says) for rule in rules_of(row_class)]

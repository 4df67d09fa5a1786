"""What is set: each strategy's numbers beside their defaults, the account's limits, and the settings of the house without its secrets."""

import polars as pl
from pydantic import BaseModel

from adapters.settings import SECRETS, Settings
from data_contracts import Strategy
from domain.copying.policy import Policy
from domain.copying.policy_changes import in_words
from notebooks.queries.house import House
from tasks.copying.sound_rows import readable_rows
from tasks.operating import strategy_versions
from tasks.operating.forms import form_of, values_of
from tasks.operating.strategy_versions import HistoryLine


def policies(house: House) -> pl.DataFrame:
    """A row per strategy, group and field of its policy: `value`, `default`, whether it `differs`, and what it `means`."""
    rows = [
        (strategy_id, group, name, in_words(value), in_words(default), field.description or "", value != default)
        for strategy_id, policy in _policies(house)
        for group, model in _groups()
        for name, field in model.model_fields.items()
        for value, default in [(getattr(getattr(policy, group), name), getattr(getattr(Policy(), group), name))]
    ]
    texts = ["strategy_id", "group", "field", "value", "default", "means"]
    return pl.DataFrame(rows, schema=dict.fromkeys(texts, pl.String) | {"differs": pl.Boolean}, orient="row")


def histories(house: House) -> dict[str, list[HistoryLine]]:
    """Of each strategy every version with what it made another: version, since, why, what, was, is; the oldest first."""
    return strategy_versions.histories(house.results)


def forms(house: House) -> dict[str, str]:
    """Of each strategy that can be read the address of its form with what is stored. A replay is not changed."""
    stored = [] if house.is_replay else readable_rows(house.results, Strategy)
    return {one.strategy_id: form_of("strategy-editing", values_of(one), house.settings) for one in stored}


def settings(house: House) -> pl.DataFrame:
    """A row per setting of the environment: its `name`, `value` and whether it `is_set`; of a secret only that."""
    rows = [
        (f"WALLETFLOW_{name.upper()}", _setting(name, house.settings), getattr(house.settings, name) != field.default)
        for name, field in Settings.model_fields.items()
    ]
    return pl.DataFrame(rows, schema={"name": pl.String, "value": pl.String, "is_set": pl.Boolean}, orient="row").sort("name")


def _policies(house: House) -> list[tuple[str, Policy]]:
    return [(strategy_id, Policy.of_record(text)) for strategy_id, text in house.strategies.select("strategy_id", "policy").iter_rows()]


def _groups() -> list[tuple[str, type[BaseModel]]]:
    return [(name, type(default)) for name, default in Policy()]


def _setting(name: str, given: Settings) -> str:
    value = getattr(given, name)
    if value is None or value == "":
        return ""
    return "set (secret)" if name in SECRETS else str(value)

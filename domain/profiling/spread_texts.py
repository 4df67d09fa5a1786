"""A fit of spreads as text and back: it travels with the conditions of a replay, into processes that know no store."""

import json
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from domain.profiling.spreads import Ending, Spread, Spreads


def text_of(spreads: Spreads) -> str:
    """The same fit is the same text."""
    plain = {name: {f"{size:g}": asdict(spread) for size, spread in sizes.items()} for name, sizes in spreads.items()}
    return json.dumps(plain, sort_keys=True)


@lru_cache(maxsize=4)
def spreads_from(text: str) -> Spreads:
    """What `text_of` wrote."""
    return {name: {float(size): _spread(fields) for size, fields in sizes.items()} for name, sizes in json.loads(text).items()}


def _spread(fields: dict[str, Any]) -> Spread:
    ending, hours = fields["ending"], tuple(fields["hours"])
    return Spread(**fields | {"ending": Ending(**ending) if ending else None, "hours": hours})

"""A server's answers by the beginning of the path."""

import json
from collections.abc import Callable, Mapping
from typing import Any


def answering(answers: Mapping[str, Any], status: int = 200) -> Callable[..., Any]:
    """For the fixture `serve`: the answer of the first path that fits, [] for any other."""

    def answer(path: str, asked: Any) -> tuple[int, dict[str, str], bytes]:
        found = next((given for begins, given in answers.items() if path.startswith(begins)), [])
        return status, {}, json.dumps(found).encode()

    return answer

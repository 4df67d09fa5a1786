"""Sentences into the room that a chat has: names are written short first, then lines are left out and counted. What is cut shows it."""

import re
from collections.abc import Sequence

LONGEST = 1_500  # letters of a notice: Discord takes 2,000, the subject among them
LEAST = 400  # letters that a line is never cut below: an alert and its cure
NAME = re.compile(r"\b(?:0x)?[0-9A-Za-z]{24,}\b")  # a wallet, a token, a transaction. Words and settings are shorter, or have a _ in them
AS_TYPED = re.compile(r"(`[^`]*`)")  # a command is no command once a part is missing


def fit(lines: Sequence[str], rest_at: str, room: int = LONGEST) -> str:
    """As many lines as have room, one below the other, and how many more there are. `rest_at` says where these stand."""
    if len("\n".join(lines)) <= room:
        return "\n".join(lines)
    share = max(LEAST, room // len(lines) - 1)
    shown = [cut(short_names(line), share) for line in lines]
    for left_out in range(len(lines)):
        kept = "\n".join([*shown[: len(shown) - left_out], *([f"and {left_out} more: {rest_at}"] if left_out else [])])
        if len(kept) <= room:
            return kept
    return cut(shown[0], room)


def short_names(text: str) -> str:
    """0x12345678…cdef: enough to tell one from the others. What stands in backticks is typed, and stays."""
    parts = AS_TYPED.split(text)
    return "".join(part if part.startswith("`") else NAME.sub(_short, part) for part in parts)


def cut(text: str, room: int) -> str:
    """Within `room`, with an … where something is missing. What is to be done stands at the end, so most of the room is the end's."""
    if len(text) <= room:
        return text
    end = room * 3 // 4
    head, tail = text[: room - end - 3], text[-end:]
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def _short(name: re.Match[str]) -> str:
    return f"{name[0][: 10 if name[0].startswith('0x') else 8]}…{name[0][-4:]}"

"""The markets: which open when, for how long, under which ids, and how each one ends."""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sandbox.categories import CATEGORIES, Category
from sandbox.noise import hex_id, token_number
from sandbox.paths import Path, draw_path, opposite
from sandbox.questions import Question, Story, tell

CHUNK_S = 600
_FIRST_NUMBER = 1_000_000
_NUMBERS_PER_CHUNK = 1000


class Era(NamedTuple):
    """How busy the world is in a stretch of time."""

    events_per_chunk: float
    shortest_life_s: float
    longest_life_s: float
    shortest_wait_s: float  # from the close to the resolution
    longest_wait_s: float
    orders_per_market: float  # tried; about two in three are placed


# Past markets ran for hours or days, so that 45 days hold about 2,000 of them and are drawn in seconds.
PAST = Era(0.23, 2 * 3600, 4 * 86400, 600, 7200, 34)
# A person who watches for three minutes should see some of about 40 open markets end.
LIVE = Era(19.0, 240, 2700, 15, 45, 24)


@dataclass(frozen=True, eq=False, slots=True)
class Event:
    number: int
    slug: str
    title: str
    category: Category
    neg_risk: bool
    neg_risk_market_id: str
    opens_s: float
    closes_s: float
    resolves_s: float


@dataclass(frozen=True, eq=False, slots=True)
class Market:
    number: int  # Gamma's id: rises with time
    event: Event
    question: str
    slug: str
    outcomes: tuple[str, str]
    condition_id: str
    question_id: str
    token_ids: tuple[str, str]
    category: Category
    tick_millis: int  # thousandths of a dollar
    neg_risk: bool
    opens_s: float
    closes_s: float  # trading ends
    resolves_s: float  # the winner is known to everybody
    winner: int  # 0 or 1: the outcome that pays 1
    path: Path
    orders: float  # tried over its life, in expectation

    def open_at(self, at_s: float) -> bool:
        return self.opens_s <= at_s < self.closes_s

    def resolved_at(self, at_s: float) -> bool:
        return at_s >= self.resolves_s


def draw_markets(seed: int, chunk: int, starts_s: float, era: Era, latest_close_s: float) -> list[Market]:
    """The markets that open in one chunk of time, in the order they open. `starts_s`: when the chunk does."""
    rng = np.random.default_rng([seed, 2, chunk & 0xFFFF_FFFF])
    openings = np.sort(rng.uniform(starts_s, starts_s + CHUNK_S, rng.poisson(era.events_per_chunk)))
    numbers = _FIRST_NUMBER + (chunk + 50_000) * _NUMBERS_PER_CHUNK
    markets: list[Market] = []
    for opens_s in openings.tolist():
        markets += _draw_event(seed, numbers + len(markets), round(opens_s, 3), era, latest_close_s, rng)
    return markets


def _draw_event(seed: int, number: int, opens_s: float, era: Era, latest_close_s: float, rng: np.random.Generator) -> list[Market]:
    category = CATEGORIES[int(rng.integers(len(CATEGORIES)))]
    story = tell(category, rng)
    closes_s = round(opens_s + _life_s(era, latest_close_s - opens_s, rng), 3)
    resolves_s = round(closes_s + rng.uniform(era.shortest_wait_s, era.longest_wait_s), 3)
    event = Event(
        number, _slug(story.title, number), story.title, category, story.exclusive,
        hex_id(64, seed, "event", number) if story.exclusive else "", opens_s, closes_s, resolves_s,
    )  # fmt: skip
    pace = era.orders_per_market * float(np.clip(rng.lognormal(-0.3, 0.8), 0.2, 6))
    return [
        _market(seed, number + place, event, question, path, winner, pace, rng)
        for place, (question, (path, winner)) in enumerate(zip(story.questions, _endings(story, event, rng), strict=True))
    ]


def _life_s(era: Era, at_most_s: float, rng: np.random.Generator) -> float:
    life = float(np.exp(rng.uniform(np.log(era.shortest_life_s), np.log(era.longest_life_s))))
    # Near the end of an era lives shrink by chance, so that its markets do not all close at one instant.
    return life if life < at_most_s else max(60.0, at_most_s * float(rng.uniform(0.3, 1.0)))


def _endings(story: Story, event: Event, rng: np.random.Generator) -> list[tuple[Path, int]]:
    """A path and a winner per question. Of two exclusive questions one path is the other's mirror."""
    drawn = [_ending(event, rng) for _ in story.questions]
    if story.exclusive:
        path, winner = drawn[0]
        drawn[1] = (opposite(path, rng), 1 - winner)
    return drawn


def _ending(event: Event, rng: np.random.Generator) -> tuple[Path, int]:
    path = draw_path(event.opens_s, event.closes_s, rng)
    return path, int(rng.random() >= path.truth[-1])


def _market(
    seed: int, number: int, event: Event, question: Question, path: Path, winner: int, pace: float, rng: np.random.Generator
) -> Market:
    slug = _slug(question.text, number)
    return Market(
        number=number,
        event=event,
        question=question.text,
        slug=event.slug if event.slug == slug else slug,  # one of them in memory
        outcomes=question.outcomes,
        condition_id=hex_id(64, seed, "condition", number),
        question_id=hex_id(64, seed, "question", number),
        token_ids=(token_number(seed, "token", number, 0), token_number(seed, "token", number, 1)),
        category=event.category,
        tick_millis=1 if rng.random() < 0.1 else 10,
        neg_risk=event.neg_risk,
        opens_s=event.opens_s,
        closes_s=event.closes_s,
        resolves_s=event.resolves_s,
        winner=winner,
        path=path,
        orders=pace,
    )


def _slug(text: str, number: int) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") + f"-{number}"

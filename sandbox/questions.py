"""What the questions say: plausible, fictional, and with the outcome names the venue uses. No numbers are decided here."""

from typing import NamedTuple

import numpy as np

from sandbox.categories import Category

YES_NO = ("Yes", "No")
PLACES = ("Northmark", "Velden", "Costa Clara", "Ostrava Bay", "Harrow", "Tessaly", "Mirefort", "Quillon")
PEOPLE = ("Adler", "Brandt", "Castell", "Dunmore", "Eriksen", "Farrow", "Galanis", "Hollis", "Ivers", "Jansky")
TEAMS = ("Lions", "Harriers", "Comets", "Rovers", "Falcons", "Mariners", "Wolves", "Pilots", "Foxes", "Stags")
COINS = ("Bitcoin", "Ethereum", "Solana", "Dogecoin", "XRP")
FIGURES = ("inflation", "unemployment", "the policy rate", "retail sales", "the trade deficit", "housing starts")
WORDS = ("tariff", "ceasefire", "recession", "moon", "tariff relief", "landslide", "record", "strike")
WORKS = ("Salt and Iron", "The Long Tide", "Paper Lanterns", "Nightwatch", "Second Orchard", "Glass City")


class Question(NamedTuple):
    text: str
    outcomes: tuple[str, str]


class Story(NamedTuple):
    """One event: a title and its questions. `exclusive` means that exactly one of its two questions comes true."""

    title: str
    questions: tuple[Question, ...]
    exclusive: bool


def tell(category: Category, rng: np.random.Generator) -> Story:
    kind = rng.random()
    if category.label in ("Politics", "Culture") and kind < 0.15:
        return _contest(category, rng)
    if category.label in ("Politics", "Economics", "Culture") and kind < 0.25:
        return _mentions(rng)
    question = _ASK[category.label](rng)
    return Story(question.text.rstrip("?"), (question,), exclusive=False)


def _contest(category: Category, rng: np.random.Generator) -> Story:
    first, second = _two(PEOPLE, rng)
    prize = f"the {_one(PLACES, rng)} runoff" if category.label == "Politics" else f"best lead in {_one(WORKS, rng)}"
    questions = tuple(Question(f"Will {name} win {prize}?", YES_NO) for name in (first, second))
    return Story(f"Winner of {prize}", questions, exclusive=True)


def _mentions(rng: np.random.Generator) -> Story:
    person, words = _one(PEOPLE, rng), rng.choice(WORDS, size=3, replace=False)
    questions = tuple(Question(f'Will {person} say "{word}" in the address?', YES_NO) for word in words)
    return Story(f"What will {person} say in the address?", questions, exclusive=False)


def _politics(rng: np.random.Generator) -> Question:
    return Question(f"Will {_one(PEOPLE, rng)} win the vote in {_one(PLACES, rng)}?", YES_NO)


def _sports(rng: np.random.Generator) -> Question:
    home, away = _two(TEAMS, rng)
    if rng.random() < 0.75:
        return Question(f"{home} vs. {away}", (home, away))
    return Question(f"Will the {home} beat the {away} by 5 or more?", YES_NO)


def _crypto(rng: np.random.Generator) -> Question:
    coin = _one(COINS, rng)
    if rng.random() < 0.5:
        return Question(f"{coin} Up or Down", ("Up", "Down"))
    return Question(f"Will {coin} close above its opening high?", YES_NO)


def _economics(rng: np.random.Generator) -> Question:
    return Question(f"Will {_one(FIGURES, rng)} in {_one(PLACES, rng)} come in above forecast?", YES_NO)


def _culture(rng: np.random.Generator) -> Question:
    return Question(f'Will "{_one(WORKS, rng)}" top the weekend chart?', YES_NO)


_ASK = {"Politics": _politics, "Sports": _sports, "Crypto": _crypto, "Economics": _economics, "Culture": _culture}


def _one(names: tuple[str, ...], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]


def _two(names: tuple[str, ...], rng: np.random.Generator) -> tuple[str, str]:
    first, second = rng.choice(len(names), size=2, replace=False)
    return names[int(first)], names[int(second)]

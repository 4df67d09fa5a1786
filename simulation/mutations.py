"""What the simulation is worth: our code with one thing broken, and how many seeds it takes until an invariant falls.

python -m simulation.mutations [NAME ...]      # each in a copy of the tree, from seed 0 on
"""

import os
import shutil
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
ROOMS = ("adapters", "data_contracts", "domain", "flows", "sandbox", "simulation", "tasks")
MOST_SEEDS = 1000


@dataclass(frozen=True, slots=True)
class Mutation:
    """Edits that only make sense together: (file, before, after)."""

    name: str
    edits: tuple[tuple[str, str, str], ...]


def all_mutations() -> list[Mutation]:
    """As `mutations.toml` lists them."""
    told = tomllib.loads((ROOT / "simulation" / "mutations.toml").read_text())["mutation"]
    return [Mutation(one["name"], tuple((edit["file"], edit["before"], edit["after"]) for edit in one["edit"])) for one in told]


def edited(mutation: Mutation) -> dict[str, str]:
    """By file, its text with these edits. Raises ValueError where one does not fit any more."""
    texts: dict[str, str] = {}
    for name, before, after in mutation.edits:
        text = texts.get(name) or (ROOT / name).read_text()
        if text.count(before) != 1:
            raise ValueError(f"{mutation.name}: {name} has {text.count(before)} times {before!r}")
        texts[name] = text.replace(before, after)
    return texts


def copied(mutation: Mutation, into: Path) -> None:
    """Our rooms with these edits."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, into / room)
    for name, text in edited(mutation).items():
        (into / name).write_text(text)


def hunt(mutation: Mutation) -> str:
    """How many seeds it took, and which invariant fell; in a process of its own."""
    with TemporaryDirectory(prefix="walletflow-mutation-") as place:
        copied(mutation, Path(place))
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.write(writing, _hunted(place).encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading) as told:
            return told.read()


def _hunted(place: str) -> str:
    """Only what is not ours was imported before: it takes most of the time."""
    for name in [name for name in sys.modules if name.split(".")[0] in ROOMS]:
        del sys.modules[name]
    sys.path.insert(0, place)
    from simulation.simulate import simulate

    for seed in range(MOST_SEEDS):
        found = simulate(seed)
        if found.fell:
            return f"{seed + 1} | {found.fell.split(':')[0]}"
    return f"not in {MOST_SEEDS} | "


def main(names: Iterable[str]) -> None:
    """One line of a table each."""
    for slow in ("great_expectations", "polymarket.clients.secure", "prefect.events"):
        import_module(slow)  # once, not in each copy
    for mutation in all_mutations():
        if not names or mutation.name in names:
            sys.stdout.write(f"| {mutation.name} | {hunt(mutation)} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

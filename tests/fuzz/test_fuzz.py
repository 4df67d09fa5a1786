"""Whatever others write, it is rows that keep their contract, or our word for it is no: some made-up inputs before each reader.

`make fuzz` tries a million, seeded, and prints what became of them. FUZZ_INPUTS, FUZZ_SEED; FUZZ_CHUNK tries one chunk of a target again.
"""

import os
import sys
import time

import pytest

from tests.fuzz import feeds, inbox, intents_files, recordings
from tests.fuzz.trials import Tally, Target, tried

INPUTS, SEED, CHUNK = (int(os.environ.get(f"FUZZ_{name}", default)) for name, default in (("INPUTS", 1_500), ("SEED", 1), ("CHUNK", -1)))
# In a thousand: what is cheap to try is tried more often.
SHARES: list[tuple[Target, int]] = [
    *zip(inbox.TARGETS, (300, 80), strict=True),
    *zip(intents_files.TARGETS, (230, 130), strict=True),
    *zip(feeds.TARGETS, (70, 90, 80), strict=True),
    *zip(recordings.TARGETS, (8, 4, 8), strict=True),
]
SAID_EVERY_S = 30.0
TALLIES: list[Tally] = []


@pytest.mark.timeout(0)
@pytest.mark.parametrize(("target", "share"), SHARES, ids=[target.name for target, _ in SHARES])
def test_no_input_breaks_what_reads_it(target: Target, share: int) -> None:
    wanted, tally, said_s = 1 if CHUNK >= 0 else INPUTS * share // 1_000, Tally(target.name), time.monotonic()
    for tally in tried(target, wanted, SEED, max(CHUNK, 0)):
        if time.monotonic() - said_s > SAID_EVERY_S:
            said_s = time.monotonic()
            say(f"  {tally.name}: {tally.inputs:,} of {wanted:,}, {len(tally.failures)} kinds of failure")
    TALLIES.append(tally)
    say("\n\n".join([line(tally), *(f"--- {place}\n{story}" for place, story in tally.failures.items())]))
    assert not tally.failures, list(tally.failures)


def test_as_many_inputs_were_tried_as_are_claimed() -> None:
    """The last: what came before is added up."""
    total = sum(tally.inputs for tally in TALLIES)
    say(f"\n{total:,} inputs, seed {SEED}, {sum(len(tally.failures) for tally in TALLIES)} kinds of failure")
    assert len(TALLIES) < len(SHARES) or CHUNK >= 0 or total >= INPUTS


def line(tally: Tally) -> str:
    became = ", ".join(f"{word} {count:,}" for word, count in sorted(tally.became.items()))
    return f"{tally.name:<36} {tally.inputs:>9,} inputs {tally.inputs / max(tally.seconds, 1e-9):>7,.0f}/s   {became}"


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

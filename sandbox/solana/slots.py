"""The chain's own clock: a slot every 200 to 400 ms, one in fifty without a block, and a hash for each. Pure functions of the number."""

from sandbox.noise import mix
from sandbox.solana.keys import address

SLOT_S, JITTER_S = 0.3, 0.1  # a slot begins up to JITTER_S / 2 away from its even place
FIRST_S, FIRST_SLOT = 1_767_225_600.0, 390_000_000  # 2026-01-01
SKIPPED_EVERY, SKIPPED = 50, 49
HASH_LIVES = 150  # blocks
FINAL_AFTER, CONFIRMED_AFTER = 32, 1  # slots


def starts_s(slot: int) -> float:
    """Unix seconds."""
    return FIRST_S + (slot - FIRST_SLOT) * SLOT_S + (mix(slot) % 1000 / 1000 - 0.5) * JITTER_S


def slot_at(at_s: float) -> int:
    """The slot that is running."""
    guess = FIRST_SLOT + int((at_s - FIRST_S) // SLOT_S) + 1
    while starts_s(guess) > at_s:
        guess -= 1
    return guess


def has_block(slot: int) -> bool:
    return slot % SKIPPED_EVERY != SKIPPED


def block_at(at_s: float) -> int:
    """The last slot that has begun and has a block."""
    slot = slot_at(at_s)
    return slot if has_block(slot) else slot - 1


def height_of(slot: int) -> int:
    """How many blocks there are up to this one."""
    return slot - slot // SKIPPED_EVERY - (0 if has_block(slot) else 1)


def block_time(slot: int) -> int:
    return int(starts_s(slot))


def blockhash(seed: int, slot: int) -> str:
    return address(seed, "block", slot)

"""The commands of `walletflow`, one file each: a function named `command`, whose docstring is its help."""

from collections.abc import Mapping

# The table of contents of `walletflow --help`. A file that stands in no chapter fails a test.
CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "Run it": ("up", "down", "status", "doctor", "addresses", "logs"),
    "Stop it": ("halt", "reduce", "resume", "close", "exit_everything"),
    "Whom it copies, and how": ("strategies", "strategy", "follow", "unfollow", "pause_leader", "block_leader", "release_leader", "wallet"),
    "What it did, and why": ("report", "profit", "positions", "explain", "intents", "export"),
    "Was it right?": ("replay", "sweep", "evaluate", "calibration", "bets_needed"),
    "Keep it sound": ("notices", "rebuild_positions", "contracts", "backup", "restore", "load", "prefect", "sizes", "systemd"),
    "Run by themselves": ("inbox", "observe", "hint", "user_channel", "keep"),
}

"""Replays of recorded trades, and what our refusals would have earned."""

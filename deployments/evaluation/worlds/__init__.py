"""Worlds whose truth is known, because we made them."""

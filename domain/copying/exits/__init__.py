"""Exits: when we sell, and how much: with the leader or by a rule of our own, one file a rule. `waiting` sees an exit through."""

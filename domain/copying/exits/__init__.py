"""What of ours goes, and when: with the leader, or by a rule of our own, one file a rule. What becomes of a wanted exit is in `waiting`."""

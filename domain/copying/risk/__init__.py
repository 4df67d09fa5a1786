"""May we add risk now, and how much? One file a rule with a state, listed in `rules`; what may be opened stands in `limits`."""

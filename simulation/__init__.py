"""What it stands: the cycle's own steps, stores, exchange, clock and network in one process, and faults that a seed brings back."""

"""What others do, for comparison: published rules, run on the same worlds."""

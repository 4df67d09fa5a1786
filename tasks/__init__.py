"""What one step does: reads, decides through the domain, writes. Takes data, returns data, handles a batch."""

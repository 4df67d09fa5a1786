"""A sandbox exchange: real signatures, a real book, real refusals. The venue's own clients trade on it unmodified."""

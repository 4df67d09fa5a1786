"""A launchpad a file: the events it writes, and what they say in our words."""

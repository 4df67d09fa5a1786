"""The commands of `walletflow`, one file each: a function named `command`, whose docstring is its help."""

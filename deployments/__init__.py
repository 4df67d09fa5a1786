"""Where it runs: the command line, the local stack, the sandbox world, migrations."""

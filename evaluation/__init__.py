"""How good our methods are, measured on worlds whose truth is known: a topic a file, each with `scores(seeds)`."""

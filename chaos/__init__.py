"""What it survives: a whole house is killed, stopped and lied to at random, by a seed, and must have lost and doubled nothing."""

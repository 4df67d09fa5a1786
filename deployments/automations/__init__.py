"""Whom Prefect tells, and how: channels are its notification blocks, and an automation for each kind of notice sends it by all of them."""

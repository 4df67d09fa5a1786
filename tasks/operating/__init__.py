"""Alerts, reports, and what an operator sets."""

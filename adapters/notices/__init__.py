"""Whom we tell outside of this machine."""

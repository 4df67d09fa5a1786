"""What a page says where a store does not answer: what is wrong, what to do about it, and the driver's words below."""

from html import escape

from data_contracts.errors import Unavailable, WalletflowError


def said(error: WalletflowError, is_replay: bool) -> str:
    """In one box. A password is in none of the words a driver says."""
    what, _, detail = str(error).partition(": ")
    if isinstance(error, Unavailable):
        cure = "See what runs with <code>make status</code>, start it with <code>make up</code>. This page asks again by itself."
        return _box(f"{what.capitalize()} does not answer.", cure, detail)
    if is_replay and what == "postgres":
        cure = (
            "<code>walletflow replay --recording DIRECTORY</code> makes one, named after the directory; an empty name shows the live house."
        )
        return _box("There is no replay of this name.", cure, detail)
    return _box(_first_line(str(error)))


def _box(what: str, cure: str = "", detail: str = "") -> str:
    return f"<div class='wf-trouble' role='alert'><b>{escape(what)}</b><p>{cure}</p><small>{escape(_first_line(detail))}</small></div>"


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0][:300]

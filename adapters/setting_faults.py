"""What is wrong with a setting, in a line that names it and the cure: a misspelt kill switch must not leave everything running."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from string import hexdigits
from typing import Any

from pydantic import ValidationError

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1: keys are smaller. Source: SEC 2, section 2.4.1
PREFIX = "WALLETFLOW_"
OF_THE_TESTS = frozenset({"WALLETFLOW_ORACLES", "WALLETFLOW_OLD_HOME"})
# Kubernetes tells every pod of a service named walletflow by such names. Source: https://kubernetes.io/docs/concepts/services-networking/service
OF_KUBERNETES = re.compile(r"WALLETFLOW_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")


def unknown_names(environment: Mapping[str, str], fields: Collection[str]) -> Iterator[str]:
    """One line for each name that looks like a setting of ours and is none, with the nearest that is."""
    known = {PREFIX + field.upper() for field in fields}
    for name, value in sorted(environment.items()):
        if name.upper().startswith(PREFIX) and name.upper() not in known | OF_THE_TESTS and not _is_of_kubernetes(name, value):
            nearest = get_close_matches(name.upper().removeprefix(PREFIX), [field.upper() for field in fields], 1, 0.6)
            cure = f"did you mean {PREFIX}{nearest[0]}?" if nearest else f"there are: {', '.join(sorted(known))}"
            yield f"{name} is no setting, and changes nothing: {cure}"


def said_wrongly(error: ValidationError, expected: Mapping[str, str], secrets: Collection[str]) -> Iterator[str]:
    """One line for each setting that cannot be read: what it says, unless that is a secret, and what it should."""
    for fault in error.errors():
        field = str(fault["loc"][0]).lower().removeprefix(PREFIX.lower())
        says = "cannot be read" if field in secrets else f"says {shortened(fault['input'])}"
        own = str(fault["ctx"]["error"]) if fault["type"] == "value_error" else ""
        yield f"{PREFIX}{field.upper()} {says}: {own or 'it must be ' + expected.get(field, 'something else: ' + fault['msg'])}"


def nearest_word(typed: str, words: Collection[str]) -> str:
    """A no to what was typed, with the word that was meant, as far as one can tell."""
    nearest = get_close_matches(typed.strip().upper(), words, 1, 0.4)
    return (f"did you mean {nearest[0]}? " if nearest else "") + f"It must be {', '.join(words)}, in capitals"


def key_fault(typed: str) -> str | None:
    """What keeps this from being a private key of a Polygon wallet; None if it is one. Not a letter of it is repeated."""
    digits = typed[2:] if typed[:2] in ("0x", "0X") else typed
    if len(typed.split()) > 1:
        return f"it has {len(typed.split())} words: a recovery phrase is no key; export the private key of the one account that trades"
    if len(digits) == 40:
        return "it has 40 digits, as an address has: a private key has 64"
    if len(digits) != 64 or not set(digits) <= set(hexdigits):
        odd = "" if set(digits) <= set(hexdigits) else ", and some of these are no hex digits"
        return f"it must be a private key: 0x and 64 hex digits; after 0x it has {len(digits)} letters{odd}"
    return None if 0 < int(digits, 16) < ORDER else "no wallet has this key: its number is 0, or beyond the last"


def shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _is_of_kubernetes(name: str, value: str) -> bool:
    return bool(OF_KUBERNETES.fullmatch(name)) or (name == "WALLETFLOW_PORT" and value.startswith(("tcp://", "udp://", "sctp://")))

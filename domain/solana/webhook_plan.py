"""What it takes until Helius watches whom we watch: fewest calls first, for each costs credits. Pure; who calls is decided elsewhere."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

MOST_ADDRESSES = 100_000  # of one webhook
CREDITS_A_CALL = 100


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook at Helius. It is replaced as a whole: what a PUT does not say is lost."""

    id: str
    url: str
    addresses: frozenset[str]
    kind: str = "raw"
    types: tuple[str, ...] = ("ANY",)  # what they call a swap misses most of the new programs: balances say what it was
    status: str = "success"  # a failed transaction moves nothing; each event costs a credit
    auth_header: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One call. `webhook` is as it will be; `why` says it to a person, without a secret."""

    call: Literal["create", "replace", "switch on", "delete"]
    webhook: Webhook
    why: str


def plan(
    wanted: Collection[str], found: Sequence[Webhook], url: str, auth_header: str, most: int = MOST_ADDRESSES
) -> tuple[list[Change], list[Webhook]]:
    """What to change of those that post to `url`; and the others, which are somebody else's and stay as they are.

    Each keeps whom it watches already and is still wanted; who is new goes where there is room.
    """
    ours = [one for one in found if one.url == url]
    others = [one for one in found if one.url != url]
    shares = _shared_out(frozenset(wanted), ours, most)
    changes = [change for one in ours if (change := _change(one, shares.pop(one.id, frozenset()), auth_header)) is not None]
    new = [Webhook("", url, addresses, auth_header=auth_header) for addresses in shares.values() if addresses]
    return [*changes, *(Change("create", one, f"{len(one.addresses)} wallets nobody watches yet") for one in new)], others


def _shared_out(wanted: frozenset[str], ours: Sequence[Webhook], most: int) -> dict[str, frozenset[str]]:
    """Webhook, or the number of one to come, → whom it watches."""
    left, shares = set(wanted), dict[str, frozenset[str]]()
    for one in ours:
        kept = sorted(one.addresses & left)[:most]
        shares[one.id] = frozenset(kept)
        left.difference_update(kept)
    waiting = iter(_parts(sorted(left), {name: most - len(kept) for name, kept in shares.items()}, most))
    for name, part in waiting:
        shares[name] = shares.get(name, frozenset()) | frozenset(part)
    return shares


def _parts(left: list[str], room: Mapping[str, int], most: int) -> Iterator[tuple[str, list[str]]]:
    for name, free in room.items():
        part, left = left[:free], left[free:]
        if part:
            yield name, part
    for number, begin in enumerate(range(0, len(left), most)):
        yield f"new {number}", left[begin : begin + most]


def _change(before: Webhook, addresses: frozenset[str], auth_header: str) -> Change | None:
    """None where it is as it should be."""
    if not addresses:
        return Change("delete", before, "nobody it watches is watched any more")
    after = replace(Webhook(before.id, before.url, addresses, auth_header=auth_header), is_active=before.is_active)
    if after != before:
        return Change("replace", after, _said(before, after))
    return None if before.is_active else Change("switch on", before, "it was switched off: Helius does so where deliveries fail")


def _said(before: Webhook, after: Webhook) -> str:
    come, gone = len(after.addresses - before.addresses), len(before.addresses - after.addresses)
    terms = [name for name in ("kind", "types", "status") if getattr(before, name) != getattr(after, name)]
    secret = ["the secret"] if before.auth_header != after.auth_header else []
    return ", ".join([*([f"{come} wallets more"] if come else []), *([f"{gone} fewer"] if gone else []), *terms, *secret])

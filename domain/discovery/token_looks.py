"""What a look at a token comes to: whether it lives, when to look again, and what buying and selling at once would lose."""

from dataclasses import replace

from data_contracts import SolanaToken, TokenLook
from domain.discovery.token_surveillance import DEFAULT, SurveillancePolicy, is_alive, is_dead, next_look_at


def round_trip_loss(paid_raw: int, got_back_raw: int | None) -> float | None:
    """The part of a purchase that selling it at once would not bring back; None where nothing could be asked. A gain is no loss."""
    if got_back_raw is None or paid_raw <= 0:
        return None
    return min(max(1 - got_back_raw / paid_raw, 0.0), 1.0)


def scheduled(look: TokenLook, before: TokenLook | None, token: SolanaToken | None, policy: SurveillancePolicy = DEFAULT) -> TokenLook:
    """The look with what follows from it and from the one `before`. What nobody states this time is no news: it stays as it was known."""
    known = look if before is None else replace(look, **{name: getattr(before, name) for name in SLOW if getattr(look, name) is None})
    last_alive_at = look.looked_at if before is None or is_alive(known, policy) else before.last_alive_at
    if is_dead(known, last_alive_at, policy):
        return replace(known, last_alive_at=last_alive_at, is_dead=True, next_look_at=None)
    following = next_look_at(known, before, token.launched_at if token else None, policy)
    return replace(known, last_alive_at=last_alive_at, is_dead=False, next_look_at=following)


SLOW = ("has_mint_authority", "has_freeze_authority", "holders", "top10_fraction")  # what one service says, and may leave out for a while

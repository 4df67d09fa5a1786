"""What nobody tells: who is who, which wallets are of one owner, what every transaction was for whom. For scoring what others conclude."""

from collections.abc import Iterator

from sandbox.solana.blocks import Placed
from sandbox.solana.chain import Chain
from sandbox.solana.deeds import Deed
from sandbox.solana.errands import KEEPERS
from sandbox.solana.funders import first_funding
from sandbox.solana.keys import curve_of, pool_of
from sandbox.solana.launches import Fate
from sandbox.solana.outside import Outside
from sandbox.solana.people import (
    CROWD,
    DUSTERS,
    EXCHANGES,
    FADING,
    INSIDERS,
    MOTHERS,
    SKILLED,
    SNIPERS,
    Person,
    exchange_of,
    house_of,
    mother_of,
)
from sandbox.wire import Json


def wallets(chain: Chain) -> list[Json]:
    """`owner` is the same for wallets of one owner; `funder` is who first sent it SOL; `kind`: the skilled know, the fading knew."""
    named = {who.address(chain.seed): (kind, owner) for who, kind, owner in _people(chain)}
    return [
        {"address": one, "kind": kind, "owner": owner, "funder": _funder(chain, one), "knows": kind == "skilled"}
        for one, (kind, owner) in named.items()
        if chain.balances.lamports.get(one) is not None
    ]


def coins(chain: Chain) -> list[Json]:
    """Every launch on the chain, the oldest first."""
    return [
        {
            "mint": coin.mint,
            "curve": curve_of(coin.mint),
            "pool": pool_of(coin.mint) if pool_of(coin.mint) in chain.places else None,
            "creator": coin.creator,
            "launched_at": coin.launched_at_s,
            "fate": coin.fate.value,
        }
        for coin in chain.launches.values()
    ]


def transactions(chain: Chain, after: int = 0, most: int = 1_000) -> list[Json]:
    """By place on the chain: what each was for each wallet that means something by it; what came from outside is told by signature only."""
    return [_row(chain, place, chain.blocks[place]) for place in range(after, min(after + most, len(chain.blocks)))]


def _row(chain: Chain, place: int, placed: Placed) -> Json:
    head: Json = {"place": place, "signature": chain.blocks.signature(placed), "slot": placed.slot, "index": placed.index}
    return head | {"wallets": [] if isinstance(placed.did, Outside) else list(_told(placed.did))}


def _told(deed: Deed) -> Iterator[Json]:
    for truth in deed.truths():
        yield {name: getattr(truth, name) for name in truth.__slots__}


def _funder(chain: Chain, wallet: str) -> str | None:
    found = first_funding(chain, wallet)
    return found[1] if found else None


def _people(chain: Chain) -> Iterator[tuple[Person, str, str]]:
    for place in range(CROWD):
        kind = "lucky" if place >= SKILLED else "skilled" if place < SKILLED - FADING else "fading"
        yield from ((Person(name, place), kind, f"crowd {place}") for name in ("wallet", "other"))
    single = (("sniper", SNIPERS), ("duster", DUSTERS), ("keeper", KEEPERS))
    yield from ((Person(kind, place), kind, f"{kind} {place}") for kind, many in single for place in range(many))
    yield from ((exchange_of(place), "exchange", f"exchange {place}") for place in range(EXCHANGES))
    yield from ((Person("mother", place), "mother", f"mother {place}") for place in range(MOTHERS))
    rugging = {house_of(coin.number) for coin in chain.launches.values() if coin.fate is Fate.RUGGED}
    for house in dict.fromkeys(house_of(coin.number) for coin in chain.launches.values()):
        rugs = house in rugging
        owner = f"mother {mother_of(house).place}" if rugs else f"house {house}"
        yield Person("creator", house), "rugger" if rugs else "deployer", owner
        if rugs:
            yield from ((Person("insider", house, part), "insider", owner) for part in range(INSIDERS))

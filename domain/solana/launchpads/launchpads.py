"""The launchpads we read, in one table: adding one is its file and its line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from domain.solana.event_layouts import EventLayout
from domain.solana.events import Event, UnreadableEvent, read_layout
from domain.solana.happenings import Happening, PoolMints
from domain.solana.launchpads import meteora_dbc, pump, pump_swap, raydium_launchlab
from domain.solana.programs import Program

SWAP_TWICE = "EvtSwap"  # Meteora writes it beside EvtSwap2 for the same trade, until it is taken away


@dataclass(frozen=True)
class Launchpad:
    """Layouts by their first bytes, and readers by the event's name: some need what the pool trades, one says it."""

    layouts: Mapping[bytes, EventLayout]
    readers: Mapping[str, Callable[[Event], Happening]] = field(default_factory=dict)
    pool_readers: Mapping[str, Callable[[Event, PoolMints], Happening]] = field(default_factory=dict)
    mints: Mapping[str, Callable[[Event], PoolMints]] = field(default_factory=dict)


def _by_discriminator(layouts: Iterable[EventLayout]) -> dict[bytes, EventLayout]:
    return {one.discriminator: one for one in layouts}


LAUNCHPADS: dict[Program, Launchpad] = {
    Program.PUMP: Launchpad(_by_discriminator(pump.LAYOUTS), pump.READERS),
    Program.PUMP_SWAP: Launchpad(_by_discriminator(pump_swap.LAYOUTS), {}, pump_swap.POOL_READERS, pump_swap.MINTS),
    Program.RAYDIUM_LAUNCHLAB: Launchpad(
        _by_discriminator(raydium_launchlab.LAYOUTS), raydium_launchlab.READERS, raydium_launchlab.POOL_READERS
    ),
    Program.METEORA_DBC: Launchpad(_by_discriminator(meteora_dbc.LAYOUTS), meteora_dbc.READERS, meteora_dbc.POOL_READERS),
}


def read_event(program: str, data: bytes) -> Event | UnreadableEvent | None:
    """The event in `data`, which a call to itself or a log carries. None when it is no event, or one nobody here asks for."""
    if program not in LAUNCHPADS:
        return None
    return read_layout(Program(program), LAUNCHPADS[Program(program)].layouts, data)


def happenings_of(events: Iterable[Event], pools: Mapping[str, PoolMints]) -> tuple[Happening, ...]:
    """What the events of one transaction say, in order. Trades of a pool whose mints nobody gave are left out: `unknown_pools`."""
    written = tuple(events)
    known = dict(pools) | _mints_in(written)
    happened = (_read(event, known) for event in _once(written))
    return tuple(one for one in happened if one is not None)


def unknown_pools(events: Iterable[Event], pools: Mapping[str, PoolMints]) -> frozenset[str]:
    """Pools that traded, whose mints must be asked for before their trades can be read."""
    written = tuple(events)
    traded = {_pool_of(event) for event in written if event.name in LAUNCHPADS[event.program].pool_readers}
    return frozenset(traded) - set(pools) - set(_mints_in(written))


def pools_named(events: Iterable[Event]) -> frozenset[str]:
    """The pools that events name. A curve of pump.fun names none: it follows from its mint."""
    return frozenset(filter(None, map(_pool_of, events)))


def _mints_in(events: Iterable[Event]) -> dict[str, PoolMints]:
    readers = ((event, LAUNCHPADS[event.program].mints.get(event.name)) for event in events)
    return {_pool_of(event): read(event) for event, read in readers if read is not None}


def _once(events: tuple[Event, ...]) -> Iterable[Event]:
    again = {_pool_of(event) for event in events if event.name == f"{SWAP_TWICE}2"}
    return (event for event in events if not (event.name == SWAP_TWICE and _pool_of(event) in again))


def _read(event: Event, pools: Mapping[str, PoolMints]) -> Happening | None:
    launchpad = LAUNCHPADS[event.program]
    if event.name in launchpad.readers:
        return launchpad.readers[event.name](event)
    mints = pools.get(_pool_of(event))
    return launchpad.pool_readers[event.name](event, mints) if mints and event.name in launchpad.pool_readers else None


def _pool_of(event: Event) -> str:
    return event.address("pool") or event.address("pool_state")

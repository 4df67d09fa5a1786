"""Random logs of fills and settlements: two positions of each of two leaders, opened, left in parts, settled and opened again."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from data_contracts import Fill, FillKind, Position, Settlement, Side
from domain.copying.ledger import Derived, Entry, fold, key_of, settlement_of
from tests.ledger_rows import LEADER, a_fill, an_order

STEP = timedelta(hours=7)
OTHER = "0x" + "b" * 40
UNITS = st.decimals("0.000001", 1_000, places=6)
PART = st.sampled_from([Decimal(1), Decimal(1), Decimal("0.5"), Decimal("0.3333")])  # of what is held
KINDS = st.sampled_from(["BUY", "BUY", "SELL", "SELL", "MERGE", "WRITE_OFF", "END"])
WHOSE = st.tuples(st.sampled_from([LEADER, OTHER]), st.sampled_from(["yes", "no"]))
MOVES = st.lists(st.tuples(WHOSE, KINDS, UNITS, PART, st.decimals(0, 1, places=4), st.decimals(0, 10, places=5)), min_size=1, max_size=14)


def log_of(moves: Sequence[Any], begun_at: datetime) -> list[Entry]:
    """Never more sold than is held; two of each instant, and a settlement half a step later."""
    log: list[Entry] = []
    for number, ((leader, token), kind, units, part, price, fee) in enumerate(moves):
        derived = fold(entry for entry in log if (entry.leader, entry.token_id) == (leader, token))
        held, at = derived.position.shares if derived else Decimal(0), begun_at + number // 2 * STEP
        shares = units if kind == "BUY" else (held * part).quantize(Decimal("0.000001"))
        if kind == "END" and derived:
            log.append(settlement_of(derived.position, price, at + STEP / 2))
        elif kind != "END" and shares:
            order = an_order(at, f"order {number}", leader=leader, token_id=token, market_id=f"market of {token}")
            log.append(a_fill(order, **_filled(kind, shares, price, fee), sequence=number, category=f"of {token}"))
    return log


def ledger_of(entries: Iterable[Entry]) -> list[Derived]:
    """As the ledger keeps it."""
    own: dict[Any, list[Entry]] = {}
    for entry in entries:
        own.setdefault(key_of(entry), []).append(entry)
    return [derived for one in own.values() if (derived := fold(one))]


def rows_kept(log: Sequence[Entry]) -> list[Fill | Settlement | Position]:
    """What a store has of it."""
    derived = ledger_of(log)
    settled = [one for each in derived for one in each.settlements]
    return [*(entry for entry in log if isinstance(entry, Fill)), *settled, *(each.position for each in derived)]


def _filled(kind: str, shares: Decimal, price: Decimal, fee: Decimal) -> dict[str, Any]:
    side = Side.BUY if kind == "BUY" else Side.SELL
    plain: dict[str, Any] = {"side": side, "price": price, "fee": fee, "notional": (shares * price).quantize(Decimal("0.000001"))}
    if kind in ("MERGE", "WRITE_OFF"):
        plain |= {"kind": FillKind(kind), "fee": Decimal(0)}
    if kind == "WRITE_OFF":
        plain |= {"price": Decimal(0), "notional": Decimal(0)}
    return plain | {"shares": shares}

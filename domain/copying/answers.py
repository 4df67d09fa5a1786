"""Which of two answers about one order stands, where two workers were at it at the same time. Pure."""

from data_contracts import Order, OrderStatus

WEIGHT = {  # what money has moved for outweighs what only may have happened, and that what certainly did not
    OrderStatus.FILLED: 4,
    OrderStatus.PARTIAL: 4,
    OrderStatus.MATCHED: 3,
    OrderStatus.UNKNOWN: 2,
    OrderStatus.UNFILLED: 1,
    OrderStatus.REFUSED: 1,
    OrderStatus.DENIED: 1,
    OrderStatus.PENDING: 0,
}


def is_overtaken(answered: Order, before: Order | None, now: Order) -> bool:
    """Whether what is on record `now` stays, and not this answer, which was given about the order as it was `before`.

    Where nobody wrote meanwhile the answer stands. An order that was signed anew since is another one: its former hash fills no more.
    """
    if before is None or _version(before) == _version(now):
        return False
    return now.order_hash != answered.order_hash or WEIGHT[answered.status] <= WEIGHT[now.status]


def _version(order: Order) -> tuple[object, ...]:
    return order.order_hash, order.status, order.updated_at

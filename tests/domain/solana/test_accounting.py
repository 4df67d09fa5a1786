"""Every signature that was seen ends as exactly one thing, and the sums say how much of the chain was read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import ReadAs
from domain.solana.accounting import account_for
from domain.solana.readings import Reading
from domain.solana.swaps import read_swaps
from domain.solana.transactions import Unreadable
from tests.solana_transactions import SOL, Making


def reading(signature: str, read_as: ReadAs, owner: str = "OWNER") -> Reading:
    return Reading(signature, owner, read_as)


def test_a_signature_without_a_reading_is_a_gap() -> None:
    accounting, ends = account_for(["a", "b"], [reading("a", ReadAs.TRADE)])
    assert ends == {"a": ReadAs.TRADE, "b": ReadAs.GAP}
    assert (accounting.seen, accounting.is_complete) == (2, False)


def test_a_transaction_that_is_a_trade_for_one_wallet_is_one() -> None:
    readings = [reading("a", ReadAs.NOT_A_TRADE), reading("a", ReadAs.TRADE, "OTHER"), reading("a", ReadAs.NOT_A_TRADE, "THIRD")]
    assert account_for(["a"], readings)[1] == {"a": ReadAs.TRADE}


def test_what_is_delivered_twice_is_one_and_what_nobody_asked_for_was_seen() -> None:
    accounting, ends = account_for(["a", "a"], [reading("a", ReadAs.FAILED), reading("a", ReadAs.FAILED), reading("b", ReadAs.TRADE)])
    assert ends == {"a": ReadAs.FAILED, "b": ReadAs.TRADE}
    assert accounting.seen == 2


def test_what_has_lost_its_signature_is_counted_each_time() -> None:
    readings = [read_swaps(Unreadable(None, "no object"), "OWNER")] * 2
    accounting, _ = account_for(["a"], [*readings, reading("a", ReadAs.TRADE)])
    assert (accounting.counts[ReadAs.UNREADABLE], accounting.seen, accounting.is_complete) == (2, 3, False)


def test_a_share_has_its_rate_and_an_interval_around_it() -> None:
    """5 of 100: Wilson at 95 % on each side, 2.4 to 10.2 %."""
    readings = [reading(str(number), ReadAs.UNREADABLE if number < 5 else ReadAs.TRADE) for number in range(100)]
    share = account_for([], readings)[0].share(ReadAs.UNREADABLE)
    assert (share.count, share.rate) == (5, 0.05)
    assert (share.low, share.high) == pytest.approx((0.0244, 0.0993), abs=0.003)


def test_of_nothing_seen_nothing_is_known() -> None:
    share = account_for([], [])[0].share(ReadAs.GAP)
    assert (share.count, share.low, share.high) == (0, 0.0, 1.0)


def test_a_walk_that_was_read_whole_says_so() -> None:
    made = [Making().pay("OWNER", "FRIEND", SOL).done(signature="a"), Making().done(signature="b", error="failed")]
    accounting, _ = account_for(["a", "b"], [read_swaps(one, "OWNER") for one in made])
    assert accounting.is_complete
    assert {read_as: count for read_as, count in accounting.counts.items() if count} == {ReadAs.NOT_A_TRADE: 1, ReadAs.FAILED: 1}


@given(st.lists(st.text("abc", min_size=1, max_size=2)), st.lists(st.tuples(st.text("abc", max_size=2), st.sampled_from(list(ReadAs)))))
def test_the_sums_are_what_was_seen(seen: list[str], read: list[tuple[str, ReadAs]]) -> None:
    accounting, ends = account_for(seen, [reading(signature, read_as) for signature, read_as in read])
    named = {*seen, *(signature for signature, _ in read if signature)}
    assert accounting.seen == sum(accounting.counts.values()) == len(ends) == len(named) + sum(not signature for signature, _ in read)
    assert all(
        accounting.share(read_as).low <= accounting.share(read_as).rate <= accounting.share(read_as).high or not ends for read_as in ReadAs
    )

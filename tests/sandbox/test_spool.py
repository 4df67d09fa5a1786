"""A sequence on disk answers as a list does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.spool import Places, Spool, Spooled

some = settings(max_examples=25)
words = st.lists(st.text(max_size=9), max_size=40)


def spooled(items: list[str], kept: int) -> Spooled[str]:
    found = Spooled(str.encode, bytes.decode, kept=kept)
    for item in items:
        found.append(item)
    return found


@some
@given(words, st.integers(1, 8))
def test_it_is_the_list_of_what_was_appended(items: list[str], kept: int) -> None:
    found = spooled(items, kept)
    assert (len(found), list(found), list(reversed(found))) == (len(items), items, items[::-1])


@some
@given(words, st.integers(1, 8), st.integers(-45, 45), st.integers(-45, 45))
def test_it_is_asked_by_place_and_by_slice_as_a_list_is(items: list[str], kept: int, place: int, other: int) -> None:
    found = spooled(items, kept)
    assert found[place:other] == items[place:other]
    if -len(items) <= place < len(items):
        assert found[place] == items[place]
    else:
        with pytest.raises(IndexError):
            found[place]


@some
@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_items_of_one_size_need_no_places(items: list[int]) -> None:
    found: Spooled[int] = Spooled(lambda item: item.to_bytes(4), int.from_bytes, size=4, kept=3)
    for item in items:
        found.append(item)
    assert list(found) == items
    assert len(found._ends) == 1


def test_the_newest_are_the_very_objects_and_older_ones_are_read_again() -> None:
    items = [str(number) * 20 for number in range(9)]
    found = spooled(items, kept=2)  # at 4 the older 2 go: after 9 there are 6 on disk
    assert [one is other for one, other in zip(found, items, strict=True)] == [False] * 6 + [True] * 3


@some
@given(st.lists(st.integers(1, 600), max_size=4))
def test_places_are_all_there_after_every_part(counts: list[int]) -> None:
    """Of several that share a spool, one after the other by turns."""
    spool = Spool()
    kept = [Places(spool) for _ in counts]
    for place in range(max(counts, default=0)):
        for places, count in zip(kept, counts, strict=True):
            if place < count:
                places.append(place)
    assert [places.all().tolist() for places in kept] == [list(range(count)) for count in counts]


def test_a_spool_gives_back_what_was_written_where_it_was_written() -> None:
    spool = Spool()
    places = [spool.write(data) for data in (b"one", b"", b"three")]
    assert places == [0, 3, 3]
    assert (spool.read(0, 3), spool.read(3, 0), spool.read(3, 5)) == (b"one", b"", b"three")

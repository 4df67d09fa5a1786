"""An id names one thing, always the same way."""

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ordinals, row_id

PART = st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=20)
PARTS = st.lists(PART, min_size=1, max_size=5)


@given(PARTS)
def test_the_same_parts_give_the_same_32_hex_digits(parts: list[str]) -> None:
    assert row_id(*parts) == row_id(*parts)
    assert len(row_id(*parts)) == 32
    assert set(row_id(*parts)) <= set("0123456789abcdef")


@given(PARTS, PARTS)
def test_ids_differ_when_any_part_differs(one: list[str], other: list[str]) -> None:
    assert (row_id(*one) == row_id(*other)) == (one == other)


@given(PARTS, st.data())
def test_changing_one_part_changes_the_id(parts: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(parts) - 1))
    changed = [*parts[:place], parts[place] + "x", *parts[place + 1 :]]
    assert row_id(*changed) != row_id(*parts)


def test_the_place_where_parts_meet_is_part_of_the_id() -> None:
    assert row_id("ab", "c") != row_id("a", "bc")


def test_an_id_is_the_same_in_every_process_and_on_every_machine() -> None:
    """Python's own hash() is salted per process: an id made of it would let a restarted cycle buy a second time."""
    # printf 'strategy\x1ftrade' | b2sum -l 128
    assert row_id("strategy", "trade") == "bc29195740986aa029e142de201d1661"


def test_equal_keys_are_counted_from_zero_each_for_itself() -> None:
    assert ordinals(["a", "b", "a", "a", "b"]) == [0, 0, 1, 2, 1]


@given(st.lists(st.sampled_from("abc")))
def test_a_key_with_its_ordinal_is_unique(keys: list[str]) -> None:
    numbered = list(zip(keys, ordinals(keys), strict=True))
    assert len(set(numbered)) == len(keys)

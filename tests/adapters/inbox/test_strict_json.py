"""What strict reading takes is what JSON says, and an element's text is its own."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbox.strict_json import DEEPEST, Malformed, elements, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)


@given(value=VALUES, indent=st.sampled_from([None, 0, 3]), is_ascii=st.booleans())
def test_what_is_written_is_read(value: Any, indent: int | None, is_ascii: bool) -> None:
    assert parse(json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode()) == value


@given(values=st.lists(VALUES, max_size=5), blank=st.sampled_from(["", " ", "\n\t\r "]))
def test_an_element_s_text_is_what_was_sent(values: list[Any], blank: str) -> None:
    texts = [json.dumps(value) for value in values]
    body = f"{blank}[{blank}{f'{blank},{blank}'.join(texts)}{blank}]{blank}"
    assert [text for _, text in elements(body.encode())] == texts
    assert [value for value, _ in elements(body.encode())] == values


@given(body=st.binary(max_size=200) | st.text('[]{},:"\\ud83 1eN.a-', max_size=60).map(str.encode))
def test_whatever_comes_is_read_or_refused_and_nothing_else(body: bytes) -> None:
    for read in (parse, elements):
        with suppress(Malformed):
            read(body)


@pytest.mark.parametrize(("levels", "is_read"), [(DEEPEST, True), (DEEPEST + 1, False)])
def test_it_may_be_nested_so_deep(levels: int, is_read: bool) -> None:
    body = b"[" * levels + b"]" * levels
    if is_read:
        assert parse(body) is not None
    else:
        with pytest.raises(Malformed, match="nested deeper"):
            parse(body)


def test_a_fraction_keeps_its_digits() -> None:
    assert parse(b"0.1000000000000000055511151231257827") == Decimal("0.1000000000000000055511151231257827")

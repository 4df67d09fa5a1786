"""How values are bound to a question."""

from clickhouse_connect.driver.binding import format_bind_value
from hypothesis import given
from hypothesis import strategies as st

from adapters.stores.clickhouse_server import Texts


@given(st.lists(st.text()))
def test_texts_are_written_as_the_driver_would_write_them(texts: list[str]) -> None:
    """Quotes, backslashes and line ends included: a text never ends where it does not end."""
    assert format_bind_value(Texts(texts)) == format_bind_value(texts)

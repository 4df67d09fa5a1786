"""What is written shorter, and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.operating.fitting import LEAST, cut, fit, short_names

WALLET, MINT, TOKEN = "0x" + "ab" * 20, "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "7" * 73 + "1234"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (f"one follows {WALLET}, which", "one follows 0xabababab…abab, which"),
        (MINT, "7xKXtg2C…gAsU"),
        (f"one {WALLET} {TOKEN}", "one 0xabababab…abab 77777777…1234"),
        (f"`walletflow follow {WALLET} --strategy one`", f"`walletflow follow {WALLET} --strategy one`"),
        ("WALLETFLOW_ORDER_KEY_FILE and wallet-reconciliation stay", "WALLETFLOW_ORDER_KEY_FILE and wallet-reconciliation stay"),
    ],
)
def test_a_name_that_nobody_reads_is_short_and_a_command_stays_as_it_is_typed(text: str, short: str) -> None:
    assert short_names(text) == short


@given(st.text(), st.integers(min_value=20, max_value=500))
def test_what_is_cut_has_room_and_shows_it(text: str, room: int) -> None:
    found = cut(text, room)
    assert len(found) <= room
    assert found == text or "…" in found


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp"]), max_size=900), min_size=1, max_size=60))
def test_each_line_is_there_or_counted(lines: list[str]) -> None:
    """1,500 letters in all; the first is always there."""
    found = fit(lines, "there")
    *shown, last = found.split("\n")
    assert len(found) <= 1_500
    left_out = int(last.split()[1]) if last.endswith(" more: there") and shown else 0
    assert len(shown) + (left_out or 1) == len(lines)


def test_no_line_is_cut_where_leaving_out_others_makes_room() -> None:
    lines = [f"{number} {'x ' * (LEAST // 2 - 4)}end" for number in range(30)]
    assert all(line.endswith("x end") and "…" not in line for line in fit(lines, "there").split("\n")[:-1])

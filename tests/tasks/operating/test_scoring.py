"""What speaks for and against a token, told to whoever asks: a market's consensus, a coin's risks."""

from datetime import datetime
from itertools import count
from typing import Any

import pytest

from adapters.settings import Settings
from data_contracts.errors import Refused
from tasks.operating.scoring import coin_lines, consensus_lines
from tests.token_rows import a_look

_memories = count()
pytestmark = pytest.mark.usefixtures("bare")


def test_an_outcome_is_told_with_a_vote_an_owner_and_a_vote_a_wallet(rooms: Any, t0: datetime) -> None:
    """Whoever holds it has no record here, so nobody's word counts: half and half."""
    home = rooms((0.0, "0x" + "a" * 40, "m", "Yes", "BUY", 100.0, 0.5))
    by_owner, by_wallet = consensus_lines("m:Yes", home.settings, t0)
    assert (by_owner.what, by_wallet.what) == ("a vote a cluster", "a vote a wallet")
    assert by_owner.said.startswith("50.0 of 100, confidence insufficient: 0.0 of 0 holders for it")


def test_what_is_no_outcome_is_refused(rooms: Any, t0: datetime) -> None:
    with pytest.raises(Refused, match="is no outcome token that the venue knows"):
        consensus_lines("nope", rooms().settings, t0)


def test_a_coin_somebody_may_still_mint_is_told_not_to_be_bought(t0: datetime) -> None:
    settings = Settings(clickhouse_url=f"memory:scoring{next(_memories)}")  # type: ignore[arg-type]
    sound, mintable = (coin_lines(a_look(t0, has_mint_authority=minted), settings, t0) for minted in (False, True))
    assert sound[0].said.startswith("nothing denies it")
    assert mintable[0].said == "TOKEN_AUTHORITY: Somebody may still mint more of it, or freeze it"
    assert {"what": "has mint authority", "said": "True"} in [{"what": line.what, "said": line.said} for line in mintable]

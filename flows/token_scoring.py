"""What speaks for and against a token now?"""

from datetime import datetime

from adapters.settings import Settings, load_settings
from data_contracts import SolanaToken, TokenLook
from data_contracts.frames import rows_of
from domain.operating.explanations import Line
from domain.wallet_addresses import SOLANA_SHAPED
from tasks.clock import asked_name, instant_of, name_run, short
from tasks.discovery.token_surveillance import keep_looks, look_at_tokens
from tasks.flow_runs import flow
from tasks.form_fields import AsOf, ScoredToken
from tasks.operating.run_reports import report_lines
from tasks.operating.scoring import coin_lines, consensus_lines, require_known
from tasks.quality import check


@flow(name="token-scoring", flow_run_name=asked_name("score {token_id}"))
def score_token(token_id: ScoredToken, as_of: AsOf = None) -> None:
    """Of an outcome at polymarket: what its market's best holders agree on. Of a coin at solana: its risks, looked at anew.

    Args:
        token_id: The token: at polymarket the outcome token, a long whole number; at solana the mint, base 58
        as_of: The instant (UTC) that counts as now; empty: now
    """
    settings, now, token = load_settings(), instant_of(as_of), token_id.strip()
    lines = _coin(token, settings, now) if SOLANA_SHAPED.fullmatch(token) else consensus_lines(token, settings, now)
    verdict = lines[0].said.partition(":")[0] if lines else "its look broke its contract"
    name_run(f"score {short(token)} · {verdict}")
    report_lines([{"what": line.what, "said": line.said} for line in lines], "token-scoring", token, "Markets")


def _coin(mint: str, settings: Settings, as_of: datetime) -> list[Line]:
    looks, tokens = look_at_tokens([mint], settings, as_of)
    require_known(mint, looks, tokens, settings)
    sound = check(looks, TokenLook, settings, as_of)
    keep_looks(sound, check(tokens, SolanaToken, settings, as_of), settings)
    return [line for look in rows_of(sound, TokenLook) for line in coin_lines(look, settings, as_of)]

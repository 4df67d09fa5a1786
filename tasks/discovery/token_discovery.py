"""Tokens to keep an eye on: from lists that are paid for, from what is new, and from launches on the chain."""

import logging
from datetime import datetime

import polars as pl

from adapters.connect import open_history, open_token_services
from adapters.feeds.solana.jupiter import TokenRecord, findings_of
from adapters.settings import Settings
from data_contracts import SolanaToken, TokenFinding
from data_contracts.frames import frame_of
from domain.solana.programs import WSOL
from tasks.steps import step

log = logging.getLogger("walletflow.tokens")


@step
def find_in_lists(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """TokenFinding rows of DexScreener's boosts and profiles: paid for, or filled in for what rose already."""
    return frame_of(open_token_services(settings).dexscreener.findings(as_of), TokenFinding)


@step
def find_recent(settings: Settings, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """TokenFinding and SolanaToken rows of the tokens whose first pool is new."""
    recent = open_token_services(settings).jupiter.recent()
    tokens = [token_of(one, as_of) for one in recent if one.decimals is not None]
    return frame_of(findings_of(recent, as_of), TokenFinding), frame_of(tokens, SolanaToken)


@step
def keep_new_tokens(findings: pl.DataFrame, tokens: pl.DataFrame, settings: Settings) -> int:
    """What was not known before, into ClickHouse: how many findings. Where we first heard of a token stays as it was."""
    history = open_history(settings)
    names = findings["token_id"].unique().to_list()
    new = findings.join(history.findings(names), on=["token_id", "found_in"], how="anti")
    history.append(new, TokenFinding)
    history.append(tokens.join(history.tokens(tokens["token_id"].to_list()), on="token_id", how="anti"), SolanaToken)
    log.info("%d findings, %d of them new", findings.height, new.height)
    return new.height


def token_of(record: TokenRecord, as_of: datetime) -> SolanaToken:
    """What Jupiter says a mint is."""
    return SolanaToken(
        token_id=record.token_id,
        name=record.name,
        symbol=record.symbol,
        launchpad=record.launchpad,
        pool=record.pool,
        quote_token_id=WSOL,
        creator=record.creator,
        launched_by="",
        token_program=record.token_program,
        decimals=record.decimals or 0,
        is_mayhem=False,
        launched_at=record.launched_at,
        launch_slot=None,
        graduated_at=record.graduated_at,
        updated_at=as_of,
    )

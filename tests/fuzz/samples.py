"""Sound answers to begin with: a few written down here, and those recorded at the real services where WALLETFLOW_ORACLES points to them."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from adapters.feeds.solana.listing import Seen

WALLET, MARKET, TX = "0x" + "Ab" * 20, "0x" + "c" * 64, "0x" + "a" * 64
LAST_PAGE = {"limit": 1000, "offset": 0, "has_more": False, "next_cursor": None}
TRADE = {
    "proxy_wallet": WALLET, "side": "BUY", "token_id": "123", "condition_id": MARKET, "size": 11, "price": 0.25, "timestamp": 1_700_000_000,
    "outcome": "No", "transaction_hash": TX, "type": "TRADE", "usdc_size": 2.75, "outcome_index": 1,
}  # fmt: skip
POSITION = {"token_id": "123", "current_size": 150.5, "last_event_at": 1_700_000_000}
HOLDERS = {"token_id": "123", "holders": [{"proxy_wallet": WALLET, "amount": 5.5, "avg_price": 0.4, "entry_cost_usdc": 2.2}]}
STATUS = {"data": {"age_seconds": 3, "computed_at": "2026-11-21T12:00:00Z", "serving": {"lag_seconds": 10}}}
LEADER = {"rank": 1, "user_id": WALLET, "pnl": 1_000.5, "volume": 5e6}
MARKET_OF_GAMMA = {
    "conditionId": MARKET, "question": "Will it?", "outcomes": '["Yes", "No"]', "outcomePrices": '["0", "1"]', "clobTokenIds": '["1", "2"]',
    "closed": True, "umaResolutionStatus": "resolved", "closedTime": "2026-11-01T00:00:00Z", "version": "v1", "orderPriceMinTickSize": 0.01,
    "orderMinSize": 5, "feeType": "sports_fees_v2", "feesEnabled": True, "feeSchedule": {"rate": 0.03, "exponent": 1},
    "events": [{"slug": "it"}], "tags": [{"slug": "sports"}], "endDate": "2026-12-01T00:00:00Z", "negRisk": False,
}  # fmt: skip
BOOK = {
    "asset_id": "1",
    "bids": [{"price": "0.48", "size": "100"}],
    "asks": [{"price": "0.52", "size": "90.5"}, {"price": "0.6", "size": "5"}],
}
MINT, OWNER = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", "7rhxnLV8C77o6d8oz26AgK8x8m5ePsdeRawjqvojbjnQ"
ENHANCED = {
    "signature": "5" * 88, "slot": 300_000_000, "timestamp": 1_764_000_000, "fee": 5_000, "feePayer": OWNER, "transactionError": None,
    "accountData": [
        {"account": OWNER, "nativeBalanceChange": -1_000_005_000, "tokenBalanceChanges": []},
        {
            "account": "4" * 44, "nativeBalanceChange": 1_000_000_000,
            "tokenBalanceChanges": [
                {
                    "userAccount": OWNER, "tokenAccount": "3" * 44, "mint": MINT,
                    "rawTokenAmount": {"tokenAmount": "5000000", "decimals": 6},
                }
            ],
        },
    ],
    "instructions": [], "nativeTransfers": [{"fromUserAccount": OWNER, "toUserAccount": "4" * 44, "amount": 1_000_000_000}],
}  # fmt: skip
PAIR = {
    "chainId": "solana", "dexId": "pumpswap", "pairAddress": "8" * 44, "baseToken": {"address": MINT, "name": "a", "symbol": "A"},
    "quoteToken": {"address": "So11111111111111111111111111111111111111112"}, "priceNative": "0.0001", "priceUsd": "0.02",
    "txns": {"h24": {"buys": 5, "sells": 4}}, "volume": {"h24": 100.5}, "liquidity": {"usd": 5_000}, "fdv": 1e6,
    "pairCreatedAt": 1_764_000_000_000,
}  # fmt: skip
BOOST = {"chainId": "solana", "tokenAddress": MINT, "totalAmount": 500, "description": "a coin"}
TOKEN = {
    "id": MINT, "name": "a", "symbol": "A", "decimals": 6, "dev": OWNER, "launchpad": "pump.fun",
    "firstPool": {"createdAt": "2026-11-01T00:00:00Z"}, "audit": {"topHoldersPercentage": 20.5, "mintAuthorityDisabled": True},
    "holderCount": 50, "usdPrice": 0.01, "liquidity": 5e3, "mcap": 1e6,
}  # fmt: skip
QUOTE = {"inAmount": "1000000", "outAmount": "995000", "otherAmountThreshold": "990000", "feeBps": 10, "priceImpact": -0.1}
MINT_ACCOUNT = {
    "context": {"slot": 300_000_000},
    "value": [
        {
            "owner": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
            "data": {"parsed": {"type": "mint", "info": {"decimals": 6, "mintAuthority": None, "freezeAuthority": None, "supply": "1"}}},
        }
    ],
}
COINS = {
    "context": {"slot": 300_000_000},
    "value": [{"account": {"data": {"parsed": {"info": {"tokenAmount": {"amount": "5000000", "decimals": 6}}}}}}],
}


MARKETS = {"markets": [MARKET_OF_GAMMA] * 2}
FUNDED_BY = {
    "funder": OWNER, "funderName": "An Exchange", "funderType": "exchange", "mint": "So11111111111111111111111111111111111111112",
    "amountRaw": "2500000000", "decimals": 9, "timestamp": 1_700_000_000, "signature": "5" * 88,
}  # fmt: skip
HINTS = {"event_type": "last_trade_price", "asset_id": "1", "type": "orders_matched", "payload": {"asset": "1", "proxyWallet": WALLET}}
SIGNATURES = [{"signature": "5" * 88, "slot": 300_000_000, "blockTime": 1_764_000_000, "err": None, "confirmationStatus": "finalized"}] * 3
RAW = {
    "slot": 300_000_000, "blockTime": 1_764_000_000, "version": "legacy", "transactionIndex": 5,
    "meta": {
        "err": None, "fee": 5_000, "preBalances": [10**9, 0], "postBalances": [10**9 - 1_005_000, 10**6], "innerInstructions": [],
        "preTokenBalances": [], "logMessages": ["Program log: a"],
        "postTokenBalances": [{"accountIndex": 1, "mint": MINT, "owner": OWNER, "uiTokenAmount": {"amount": "5", "decimals": 6}}],
    },
    "transaction": {
        "signatures": ["5" * 88],
        "message": {
            "accountKeys": [OWNER, "11111111111111111111111111111111"],
            "header": {"numRequiredSignatures": 1, "numReadonlySignedAccounts": 0, "numReadonlyUnsignedAccounts": 1},
            "instructions": [{"programIdIndex": 1, "accounts": [0, 1], "data": "3Bxs4h24hBtQy9rw"}],
        },
    },
}  # fmt: skip


def page(record: Any) -> Any:
    """Three of them, as the Data API hands them out."""
    return {"data": [record] * 3, "pagination": LAST_PAGE}


def seen(count: int) -> list[Seen]:
    """So many signatures of one wallet."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return [Seen(OWNER, f"{number:088d}", 300_000_000, at, None, True) for number in range(count)]


@cache
def of_polymarket() -> tuple[Any, ...]:
    """Recorded answers of Data API, Gamma and CLOB."""
    return tuple(_recorded_at_polymarket())


@cache
def of_solana_transactions() -> tuple[Any, ...]:
    """Transactions, enhanced and raw."""
    return (ENHANCED, RAW, *(row for answer in _files("solana", "**/*.json") for row in _transactions(answer)))


@cache
def of_solana() -> tuple[Any, ...]:
    """Recorded answers of DexScreener and Jupiter."""
    return tuple(_files("solana", "dexscreener/*.json", "jupiter/samples/*.json"))


def _recorded_at_polymarket() -> Iterator[Any]:
    for body in _files("polymarket", "recorded/*.json", "data_api_v2/*.sample.json"):
        records = body if isinstance(body, list) else [body]
        yield from (body, {"data": records, "markets": records, "pagination": LAST_PAGE})
    for samples in _files("polymarket", "responses/*.json"):
        yield from (sample["body"] for sample in samples)


def _transactions(answer: Any) -> Iterator[Any]:
    """Whatever in a recorded answer looks like a transaction, enhanced, raw or within a result."""
    found = answer.get("result", answer) if isinstance(answer, dict) else answer
    for row in found if isinstance(found, list) else [found]:
        if isinstance(row, dict) and ("accountData" in row or "meta" in row):
            yield row


def _files(place: str, *patterns: str) -> Iterator[Any]:
    directory = Path(os.environ.get("WALLETFLOW_ORACLES", "none")) / place
    for path in sorted(path for pattern in patterns for path in directory.glob(pattern)):
        yield json.loads(path.read_text())

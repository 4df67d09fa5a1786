"""The addresses everybody shares: programs whose swaps and launches we read, and the mints that stand for money.

Sources: github.com/pump-fun/pump-public-docs, docs.raydium.io, docs.meteora.ag, docs.solana.com.
"""

from enum import StrEnum

NATIVE = "11111111111111111111111111111111"  # the system program; as a quote mint in pump's events it stands for SOL itself
WSOL = "So11111111111111111111111111111111111111112"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
USDT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
USD1 = "USD1ttGY1N17NEEHLmELoaybftRBUSErhqYiQzvEmuB"  # the quote of many LaunchLab curves
USDS = "USDSwr9ApdHk5bvJKMjzff41FfuX8bSxdKcR81vTwcA"
PYUSD = "2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo"
STABLE_MINTS = frozenset({USDC, USDT, USD1, USDS, PYUSD})  # each of 6 decimals
MONEY_MINTS = frozenset({NATIVE, WSOL}) | STABLE_MINTS
SOL_DECIMALS = 9
LAMPORTS = 10**SOL_DECIMALS  # of a SOL


class Program(StrEnum):
    """Where memecoins are launched and traded."""

    PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
    PUMP_SWAP = "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA"
    RAYDIUM_LAUNCHLAB = "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj"
    METEORA_DBC = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
    METEORA_DAMM_V2 = "cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG"

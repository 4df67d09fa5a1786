"""Where a coin is traded, derived offline from its mint: its curve on pump.fun or LaunchLab and its pool on PumpSwap. No service is asked.

Source: github.com/pump-fun/pump-public-docs and LaunchLab's published IDL (seeds of the programs' accounts).
"""

from solders.pubkey import Pubkey

from domain.solana.programs import WSOL, Program

FIRST_POOL = (0).to_bytes(2, "little")  # the one a curve graduates to


def curve_address(mint: str) -> str:
    """The bonding curve of a mint."""
    return str(_derived(Program.PUMP, b"bonding-curve", _key(mint)))


def pool_address(mint: str, quote_mint: str = WSOL) -> str:
    """The pool that a curve graduates to; others may make pools of their own for the same coin."""
    authority = _derived(Program.PUMP, b"pool-authority", _key(mint))
    return str(_derived(Program.PUMP_SWAP, b"pool", FIRST_POOL, bytes(authority), _key(mint), _key(quote_mint)))


def launchlab_curve(mint: str, quote_mint: str = WSOL) -> str:
    """The curve of a mint on Raydium LaunchLab."""
    return str(_derived(Program.RAYDIUM_LAUNCHLAB, b"pool", _key(mint), _key(quote_mint)))


def _key(address: str) -> bytes:
    """Raises ValueError for what is no address."""
    return bytes(Pubkey.from_string(address))


def _derived(program: Program, *seeds: bytes) -> Pubkey:
    return Pubkey.find_program_address(list(seeds), Pubkey.from_string(program))[0]

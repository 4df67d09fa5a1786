"""Where the wallets' dollars came from, as the logs of a chain tell it: each wallet was paid by its funder, and wrapped what it got.

A block is a second. Source of the shapes: ethereum.org/en/developers/docs/apis/json-rpc, eth_getLogs"""

from collections.abc import Iterator
from functools import cache

from sandbox.exchange.contracts import PUSD
from sandbox.noise import hex_id
from sandbox.wallets import Wallet
from sandbox.wire import Json
from sandbox.world import World

USDC = "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
NOBODY, EXCHANGES = "0x" + "0" * 40, 3
MOST_BLOCKS, MOST_LOGS = 50_000, 20
DAYS, DAY_S, SOON_S = 20, 86_400, 600  # before the origin; wallets of one funder are paid within minutes
_ONE = 1_000_000


class TooManyLogs(Exception):
    """What the node says instead of more logs than it tells at once."""


def logs_of(world: World, asked: Json, now_s: float) -> list[Json]:
    """Raises TooManyLogs, and ValueError for what is no question about transfers to wallets."""
    first, last = int(asked["fromBlock"], 16), min(int(asked["toBlock"], 16), int(now_s))
    if last - first >= MOST_BLOCKS:
        raise TooManyLogs(f"block range is too wide: at most {MOST_BLOCKS}")
    tokens, (kind, _, paid) = {one.lower() for one in asked["address"]}, asked["topics"]
    if kind != TRANSFER:
        return []
    wanted = {one.lower() for one in paid}
    found = [
        row
        for row in _all(world)
        if first <= int(row["blockNumber"], 16) <= last and row["address"].lower() in tokens and row["topics"][2] in wanted
    ]
    if len(found) > MOST_LOGS:
        raise TooManyLogs(f"query returned more than {MOST_LOGS} results")
    return found


def deposits(world: World) -> Iterator[tuple[Wallet, str, int, int]]:
    """Wallet, who paid it, micro-dollars and second."""
    for wallet in world.crowd.wallets:
        funder = wallet.funder or hex_id(40, world.seed, "hot wallet", wallet.index % EXCHANGES)
        of = funder if wallet.funder else wallet.address
        day = _dice(world, "day", of) % (DAYS * DAY_S)
        at_s = int(world.origin_s) - DAY_S - day + _dice(world, "soon", wallet.address) % SOON_S
        yield wallet, funder, (100 + _dice(world, "amount", wallet.address) % 9_900) * _ONE, at_s


@cache
def _all(world: World) -> list[Json]:
    """The payment, and that it was wrapped: pUSD that nobody sent."""
    rows: list[Json] = []
    for wallet, funder, raw, at_s in deposits(world):
        for step, (token, payer, after_s) in enumerate(((USDC, funder, 0), (PUSD, NOBODY, 30))):
            rows.append(
                {
                    "address": token,
                    "topics": [TRANSFER, _topic(payer), _topic(wallet.address)],
                    "data": "0x" + raw.to_bytes(32).hex(),
                    "blockNumber": hex(at_s + after_s),
                    "transactionHash": hex_id(64, world.seed, "deposit", wallet.address, step),
                    "logIndex": "0x0",
                    "removed": False,
                }
            )
    return rows


def _topic(address: str) -> str:
    return "0x" + address.removeprefix("0x").lower().rjust(64, "0")


def _dice(world: World, *what: object) -> int:
    return int(hex_id(12, world.seed, *what), 16)

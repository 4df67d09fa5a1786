"""The key of the Solana wallet: read from a file only its owner can read, or from the setting itself. It never leaves this object."""

import json
from pathlib import Path

from pydantic import SecretStr
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.transaction import VersionedTransaction

from adapters.secret_files import private_text
from data_contracts.errors import Unsafe
from domain.solana.base58 import decode_base58

SHAPES = "a file of mode 0600 as `solana-keygen` writes it, or the 64 bytes in base 58"


class WalletKey:
    """Signs in its own slot, and nowhere else. It shows its address only."""

    def __init__(self, keypair: Keypair) -> None:
        self.__keypair = keypair
        self.address = str(keypair.pubkey())

    def __repr__(self) -> str:
        return f"WalletKey({self.address})"

    def signed(self, transaction: VersionedTransaction) -> VersionedTransaction:
        """The same with our signature in our slot, what others signed or will sign kept as it is. Raises Unsafe without a slot of ours."""
        message = transaction.message
        signers = [str(key) for key in message.account_keys[: message.header.num_required_signatures]]
        if signers.count(self.address) != 1:
            raise Unsafe(f"solana: a transaction has {signers.count(self.address)} slots for the signature of {self.address}, not one")
        signatures = list(transaction.signatures)
        # bytes() of a v0 message omits its version: a signature of it is worth nothing.
        signatures[signers.index(self.address)] = self.__keypair.sign_message(to_bytes_versioned(message))
        return VersionedTransaction.populate(message, signatures)


def read_key(given: SecretStr) -> WalletKey:
    """By file or by value. Raises Unsafe, without a word of it, where it is no key or others can read its file."""
    text = given.get_secret_value().strip()
    try:
        return WalletKey(_keypair(_of_file(Path(text).expanduser()) if text.startswith(("/", "~", "./")) else text))
    except (ValueError, TypeError):
        raise Unsafe(f"WALLETFLOW_LIVE_SOLANA_KEY cannot be read: it must be {SHAPES}") from None  # it would show the secret


def _of_file(path: Path) -> str:
    try:
        return private_text(path).strip()
    except Unsafe as error:
        raise Unsafe(f"WALLETFLOW_LIVE_SOLANA_KEY: {error}") from None


def _keypair(text: str) -> Keypair:
    """A list of 64 numbers, or base 58."""
    return Keypair.from_bytes(bytes(json.loads(text)) if text.startswith("[") else decode_base58(text))

"""A private key in every form that somebody could write it in, and a search for any sixteen characters of one."""

from base64 import b64encode, urlsafe_b64encode

from domain.solana.base58 import encode_base58

PART = 16  # characters: as many by chance are one in 10^19


def forms_of(key: str) -> list[bytes]:
    """Hex in both cases, base 64 in both alphabets, base 58, the whole number, and Python's list of bytes."""
    raw = bytes.fromhex(key.removeprefix("0x"))
    texts = [raw.hex(), raw.hex().upper(), b64encode(raw).decode(), urlsafe_b64encode(raw).decode(), encode_base58(raw)]
    texts += [str(int.from_bytes(raw, "big")), str(int.from_bytes(raw, "little")), ", ".join(map(str, raw)), ",".join(map(str, raw))]
    return [text.encode() for text in texts] + [raw]


def parts_in(shown: bytes, key: str) -> list[bytes]:
    """Every part of the key, in any form, that stands in it."""
    parts = {form[start : start + PART] for form in forms_of(key) for start in range(len(form) - PART + 1)}
    return sorted(part for part in parts if part in shown)

"""How figures read: dollars, percent, short addresses, ages. Plain text; whoever puts it into a page escapes it."""

from datetime import datetime
from decimal import Decimal

NONE = "–"
Number = float | Decimal | int


def usd(value: Number | None) -> str:
    """1234.5 reads $1,234.50."""
    return NONE if value is None else f"{'−' if round(float(value), 2) < 0 else ''}${abs(value):,.2f}"


def large(value: Number | None) -> str:
    """Whole dollars, where cents would say nothing."""
    return NONE if value is None else f"{'−' if round(float(value)) < 0 else ''}${abs(value):,.0f}"


def gain(value: Number | None) -> str:
    """Signed, so that the colour is never alone in saying it."""
    return NONE if value is None else f"+{usd(value)}" if round(float(value), 2) > 0 else usd(value)


def percent(value: Number | None) -> str:
    return NONE if value is None else f"{value:.1%}".replace("-", "−")


def signed_percent(value: Number | None) -> str:
    return NONE if value is None else f"{value:+.1%}".replace("-", "−")


def price(value: Number | None) -> str:
    """0.4 reads 0.40, 0.0065 stays; of what is smaller, its first digits: 0.000000212."""
    if value is not None and 0 < abs(float(value)) < 0.001:
        return format(Decimal(f"{float(value):.3g}"), "f")
    return NONE if value is None else f"{value:.4f}".rstrip("0").ljust(4, "0")


def stake(value: Number | None, currency: str | None = "USD") -> str:
    """In what a strategy counts in: $12.30, or 0.412 SOL. Of what is exact, as many digits as tell something."""
    if value is None:
        return NONE
    return usd(value) if currency == "USD" else coin_amount(Decimal(str(value)), currency or "")


def signed_stake(value: Number | None, currency: str | None = "USD") -> str:
    text = stake(value, currency)
    return f"+{text}" if value is not None and value > 0 and text not in ("$0.00", f"0 {currency}") else text


def coin_amount(value: Decimal, currency: str = "SOL") -> str:
    """0.412 SOL, 0.0000123 SOL."""
    if not value:
        return f"0 {currency}"
    digits = format(round(value, max(0, 3 - value.adjusted())), "f")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits} {currency}".replace("-", "−")


def number(value: Number | None) -> str:
    return NONE if value is None else f"{value:,.2f}".replace("-", "−")


def quantity(value: Number | None) -> str:
    """Shares: 1,234.5 and 12.3M."""
    if value is None:
        return NONE
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if abs(float(value)) >= size:
            return f"{float(value) / size:,.2f}{letter}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def figure(value: Number | None) -> str:
    """A probability, a share or a surplus: to a thousandth."""
    return NONE if value is None else f"{value:.3f}".replace("-", "−")


def count(value: Number | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def of(word: str | None) -> str:
    """TRADE_STALE reads Trade stale."""
    return NONE if not word else word.replace("_", " ").capitalize()


def begun(text: str) -> str:
    """As a heading begins; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def many(number: int, what: str) -> str:
    """1 position, 2 positions."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def short(address: str | None) -> str:
    """0x24bb…78d9. A recording's display names are not cut."""
    if address is None:
        return NONE
    return f"{address[:6]}…{address[-4:]}" if len(address) > 20 and not address.startswith("name:") else address


def age(seconds: Number | None) -> str:
    """The two largest units: 1 h 5 min."""
    if seconds is None:
        return NONE
    left = max(0, round(float(seconds)))
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        whole, left = divmod(left, size)
        if whole or (unit == "s" and not parts):
            parts.append(f"{whole} {unit}")
    return " ".join(parts[:2])


def between(earlier: datetime | None, later: datetime | None) -> str:
    """How long from one to the other."""
    return NONE if earlier is None or later is None else age((later - earlier).total_seconds())

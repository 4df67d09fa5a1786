"""The kinds of question people bet on here, with the tag and the taker fee the venue gives each."""

from typing import NamedTuple


class Category(NamedTuple):
    label: str
    tag_id: str
    fee_rate: float  # of shares x p x (1 - p), taker only
    fee_type: str

    @property
    def slug(self) -> str:
        return self.label.lower()


# Source of the rates: https://docs.polymarket.com/trading/fees
CATEGORIES = (
    Category("Politics", "2", 0.04, "politics_fees"),
    Category("Sports", "1", 0.05, "sports_fees_v2"),
    Category("Crypto", "21", 0.07, "crypto_fees"),
    Category("Economics", "100328", 0.05, "economics_fees"),
    Category("Culture", "596", 0.05, "culture_fees"),
)


def fee_usd(category: Category, price: float, shares: float) -> float:
    """What a taker pays. Source: https://docs.polymarket.com/trading/fees"""
    return round(shares * category.fee_rate * price * (1 - price), 5)

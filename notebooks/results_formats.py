"""How figures read: dollars, percent, short addresses, ages. And the page's colours, told apart by the colour-blind as well."""

from datetime import datetime
from decimal import Decimal

GAIN, LOSS, QUIET = "#0062a3", "#b34700", "#5f6876"  # at least 5:1 on white; blue and vermillion after Okabe and Ito
COPY, SKIP = "#0072b2", "#c3c9d3"  # dark and light, so that they differ in print, too
LINES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"]
NONE = "–"


def usd(value: float | None) -> str:
    """1234.5 reads $1,234.50."""
    return NONE if value is None else f"{'−' if round(value, 2) < 0 else ''}${abs(value):,.2f}"


def gain(value: float | None) -> str:
    """Signed, so that the colour is never alone in saying it."""
    return NONE if value is None else f"+{usd(value)}" if round(value, 2) > 0 else usd(value)


def percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}".replace("-", "−")


def price(value: float | None) -> str:
    """0.4 reads 0.40, 0.0065 stays; of what is smaller, its first digits: 0.000000212."""
    if value is not None and 0 < abs(value) < 0.001:
        return format(Decimal(f"{value:.3g}"), "f")
    return NONE if value is None else f"{value:.4f}".rstrip("0").ljust(4, "0")


def sol_amount(value: Decimal, currency: str = "SOL") -> str:
    """Of an exact amount, as many digits as tell something: 0.412 SOL, 0.0000123 SOL."""
    if not value:
        return f"0 {currency}"
    digits = format(round(value, max(0, 3 - value.adjusted())), "f")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits} {currency}".replace("-", "−")


def large(value: float | None) -> str:
    """Whole dollars, where cents would say nothing."""
    return NONE if value is None else f"${value:,.0f}"


def number(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"


def figure(value: float | None) -> str:
    """A probability, a share or a surplus: to a thousandth."""
    return NONE if value is None else f"{value:.3f}".replace("-", "−")


def count(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def instant(value: datetime | None) -> str:
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def moment(value: datetime | None) -> str:
    """For tables, where the year would crowd out a column; the tooltip has it all."""
    return NONE if value is None else f"{value:%d %b %H:%M:%S}"


def short(address: str | None) -> str:
    """0x24bb…78d9. A recording's display names are not cut."""
    if address is None:
        return NONE
    return f"{address[:6]}…{address[-4:]}" if len(address) > 20 and not address.startswith("name:") else address


def age(seconds: float | None) -> str:
    """The two largest units: 1 h 5 min."""
    if seconds is None:
        return NONE
    left, parts = max(0, round(seconds)), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        whole, left = divmod(left, size)
        if whole or (unit == "s" and not parts):
            parts.append(f"{whole} {unit}")
    return " ".join(parts[:2])


def signed(value: object) -> str:
    """With its sign, to a tenth."""
    return f"{value:+.1f}" if isinstance(value, (int, float)) else NONE


def text(value: object) -> str:
    return NONE if value is None or value == "" else str(value)


FORMATS = {
    "Judged (UTC)": moment,
    "Opened (UTC)": moment,
    "Closed (UTC)": moment,
    "Last trade (UTC)": moment,
    "Last seen (UTC)": moment,
    "Price": price,
    "Paid": price,
    "Mark": price,
    "Leader's USD": usd,
    "Our USD": usd,
    "Cost": usd,
    "Worth": usd,
    "Fees": usd,
    "Unrealized PnL": gain,
    "Realized PnL": gain,
    "PnL": gain,
    "OWRR": percent,
    "Win rate": percent,
    "Maker": percent,
    "Bot": percent,
    "Wins above price": signed,
    "z": signed,
    "Why closed": text,
    "ROI": percent,
    "Omega": number,
    "Shares": number,
    "Closed": count,
    "Rows": count,
    "Cases": count,
    "Said": figure,
    "Came": figure,
    "Came from": figure,
    "Came to": figure,
    "Group": text,
    "Missing from the record": text,
    "Grade": text,
    "Bets": count,
    "Bets needed": count,
    "Confidence": text,
    "Order": text,
    "Leader": short,
    "Owner": short,
    "Delay": age,
    "Held": age,
    "Last look (UTC)": moment,
    "Next look (UTC)": moment,
    "Launched (UTC)": moment,
    "Bought (UTC)": moment,
    "Made (UTC)": moment,
    "Price (SOL)": price,
    "Price (USD)": price,
    "Limit (SOL)": price,
    "Spent (SOL)": price,
    "Received (SOL)": price,
    "Liquidity (USD)": large,
    "Market cap (USD)": large,
    "Holders": count,
    "Ten largest": percent,
    "In and out": percent,
    "Against it": text,
    "What it is": text,
    "Mint": short,
    "Wallet": short,
    "Score": figure,
    "Needed": figure,
    "Wallet's part": figure,
    "Owners' part": figure,
    "Coin's part": figure,
    "Timing's part": figure,
    "After launch": age,
    "Enters after": age,
    "Holds as": text,
    "Gain": percent,
    "Sold": percent,
    "Its own mean": percent,
    "A copy's mean": percent,
    "Its own median": percent,
    "A copy's median": percent,
    "Signatures": count,
    "Rate": percent,
    "From": percent,
    "To": percent,
    "In its stake": text,
}
HOVER = {
    "Order",
    "Trade",
    "Reason",
    "Leader",
    "Owner",
    "Market",
    "Why we follow",
    "Rule it broke",
    "Made of",
    "Mint",
    "Wallet",
    "Against it",
    "What it is",
}
WIDTHS = {
    "Judged (UTC)": 128,
    "Opened (UTC)": 128,
    "Closed (UTC)": 128,
    "Last trade (UTC)": 128,
    "Strategy": 88,
    "Verdict": 66,
    "Reason": 158,
    "Order": 100,
    "Market": 176,
    "Outcome": 90,
    "Trade": 112,
    "Price": 92,
    "Paid": 92,
    "Mark": 92,
    "Our USD": 76,
    "OWRR": 64,
    "Confidence": 90,
    "Leader": 112,
    "Leader's USD": 98,
    "Delay": 66,
    "Shares": 76,
    "Cost": 80,
    "Worth": 80,
    "Fees": 70,
    "Closed": 66,
    "Win rate": 76,
    "Wins above price": 112,
    "z": 56,
    "Grade": 62,
    "Bets": 60,
    "Bets needed": 96,
    "Maker": 66,
    "Bot": 60,
    "Why closed": 112,
    "Omega": 70,
    "ROI": 66,
    "PnL": 96,
    "Held": 100,
    "Unrealized PnL": 112,
    "Realized PnL": 100,
    "Why we follow": 470,
    "Rule it broke": 560,
    "Last look (UTC)": 128,
    "Next look (UTC)": 128,
    "Launched (UTC)": 128,
    "Bought (UTC)": 128,
    "Made (UTC)": 128,
    "Coin": 90,
    "Mint": 112,
    "Wallet": 112,
    "Price (SOL)": 124,
    "Price (USD)": 110,
    "Limit (SOL)": 124,
    "Heard of in": 150,
    "Liquidity (USD)": 104,
    "Market cap (USD)": 116,
    "Holders": 72,
    "Ten largest": 86,
    "Can be sold": 86,
    "In and out": 80,
    "Against it": 150,
    "What it is": 210,
    "Rank": 60,
    "After launch": 110,
    "Spent (SOL)": 96,
    "Received (SOL)": 112,
    "Gain": 80,
    "Sold": 70,
    "Score": 64,
    "Needed": 70,
    "Wallet's part": 94,
    "Owners' part": 94,
    "Coin's part": 86,
    "Timing's part": 96,
    "Made of": 560,
    "Followed": 74,
    "Coins": 60,
    "Enters after": 110,
    "Holds as": 84,
    "Its own mean": 98,
    "A copy's mean": 104,
    "Its own median": 108,
    "A copy's median": 114,
    "The copy": 150,
    "Of coins": 72,
    "Signatures": 90,
    "Rate": 80,
    "From": 80,
    "To": 80,
    "Ended as": 280,
    "In its stake": 104,
}
COPIED = {"Gain", "Its own mean", "A copy's mean", "Its own median", "A copy's median"}
SIGNED = {"Unrealized PnL", "Realized PnL", "PnL", "ROI", "Wins above price", "z"} | COPIED
RIGHT = {
    "Cases",
    "Said",
    "Came",
    "Came from",
    "Came to",
    "Price",
    "Paid",
    "Mark",
    "Leader's USD",
    "Our USD",
    "Cost",
    "Worth",
    "Fees",
    "OWRR",
    "Win rate",
    "Wins above price",
    "z",
    "Bets",
    "Bets needed",
    "Maker",
    "Bot",
    "Omega",
    "Shares",
    "Closed",
    "Rows",
    "Delay",
    "Held",
    "Price (SOL)",
    "Price (USD)",
    "Limit (SOL)",
    "Spent (SOL)",
    "Received (SOL)",
    "Liquidity (USD)",
    "Market cap (USD)",
    "Holders",
    "Ten largest",
    "In and out",
    "Score",
    "Needed",
    "Wallet's part",
    "Owners' part",
    "Coin's part",
    "Timing's part",
    "Rank",
    "After launch",
    "Enters after",
    "Sold",
    "Coins",
    "Of coins",
    "Signatures",
    "Rate",
    "From",
    "To",
    "In its stake",
    "Worth at its limit",
    "In USD then",
}
MEANINGS = {
    "Said": "What was stated, in the mean of its group",
    "Came": "What came of it later; it lies between the next two at 90 %",
    "Missing from the record": "What the record lacks that makes this figure look better, or worse, than it is",
    "Order": "What became of a copy: filled, or denied by the order-book guard, or refused by the venue",
    "OWRR": "Omega-weighted share of the market's skilled holders who stand behind this outcome",
    "Confidence": "How many skilled holders stand behind that",
    "Our USD": "What we set out to spend; empty when we skipped or sold",
    "Delay": "From the leader's trade to our verdict",
    "Paid": "USD per share, fees included",
    "Mark": "What a share is worth now, in USD: the middle of a book one can trade on",
    "Leader's USD": "What the leader spent or got, at the rate on record then",
    "Closed": "Positions sold out or resolved, over the wallet's lifetime",
    "Omega": "Gains divided by losses over the lifetime, all categories; capped",
    "ROI": "Realized PnL divided by what was invested",
    "Wins above price": "Positions that won, less how many the prices paid promised",
    "z": "That by its standard error: from 2 on it is hardly luck, for one wallet looked at alone",
    "Grade": "How sure its bets make us that it knows something: A from 95 %, F below 5 %",
    "Bets": "First purchases of tokens whose end is known: what the grade stands on",
    "Bets needed": "Bets like its own until one who wins 62 of 100 even bets is told from luck; with fewer, nobody can say",
    "Maker": "Part of its trades as a maker, where the role can be told",
    "Bot": "How regular, how much around the clock, how two-sided it trades: 0 a person, 100 % a machine",
    "Why closed": "The rule or the leader that took us out, or that the market resolved",
    "In its stake": "The same in what its strategy counts in, where that is not USD",
    "Heard of in": "Only launches are unbiased: boosts are paid for, lists hold what rose already",
    "Ten largest": "What the ten largest holders have of the supply, pools left out",
    "In and out": "What buying and selling it at once loses",
    "Against it": "Who may still mint or freeze it, or that it is dead",
    "Next look (UTC)": "Ever later as it dies; none once it is dead",
    "Needed": "From this score on the strategy copies",
    "Made of": "0 to 1 each; what nobody knows counts half",
    "After launch": "From the coin's launch to the first purchase",
    "Enters after": "Median time from a coin's launch to its first purchase, of coins whose launch was seen",
    "A copy's mean": "What a copy that comes later would have brought, fees and impact in it; one coin may make a mean",
    "Rate": "Of all signatures seen; it lies between the next two at 95 %",
    "In USD then": "At the rate on record when the order was made",
    "Why we follow": "The record in its best category, or that the policy names it",
}


def hover(column: str, value: object) -> str | None:
    """The whole of what a cell shows in short."""
    if value is None or not (column in HOVER or column.endswith("(UTC)")):
        return None
    return f"{instant(value)} UTC" if isinstance(value, datetime) else str(value)


def style(column: str, value: object) -> dict[str, str]:
    """Colour for gains, losses and verdicts; the text says the same."""
    if column == "Verdict":
        return {"color": COPY, "fontWeight": "600"} if value == "COPY" else {"color": QUIET}
    if column in SIGNED and isinstance(value, (int, float)) and value:
        return {"color": GAIN if value > 0 else LOSS}
    return {}

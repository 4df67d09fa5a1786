"""The closed vocabularies. Each is text in every store; members are rebuilt when rows leave a frame."""

from enum import StrEnum


class Venue(StrEnum):
    """Where it is traded."""

    POLYMARKET = "polymarket"
    SOLANA = "solana"


class Currency(StrEnum):
    """What a strategy counts in: USD (pUSD on Polymarket) or SOL."""

    USD = "USD"
    SOL = "SOL"


STAKE_OF = {Venue.POLYMARKET: Currency.USD, Venue.SOLANA: Currency.SOL}


class FeeFormula(StrEnum):
    """What a taker pays: binary is shares x rate x (p(1-p))^exponent, proportional is notional x rate."""

    BINARY = "binary"
    PROPORTIONAL = "proportional"


class Side(StrEnum):
    """BUY or SELL, seen from the wallet."""

    BUY = "BUY"
    SELL = "SELL"


class Entrance(StrEnum):
    """How an intent came to us: posted to the inbox, or as a line of a file."""

    HTTP = "http"
    FILE = "file"


class ReadAs(StrEnum):
    """What became of a signature that was seen on Solana: exactly one of these. GAP: it was seen, and its transaction never came."""

    TRADE = "TRADE"
    NOT_A_TRADE = "NOT_A_TRADE"
    FAILED = "FAILED"
    UNREADABLE = "UNREADABLE"
    GAP = "GAP"


class NoTrade(StrEnum):
    """Why what a wallet did in a transaction is no trade."""

    NOT_IN_IT = "NOT_IN_IT"
    NOTHING_MOVED = "NOTHING_MOVED"  # of the wallet's, but what the transaction cost
    MONEY_ONLY = "MONEY_ONLY"  # SOL or dollars came or went: transfers, dust, sweeps of fees, stakes, circles that end where they began
    MONEY_FOR_MONEY = "MONEY_FOR_MONEY"  # SOL into dollars or back: exchanged, and no coin bought
    TOKENS_ONLY = "TOKENS_ONLY"  # coins came or went for nothing: transfers, airdrops, claims, burns
    LIQUIDITY = "LIQUIDITY"  # coins and money went the same way
    NO_COUNTERPARTY = "NO_COUNTERPARTY"  # one thing came, another went, and nobody gave the one for the other: mints, claims with a fee
    NON_FUNGIBLE = "NON_FUNGIBLE"


class LineKind(StrEnum):
    """What an amount was for, in the ledger of one transaction."""

    TRADED = "TRADED"  # went into pools or came out of them
    MOVED = "MOVED"  # came or went without a trade
    VENUE_FEE = "VENUE_FEE"  # to the venue, the coin's creator, a router or a terminal
    NETWORK_FEE = "NETWORK_FEE"
    PRIORITY_FEE = "PRIORITY_FEE"
    TIP = "TIP"  # to whoever brings the transaction into a block
    RENT = "RENT"  # paid to open accounts, returned when they close
    TRANSFER_FEE = "TRANSFER_FEE"  # what a Token-2022 coin keeps of itself


class FillKind(StrEnum):
    """TRADE came of an order; MERGE made money of a set; WRITE_OFF takes off what is near nothing; BY_HAND was the operator's own sale."""

    TRADE = "TRADE"
    MERGE = "MERGE"
    WRITE_OFF = "WRITE_OFF"
    BY_HAND = "BY_HAND"


class Doubt(StrEnum):
    """Why a book is no evidence of a price yet: nobody could trade on it, or it is far from the last."""

    NO_BIDS = "NO_BIDS"
    CROSSED = "CROSSED"
    WIDE = "WIDE"
    THIN = "THIN"
    JUMP = "JUMP"


class Kind(StrEnum):
    """Decision kind of a strategy."""

    OWRR = "owrr"
    SCORE = "score"
    MIRROR = "mirror"


class Verdict(StrEnum):
    """What we make of a trade."""

    COPY = "COPY"
    SKIP = "SKIP"


class Confidence(StrEnum):
    """How many skilled holders stand behind a consensus."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INSUFFICIENT = "insufficient"


class Awaited(StrEnum):
    """What a leader's sale waits for: the answer to an order of ours, or what the leader held."""

    ORDER = "ORDER"
    HOLDING = "HOLDING"


class GapEnd(StrEnum):
    """How a gap was closed: FILLED to its beginning; FEED_ENDED, nobody has the rest any more; GIVEN_UP by an operator."""

    FILLED = "FILLED"
    FEED_ENDED = "FEED_ENDED"
    GIVEN_UP = "GIVEN_UP"


class FoundIn(StrEnum):
    """Where a candidate came from."""

    LEADERBOARD = "LEADERBOARD"
    HOLDERS = "HOLDERS"
    TRADES = "TRADES"
    EARLY_BUYERS = "EARLY_BUYERS"
    LOADED = "LOADED"  # in a file of positions that somebody loaded


class FoundToken(StrEnum):
    """Where we heard of a token: on the chain when it began, or in a list that holds what paid or rose already."""

    LAUNCH = "LAUNCH"
    BOOST = "BOOST"
    PROFILE = "PROFILE"
    RECENT = "RECENT"
    WALLET = "WALLET"  # a wallet we watch traded it


class HoldStyle(StrEnum):
    """How long a wallet usually holds a memecoin. Source: WallTrack's bounds, 1 h, 24 h and 7 days."""

    SCALPER = "SCALPER"
    DAY = "DAY"
    SWING = "SWING"
    POSITION = "POSITION"


class LabelKind(StrEnum):
    """Who somebody says an address is: an exchange, a contract or service of a venue, or one of an owner's wallets."""

    EXCHANGE = "exchange"
    INFRASTRUCTURE = "infrastructure"
    OWNER = "owner"


class Grade(StrEnum):
    """How sure we are that a wallet knows something: A from 95 %, B 80 %, C 50 %, D 20 %, E 5 %; F below: it may as well be luck."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class Form(StrEnum):
    """IN_FORM has its edge as far as its bets tell; FADED has rung the alarm and not come back."""

    IN_FORM = "IN_FORM"
    FADED = "FADED"


class BriefFlag(StrEnum):
    """The brief's rules of decay: DORMANT 30 days, DOWNGRADED after 3 losses in a row, REVIEW below 40 % of the last 20; or GOOD."""

    GOOD = "GOOD"
    REVIEW = "REVIEW"
    DOWNGRADED = "DOWNGRADED"
    DORMANT = "DORMANT"


class TradingState(StrEnum):
    """ACTIVE trades, REDUCING only exits. HALTED does nothing where a person or a contradiction says it; where a rule does, exits go on."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


class LeaderStanding(StrEnum):
    """What an operator says of a leader. PAUSED: nothing is entered behind it. BLOCKED: nor is it ever chosen. FREE ends both."""

    FREE = "FREE"
    PAUSED = "PAUSED"
    BLOCKED = "BLOCKED"


class Severity(StrEnum):
    """critical: money or truth is at stake now. warning: look today. info: to know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Period(StrEnum):
    """What a report is about: a day, or a week from Monday on; UTC."""

    DAILY = "daily"
    WEEKLY = "weekly"


class OrderStatus(StrEnum):
    """DENIED is our no, REFUSED the venue's. UNKNOWN was sent and its answer lost; PENDING was not yet sent.

    MATCHED was taken by the venue and is not final yet: it may still fail, so it books nothing.
    """

    DENIED = "DENIED"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    MATCHED = "MATCHED"
    REFUSED = "REFUSED"
    UNFILLED = "UNFILLED"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"


OPEN_STATUSES = (OrderStatus.PENDING, OrderStatus.UNKNOWN, OrderStatus.MATCHED)
OPEN_ORDERS = [status.value for status in OPEN_STATUSES]  # as a store is asked for them


class Reason(StrEnum):
    """Why a verdict, a denial or a halt. Stored, counted, tuned."""

    # Why we copy.
    CONSENSUS_FAVOURS = "CONSENSUS_FAVOURS"
    LEADER_TRADED = "LEADER_TRADED"
    SCORE_REACHED = "SCORE_REACHED"
    LEADER_EXITED = "LEADER_EXITED"
    # The firewall.
    LEADER_NOT_FOLLOWED = "LEADER_NOT_FOLLOWED"
    LEADER_PAUSED = "LEADER_PAUSED"
    LEADER_BLOCKED = "LEADER_BLOCKED"
    MARKET_NOT_ALLOWED = "MARKET_NOT_ALLOWED"
    MARKET_UNKNOWN = "MARKET_UNKNOWN"
    MARKET_RESOLVED = "MARKET_RESOLVED"
    MARKET_VERSION_UNKNOWN = "MARKET_VERSION_UNKNOWN"
    MARKET_IS_COMBO = "MARKET_IS_COMBO"
    TRADE_STALE = "TRADE_STALE"
    TRADE_FROM_THE_FUTURE = "TRADE_FROM_THE_FUTURE"
    NOTIONAL_EXCEEDS_MAXIMUM = "NOTIONAL_EXCEEDS_MAXIMUM"
    # The seven steps.
    CATEGORY_NOT_TRACKED = "CATEGORY_NOT_TRACKED"
    CONSENSUS_INSUFFICIENT = "CONSENSUS_INSUFFICIENT"
    CONSENSUS_STALE = "CONSENSUS_STALE"
    CONSENSUS_BELOW_THRESHOLD = "CONSENSUS_BELOW_THRESHOLD"
    CONFIDENCE_TOO_LOW = "CONFIDENCE_TOO_LOW"
    SCORE_BELOW_THRESHOLD = "SCORE_BELOW_THRESHOLD"
    TOKEN_NOT_LOOKED_AT = "TOKEN_NOT_LOOKED_AT"  # noqa: S105 (a mint, not a secret)
    TOKEN_UNSELLABLE = "TOKEN_UNSELLABLE"  # noqa: S105
    TOKEN_AUTHORITY = "TOKEN_AUTHORITY"  # noqa: S105 (somebody may still mint it or freeze it)
    TOKEN_CONCENTRATED = "TOKEN_CONCENTRATED"  # noqa: S105
    TOKEN_TOO_YOUNG = "TOKEN_TOO_YOUNG"  # noqa: S105
    MAX_POSITIONS_REACHED = "MAX_POSITIONS_REACHED"
    CAPITAL_TOO_LOW = "CAPITAL_TOO_LOW"
    SIZE_BELOW_MINIMUM = "SIZE_BELOW_MINIMUM"
    # Risk.
    FEED_LATE = "FEED_LATE"
    TRADING_REDUCING = "TRADING_REDUCING"
    TRADING_HALTED = "TRADING_HALTED"
    KILL_SWITCH = "KILL_SWITCH"
    DAILY_LOSS = "DAILY_LOSS"
    DRAWDOWN = "DRAWDOWN"
    WIN_RATE_LOW = "WIN_RATE_LOW"
    OPERATOR = "OPERATOR"
    STRATEGY_UNREADABLE = "STRATEGY_UNREADABLE"
    EXPOSURE_REACHED = "EXPOSURE_REACHED"
    ORDER_UNANSWERED = "ORDER_UNANSWERED"
    TOKEN_ALREADY_HELD = "TOKEN_ALREADY_HELD"  # noqa: S105 (an outcome token, not a secret)
    # The account, above all strategies.
    ACCOUNT_EXPOSURE_REACHED = "ACCOUNT_EXPOSURE_REACHED"
    ACCOUNT_CLUSTER_REACHED = "ACCOUNT_CLUSTER_REACHED"
    ACCOUNT_LEADER_REACHED = "ACCOUNT_LEADER_REACHED"
    ACCOUNT_TOKEN_REACHED = "ACCOUNT_TOKEN_REACHED"  # noqa: S105 (what is open in one)
    ACCOUNT_VENUE_REACHED = "ACCOUNT_VENUE_REACHED"
    ACCOUNT_DAILY_LOSS = "ACCOUNT_DAILY_LOSS"
    ACCOUNT_DRAWDOWN = "ACCOUNT_DRAWDOWN"
    RATE_MISSING = "RATE_MISSING"
    # Exits: why we leave, and how an exit ended.
    OPERATOR_EXIT = "OPERATOR_EXIT"
    STOP_LOSS = "STOP_LOSS"
    TRAILING_STOP = "TRAILING_STOP"
    TIME_EXIT = "TIME_EXIT"
    STAGNATION = "STAGNATION"
    TAKE_PROFIT = "TAKE_PROFIT"
    NOTHING_HELD = "NOTHING_HELD"
    EXIT_UNDERWAY = "EXIT_UNDERWAY"
    EXIT_DONE = "EXIT_DONE"
    EXIT_SUPERSEDED = "EXIT_SUPERSEDED"
    CLOSED_ELSEWHERE = "CLOSED_ELSEWHERE"
    # The order-book guard.
    BOOK_MISSING = "BOOK_MISSING"
    SLIPPAGE_TOO_HIGH = "SLIPPAGE_TOO_HIGH"
    PRICE_BEYOND_LIMIT = "PRICE_BEYOND_LIMIT"
    ORDER_BELOW_MINIMUM = "ORDER_BELOW_MINIMUM"
    # The venue's.
    VENUE_REFUSED = "VENUE_REFUSED"
    VENUE_NEVER_SAW_IT = "VENUE_NEVER_SAW_IT"
    VENUE_UNAVAILABLE = "VENUE_UNAVAILABLE"
    VENUE_CLOSED_ONLY = "VENUE_CLOSED_ONLY"
    VENUE_UNSAFE = "VENUE_UNSAFE"
    VENUE_CONTRADICTS_US = "VENUE_CONTRADICTS_US"
    VENUE_NO_BALANCE = "VENUE_NO_BALANCE"
    VENUE_NO_MATCH = "VENUE_NO_MATCH"
    VENUE_MARKET_NOT_READY = "VENUE_MARKET_NOT_READY"
    VENUE_INVALID_ORDER = "VENUE_INVALID_ORDER"
    SETTLEMENT_FAILED = "SETTLEMENT_FAILED"
    # Before anything is signed.
    QUOTE_STALE = "QUOTE_STALE"
    IMPACT_TOO_HIGH = "IMPACT_TOO_HIGH"
    NO_ROUTE = "NO_ROUTE"
    ROUTE_NOT_KNOWN = "ROUTE_NOT_KNOWN"  # it goes through a program we do not know
    SIMULATION_FAILED = "SIMULATION_FAILED"
    TRANSACTION_UNSAFE = "TRANSACTION_UNSAFE"  # it would do more than was asked for: it gets no signature
    MARKET_CHANGED = "MARKET_CHANGED"
    LIVE_LIMIT = "LIVE_LIMIT"
    MONEY_OUT_REACHED = "MONEY_OUT_REACHED"
    ORDER_FORGED = "ORDER_FORGED"
    LIMIT_NOT_KEPT = "LIMIT_NOT_KEPT"
    # On the chain: never in a block and never will be; in a block, and failed.
    TRANSACTION_EXPIRED = "TRANSACTION_EXPIRED"
    TRANSACTION_FAILED = "TRANSACTION_FAILED"


class ExitPreset(StrEnum):
    """A named way out of a token that has no end of its own: what each does stands in `domain/copying/exits/presets.py`."""

    CONSERVATIVE = "conservative"
    BALANCED = "balanced"
    MOONBAG = "moonbag"
    QUICK_FLIP = "quick_flip"
    DIAMOND = "diamond"


class Trap(StrEnum):
    """What makes a wallet dangerous to copy."""

    WASH = "wash"
    BAIT = "bait"
    HEDGE = "hedge"
    CROWD = "crowd"
    PREARRANGED = "prearranged"  # its bets are against wallets that trade with hardly anybody else


class Censoring(StrEnum):
    """What is missing from a recording of other people's wallets, so that its figures flatter."""

    LOSERS_MISSING = "losers missing"  # positions that lost were never redeemed, and have no row
    WINNERS_CHOSEN = "wallets chosen by their wins"
    HISTORY_CUT = "history cut off"  # it begins, or ends for each wallet, in the middle
    ONE_SIDE = "one side of each trade"  # what the wallets together won, nobody here lost
    SALES_MISSING = "no sales"


class CounterfactualEnd(StrEnum):
    """How a followed-up signal ended: with its leader's exit, with the resolution, priced out before it began, or not yet."""

    LEADER = "leader"
    RESOLUTION = "resolution"
    UNFILLED = "unfilled"
    OPEN = "open"

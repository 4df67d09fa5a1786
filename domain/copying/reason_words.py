"""Every Reason in a sentence, and what a person can do about it. The command line, the results page and docs/reasons.md say these words."""

from collections.abc import Mapping
from dataclasses import dataclass

from data_contracts import Reason


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """`says` what happened; `cure` what changes it, empty where nothing is wrong."""

    says: str
    cure: str = ""


# A Reason without a line here fails a test. Names with a point are fields of the strategy (form of strategy-editing).
REASON_WORDS: Mapping[Reason, ReasonWords] = {
    Reason.CONSENSUS_FAVOURS: ReasonWords("The market's skilled holders agree on this outcome"),
    Reason.LEADER_TRADED: ReasonWords("A wallet we follow bought it"),
    Reason.SCORE_REACHED: ReasonWords("Wallet, other owners, token and timing together reach the threshold"),
    Reason.LEADER_EXITED: ReasonWords("The wallet we copied sells, and we sell the same part"),
    Reason.LEADER_NOT_FOLLOWED: ReasonWords("This strategy does not follow the wallet", "Name it in follow.wallets, or raise follow.top"),
    Reason.LEADER_PAUSED: ReasonWords(
        "A person paused this wallet: nothing is entered behind it, exits go on",
        "`walletflow release-leader ADDRESS --reason TEXT` ends it; `walletflow wallet ADDRESS` says why, and of which strategy",
    ),
    Reason.LEADER_BLOCKED: ReasonWords(
        "A person blocked this wallet: it is never chosen, and nothing is entered behind it",
        "`walletflow release-leader ADDRESS --reason TEXT` ends it; `walletflow wallet ADDRESS` says why, and of which strategy",
    ),
    Reason.MARKET_NOT_ALLOWED: ReasonWords("The market is not on this strategy's list", "Add it to firewall.markets, or empty the list"),
    Reason.MARKET_UNKNOWN: ReasonWords(
        "What this token is could not be read from the venue",
        "Look at the venue's feed with `walletflow doctor`; new markets appear by themselves",
    ),
    Reason.MARKET_RESOLVED: ReasonWords("The market has ended: there is nothing to trade, and what we hold is settled"),
    Reason.MARKET_VERSION_UNKNOWN: ReasonWords(
        "Which of the venue's exchanges trades this market is not known, so nothing can be signed", "A newer Walletflow may know it"
    ),
    Reason.MARKET_IS_COMBO: ReasonWords("A combination of markets, which is never copied"),
    Reason.TRADE_STALE: ReasonWords(
        "The trade was too old when we saw it", "See the feed's lag in `walletflow doctor`; firewall.max_age_s allows older ones"
    ),
    Reason.TRADE_FROM_THE_FUTURE: ReasonWords("The trade's time lies ahead of our clock", "Set this machine's clock by NTP"),
    Reason.NOTIONAL_EXCEEDS_MAXIMUM: ReasonWords("The leader's trade is too large to be true", "firewall.max_leader_notional, if it is"),
    Reason.CATEGORY_NOT_TRACKED: ReasonWords(
        "The market's category is not tracked, or not known", "Add it to owrr.categories, or empty the list"
    ),
    Reason.CONSENSUS_INSUFFICIENT: ReasonWords(
        "Too few holders of this market have a record",
        "It comes with more profiles: wallet-discovery and wallet-profiling run by themselves",
    ),
    Reason.CONSENSUS_STALE: ReasonWords(
        "The market's holders were read too long ago", "owrr.max_age_s; see the feed in `walletflow doctor`"
    ),
    Reason.CONSENSUS_BELOW_THRESHOLD: ReasonWords("The market's holders do not agree enough", "owrr.yes_above and owrr.no_below"),
    Reason.CONFIDENCE_TOO_LOW: ReasonWords("They agree, but too few stand behind it", "owrr.min_confidence"),
    Reason.SCORE_BELOW_THRESHOLD: ReasonWords(
        "Wallet, other owners, token and timing together are not enough",
        "score.threshold and its weights; `walletflow explain SIGNAL` shows each",
    ),
    Reason.TOKEN_NOT_LOOKED_AT: ReasonWords(
        "The token's risks are not known, or were read too long ago",
        "token-surveillance reads them; score.max_look_age_s allows older ones",
    ),
    Reason.TOKEN_UNSELLABLE: ReasonWords(
        "Who buys it can hardly sell it: a trap, or a ruinous tax", "score.max_round_trip_loss, at your risk"
    ),
    Reason.TOKEN_AUTHORITY: ReasonWords("Somebody may still mint more of it, or freeze it"),
    Reason.TOKEN_CONCENTRATED: ReasonWords("Ten holders have too much of it", "score.max_top10_fraction, at your risk"),
    Reason.TOKEN_TOO_YOUNG: ReasonWords("It was launched too recently", "score.min_age_s"),
    Reason.MAX_POSITIONS_REACHED: ReasonWords(
        "As many positions are open as may be",
        "risk.max_positions, or close one: `walletflow close TOKEN --strategy STRATEGY --reason TEXT`",
    ),
    Reason.CAPITAL_TOO_LOW: ReasonWords("Too little of the balance is free", "Raise the balance, or wait for exits"),
    Reason.SIZE_BELOW_MINIMUM: ReasonWords("The copy would be too small to be worth its fees", "sizing.min_notional, or a larger balance"),
    Reason.FEED_LATE: ReasonWords("The feed lags, so prices may be gone", "Nothing: it goes on by itself when the feed has caught up"),
    Reason.TRADING_REDUCING: ReasonWords(
        "Entries are stopped, exits go on", "`walletflow status` says by whom; `walletflow resume STRATEGY --reason TEXT`, or --all"
    ),
    Reason.TRADING_HALTED: ReasonWords(
        "Trading is stopped, exits too", "`walletflow status` says by whom; `walletflow resume STRATEGY --reason TEXT`, or --all"
    ),
    Reason.KILL_SWITCH: ReasonWords("The environment stops trading", "WALLETFLOW_TRADING_STATE, then start the workers again"),
    Reason.DAILY_LOSS: ReasonWords("The strategy lost today what it may lose in a day", "It goes on at 0:00 UTC; risk.max_daily_loss"),
    Reason.DRAWDOWN: ReasonWords(
        "The strategy fell too far below its peak", "Look why, then `walletflow resume STRATEGY --reason TEXT`; risk.max_drawdown"
    ),
    Reason.WIN_RATE_LOW: ReasonWords(
        "Too few of the last 50 closed positions won",
        "Look whom it follows, then `walletflow resume STRATEGY --reason TEXT`; risk.min_win_rate",
    ),
    Reason.OPERATOR: ReasonWords(
        "A person stopped it", "`walletflow resume STRATEGY --reason TEXT`, or --all, when the reason given is over"
    ),
    Reason.STRATEGY_UNREADABLE: ReasonWords(
        "A row of this strategy cannot be read, so what it may spend is not known",
        "The alert names the row; strategy-editing writes it anew",
    ),
    Reason.EXPOSURE_REACHED: ReasonWords(
        "As much is at stake as may be",
        "The limits of risk, or close something: `walletflow close TOKEN --strategy STRATEGY --reason TEXT`",
    ),
    Reason.ORDER_UNANSWERED: ReasonWords(
        "An order of this position has no answer yet, so what is held is not known", "Nothing: it is asked for in every cycle"
    ),
    Reason.TOKEN_ALREADY_HELD: ReasonWords("We hold this token already", "risk.scale_in follows further buys"),
    Reason.ACCOUNT_EXPOSURE_REACHED: ReasonWords("All strategies together have as much at stake as may be", "The form of account-limits"),
    Reason.ACCOUNT_CLUSTER_REACHED: ReasonWords("As much as may be stands behind this owner", "The form of account-limits"),
    Reason.ACCOUNT_LEADER_REACHED: ReasonWords("As much as may be stands behind this wallet", "The form of account-limits"),
    Reason.ACCOUNT_TOKEN_REACHED: ReasonWords("As much as may be is open in this token", "The form of account-limits"),
    Reason.ACCOUNT_VENUE_REACHED: ReasonWords("As much as may be is open at this venue", "The form of account-limits"),
    Reason.ACCOUNT_DAILY_LOSS: ReasonWords(
        "The account lost today what it may lose in a day", "It goes on at 0:00 UTC; the form of account-limits"
    ),
    Reason.ACCOUNT_DRAWDOWN: ReasonWords(
        "The account fell too far below its peak", "Look why, then `walletflow resume --all --reason TEXT`"
    ),
    Reason.RATE_MISSING: ReasonWords(
        "What this currency is worth in USD is not known, so the account's limits cannot be kept", "See the feeds in `walletflow doctor`"
    ),
    Reason.OPERATOR_EXIT: ReasonWords("A person said: sell it"),
    Reason.STOP_LOSS: ReasonWords("The position lost what it may lose"),
    Reason.TRAILING_STOP: ReasonWords("The position fell too far below its best"),
    Reason.TIME_EXIT: ReasonWords("The position was held as long as it may be"),
    Reason.STAGNATION: ReasonWords("The position went nowhere for too long"),
    Reason.TAKE_PROFIT: ReasonWords("The position gained enough to sell a part"),
    Reason.NOTHING_HELD: ReasonWords("We hold nothing of it that could be sold"),
    Reason.EXIT_UNDERWAY: ReasonWords("It is being sold already"),
    Reason.EXIT_DONE: ReasonWords("What was to be sold is sold"),
    Reason.EXIT_SUPERSEDED: ReasonWords("A stronger exit took its place"),
    Reason.CLOSED_ELSEWHERE: ReasonWords("The operator sold it by hand at the venue, and the ledger followed"),
    Reason.BOOK_MISSING: ReasonWords(
        "There is no order book to buy from or sell to", "Leaders that trade deeper markets; an exit asks again in every cycle"
    ),
    Reason.SLIPPAGE_TOO_HIGH: ReasonWords(
        "The price had moved too far from the leader's", "ordering.max_slippage, or leaders that trade deeper markets; exits ask again"
    ),
    Reason.PRICE_BEYOND_LIMIT: ReasonWords("No price within the limit is left", "ordering.max_slippage; exits ask again"),
    Reason.ORDER_BELOW_MINIMUM: ReasonWords("The order is smaller than the venue takes", "A larger sizing.min_notional"),
    Reason.VENUE_REFUSED: ReasonWords("The venue said no, in words we do not know", "The order's row has its words"),
    Reason.VENUE_NEVER_SAW_IT: ReasonWords("The order never reached the venue, and cannot any more"),
    Reason.VENUE_UNAVAILABLE: ReasonWords(
        "The venue did not answer", "Nothing: it is asked again; `walletflow doctor` shows when it is back"
    ),
    Reason.VENUE_CLOSED_ONLY: ReasonWords(
        "The venue lets this account only close positions", "Its rules for your country and account; we do not help around that"
    ),
    Reason.VENUE_UNSAFE: ReasonWords("The venue cannot be dealt with safely now", "The alert and `walletflow doctor` say what is wrong"),
    Reason.VENUE_CONTRADICTS_US: ReasonWords(
        "The venue says we hold something else than our ledger",
        "docs/going_live.md says how to compare; then `walletflow resume STRATEGY --reason TEXT`",
    ),
    Reason.VENUE_NO_BALANCE: ReasonWords("Too little money or allowance at the venue", "Pay in, or run allowance-setting"),
    Reason.VENUE_NO_MATCH: ReasonWords("Nobody took the order at its price", "ordering.max_slippage; exits ask again"),
    Reason.VENUE_MARKET_NOT_READY: ReasonWords("The market does not take orders yet", "Nothing: it opens by itself"),
    Reason.VENUE_INVALID_ORDER: ReasonWords(
        "The venue found a fault in the order", "The instrument is read again before the next; the order's row has its words"
    ),
    Reason.SETTLEMENT_FAILED: ReasonWords("It was matched, and its settlement on the chain failed: nothing was bought or sold"),
    Reason.QUOTE_STALE: ReasonWords("The quote was too old to be signed", "Nothing: exits ask again"),
    Reason.IMPACT_TOO_HIGH: ReasonWords("The order itself would move the price too far", "A smaller sizing.max_notional"),
    Reason.NO_ROUTE: ReasonWords("No way to swap it was found", "Leaders that trade deeper markets; exits ask again"),
    Reason.ROUTE_NOT_KNOWN: ReasonWords("The swap would go through a program we do not know", "Nothing: exits ask again for another way"),
    Reason.SIMULATION_FAILED: ReasonWords(
        "The transaction failed when it was tried out before signing", "The order's row has the node's words"
    ),
    Reason.TRANSACTION_UNSAFE: ReasonWords(
        "The transaction would do more than was asked for: it got no signature", "Tell us; something between here and the venue is wrong"
    ),
    Reason.MARKET_CHANGED: ReasonWords("The market is not what it was when we judged it", "Nothing: it is read again"),
    Reason.LIVE_LIMIT: ReasonWords(
        "A live BUY costs more than the environment allows", "WALLETFLOW_LIVE_MAX_ORDER, WALLETFLOW_LIVE_SOLANA_MAX_ORDER"
    ),
    Reason.MONEY_OUT_REACHED: ReasonWords(
        "As much money is out as the executor ever lets out", "WALLETFLOW_LIVE_MAX_OUT, WALLETFLOW_LIVE_SOLANA_MAX_OUT"
    ),
    Reason.ORDER_FORGED: ReasonWords(
        "The order does not carry the judge's seal: somebody else wrote it", "docs/security.md; look who may write to Postgres"
    ),
    Reason.LIMIT_NOT_KEPT: ReasonWords(
        "The order, as it would be signed, breaks its own limit: it got no signature", "Tell us; exits ask again"
    ),
    Reason.TRANSACTION_EXPIRED: ReasonWords(
        "The transaction was in no block before it expired: nothing happened", "Nothing: exits ask again"
    ),
    Reason.TRANSACTION_FAILED: ReasonWords("The transaction is in a block and failed: only its fee was paid", "Nothing: exits ask again"),
}


def words_of(reason: str | None) -> ReasonWords:
    """By its word as a store keeps it; of one that is no Reason of this version, that word."""
    if reason is None:
        return ReasonWords("")
    return REASON_WORDS[Reason(reason)] if reason in set(Reason) else ReasonWords(reason.replace("_", " ").capitalize())

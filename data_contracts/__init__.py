"""The words: one row class = one table. Imports nothing of ours."""

from data_contracts.activity import Activity
from data_contracts.alerting import Alert
from data_contracts.contract import ROW_CLASSES, contract_of
from data_contracts.copying import Copyability, Counterfactual, TrapFlag
from data_contracts.market import Consensus, HolderPosition, Instrument, PolymarketMarket
from data_contracts.operating import Contradiction, Equity, OperatorWord, Paced, Quarantined, RiskState, Strategy, Watermark
from data_contracts.skill import Bet, EdgeState, WalletSkill
from data_contracts.trading import Exit, Fill, Order, Position, Settlement, Signal, Trade
from data_contracts.wallets import Candidate, ClosedPosition, Funding, Leader, WalletProfile
from data_contracts.words import (
    BriefFlag,
    Confidence,
    CounterfactualEnd,
    Currency,
    FeeFormula,
    Form,
    FoundIn,
    Grade,
    Kind,
    OrderStatus,
    Reason,
    Severity,
    Side,
    TradingState,
    Trap,
    Venue,
    Verdict,
)

__all__ = [
    "ROW_CLASSES",
    "Activity",
    "Alert",
    "Bet",
    "BriefFlag",
    "Candidate",
    "ClosedPosition",
    "Confidence",
    "Consensus",
    "Contradiction",
    "Copyability",
    "Counterfactual",
    "CounterfactualEnd",
    "Currency",
    "EdgeState",
    "Equity",
    "Exit",
    "FeeFormula",
    "Fill",
    "Form",
    "FoundIn",
    "Funding",
    "Grade",
    "HolderPosition",
    "Instrument",
    "Kind",
    "Leader",
    "OperatorWord",
    "Order",
    "OrderStatus",
    "Paced",
    "PolymarketMarket",
    "Position",
    "Quarantined",
    "Reason",
    "RiskState",
    "Settlement",
    "Severity",
    "Side",
    "Signal",
    "Strategy",
    "Trade",
    "TradingState",
    "Trap",
    "TrapFlag",
    "Venue",
    "Verdict",
    "WalletProfile",
    "WalletSkill",
    "Watermark",
    "contract_of",
]

"""The words: one row class = one table. Imports nothing of ours."""

from data_contracts.activity import Activity
from data_contracts.alerting import Alert
from data_contracts.contract import ROW_CLASSES, contract_of
from data_contracts.copying import Copyability, Counterfactual, TrapFlag
from data_contracts.market import Consensus, HolderPosition, Market
from data_contracts.operating import Contradiction, Equity, OperatorWord, Paced, Quarantined, RiskState, Strategy, Watermark
from data_contracts.skill import Bet, EdgeState, WalletSkill
from data_contracts.trading import Exit, Fill, Order, Position, Settlement, Signal, Trade
from data_contracts.wallets import Candidate, ClosedPosition, Funding, Leader, WalletProfile
from data_contracts.words import (
    BriefFlag,
    Confidence,
    CounterfactualEnd,
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
    "EdgeState",
    "Equity",
    "Exit",
    "Fill",
    "Form",
    "FoundIn",
    "Funding",
    "Grade",
    "HolderPosition",
    "Kind",
    "Leader",
    "Market",
    "OperatorWord",
    "Order",
    "OrderStatus",
    "Paced",
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
    "Verdict",
    "WalletProfile",
    "WalletSkill",
    "Watermark",
    "contract_of",
]

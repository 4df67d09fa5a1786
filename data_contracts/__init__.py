"""The words: one row class = one table. Imports nothing of ours."""

from data_contracts.contract import ROW_CLASSES, contract_of
from data_contracts.copying import Copyability, Counterfactual, TrapFlag
from data_contracts.market import Consensus, HolderPosition, Market
from data_contracts.operating import Equity, Quarantined, RiskState, Strategy, Watermark
from data_contracts.skill import Bet, EdgeState, WalletSkill
from data_contracts.trading import Fill, Order, Position, Settlement, Signal, Trade
from data_contracts.wallets import ClosedPosition, Leader, WalletProfile
from data_contracts.words import (
    BriefFlag,
    Confidence,
    CounterfactualEnd,
    Form,
    Grade,
    Kind,
    OrderStatus,
    Reason,
    Side,
    TradingState,
    Trap,
    Verdict,
)

__all__ = [
    "ROW_CLASSES",
    "Bet",
    "BriefFlag",
    "ClosedPosition",
    "Confidence",
    "Consensus",
    "Copyability",
    "Counterfactual",
    "CounterfactualEnd",
    "EdgeState",
    "Equity",
    "Fill",
    "Form",
    "Grade",
    "HolderPosition",
    "Kind",
    "Leader",
    "Market",
    "Order",
    "OrderStatus",
    "Position",
    "Quarantined",
    "Reason",
    "RiskState",
    "Settlement",
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

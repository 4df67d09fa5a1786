"""The words: one row class = one table. Imports nothing of ours."""

from data_contracts.activity import Activity
from data_contracts.alerting import Alert
from data_contracts.contract import ROW_CLASSES, contract_of
from data_contracts.market import Consensus, HolderPosition, Market
from data_contracts.operating import Equity, Paced, Quarantined, RiskState, Strategy, Watermark
from data_contracts.trading import Exit, Fill, Order, Position, Settlement, Signal, Trade
from data_contracts.wallets import Candidate, ClosedPosition, Funding, Leader, WalletProfile
from data_contracts.words import Confidence, FoundIn, Kind, OrderStatus, Reason, Severity, Side, TradingState, Verdict

__all__ = [
    "ROW_CLASSES",
    "Activity",
    "Alert",
    "Candidate",
    "ClosedPosition",
    "Confidence",
    "Consensus",
    "Equity",
    "Exit",
    "Fill",
    "FoundIn",
    "Funding",
    "HolderPosition",
    "Kind",
    "Leader",
    "Market",
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
    "Verdict",
    "WalletProfile",
    "Watermark",
    "contract_of",
]

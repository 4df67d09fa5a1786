"""The words: one row class = one table. Imports nothing of ours."""

from data_contracts.contract import ROW_CLASSES, contract_of
from data_contracts.market import Consensus, HolderPosition, Market
from data_contracts.operating import Equity, Quarantined, RiskState, Strategy, Watermark
from data_contracts.trading import Fill, Order, Position, Settlement, Signal, Trade
from data_contracts.wallets import ClosedPosition, Funding, Leader, WalletProfile
from data_contracts.words import Confidence, Kind, OrderStatus, Reason, Side, TradingState, Verdict

__all__ = [
    "ROW_CLASSES",
    "ClosedPosition",
    "Confidence",
    "Consensus",
    "Equity",
    "Fill",
    "Funding",
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
    "Verdict",
    "WalletProfile",
    "Watermark",
    "contract_of",
]

"""A strategy's list of named wallets: one more, or one less."""

from datetime import datetime

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Strategy
from data_contracts.errors import Impossible, Refused
from domain.copying.policy import Policy
from domain.copying.policy_changes import PolicyChanges
from domain.copying.strategy_changes import Line
from domain.wallet_addresses import venue_of
from tasks.copying.leader_words import read_leader_words
from tasks.operating.strategy_editing import StrategyChanges, change_within
from tasks.operating.strategy_versions import alone_with
from tasks.profiling.leaders import choose_leaders
from tasks.steps import step


def named_wallets(strategy_id: str, wallet: str, settings: Settings) -> tuple[str, ...]:
    """The wallets it names now. Raises Refused for a strategy there is not, and a wallet of another venue than the strategy's."""
    return _named(strategy_id, wallet, open_results(settings))


def refuse_blocked(strategy_id: str, wallet: str, settings: Settings) -> None:
    """Raises Impossible for a wallet that a person blocked there."""
    why = read_leader_words(open_results(settings)).blocked(strategy_id).get(wallet)
    if why:
        raise Impossible(f"{wallet} is {why}. `walletflow release-leader {wallet} --reason TEXT` ends that")


def follow(strategy_id: str, wallet: str, is_followed: bool, settings: Settings, as_of: datetime) -> list[Line]:
    """Puts it on the list or takes it off, chooses leaders anew, and says what changed, if anything. Raises Refused as above."""
    if is_followed:
        refuse_blocked(strategy_id, wallet, settings)
    changed = name_wallet(strategy_id, wallet, is_followed, settings, as_of)
    if changed:
        choose_leaders(settings, as_of)
    return changed


@step
def name_wallet(strategy_id: str, wallet: str, is_followed: bool, settings: Settings, as_of: datetime) -> list[Line]:
    """The same of the list alone. It is read and written while nobody else changes the strategy: two that are named at once both stay."""

    def change(within: Results) -> list[Line]:
        named = _named(strategy_id, wallet, within)
        if (wallet in named) is is_followed:
            return []
        wallets = [*named, wallet] if is_followed else [one for one in named if one != wallet]
        policy = PolicyChanges.model_validate({"follow": {"wallets": wallets}})
        why = f"{'follow' if is_followed else 'unfollow'} {wallet}"
        return change_within(within, strategy_id, StrategyChanges(policy=policy, why=why), as_of)

    return alone_with([strategy_id], open_results(settings), change)


def _named(strategy_id: str, wallet: str, results: Results) -> tuple[str, ...]:
    found = results.rows(Strategy, strategy_id=strategy_id)
    if not found:
        raise Refused(f"there is no strategy {strategy_id!r}: `walletflow strategies` names them")
    if venue_of(wallet) is not found[0].venue:
        raise Refused(f"{wallet} trades at {venue_of(wallet)}, {strategy_id} at {found[0].venue}")
    return Policy.of_record(found[0].policy).follow.wallets

"""`walletflow follow` and `unfollow`: one strategy's list of named wallets."""

from datetime import UTC, datetime

from adapters.settings import Settings, load_settings
from data_contracts.errors import Refused
from deployments.terminal import out
from domain.wallet_addresses import venue_of, wallet_of


def change(address: str, strategy: str, is_followed: bool, dry_run: bool) -> None:
    """Raises Refused for what is no wallet, a strategy there is not, and a wallet of another venue than the strategy's."""
    from domain.copying.policy_changes import PolicyChanges  # the drivers take a second to import
    from tasks.operating.strategy_editing import StrategyChanges, change_strategy
    from tasks.profiling.leaders import choose_leaders
    from tasks.steps import bare_steps

    settings, now, wallet = load_settings(), datetime.now(UTC), _typed(address)
    named = _named(strategy, wallet, settings)
    if (wallet in named) is is_followed:
        out.print(f"{strategy} {'follows' if is_followed else 'does not name'} {wallet} already")
        return
    wallets = [*named, wallet] if is_followed else [one for one in named if one != wallet]
    said = f"{strategy}: follow.wallets {len(named)} → {len(wallets)}, {wallet} {'named' if is_followed else 'taken off'}"
    if dry_run:
        out.print(f"{said}. Not stored: --dry-run")
        return
    changes = StrategyChanges(policy=PolicyChanges.model_validate({"follow": {"wallets": wallets}}))
    with bare_steps():
        change_strategy(strategy, changes, settings, now)
        choose_leaders(settings, now)
    out.print(said)


def _typed(address: str) -> str:
    try:
        return wallet_of(address)
    except ValueError as error:
        raise Refused(str(error)) from error


def _named(strategy: str, wallet: str, settings: Settings) -> tuple[str, ...]:
    """The wallets it names now."""
    from adapters.connect import open_results
    from data_contracts import Strategy
    from domain.copying.policy import Policy

    found = open_results(settings).rows(Strategy, strategy_id=strategy)
    if not found:
        raise Refused(f"there is no strategy {strategy!r}: `walletflow strategies` names them")
    if venue_of(wallet) is not found[0].venue:
        raise Refused(f"{wallet} trades at {venue_of(wallet)}, {strategy} at {found[0].venue}")
    return Policy.of_record(found[0].policy).follow.wallets

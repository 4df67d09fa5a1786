"""`walletflow follow` and `unfollow`; `pause-leader`, `block-leader` and `release-leader`."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from data_contracts import LeaderStanding
from deployments.commands.wallet import typed_wallet
from deployments.operator_words import EVERY_STRATEGY
from deployments.terminal import out


def change(address: str, strategy: str, is_followed: bool, dry_run: bool) -> None:
    """Raises Refused for what is no wallet, a strategy there is not, and a wallet of another venue than the strategy's."""
    from tasks.operating.following import follow, named_wallets, refuse_blocked  # the drivers take a second to import
    from tasks.steps import bare_steps

    settings, wallet = load_settings(), typed_wallet(address)
    named = named_wallets(strategy, wallet, settings)
    if is_followed:
        refuse_blocked(strategy, wallet, settings)
    if (wallet in named) is is_followed:
        out.print(f"{strategy} {'follows' if is_followed else 'does not name'} {wallet} already")
        return
    after, verb = (len(named) + 1, "named") if is_followed else (len(named) - 1, "taken off")
    said = f"{strategy}: follow.wallets {len(named)} → {after}, {wallet} {verb}"
    if dry_run:
        out.print(f"{said}. Not stored: --dry-run")
        return
    with bare_steps():
        follow(strategy, wallet, is_followed, settings, datetime.now(UTC))
    out.print(said)


def set_standing(address: str, standing: LeaderStanding, why: str, strategy: str | None) -> None:
    """Raises Refused for what is no wallet, a strategy there is not, and a word without a reason."""
    from tasks.operating.leader_standing import order_standing, standing_lines
    from tasks.steps import bare_steps

    wallet, whom = typed_wallet(address), EVERY_STRATEGY if strategy is None else strategy
    with bare_steps():
        words = order_standing(wallet, standing, load_settings(), datetime.now(UTC), why, whom)
    for line in standing_lines(words, wallet):
        whose = "every strategy" if line["strategy"] == EVERY_STRATEGY else line["strategy"]
        out.print(f"{wallet} is {line['standing']} in {whose}: {line['why']}", markup=False)

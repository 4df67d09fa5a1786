"""The commands `follow` and `unfollow`; `pause-leader`, `block-leader` and `release-leader`."""

from datetime import UTC, datetime

from adapters.settings import load_settings
from data_contracts import LeaderStanding
from deployments.commands.wallet import typed_wallet
from deployments.operator_words import EVERY_STRATEGY
from deployments.terminal import Answer


def change(address: str, strategy: str, is_followed: bool, dry_run: bool, as_json: bool) -> None:
    """Raises Refused for what is no wallet, a strategy there is not, and a wallet of another venue than the strategy's."""
    wallet = typed_wallet(address)
    from tasks.operating.following import follow, named_wallets, refuse_blocked  # the drivers take a second to import
    from tasks.steps import bare_steps

    settings, answer = load_settings(), Answer(as_json, {"strategy": strategy, "wallet": wallet})
    named = named_wallets(strategy, wallet, settings)
    if is_followed:
        refuse_blocked(strategy, wallet, settings)
    is_new = (wallet in named) is not is_followed
    after, verb = (len(named) + 1, "named") if is_followed else (len(named) - 1, "taken off")
    line = f"{strategy}: follow.wallets {len(named)} → {after}, {wallet} {verb}{'. Not stored: --dry-run' if dry_run else ''}"
    if not is_new:
        after, line = len(named), f"{strategy} {'follows' if is_followed else 'does not name'} {wallet} already"
    elif not dry_run:
        with bare_steps():
            follow(strategy, wallet, is_followed, settings, datetime.now(UTC))
    answer.add(line, named_before=len(named), named_after=after, changed=is_new and not dry_run)
    answer.end()


def set_standing(address: str, standing: LeaderStanding, why: str, strategy: str | None, as_json: bool) -> None:
    """Raises Refused for what is no wallet, a strategy there is not, and a word without a reason."""
    wallet, whom, answer = typed_wallet(address), EVERY_STRATEGY if strategy is None else strategy, Answer(as_json)
    from tasks.operating.leader_standing import order_standing, standing_lines
    from tasks.steps import bare_steps

    with bare_steps():
        words = order_standing(wallet, standing, load_settings(), datetime.now(UTC), why, whom)
    lines = standing_lines(words, wallet)
    for line in lines:
        whose = "every strategy" if line["strategy"] == EVERY_STRATEGY else line["strategy"]
        answer.add(f"{wallet} is {line['standing']} in {whose}: {line['why']}")
    answer.add(wallet=wallet, holds=lines)
    answer.end()

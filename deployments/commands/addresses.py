"""The addresses of the pages a person looks at."""

from adapters.settings import Settings
from deployments.local_stack import home, prefect_server, results_page
from deployments.local_stack.records import nothing_runs, runs
from deployments.local_stack.stack import given_settings
from deployments.terminal import Answer, Json, complain


def command(as_json: Json = False) -> None:
    """Print the addresses of the UI, the results page and the checks, with the secrets that let a browser in. Show them to nobody."""
    given = given_settings()
    home.started(given.home)
    answer = Answer(as_json)
    add_addresses(answer, given, with_secrets=True)
    answer.add(runs=runs(given.home))
    answer.end()
    if not runs(given.home):
        complain(nothing_runs(given.home))


def add_addresses(answer: Answer, given: Settings, with_secrets: bool) -> None:
    found = entrances(given) if with_secrets else pages(given)
    for name, address in found.items():
        answer.add(f"{name:<14} {address}")
    answer.add(addresses=found)
    if with_secrets:
        answer.add("Whoever has these addresses may trade here.")
    else:
        answer.add("Each asks for a secret: `walletflow addresses` prints the addresses that carry it")


def pages(given: Settings) -> dict[str, str]:
    """Where each is; it asks for its secret."""
    results = {"Results page": results_page.url(given), "Checks": f"{results_page.url(given)}/checks/"} if results_page.exists() else {}
    return {"Prefect UI": prefect_server.url(given), **results}


def entrances(given: Settings) -> dict[str, str]:
    """The same, with the secret in it."""
    results = {"Results page": results_page.entrance(given), "Checks": results_page.checks_entrance(given)} if results_page.exists() else {}
    return {"Prefect UI": prefect_server.entrance(given), **results}

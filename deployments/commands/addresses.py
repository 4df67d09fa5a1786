"""The addresses of the pages a person looks at."""

from adapters.settings import Settings
from deployments.local_stack import home, prefect_server, results_page
from deployments.local_stack.records import nothing_runs, runs
from deployments.local_stack.stack import given_settings
from deployments.terminal import complain, out


def command() -> None:
    """Print the addresses of the UI, the results page and the checks, with the secrets that let a browser in. Show them to nobody."""
    given = given_settings()
    home.started(given.home)
    show_addresses(given, with_secrets=True)
    if not runs(given.home):
        complain(nothing_runs(given.home))


def show_addresses(given: Settings, with_secrets: bool) -> None:
    pages = {"Prefect UI": prefect_server, **({"Results page": results_page} if results_page.exists() else {})}
    for name, page in pages.items():
        out.print(f"{name:<14} {page.entrance(given) if with_secrets else page.url(given)}", markup=False)
    if results_page.exists():
        checks = results_page.checks_entrance(given) if with_secrets else f"{results_page.url(given)}/checks/"
        out.print(f"{'Checks':<14} {checks}", markup=False)
    if with_secrets:
        out.print("Whoever has these addresses may trade here.")
    else:
        out.print("Each asks for a secret: `walletflow addresses` prints the addresses that carry it")

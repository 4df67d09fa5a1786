"""The local stack: what of it to start for given settings, and the addresses it gives to everyone (HOME/stack.env).

A part the user named an address for in the environment is theirs: it is used as given, and not started here.
"""

from adapters.settings import Settings, load_settings
from deployments.local_stack import clickhouse, graph, home, inbox, keeper, live_data, postgres, results_page, sandbox, worker
from deployments.local_stack import prefect_server as prefect
from deployments.local_stack.clickhouse import clickhouse as clickhouse_service
from deployments.local_stack.graph import graph as graph_service
from deployments.local_stack.postgres import postgres as postgres_service
from deployments.local_stack.results_page import results_page as results_service
from deployments.local_stack.sandbox import sandbox as sandbox_service
from deployments.local_stack.services import Service

STORES = (postgres.NAME, clickhouse.NAME, graph.NAME)
DEPLOYMENTS = "deployments"  # the step of `up` that registers them
VENUES = {"data_api_url": "data", "gamma_url": "gamma", "clob_url": "clob"}
TOKEN_SERVICES = {"dexscreener_url": "dexscreener", "jupiter_url": "jupiter"}
SOLANA = {"solana_rpc_url": "solana", "helius_url": "helius"}
# It is on this machine, and knows everybody by this key.
OF_THE_SANDBOX = {"solana_rpc_calls_per_s": "1000", "jupiter_calls_per_s": "1000", "helius_key": "sandbox"}


def given_settings() -> Settings:
    """What the user set, without the addresses that stack.env adds. The ports stay where the stack was started."""
    known = load_settings()
    given = Settings(home=known.home.resolve(), port_base=known.port_base)
    return live_data.with_public_addresses(given) if live_data.is_live(given.home) else given


def started_settings() -> Settings:
    """The same at the ports this home's stack was started at: those that the environment names may be another home's."""
    given = given_settings()
    written = given.home / "stack.env"
    lines = written.read_text().splitlines() if written.exists() else []
    port_base = next((line.partition("=")[2] for line in lines if line.startswith("WALLETFLOW_PORT_BASE=")), None)
    return given.model_copy(update={"port_base": int(port_base)}) if port_base else given


def services(given: Settings, before_work: tuple[str, ...] = STORES) -> list[Service]:
    """`given` are the settings of the user's environment alone. Workers wait for `before_work`."""
    # Prefect's own history stays on this machine even when our tables do not.
    parts = [
        postgres_service(given),
        prefect.prefect_server(given),
        worker.warm_worker(given, before_work),
        # Until the deployments are registered anew they name the code that was here before, in another checkout perhaps.
        worker.process_worker(given, (*before_work, DEPLOYMENTS)),
    ]
    if given.clickhouse_url is None:
        parts.append(clickhouse_service(given))
    if given.graph_url is None:
        parts.append(graph_service(given))
    if not has_venues(given):
        parts.append(sandbox_service(given))
    if given.inbox_url is None:
        parts.append(inbox.inbox(given, before_work))
    if results_page.exists():
        parts.append(results_service(given, before_work))
    return [*parts, keeper.keeper(given, (*before_work, DEPLOYMENTS, *(part.name for part in parts)))]


def addresses(given: Settings) -> dict[str, str]:
    """What stack.env says: an address for each part that is ours, and where to look for the stack itself."""
    found = {"WALLETFLOW_PORT_BASE": str(given.port_base), "WALLETFLOW_PREFECT_AUTH_STRING": prefect.auth_string(given)}
    if given.order_key_file is None:
        found["WALLETFLOW_ORDER_KEY_FILE"] = str(home.secret_file(given.home, "orders"))
    if given.postgres_url is None:
        found["WALLETFLOW_POSTGRES_URL"] = postgres.url(given)
    if given.clickhouse_url is None:
        found["WALLETFLOW_CLICKHOUSE_URL"] = clickhouse.url(given)
    if given.graph_url is None:
        found["WALLETFLOW_GRAPH_URL"] = graph.url(given)
        found["WALLETFLOW_GRAPH_USER"] = graph.USER
        found["WALLETFLOW_GRAPH_PASSWORD"] = home.secret(given.home, graph.NAME)
    if given.inbox_url is None:
        found["WALLETFLOW_INBOX_URL"] = inbox.url(given)
        found["WALLETFLOW_INBOX_TOKEN_FILE"] = str(inbox.token_file(given))
        found["WALLETFLOW_WEBHOOK_AUTH_FILE"] = str(inbox.webhook_file(given))
    if live_data.is_live(given.home):
        named = [name for name in SOLANA if getattr(given, name) is not None]  # wallets there are read where the operator named a node
        found.update({f"WALLETFLOW_{name.upper()}": given.required(name) for name in (*VENUES, *TOKEN_SERVICES, *named)})
    elif not has_venues(given):
        found.update({f"WALLETFLOW_{name.upper()}": sandbox.url(given, api) for name, api in VENUES.items()})
        found.update({f"WALLETFLOW_{name.upper()}": sandbox.url(given, api) for name, api in (TOKEN_SERVICES | SOLANA).items()})
        found.update({f"WALLETFLOW_{name.upper()}": value for name, value in OF_THE_SANDBOX.items()})
        found["WALLETFLOW_USER_CHANNEL_URL"] = sandbox.url(given, "ws/user").replace("http", "ws", 1)
    return found


def has_venues(given: Settings) -> bool:
    return any(getattr(given, name) is not None for name in VENUES)


def write_addresses(given: Settings) -> None:
    home.make(given.home)
    home.write_private(given.home / "stack.env", "".join(f"{name}={value}\n" for name, value in addresses(given).items()))

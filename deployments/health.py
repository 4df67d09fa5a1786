"""Is the house well? Each check answers ok, warn or fail, with what it saw and the cure."""

import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import httpx
import sqlalchemy as sa
from clickhouse_connect.driver.exceptions import ClickHouseError
from neo4j.exceptions import DriverError, Neo4jError

from adapters.connect import VENUES, feed_of, open_results, open_venue
from adapters.feeds.feed import lag_s
from adapters.live_account import open_live_swaps, open_live_venue, open_wallet
from adapters.secret_files import order_keys
from adapters.settings import Settings
from adapters.stores.clickhouse import client_of
from adapters.stores.graph import driver_of
from adapters.stores.postgres import engine_of
from adapters.venues.polymarket.first_client import key_is_known
from adapters.venues.polymarket.wallet_chain import WalletChain
from data_contracts import Venue, contract_of
from data_contracts.errors import Unavailable, WalletflowError
from deployments import operating_checks, prefect_api
from deployments.findings import FAIL, OK, WARN, Finding, Limits
from deployments.local_stack.registration import EXECUTION
from tasks.copying.unread import posted_counts
from tasks.copying.venues import venues_in_use

RESTART = "`make up` starts what does not run; `walletflow logs NAME` says why it ended"
GIB = 1024**3


FEED_LAG_S = Limits(30, 120)  # a copied trade is worth little after a minute
CLOCK_S = Limits(3, 30)  # a cycle reads up to its own clock
ORDERS_LEFT = 5  # a live balance should pay for so many of the largest
DISK_FREE_GIB = Limits(-2, -0.5)  # negative: less is worse


def examine(settings: Settings) -> list[tuple[str, Finding]]:
    checks: dict[str, Callable[[Settings], Finding]] = {
        "postgres": postgres,
        "tables": operating_checks.tables,
        "ledger": ledger,
        "clickhouse": clickhouse,
        "graph": graph,
        "prefect": prefect,
        "workers": workers,
        "cycles": operating_checks.cycles,
        "inbox": inbox,
        **{f"feed {name}": partial(feed, name) for name in VENUES},
        **{f"venue {name}": partial(venue, name) for name in VENUES},
        "strategies": operating_checks.strategies,
        "trading": trading,
        "alerts": operating_checks.alerts,
        "seals": seals,
        "secrets": operating_checks.secrets,
        "clock": clock,
        "disk": disk,
    }
    return [(name, one(check, settings)) for name, check in checks.items()]


def one(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except WalletflowError as error:
        return Finding(FAIL, str(error).splitlines()[0], RESTART)


def postgres(settings: Settings) -> Finding:
    """Reachable, and writable: a standby or a full disk would refuse."""
    began = time.monotonic()
    try:
        with engine_of(settings.required("postgres_url")).begin() as connection:
            connection.execute(sa.text("CREATE TEMPORARY TABLE doctor (seen int) ON COMMIT DROP"))
            connection.execute(sa.text("INSERT INTO doctor VALUES (1)"))
            version = connection.execute(sa.text("SHOW server_version")).scalar_one()
    except sa.exc.SQLAlchemyError as error:
        raise Unavailable(f"postgres: {getattr(error, 'orig', None) or error}") from error
    return Finding(OK, f"PostgreSQL {version}, written in {milliseconds(began)}")


def ledger(settings: Settings) -> Finding:
    """Every position is what its fills and settlements make."""
    from tasks.copying.rebuilding import find_differences

    differences = find_differences(settings)
    if differences:
        one = differences[0]
        seen = f"{len(differences)} differences, the first: {one.column} of {' '.join(one.key)} is {one.stored}, not {one.derived}"
        return Finding(
            FAIL, seen, "`walletflow rebuild-positions` shows all, `walletflow rebuild-positions --apply` writes what the fills say"
        )
    return Finding(OK, "positions follow from their fills")


def seals(settings: Settings) -> Finding:
    """Whether an order that somebody else writes into our tables would be told from the judge's."""
    keys = order_keys(settings)
    if keys:
        return Finding(OK, "the executor takes no order without the judge's seal")
    cure = "WALLETFLOW_ORDER_KEY_FILE names a file of mode 0600 (docs/security.md)"
    return Finding(FAIL if settings.is_live else WARN, "orders carry no seal: whoever can write to postgres can order", cure)


def clickhouse(settings: Settings) -> Finding:
    began = time.monotonic()
    table = f"doctor_{time.time_ns()}"
    try:
        client = client_of(settings.required("clickhouse_url"))
        client.command(f"CREATE TABLE {table} (seen UInt8) ENGINE = Memory")
        client.insert(table, [[1]], column_names=["seen"])
        client.command(f"DROP TABLE {table}")
        version = client.command("SELECT version()")
    except ClickHouseError as error:
        raise Unavailable(f"clickhouse: {error}") from error
    return Finding(OK, f"ClickHouse {version}, written in {milliseconds(began)}")


def graph(settings: Settings) -> Finding:
    """Writes a node and takes it back."""
    began = time.monotonic()
    driver = driver_of(settings.required("graph_url"), settings.graph_user, settings.required("graph_password"))
    try:
        with driver.session() as session, session.begin_transaction() as transaction:
            transaction.run("CREATE (:Doctor)").consume()
            transaction.rollback()
        agent = driver.get_server_info().agent
    except (DriverError, Neo4jError) as error:
        raise Unavailable(f"graph: {error}") from error
    return Finding(OK, f"{agent}, written in {milliseconds(began)}")


def prefect(settings: Settings) -> Finding:
    names = prefect_api.deployment_names(settings)
    if not names:
        return Finding(FAIL, "no deployment is registered", "make up")
    return Finding(OK, f"{len(names)} deployments")


def workers(settings: Settings) -> Finding:
    """Each pool that a deployment uses has a worker that lives."""
    used = {str(deployment["work_pool_name"]) for deployment in prefect_api.deployments(settings) if deployment["work_pool_name"]}
    pools = sorted(used - (set() if settings.is_live else {EXECUTION}))  # in simulation nothing waits for a key
    idle = [pool for pool in pools if not prefect_api.living_workers(settings, pool)]
    if idle:
        return Finding(FAIL, f"no worker for pool {', '.join(idle)}: its runs wait", RESTART)
    return Finding(OK, f"pools {', '.join(pools)}")


def inbox(settings: Settings) -> Finding:
    """Whether what is posted to us would be stored; and that cycles read it."""
    if settings.inbox_url is None:
        return Finding(OK, "none: nothing is posted to us")
    try:
        answer = httpx.get(f"{settings.inbox_url}/health", timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise Unavailable(f"{settings.inbox_url}: {error}") from error
    if answer.status_code != 200:
        return Finding(FAIL, f"{settings.inbox_url} says {answer.status_code}: what is posted would be lost", RESTART)
    seen = [f"{count.until} {contract_of(kind).table}" for kind, count in posted_counts(open_results(settings)).items()]
    return Finding(OK, f"{settings.inbox_url} stores; so far {' and '.join(seen)}")


def feed(name: Venue, settings: Settings) -> Finding:
    """How late a venue's feed is. One that cannot be reached is no failure where no strategy trades."""
    try:
        behind_s = lag_s(feed_of(name, settings), datetime.now(UTC))
    except WalletflowError as error:
        return _not_reached(name, error, settings)
    cure = "Wait: trades this old are not copied. If it stays, look at the venue's status page"
    return FEED_LAG_S.judge(behind_s, f"{behind_s:.0f} s behind", cure)


def venue(name: Venue, settings: Settings) -> Finding:
    """Whoever takes our orders there: simulated; or live, and then all that must be true before one can be filled."""
    if settings.is_live_on(name) and name in LIVE:
        return LIVE[name](settings)
    try:
        is_simulated = open_venue(name, settings).is_simulated
    except WalletflowError as error:
        return _not_reached(name, error, settings)
    return Finding(OK, "simulated: no order leaves, and no key is needed" if is_simulated else "live")


def _not_reached(name: Venue, error: WalletflowError, settings: Settings) -> Finding:
    if name in venues_in_use(settings):
        raise error
    return Finding(WARN, f"no strategy trades there, and it is not reached: {str(error).splitlines()[0]}")


def polymarket_live(settings: Settings) -> Finding:
    live = open_live_venue(settings)  # says what is wrong with the two addresses
    if settings.live_key is None:
        return Finding(OK, f"live for {settings.live_wallet}; the key is elsewhere: ask the doctor there as well")
    live.refuse_closed_place()
    if not key_is_known(settings.required("clob_url"), settings.live_key):
        return Finding(WARN, "the venue has no API key of this private key yet", "The first order makes one; or log in on the website once")
    return wallet_finding(open_wallet(settings), settings)


def solana_live(settings: Settings) -> Finding:
    """The chain, the wallet, the clock, and SOL enough that a BUY leaves exits their fees."""
    live = open_live_swaps(settings)
    if settings.live_solana_key is None:
        return Finding(OK, f"live for {settings.live_solana_wallet}; the key is elsewhere: ask the doctor there as well")
    sol = live.ready_sol()
    if sol <= settings.live_solana_reserve:
        return Finding(
            FAIL, f"{sol} SOL in {settings.live_solana_wallet}", f"Deposit: {settings.live_solana_reserve} SOL of it are kept back"
        )
    return Finding(OK, f"live: {sol} SOL, one order at most {settings.live_solana_max_order} SOL, by /{settings.jupiter_path}")


def trading(settings: Settings) -> Finding:
    """Who may not do all that it could, and by whose word."""
    from tasks.operating.trading_state import who_is_held

    held = [f"{one.strategy_id} {one.state}, {one.reason}" + (f": {one.says}" if one.says else "") for one in who_is_held(settings)]
    if held:
        return Finding(WARN, "; ".join(held), "Look into it, then `walletflow resume STRATEGY --reason TEXT`, or --all")
    return Finding(OK, "every strategy may enter and leave")


def wallet_finding(wallet: WalletChain, settings: Settings) -> Finding:
    money, missing = wallet.money(), wallet.missing_allowances()
    if missing:
        return Finding(FAIL, f"{len(missing)} allowances are missing: {missing[0]}", "Run the deployment allowance-setting")
    if money.balance < 1:
        return Finding(FAIL, f"{money.balance} USD in {settings.live_wallet}", "Deposit: an order needs 1 USD at least")
    if money.balance < ORDERS_LEFT * settings.live_max_order:
        seen = f"{money.balance} USD in {settings.live_wallet}: fewer than {ORDERS_LEFT} orders of {settings.live_max_order} USD"
        return Finding(WARN, seen, "Deposit, or a lower WALLETFLOW_LIVE_MAX_ORDER")
    return Finding(OK, f"live: {money.balance} USD, one order at most {settings.live_max_order} USD")


LIVE: Mapping[Venue, Callable[[Settings], Finding]] = {Venue.POLYMARKET: polymarket_live, Venue.SOLANA: solana_live}


def clock(settings: Settings) -> Finding:
    """Against the feed's own clock, whose header counts whole seconds."""
    url = settings.required("data_api_url")
    try:
        answer = httpx.get(f"{url}/v2/status", timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise Unavailable(f"{url}: {error}") from error
    if "Date" not in answer.headers:
        return Finding(WARN, "the feed tells no time to compare with")
    off_s = (datetime.now(UTC) - parsedate_to_datetime(answer.headers["Date"])).total_seconds()
    return CLOCK_S.judge(abs(off_s), f"{off_s:+.0f} s from the feed's", "Set the clock: timedatectl set-ntp true")


def disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free / GIB
    return DISK_FREE_GIB.judge(-free, f"{free:.1f} GiB free in {settings.home}", "Free some space, or move: WALLETFLOW_HOME=DIR make up")


def milliseconds(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"

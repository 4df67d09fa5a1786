"""`python -m deployments.local_stack.sandbox_app`: the sandbox world behind the guard. Its venues are open to everybody on this machine,
as they are in the world; what operates it and what it knows is not."""

from pathlib import Path

from starlette.applications import Starlette

from deployments.local_stack.guard import Guard
from sandbox.server import parser, serve

LOCKED = ("/control", "/truth")


def main() -> None:
    arguments = parser()
    arguments.add_argument("--secret-file", type=Path, required=True, help="its first line opens /control and /truth, as a bearer's token")
    options = arguments.parse_args()
    secret = options.secret_file.read_text().strip()

    def guarded(app: Starlette) -> Guard:
        return Guard(app, options.port, locked=LOCKED, secret=secret)

    serve(options, guarded)


if __name__ == "__main__":
    main()

"""`python -m deployments.local_stack.results_app NOTEBOOK --port 4215 --secret-file FILE`: a marimo notebook as a page, guarded."""

import argparse
from pathlib import Path

import marimo
import uvicorn

from deployments.local_stack.checks_pages import ChecksPages
from deployments.local_stack.guard import Guard
from deployments.local_stack.metrics_page import PLACE, MetricsPage
from deployments.local_stack.services import LOOPBACK


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deployments.local_stack.results_app", description=__doc__)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--port", type=int, required=True, help=f"on {LOOPBACK}")
    parser.add_argument("--secret-file", type=Path, required=True, help="its first line is what a browser must know")
    parser.add_argument("--checks", type=Path, required=True, help="the directory of the Data Docs")
    options = parser.parse_args()
    secret = options.secret_file.read_text().strip()
    page = marimo.create_asgi_app(token=secret, quiet=True).with_app(path="", root=str(options.notebook)).build()
    app = Guard(MetricsPage(ChecksPages(page, options.checks, secret)), options.port, locked=(PLACE,), secret=secret)
    uvicorn.run(app, host=LOOPBACK, port=options.port, log_level="error", access_log=False, server_header=False)


if __name__ == "__main__":
    main()

"""Registers the deployments of prefect.yaml with the Prefect server, by Prefect's own `deploy`."""

import hashlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.local_stack import home as places
from deployments.local_stack.prefect_server import client_environment
from deployments.local_stack.repository import ROOT
from deployments.local_stack.supervisor import Say, cure, environment_of, last_lines

NAME = "deployments"
EXECUTION = "execution"  # the pool that is given a key: a worker of the operator's own makes it useful (docs/going_live.md)
# What deployments of ours were called once. Under a new name they would run twice.
FORMER_NAMES = ("alert-watching", "edge-watching", "owner-discovery", "owner-linking", "skip-reckoning")


def register(given: Settings, say: Say, stopping: threading.Event) -> None:
    """The deploying is skipped when nothing of it changed: registering anew would drop the scheduled runs and plan them again."""
    remove_former(given, say)
    set_pools(given)
    mark, wanted = given.home / "run" / ".registered", fingerprint(given)
    if mark.exists() and mark.read_text() == wanted and prefect_api.deployment_names(given):
        say(f"{NAME}: registered already")
        return
    began = time.monotonic()
    deploy_all(given)
    mark.write_text(wanted)
    say(f"{NAME}: {len(prefect_api.deployment_names(given))} registered in {time.monotonic() - began:.1f} s")


def remove_former(given: Settings, say: Say) -> None:
    """With their schedules and the runs that were planned; what they ran stays in the history."""
    for deployment in prefect_api.deployments(given):
        if deployment["name"] in FORMER_NAMES:
            prefect_api.delete_deployment(given, str(deployment["id"]))
            say(f"{NAME}: {deployment['name']} is removed, it has another name now")


def set_pools(given: Settings) -> None:
    for pool in declared_pools():
        prefect_api.set_pool(given, pool["name"], pool["type"], pool["concurrency_limit"])


def declared_pools() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["definitions"]["work_pools"]
    return found


def deploy_all(given: Settings) -> None:
    log = places.log_of(given.home, NAME)
    environment = environment_of(client_environment(given))
    with log.open("wb") as output:
        for command in (("prefect", "--no-prompt", "deploy", "--all"), ("deployments.automations",)):
            done = subprocess.run(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            if done.returncode != 0:
                raise Unavailable(f"{command[0]} could not be registered. The last lines of {log}:\n{last_lines(log)}\n{cure(log)}")


def fingerprint(given: Settings) -> str:
    files = [ROOT / "prefect.yaml", *sorted((ROOT / "flows").glob("*.py")), *sorted((ROOT / "deployments" / "automations").glob("*.py"))]
    return hashlib.sha256(b"\0".join([given.prefect_api_url.encode(), *(Path(file).read_bytes() for file in files)])).hexdigest()

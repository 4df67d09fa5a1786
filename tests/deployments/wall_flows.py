"""Flows for the wall's test: one that uses the key and ends well, one that fails with it in hand, and one that has none to use."""

import os

from eth_account import Account
from eth_account.messages import encode_defunct
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from adapters.settings import WITH_A_KEY, load_settings


@task
def sign(text: str) -> str:
    """With the key, which stays here: a task's parameters and results are on record."""
    signed = Account.sign_message(encode_defunct(text=text), load_settings().required("live_key"))
    return str(signed.signature.hex())


@flow(persist_result=True)
def sign_well() -> str:
    signature = sign("a word")
    get_run_logger().info("%r signed %s", load_settings(), signature)  # `log_prints` is one for all runs of a process
    create_markdown_artifact(f"{load_settings()}", key="settings")
    return signature


@flow
def sign_badly() -> None:
    key = load_settings().required("live_key")
    raise ValueError(f"the venue refuses the signature of {Account.from_key(key).address}")


@flow
def look_around() -> None:
    """What a judge's flow could find: none of the names of keys is set."""
    found = [name for name in WITH_A_KEY if os.environ.get(f"WALLETFLOW_{name.upper()}")]
    get_run_logger().info("keys here: %s", found)
    assert not found

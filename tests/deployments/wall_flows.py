"""Flows for the wall's test: one that uses the key and ends well, one that fails with it in hand, and one that has none to use."""

import os

from eth_account import Account
from eth_account.messages import encode_defunct
from prefect import flow, task
from prefect.artifacts import create_markdown_artifact

from adapters.settings import WITH_A_KEY, load_settings


@task
def sign(text: str) -> str:
    """With the key, which stays here: a task's parameters and results are on record."""
    signed = Account.sign_message(encode_defunct(text=text), load_settings().required("live_key"))
    return str(signed.signature.hex())


@flow(log_prints=True, persist_result=True)
def sign_well() -> str:
    signature = sign("a word")
    print(f"{load_settings()!r} signed {signature}")  # noqa: T201
    create_markdown_artifact(f"{load_settings()}", key="settings")
    return signature


@flow(log_prints=True)
def sign_badly() -> None:
    key = load_settings().required("live_key")
    raise ValueError(f"the venue refuses the signature of {Account.from_key(key).address}")


@flow(log_prints=True)
def look_around() -> None:
    """What a judge's flow could find: none of the names of keys is set."""
    found = [name for name in WITH_A_KEY if os.environ.get(f"WALLETFLOW_{name.upper()}")]
    print(f"keys here: {found}")  # noqa: T201
    assert not found

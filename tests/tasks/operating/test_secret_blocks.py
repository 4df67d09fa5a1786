"""Secrets in Prefect Secret blocks: which are read from there, and why a key that signs never is."""

from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from pydantic import SecretStr

from adapters.settings import Settings, load_settings
from data_contracts.errors import Unsafe
from tasks.operating.secret_blocks import secret_in_block, sender_secret, webhook_secret

pytestmark = pytest.mark.usefixtures("prefect_harness")


def kept(name: str, value: Any) -> None:
    Secret(value=value).save(name, overwrite=True, _sync=True)


def test_a_token_stands_in_a_block_unless_its_setting_or_its_file_says_it(tmp_path: Path) -> None:
    kept("inbox-token", "of the block")
    kept("helius", "  1234567890 ")  # Prefect's own get() makes a number of it
    settings = Settings(home=tmp_path, inbox_token_block="inbox-token", webhook_auth_block="helius")
    assert (sender_secret(settings), webhook_secret(settings)) == ("of the block", "1234567890")
    file = tmp_path / "token"
    file.write_text("of the file")
    file.chmod(0o600)
    assert sender_secret(settings.model_copy(update={"inbox_token_file": file})) == "of the file"
    assert sender_secret(settings.model_copy(update={"inbox_token": SecretStr("set")})) == "set"
    with pytest.raises(Unsafe, match="WALLETFLOW_INBOX_TOKEN is not set"):
        sender_secret(Settings(home=tmp_path))


@pytest.mark.parametrize("value", ["", "  ", {"token": "word"}])
def test_a_block_without_a_text_is_refused_and_not_shown(value: Any) -> None:
    kept("odd", value)
    with pytest.raises(Unsafe, match="the Secret block 'odd' holds no text") as caught:
        secret_in_block("odd")
    assert "word" not in str(caught.value)


def test_a_block_that_is_not_there_is_named_with_the_cure() -> None:
    with pytest.raises(Unsafe, match="there is no Secret block 'none': make it in the Prefect UI"):
        secret_in_block("none")


def test_whoever_reaches_the_server_reads_every_block() -> None:
    """So a key that signs in a block would be on both sides of the wall: each worker has the one password of the server."""
    kept("a-key", "what it holds")
    with get_client(sync_client=True) as anybody:
        document = anybody.read_block_document_by_name("a-key", "secret", include_secrets=True)
    assert document.data["value"] == "what it holds"


@pytest.mark.parametrize("name", ["LIVE_KEY", "LIVE_RELAYER_KEY", "LIVE_SOLANA_KEY", "ORDER_KEY"])
def test_of_a_key_that_signs_no_block_can_be_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of every command, and no silent choice of another key."""
    monkeypatch.setenv(f"WALLETFLOW_{name}_BLOCK", "a-key")
    with pytest.raises(Unsafe, match=f"WALLETFLOW_{name}_BLOCK"):
        load_settings()

"""A secret in a file is read where its owner alone may read it."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.secret_files import secret_in, sender_secret, webhook_secret
from adapters.settings import Settings
from data_contracts.errors import Unsafe


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("word\nand a remark\n")
    path.chmod(0o600)
    return path


def test_its_first_line_is_the_secret(file: Path) -> None:
    assert secret_in(file) == "word"
    file.chmod(0o400)
    assert secret_in(file) == "word"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o610])
def test_a_file_that_others_may_touch_is_refused_with_the_cure(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(Unsafe, match=f"chmod 600 {file}") as caught:
        secret_in(file)
    assert "word" not in str(caught.value)


def test_a_file_without_a_secret_is_none(file: Path, tmp_path: Path) -> None:
    file.write_text("\nword")
    with pytest.raises(Unsafe, match="holds no secret"):
        secret_in(file)
    with pytest.raises(Unsafe, match="cannot be read"):
        secret_in(tmp_path / "none")


def test_the_setting_comes_before_the_file_and_without_both_nothing_is_taken(file: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, inbox_token_file=file, webhook_auth=SecretStr("other"))
    assert (sender_secret(settings), webhook_secret(settings)) == ("word", "other")
    assert sender_secret(settings.model_copy(update={"inbox_token": SecretStr("set")})) == "set"
    with pytest.raises(Unsafe, match="WALLETFLOW_INBOX_TOKEN is not set"):
        sender_secret(Settings(home=tmp_path))

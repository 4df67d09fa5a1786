"""What lies outside the repository: recorded answers and recordings, named by the environment and never copied."""

import os
from pathlib import Path

import pytest


def _named(variable: str, part: str) -> Path:
    if variable not in os.environ:
        pytest.skip(f"{variable} is not set: it names the directory with {part}/ in it")
    place = Path(os.environ[variable]) / part
    if not place.is_dir():
        pytest.skip(f"{variable} has no {part}/")
    return place


@pytest.fixture(scope="session")
def recorded_answers() -> Path:
    """Recorded answers of Polymarket's services: data_api_v2/ and recorded/."""
    return _named("WALLETFLOW_ORACLES", "polymarket")


@pytest.fixture(scope="session", params=["pm_midterms_2022", "pm_insider_windows"])
def recording(request: pytest.FixtureRequest) -> Path:
    """A directory of real recorded trades."""
    return _named("WALLETFLOW_RECORDINGS", request.param)

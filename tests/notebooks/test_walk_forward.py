"""The walk-forward page says what the numbers say, and which variable to set where there are none."""

import html
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.settings import load_settings

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Runs the notebook as `marimo run` would, and gives all its cells' output as text."""

    def run() -> str:
        monkeypatch.syspath_prepend(str(NOTEBOOKS))
        spec = importlib.util.spec_from_file_location("walk_forward_notebook", NOTEBOOKS / "walk_forward.py")
        assert spec is not None
        assert spec.loader is not None
        notebook = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(notebook)
        outputs, _ = notebook.app.run()
        return html.unescape("\n".join(output._repr_html_() for output in outputs if hasattr(output, "_repr_html_")))

    return run


def test_without_recordings_it_says_what_to_set(page: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WALLETFLOW_RECORDINGS", raising=False)
    assert "set WALLETFLOW_RECORDINGS" in page()


@pytest.mark.timeout(200)
def test_both_recordings_are_walked_and_each_has_its_verdict(page: Callable[[], str]) -> None:
    if load_settings().recordings is None:
        pytest.skip("WALLETFLOW_RECORDINGS is not set: the real recordings are not here")
    shown = page()
    assert len(re.findall(r"(?:An edge|No edge): pm_(?:midterms_2022|insider_windows), copied 30 s later with 100 USD", shown)) == 2
    for way in ("skill, at most 25 % luck", "win rate", "omega", "PnL"):
        assert shown.count(f"By {way}: ") == 2 or f"By {way}" in shown
    assert "one more event could turn all of it" in shown  # the insiders' windows are three markets
    assert shown.count("rank correlation") == 2

"""Each attack names the test that shows what stops it, and that test is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("docs/security.md", "docs/inbox.md")
ROW = re.compile(r"^\| (?P<attack>[^|]+) \| (?P<stops>[^|]+) \| (?P<shown>[^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")


def shown(page: str) -> list[tuple[str, list[str]]]:
    """Of the page's table of attacks: the attack, and the tests and files its last column names."""
    _, _, after = (ROOT / page).read_text().partition("| attack | what stops it | shown by |")
    table, _, _ = after.partition("\n\n")
    return [(row["attack"].strip(), NAMED.findall(row["shown"])) for row in ROW.finditer(table) if not row["attack"].startswith("---")]


@pytest.fixture(scope="module")
def tests() -> dict[Path, str]:
    return {path: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_an_attack_names_is_there(page: str, tests: dict[Path, str]) -> None:
    rows = shown(page)
    assert len(rows) >= 9
    for attack, names in rows:
        for name in names:
            assert is_there(name, tests), f"{page}: {attack}: {name}"


def test_every_case_from_the_field_names_a_test_that_is_there(tests: dict[Path, str]) -> None:
    _, _, after = (ROOT / "docs/inbox.md").read_text().partition("| from the field | shown by |\n|---|---|\n")
    cases = [line.strip("|").split("|") for line in after.partition("\n\n")[0].splitlines()]
    assert len(cases) == 9
    for case, shown_by in cases:
        names = NAMED.findall(shown_by)
        assert names, case
        assert all(is_there(name, tests) for name in names), (case, names)


@pytest.mark.parametrize("page", PAGES)
def test_no_attack_is_without_a_test(page: str) -> None:
    """ "The same" names the one above it."""
    (_, first), *others = shown(page)
    assert first
    text = (ROOT / page).read_text()
    for attack, names in others:
        assert names or re.search(rf"\| {re.escape(attack)} \|[^|]+\| the same \|", text), f"{page}: {attack}"


def is_there(name: str, tests: dict[Path, str]) -> bool:
    """A file, a directory, a test, or FILE::TEST; a test of a named file must be in it."""
    file, _, test = name.rpartition("::") if "::" in name else ("", "", name)
    if test.endswith(".py"):
        return any(path.name == test for path in tests) or (ROOT / test).is_file()
    if "/" in test:
        return (ROOT / test).exists()
    return any(f"def {test}(" in text for path, text in tests.items() if not file or path.name == file)

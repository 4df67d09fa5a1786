"""What docs/ and the README say must be there, and what is written from the code must be of today's code."""

import re
from pathlib import Path

import pytest

from data_contracts import ROW_CLASSES, Reason, contract_of
from deployments.reference_pages import DOCS, pages
from domain.copying.denials import DENIES, Denies
from domain.copying.reason_words import REASON_WORDS

ROOT = DOCS.parent
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
ROOMS = "|".join([*(path.parent.name for path in ROOT.glob("*/__init__.py")), "docs", "tests"])


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_written_from_the_code_is_of_todays_code(name: str) -> None:
    assert (DOCS / name).read_text() == pages()[name], "run `make docs`"


def test_every_reason_has_its_words_and_every_table_its_chapter() -> None:
    assert set(REASON_WORDS) == set(Reason)
    for row_class in ROW_CLASSES:
        assert f"## {contract_of(row_class).table}\n" in pages()["data_dictionary.md"]


def test_who_is_kept_from_an_entry_is_told_what_changes_it() -> None:
    """These may be left without a cure: nothing a person changes makes them tradeable."""
    without = {one for one in Reason if DENIES[one] is Denies.ENTRY and not REASON_WORDS[one].cure}
    assert without == {Reason.TOKEN_AUTHORITY}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = re.findall(rf"`((?:{ROOMS})/[\w./-]*\w)`", page.read_text())
    gone = [path for path in named if not (ROOT / path).exists() and not Path(path).stem.isupper()]  # KIND.py stands for any
    assert not gone

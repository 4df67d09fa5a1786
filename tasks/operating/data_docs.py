"""The pages of all checks, as Great Expectations' Data Docs: what every table promises, and what the last report found. Plain files.

They load nothing from elsewhere: what their template would fetch from seven other hosts is left out, and a small style sheet of ours is in
its place. A page about somebody's trades tells nobody that it was opened.
"""

import re
import shutil
from html import escape
from pathlib import Path

from data_contracts import ROW_CLASSES, contract_of
from data_contracts.rules import rules_of
from tasks.contract_suites import Suites

FOREIGN = re.compile(r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>", re.DOTALL)
STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1e293b; margin: 0 auto; max-width: 75rem; padding: 1rem 2rem }
a { color: #2563eb; text-decoration: none } hr, .d-none, footer { display: none } img { display: none }
ol, nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: .4rem 0 }
h4, h5, h6 { margin: 1rem 0 .2rem; font-size: 1rem } table { border-collapse: collapse } thead[hidden] { display: none }
td, th { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #e2e8f0; vertical-align: top } .badge { color: #64748b }
.fa-check-circle::before { content: "✓"; color: #16a34a } .fa-times::before { content: "✗"; color: #dc2626 }
.sticky, .card-body, .show-scrollbars { position: static; max-height: none !important; overflow: visible !important }
</style></head>"""


def build_pages(home: Path, suites: Suites | None = None) -> Path:
    """The first page. Whoever reads meanwhile sees the old pages or the new ones; `suites` brings what it has validated."""
    place, draft = first_page(home).parent, home / "data_docs.new"
    shutil.rmtree(draft, ignore_errors=True)
    (suites or Suites(ROW_CLASSES)).write_pages(draft)
    shutil.rmtree(draft / "static", ignore_errors=True)
    for page in draft.rglob("*.html"):
        page.write_text(FOREIGN.sub("", page.read_text()).replace("</head>", STYLE, 1))
    (draft / "index.html").write_text(_listing(draft))
    _exchange(draft, place)
    return first_page(home)


def first_page(home: Path) -> Path:
    return home.absolute() / "data_docs" / "index.html"


def _listing(site: Path) -> str:
    """Instead of Great Expectations' own, which stays empty without its scripts."""
    rows = "".join(_line(site, row_class) for row_class in sorted(ROW_CLASSES, key=lambda one: contract_of(one).table))
    head = "<tr><th>table</th><th>one row is</th><th>checks</th><th>last report</th></tr>"
    title = "Checks of every table"
    return f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{STYLE}<body><h4>{title}</h4><table>{head}{rows}</table>"


def _line(site: Path, row_class: type) -> str:
    table = contract_of(row_class).table
    about = escape((row_class.__doc__ or "").split(":")[0].split(".")[0].removeprefix("One row per "))
    reports = sorted((site / "validations" / table).rglob("*.html"))
    report = f'<a href="{reports[-1].relative_to(site)}">{reports[-1].parent.name[:8]}</a>' if reports else ""
    cells = (f'<a href="expectations/{table}.html">{table}</a>', about, str(len(rules_of(row_class))), report)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _exchange(draft: Path, place: Path) -> None:
    old = place.with_name("data_docs.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    draft.rename(place)
    shutil.rmtree(old, ignore_errors=True)

"""What every tab is drawn with: cards, pills, tables, figures, sentences. Text in, HTML out; whatever came from a store is escaped."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Row = Mapping[str, Any]
STATES = {"ACTIVE": "good", "REDUCING": "warn", "HALTED": "bad", "OFF": "quiet", "NEW": "quiet"}  # and what else has a pill
STATES |= {"COPY": "good", "SKIP": "quiet", "critical": "bad", "warning": "warn"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, how a row's cell reads (HTML), and how it lies. `meaning` is shown over its heading.

    `kind`: text, number (to the right, in figures of one width), or wide (takes what is left, and a line of its own on a phone).
    """

    heading: str
    cell: Callable[[Row], str]
    kind: str = "text"
    meaning: str = ""


def table(rows: Iterable[Row], columns: Sequence[Column], more: Callable[[Row], str] | None = None) -> str:
    """On a phone each row is a card. With `more`, a row opens and shows that."""
    columns = [Column("", _opener, "open"), *columns] if more else list(columns)
    heads = "".join(f"<th class='wf-{one.kind}'{_title(one.meaning)}>{escape(one.heading)}</th>" for one in columns)
    body = "".join(_row(row, columns, more) for row in rows)
    return f"<div class='wf-scroll'><table class='wf-table'><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"


def _row(row: Row, columns: Sequence[Column], more: Callable[[Row], str] | None) -> str:
    cells = "".join(_cell(one, one.cell(row)) for one in columns)
    opened = f"<tr class='wf-more'><td colspan='{len(columns)}'>{more(row)}</td></tr>" if more else ""
    return f"<tr>{cells}</tr>{opened}"


def _cell(column: Column, shown: str) -> str:
    """What says nothing is left out of a phone's card."""
    empty = " wf-none" if shown in ("", "–") else ""
    return f"<td class='wf-{column.kind}{empty}' data-label='{escape(column.heading, quote=True)}'>{shown}</td>"


def _opener(_row: Row) -> str:
    return "<details class='wf-opener'><summary title='Show why'></summary></details>"


def text(value: object) -> str:
    """A word or sentence from a store."""
    return escape("–" if value is None or value == "" else str(value))


def titled(shown: str, whole: object) -> str:
    """What is shown short, with the whole in its title."""
    return f"<span{_title(str(whole))}>{escape(shown)}</span>"


def signed(shown: str, value: float | None, of: str = "") -> str:
    """A gain or a loss. The text says its sign, the colour says it again."""
    tone = "" if not value or shown.strip("$0.+−% SOL") == "" else " wf-gain" if value > 0 else " wf-loss"
    return f"<span class='wf-signed{tone}'{_named(of)}>{escape(shown)}</span>"


def value(shown: str, of: str) -> str:
    """A number of which a test asks on what row it stands."""
    return f"<span{_named(of)}>{escape(shown)}</span>"


def both(first: str, second: str) -> str:
    """A figure and, smaller below it, the same in other words. Both are HTML."""
    return f"{first}<small>{second}</small>" if second else first


def pill(word: str, tone: str | None = None) -> str:
    return f"<span class='wf-pill wf-{tone or STATES.get(word, 'plain')}'>{escape(word)}</span>"


def card(label: str, shown: str, note: str = "", tone: str = "") -> str:
    """A figure with its unit. `shown` and `note` are HTML."""
    return f"<div class='wf-card'><div class='wf-label'>{escape(label)}</div><div class='wf-value {tone}'>{shown}</div><div class='wf-note'>{note}</div></div>"


def cards(each: Iterable[str]) -> str:
    return f"<div class='wf-cards'>{''.join(each)}</div>"


def section(title: str, *parts: str, note: str = "") -> str:
    """A heading and what stands under it. `note` says in a line what one sees."""
    said = f"<p class='wf-said'>{note}</p>" if note else ""
    return f"<section class='wf-section'><h2>{escape(title)}</h2>{said}{''.join(parts)}</section>"


def quiet(said: str) -> str:
    """Why there is nothing to see, and what to do next. `said` is ours and may hold markup."""
    return f"<p class='wf-quiet'>{said}</p>"


def bar(share: float | None, said: str, tone: str = "") -> str:
    """How much of a limit is used. Above 100 % it is full, and says so by its colour."""
    width = 0.0 if share is None else min(1.0, max(0.0, share))
    grade = tone or ("bad" if (share or 0) >= 1 else "warn" if (share or 0) >= 0.8 else "good")
    return f"<div class='wf-bar' title='{escape(said, quote=True)}'><i class='wf-{grade}' style='width:{width:.1%}'></i></div>"


def code(message: str) -> str:
    """A message of ours: what stands between backticks is typed."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(message))


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and what they are. The second is HTML."""
    return "<dl class='wf-facts'>" + "".join(f"<div><dt>{escape(name)}</dt><dd>{said}</dd></div>" for name, said in pairs) + "</dl>"


def columns(*parts: str) -> str:
    """Side by side where there is room."""
    return f"<div class='wf-columns'>{''.join(f'<div>{part}</div>' for part in parts)}</div>"


def _title(whole: str) -> str:
    return f" title='{escape(whole, quote=True)}'" if whole else ""


def _named(of: str) -> str:
    return f" data-of='{escape(of, quote=True)}'" if of else ""

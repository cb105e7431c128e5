"""A rulebook as a gazette: one page of HTML in both languages, for a screen, a telephone and paper.

Guarantees: every rule and every citation of the law at the book's date is on the page, what is not published is marked where it stands, and
the page loads nothing. Its tables are those of `sections`, made in both languages; what reads alike in both stands once.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from ..cases import run_cases
from ..rulebook.law import Law, Steps
from ..rulebook.load import Period
from ..rulebook.located import dotted
from ..rulebook.parts import Words
from ..words import pick
from . import html
from .sections import Section, Sections
from .tables import BASES, COLOURS, bound_words, colour_of, number, share, value_words
from .written import Change, changes

if TYPE_CHECKING:
    from rich.segment import Segment
    from rich.table import Column
    from rich.text import Text

    from ..book import Book
    from ..program.program import Rule

__all__ = ["Check", "gazette"]

OTHER = {"en": "zh", "zh": "en"}
WEB = {"en": "en", "zh": "zh-CN"}
SHARES = {"published": "#2f6690", "derived": "#9bb8cc", "illustrative": "#e8b54a"}
NARROW = 330  # the width of a picture on a telephone, in pixels
LETTER = 8  # the width of a letter
GROUPS = {"indicators": ("Indicators", "指标")}
LAST = {"time": ("Time line", "时间线"), "checks": ("Cases and checks", "案例与检查")}
STYLE = """
body { max-width: 66rem; } h1 { font-size: 1.7rem; line-height: 1.25; margin: .35rem 0; } h1 + p { font-size: 1.2rem; color: #333; } h2 { font-size: 1.25rem; border-top: 2px solid #1a1a1a; padding-top: .6rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .3rem; } .other { color: #555; font-weight: 400; } header { border-bottom: 4px double #1a1a1a; padding-bottom: 1rem; margin-bottom: 1rem; text-align: center; }
.notice { color: #1a1a1a; border-left: 4px solid #1a1a1a; padding: .3rem .8rem; margin: 1rem 0; } a { color: #14507a; text-underline-offset: .15em; } nav { margin: 1.5rem 0; } nav ul { columns: 17rem; column-gap: 2rem; padding: 0 0 0 1.1rem; margin: .3rem 0; } nav li { break-inside: avoid; } nav ul ul { columns: auto; font-size: .93rem; }
.line { display: block; } th .line { display: inline; margin-right: .4em; } .wide th { white-space: pre-line; } .dim, code { font: .82rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; color: #555; overflow-wrap: anywhere; } .pairs th { width: 12rem; vertical-align: top; padding-right: 1rem; }
.mark { display: inline-block; white-space: nowrap; font-size: .82rem; font-weight: 600; padding: 0 .45em; border-radius: .25em; border: 1px solid #c9962d; background: #fdf0cf; color: #6b4a00; } .mark.derived { border-color: #9bb8cc; background: #eaf2f8; color: #1d4764; }
.note { font-size: .88rem; color: #444; } .grade { display: inline-block; min-width: 1.4em; padding: 0 .5em; border-radius: .25em; text-align: center; color: #111; } .grade.red { color: #fff; }
svg { display: block; width: 100%; margin: .75rem 0 .25rem; font: 600 13px system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif; } svg .tick { font-weight: 400; fill: #444; } .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; } .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.time { list-style: none; margin: .5rem 0 .5rem 8px; padding: 0 0 0 1.2rem; border-left: 3px solid #1a1a1a; } .time > li { position: relative; margin: 0 0 1rem; } .time > li::before { content: ""; position: absolute; left: calc(-1.2rem - 8px); top: .4em; width: 9px; height: 9px; border-radius: 50%; border: 2px solid #1a1a1a; background: #1a1a1a; } .time > li.issued::before { background: #fff; }
.time b { font-variant-numeric: tabular-nums; } .failed { color: #a02020; font-weight: 600; } tr:target { background: #fff6d6; }
.wide td { overflow-wrap: break-word; } .url { overflow-wrap: anywhere; } .rules th:first-child { width: 44%; } .rules th:last-child { width: 22%; } #registers td:nth-child(2) { min-width: 11rem; } #checks th { width: 42%; } #sources td:nth-child(4) { white-space: nowrap; }
@media (max-width: 600px) { .wide td { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .5rem; text-align: left; } .wide td::before { font-size: .85rem; } .wide td:first-child { display: block; } .wide td:first-child::before, .wide td:empty { display: none; } .wide td:first-child { font-weight: 600; } .wide td:first-child .other, .wide td:first-child .dim { font-weight: 400; }
  .pairs th, .pairs td { display: block; width: auto; } .pairs th { border: 0; padding-bottom: 0; } .pairs td { padding-top: 0; } h1 { font-size: 1.35rem; } h1 + p { font-size: 1.05rem; } .n { text-align: left; } }
@media print { @page { size: A4; margin: 16mm 14mm; } html { font-size: 9.5pt; } body { font-size: 1rem; max-width: none; padding: 0; } .scroll { overflow: visible; } h2, h3 { break-after: avoid; } tr, li, svg, .legend { break-inside: avoid; } a { color: inherit; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
""".strip()  # noqa: E501 - a style sheet


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was looked at in the rulebook, how it came out, and whether that is well."""

    what: Words
    result: Words
    passed: bool


def gazette(book: Book, lang: str = "en", checks: Iterable[Check] = ()) -> str:
    """The page of a book at its law date; `lang` (`en` or `zh`) comes first wherever both languages stand."""
    return Gazette(book, lang, tuple(checks)).page()


class Gazette:
    """The parts of one page."""

    def __init__(self, book: Book, lang: str, checks: Sequence[Check]) -> None:
        self.book, self.lang, self.law, self.document, self.checks = book, lang, book.law, book.law.document, checks

    def page(self) -> str:
        title = self.document.title.say(self.lang)
        head, *tables = zip(*(Sections(self.book, lang, whole=True).all() for lang in (self.lang, OTHER[self.lang])), strict=True)
        last = {"time": self.time_line(), "checks": self.checked()}
        parts = [*self.grouped(tables), *((name, self.say(*heading), last[name]) for name, heading in LAST.items())]
        body = [self.header(), *self.tabled(*head), self.balance(), self.contents(tables)]
        body += [f'<section id="{name}">\n<h2>{title}</h2>\n{part}\n</section>' for name, title, part in parts]
        return html.page(f"{title} · {self.law.id}", body, self.lang, f"{STYLE}\n{' '.join(f'.{name} {{ background: {hex_of(name)}; }}' for name in COLOURS)}")

    # both languages

    def both(self, lead: str, other: str, between: str = " ") -> str:
        """A text in both languages; once where both are alike."""
        if lead == other:
            return escape(lead)
        return f'{escape(lead)}{between}<span class="other" lang="{WEB[OTHER[self.lang]]}">{escape(other)}</span>'

    def say(self, en: str, zh: str, between: str = " ") -> str:
        return self.both(*((en, zh) if self.lang == "en" else (zh, en)), between)

    def words(self, words: Words, between: str = " ") -> str:
        return self.both(words.say(self.lang), words.say(OTHER[self.lang]), between)

    # the head of the page

    def header(self) -> str:
        document = self.document
        authority, title = (words.say(self.lang) for words in (document.authority, document.title))
        other = document.title.say(OTHER[self.lang])
        under = f'\n<p lang="{WEB[OTHER[self.lang]]}">{escape(other)}</p>' if other != title else ""
        return f"<header>\n<p>{self.both(authority, document.authority.say(OTHER[self.lang]), ' · ')}</p>\n<h1>{escape(title)}</h1>{under}\n</header>"

    def contents(self, tables: Sequence[tuple[Section, Section]]) -> str:
        """The headings, each a link to its place."""
        made: list[str] = []
        for name, pairs in grouped(tables):
            link = f'<a href="#{name}">{self.heading(name, pairs)}</a>'
            below = "".join(f'<li><a href="#{escape(one.name)}">{self.both(one.title, other.title)}</a></li>' for one, other in pairs if name in GROUPS)
            made.append(f"<li>{link}{f'<ul>{below}</ul>' if below else ''}</li>")
        made += [f'<li><a href="#{name}">{self.say(*title)}</a></li>' for name, title in LAST.items()]
        return f"<nav><b>{self.say('Contents', '目录')}</b>\n<ul>{''.join(made)}</ul></nav>"

    def heading(self, name: str, pairs: Sequence[tuple[Section, Section]]) -> str:
        one, other = pairs[0]
        return self.say(*GROUPS[name]) if name in GROUPS else self.both(one.title, other.title)

    # the sections

    def grouped(self, tables: Sequence[tuple[Section, Section]]) -> Iterator[tuple[str, str, str]]:
        """Each section with its heading; those of a group under one."""
        for name, pairs in grouped(tables):
            parts: list[str] = []
            for one, other in pairs:
                if name in GROUPS:
                    parts.append(f'<h3 id="{escape(one.name)}">{self.both(one.title, other.title)}</h3>')
                if name == "grades":
                    parts.append(self.scale())
                parts += self.tabled(one, other)
            yield name, self.heading(name, pairs), "\n".join(parts)

    def tabled(self, one: Section, other: Section) -> list[str]:
        """A section's table in both languages."""
        heads = [
            f"{lead}\n{second}" if lead != second else lead for lead, second in zip(*(map(head, each.table.columns) for each in (one, other)), strict=True)
        ]
        lines: list[list[str]] = []
        for at, pairs in enumerate(zip(*(zip(*(column.cells for column in each.table.columns), strict=True) for each in (one, other)), strict=True)):
            cells = [self.cell(*pair) for pair in zip(*pairs, strict=True)]
            if one.notes:
                cells[one.noted] += "".join(self.notes(one.notes[at], other.notes[at]))
            lines.append([f"<div>{cell}</div>" if cell else "" for cell in cells])
        if not any(heads):
            rows = "".join(f"<tr><th>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n" for name, *cells in lines)
            return [f'<div class="scroll"><table class="pairs">\n<tbody>\n{rows}</tbody></table></div>']
        table = html.table(heads, lines, anchors=one.anchors, stacked=3)
        return [f'<div class="rules">{table}</div>' if one.of_rules else table]

    def cell(self, one: Text, other: Text) -> str:
        """A cell, line by line; a line that reads alike in both languages stands once."""
        leads, others = ([self.line(line) for line in text.split("\n")] for text in (one, other))
        made: list[str] = []
        if len(leads) != len(others):
            return block(leads) + block(others, WEB[OTHER[self.lang]])
        for lead, second in zip(leads, others, strict=True):
            made.append(block([lead]) + (block([second], WEB[OTHER[self.lang]]) if lead != second else ""))
        return "".join(made)

    def line(self, text: Text) -> str:
        from rich.console import Console

        text = text.copy()
        text.stylize(text.style)  # rich leaves the style of a text without spans out
        return "".join(map(self.run, text.render(Console(file=io.StringIO()))))

    def run(self, segment: Segment) -> str:
        """A run of text in one style, which says what it is."""
        text, style = escape(segment.text), segment.style
        if style is None or not text:
            return text
        if kind := style.meta.get("basis"):
            return self.mark(kind)
        if cite := style.meta.get("cite"):
            return self.cited(cite)
        if style.color is not None and style.color.name in COLOURS:
            return f'<b class="grade {style.color.name}">{text}</b>'
        return f'<span class="dim">{text}</span>' if style.dim else f"<b>{text}</b>" if style.bold else text

    def mark(self, kind: str) -> str:
        return f'<span class="mark {kind}">{self.basis(kind)}</span>'

    def basis(self, kind: str) -> str:
        """What a basis is called; its sign stands once."""
        lead, other = (pick(BASES[kind], lang) for lang in (self.lang, OTHER[self.lang]))
        return f"{lead} {other.rpartition(' ')[2]}"

    def cited(self, cite: str) -> str:
        name = cite.partition("#")[0]
        return f'<a href="#source-{escape(name)}" title="{escape(self.document.sources[name].instrument)}">{escape(cite)}</a>'

    def notes(self, lines: Iterable[str], others: Iterable[str]) -> Iterator[str]:
        """Lines under a cell; an address of the web is a link."""
        for line, other in zip(lines, others, strict=True):
            text = f'<a class="url" href="{escape(line)}">{escape(line)}</a>' if line.startswith(("http://", "https://")) else self.both(line, other, "<br>")
            yield f'<span class="line note">{text}</span>'

    # pictures

    def balance(self) -> str:
        """How much of the rulebook is law, as a bar."""
        balance, whole = self.law.balance, sum(self.law.balance.values())
        bar = segments([(Fraction(balance[kind], whole), SHARES[kind], "") for kind in BASES] if whole else [])
        names = [f'<span><i style="background:{SHARES[kind]}"></i>{self.basis(kind)} {balance[kind]} ({share(balance[kind], whole)})</span>' for kind in BASES]
        return picture(bar, 16, pick(("Balance of sources", "依据构成"), self.lang)) + f'\n<p class="legend">{"".join(names)}</p>'

    def scale(self) -> str:
        """The bands of the score in the colours of their grades, or the grades in order where no band finds them."""
        order, kind, bands = self.document.grades.order, self.law.score, self.document.grades.bands
        title = pick(("The scale of grades", "等级分段"), self.lang)
        if kind is None or bands is None:
            return picture(segments([(Fraction(1, len(order)), colour(grade, order), grade) for grade in order]), 30, title)
        inside = {grade: span for grade, band in bands.items() if (span := band.within(kind.places, kind.low, kind.high))}
        starts = sorted((Fraction(first, 10**kind.places), grade) for grade, (first, _) in inside.items())
        ends = [*(first for first, _ in starts[1:]), kind.high]
        whole = kind.high - kind.low
        bar = segments([((end - first) / whole, colour(grade, order), grade) for (first, grade), end in zip(starts, ends, strict=True)])
        return picture(bar + ticks([(first - kind.low) / whole for first, _ in starts], [first for first, _ in starts], kind.high), 50, title)

    # time

    def time_line(self) -> str:
        """What was issued, came into force and changed, day by day."""
        events: list[tuple[dt.date, int, str]] = []
        for name, source in self.document.sources.items():
            if source.issued is not None:
                events.append((source.issued, 0, f"{self.say('issued', '发布')} {escape(source.instrument)} {self.cited(name)}"))
        before: Period | None = None
        for period in self.book.rulebook.periods:
            events.append((period.since, 1, self.period(before, period)))
            before = period
        if self.book.rulebook.until is not None:
            events.append((self.book.rulebook.until, 2, self.say("last day in force", "施行末日")))
        kinds = ("issued", "since", "until")
        items = (f'<li class="{kinds[kind]}"><b>{day}</b> {text}</li>' for day, kind, text in sorted(events, key=lambda event: event[:2]))
        return '<ol class="time">\n' + "\n".join(items) + "\n</ol>"

    def period(self, before: Period | None, period: Period) -> str:
        """What holds from the first day of a period on, and what was otherwise before."""
        if period.law is None:
            return f"{self.say('without a value:', '尚无取值：')} <code>{escape(', '.join(period.early))}</code>"
        shown = self.say("shown on this page", "本页所示") if period.law is self.law else ""
        made = [
            self.say("in force", "施行") if before is None or before.law is None else self.say("the text changes", "文本变更"),
            f'<span class="line dim">{period.law.digest[:16]}</span>',
            *([f'<span class="line note">{shown}</span>'] if shown else []),
        ]
        if before is not None and before.law is not None:
            found = changes(before.law, period.law)
            heads = ["\n".join((en, zh) if self.lang == "en" else (zh, en)) for en, zh in (("what", "内容"), ("until then", "此前"), ("from then on", "此后"))]
            made.append(html.table(heads, [self.change(one, before.law, period.law) for one in found], stacked=3))
        return " ".join(made)

    def change(self, change: Change, *laws: Law) -> list[str]:
        label = next((self.words(rule.label) for law in laws for rule in self.book.ready(law).program.rules if within(rule, change.path)), "")
        name = f'<span class="line dim">{escape(dotted(change.path))}</span>'
        return [f"{block([label])}{name}" if label else name, *(self.value(one) for one in (change.before, change.after))]

    def value(self, value: object) -> str:
        return self.both(*(in_words(value, lang) for lang in (self.lang, OTHER[self.lang])))

    # checks

    def checked(self) -> str:
        """What the loader and the cases say, and what else was checked."""
        results = run_cases(self.book)
        passed = sum(one.passed for one in results)
        loads = self.say("names, types, ranges, tables and citations hold in every period", "各时段的名称、类型、取值范围、表格与引用均无误", "<br>")
        passes = self.say(f"{passed} of {len(results)} pass", f"{len(results)}个案例中通过{passed}个")
        rows = [
            (self.say("Loader", "加载"), loads, True),
            (self.say("Cases", "案例"), passes, passed == len(results)),
            *((self.words(one.what, "<br>"), self.words(one.result, "<br>"), one.passed) for one in self.checks),
        ]
        classes = {True: "", False: ' class="failed"'}
        lines = "".join(f"<tr><th>{what}</th><td{classes[well]}>{result}</td></tr>\n" for what, result, well in rows)
        failed = "".join(f"<li>{escape(one.case.case)}<br>{'<br>'.join(map(escape, one.differences))}</li>" for one in results if not one.passed)
        return f'<table class="pairs">\n<tbody>\n{lines}</tbody></table>' + (f'\n<ul class="failed">{failed}</ul>' if failed else "")


def grouped(tables: Sequence[tuple[Section, Section]]) -> list[tuple[str, list[tuple[Section, Section]]]]:
    """The sections by what stands before the dot of their names, in order."""
    made: dict[str, list[tuple[Section, Section]]] = {}
    for pair in tables:
        made.setdefault(pair[0].name.partition(".")[0], []).append(pair)
    return list(made.items())


def head(column: Column) -> str:
    return str(column.header)


def block(lines: Iterable[str], lang: str = "") -> str:
    """Lines under each other, in another language than the page where one is given."""
    of = f' other" lang="{lang}' if lang else ""
    return "".join(f'<span class="line{of}">{line}</span>' for line in lines if line)


def within(rule: Rule, path: Steps) -> bool:
    """Whether a place is in the row of a rule, which a list names by its place or by its id."""
    size = len(rule.path)
    return size > 0 and path[:size] in (rule.path, (*rule.path[:-1], rule.id.rpartition(".")[2]))


def in_words(value: object, lang: str) -> str:
    """A value of a rulebook on one line."""
    match value:
        case None:
            return "–"
        case dict() if "at_least" in value or "at_most" in value:
            per = {key: one for key, one in value.items() if key not in ("at_least", "at_most")}
            return bound_words(value.get("at_least"), value.get("at_most"), lang) + (f" ({in_words(per, lang)})" if per else "")
        case dict():
            return "; ".join(f"{key}: {in_words(one, lang)}" for key, one in value.items())
        case list():
            return ", ".join(in_words(one, lang) for one in value)
        case _:
            return value_words(value, lang)


def colour(grade: str, order: Sequence[str]) -> str:
    return hex_of(colour_of(grade, order))


def hex_of(name: str) -> str:
    """A colour as a card has it in a picture."""
    from rich.color import Color
    from rich.terminal_theme import SVG_EXPORT_THEME

    return Color.parse(name).get_truecolor(SVG_EXPORT_THEME).hex


def percent(part: Fraction) -> str:
    return f"{float(100 * part):.2f}%"


def segments(parts: Iterable[tuple[Fraction, str, str]]) -> str:
    """A bar of parts, each with its share, colour and name; a name that does not fit on a telephone is left to the table."""
    made, at = "", Fraction(0)
    for width, fill, name in parts:
        made += f'<rect x="{percent(at)}" y="0" width="{percent(width)}" height="30" fill="{fill}" stroke="#fff"/>'
        if name and width * NARROW > LETTER * (len(name) + 1):
            white = ' fill="#fff"' if fill == hex_of("red") else ""
            made += f'<text x="{percent(at + width / 2)}" y="20" text-anchor="middle"{white}>{escape(name)}</text>'
        at += width
    return made


def ticks(places: Sequence[Fraction], numbers: Sequence[Fraction], high: Fraction) -> str:
    """The first numbers of bands under a bar and the last number at its end; those that would touch are left out."""
    made, free, end = "", Fraction(-1), 1 - Fraction(LETTER * (len(number(high)) + 1), NARROW)
    for at, first in zip(places, numbers, strict=True):
        half = Fraction(LETTER * (len(number(first)) + 1), 2 * NARROW)
        if at - half >= free and at + half <= end:
            made += f'<text class="tick" x="{percent(at)}" y="46" text-anchor="{"middle" if at else "start"}">{number(first)}</text>'
            free = at + half if at else 2 * half
    return made + f'<text class="tick" x="100%" y="46" text-anchor="end">{number(high)}</text>'


def picture(inside: str, height: int, title: str) -> str:
    return f'<svg height="{height}" role="img" aria-label="{escape(title)}">{inside}</svg>'

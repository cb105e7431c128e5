"""`regengine rules`: the shipped rulebooks in a list, and one rulebook in full, as readable tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from ..problems import Place, one_problem
from .check import leave, load_all
from .common import Day, format_option, lang_option, show
from .exchange import COMMANDS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book
    from ..report.gazette import Check

__all__ = ["command"]

PROVED: Mapping[str, str] = MappingProxyType({"proved": "已证明", "not decided": "未判定", "broken": "不成立"})
WORST = tuple(PROVED)


@click.group("rules")
def command() -> None:
    """List the shipped rulebooks and show any rulebook in full."""


for one in COMMANDS:
    command.add_command(one)


@command.command("list")
@lang_option
@format_option
def list_rules(lang: str, form: str) -> None:
    """List the shipped rulebooks: time in force, grades, facts, and how much of each is published law."""
    books, faults = load_all(())

    def table() -> RenderableType:
        from ..report.tables import rulebook_table

        return rulebook_table([book.law for book in books.values()], lang)

    show(form, lambda: [summary(book) for book in books.values()], table)
    leave(faults)


@command.command("show")
@click.argument("rulebook")
@click.option("--law-at", type=Day(), help="The day of the law.  [default: the latest]")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write it as a page in both languages instead, checked and with its cases run.")
@lang_option
@format_option
def show_rules(rulebook: str, law_at: dt.date | None, html: Path | None, lang: str, form: str) -> None:
    """Show RULEBOOK: its sources, registers, facts, indicators with their points, grades, adjustments, and what a grade brings.

    RULEBOOK is the id of a shipped rulebook or a .yaml file. A page has every rule with its citations, and `--lang` says which language
    leads; it is one file that loads nothing, for a screen, a telephone or paper.
    """
    from ..book import load

    book = load(rulebook)
    if law_at is not None:
        book = book.at(law_at)
    if html is None:
        show(form, lambda: in_full(book), lambda: in_panels(book, lang))
        return
    write_page(book, rulebook, html, lang)
    show(form, lambda: {"html": str(html)}, lambda: f"{'页面' if lang == 'zh' else 'page'}  {html}")


def write_page(book: Book, rulebook: str, out: Path, lang: str) -> None:
    """Write the page of a rulebook. Raises `ProblemError` where that would overwrite the rulebook or its cases, or fails."""
    from ..report.gazette import gazette
    from ..report.html import write_whole
    from ..rulebook.shipped import cases_file, find
    from .grade import same

    source = find(rulebook)
    if any(same(out, path) for path in (source, cases_file(source))):
        raise one_problem("output-exists", "this is the rulebook that is shown", place=Place(str(out)), hint="name another file")
    write_whole(gazette(book, lang, checks_of(rulebook)), out)


def checks_of(rulebook: str) -> Iterator[Check]:
    """What `regengine check` says of a rulebook: each claim in the worst way that it came out, what the cases try, and each finding."""
    from ..check.check import check
    from ..report.gazette import Check
    from ..rulebook.parts import Words

    report = check(rulebook).report
    claims: dict[Words, str] = {}
    for proof in report.proofs:
        claims[proof.what] = max(claims.get(proof.what, proof.result), proof.result, key=WORST.index)
    for what, result in claims.items():
        yield Check(what, Words(en=result, zh=PROVED[result]), result == "proved")
    if (tried := report.coverage) is not None:
        fired = f"{tried.fired} / {tried.rules}", f"{tried.tested} / {tried.edges}"
        yield Check(Words(en="Rules that some case fires", zh="案例触及的规则"), Words(en=fired[0]), True)
        yield Check(Words(en="Sides of thresholds on which a case stands", zh="有案例的分界值侧"), Words(en=fired[1]), True)
    for finding in report.findings:
        yield Check(Words(en=finding.code), finding.message, finding.grave != "error")


def summary(book: Book) -> dict[str, object]:
    """A rulebook of the list, as plain data."""
    from ..report.written import plain

    document = book.law.document
    written = {key: plain(getattr(document, key)) for key in ("title", "edition", "in_force", "audience")}
    return {"id": book.id, **written, "grades": plain(document.grades.order), "facts": len(book.facts), "balance": book.law.balance}


def in_full(book: Book) -> dict[str, object]:
    """A rulebook as plain data: what identifies it, then the keys of its file with every dated value resolved."""
    from ..report.written import as_written

    law = book.law
    head = {"digest": law.digest, "law_since": str(law.since), "changes_on": [str(day) for day in book.rulebook.change_days], "balance": law.balance}
    return {**head, **{key: value for key, value in as_written(law.document).items() if key != "tests"}}


def in_panels(book: Book, lang: str) -> list[RenderableType]:
    """A rulebook for a terminal."""
    from ..report.sections import Sections
    from ..report.tables import panel

    return [panel(section.title, section.table) for section in Sections(book, lang).all()]

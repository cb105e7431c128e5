"""`regengine route`: the service path of one applicant for a matter, with waivers, deadlines, checks and closed paths; or a table of applications."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..problems import one_problem
from .common import Day, format_option, lang_option, show
from .explain import from_table, read_object
from .facts import pairs
from .grade import names

if TYPE_CHECKING:
    from ..book import Book
    from ..service import Route

__all__ = ["command"]


@click.command("route")
@click.argument("rulebook")
@click.option("--matter", required=True, help="The matter that is applied for.")
@click.option("--facts", "source", metavar="FILE|-", help="A file with one JSON object of facts; `-` reads standard input.")
@click.option("--table", type=click.Path(path_type=Path), help="A table with the applicants in it: .csv, .parquet or .jsonl.")
@click.option("--key", help="The applicant to look for in the table; without it, the whole table is summed up.")
@click.option("--key-column", default="enterprise", show_default=True, help="The column, or the JSON name, that names the applicant.")
@click.option("--applications", metavar="COLUMN", help="The column with the number of applications in the year.  [default: one for each row]")
@click.option("--absent", metavar="FACT,FACT", multiple=True, callback=names, help="Facts that a whole table is known not to hold.")
@click.option("--as-of", type=Day(), required=True, help="The day of the application.")
@click.option("--law-at", type=Day(), help="The day of the law.  [default: the day of the application]")
@click.option("--calendar", metavar="COUNTRY|FILE", help="Working days: two letters of a country, such as CN, or a file with `day` and `working`.")
@click.option("--register", "registers", metavar="NAME=FILE", multiple=True, callback=pairs, help="The table of a register; once for each.")
@click.option("--until", type=Day(), help="The last day on which a closed path is looked for again.  [with --register: three years on]")
@lang_option
@format_option
def command(
    rulebook: str,
    matter: str,
    source: str | None,
    table: Path | None,
    key: str | None,
    key_column: str,
    absent: tuple[str, ...],
    applications: str | None,
    as_of: dt.date,
    law_at: dt.date | None,
    calendar: str | None,
    registers: dict[str, Path],
    until: dt.date | None,
    lang: str,
    form: str,
) -> None:
    """Find the service path that RULEBOOK offers an applicant for a matter: what is waived and why, by when, what is checked
    afterwards, what makes the path fail, which paths are closed, and what it saves.

    The facts come from a JSON object or from a row of a table. A table without --key is routed as a whole, and its paths and savings are
    summed. With --calendar deadlines are days; with --register closed paths have the day on which they open again.

    \b
      echo '{"serious_dishonesty": false}' | regengine route cn/henan-2022 --matter food_sale_permit --facts - --as-of 2026-11-02 --calendar CN
      regengine route cn/henan-2022 --matter food_sale_permit --table scenarios/quickstart/enterprises.csv --as-of 2026-11-02
    """
    from ..book import load

    if (table is None) == (source is None):
        raise one_problem("option-wrong", "the facts come from `--table` or from `--facts`, and from one of them", hint="give `--facts FILE`")
    if key is not None and table is None:
        raise one_problem("option-wrong", "`--key` goes with `--table`", hint="it names the applicant to look for in the table")
    book = load(rulebook).at(law_at or as_of)
    if table is not None and key is None:
        for name, given in (("--calendar", calendar), ("--register", registers), ("--until", until)):
            if given:
                raise one_problem("option-wrong", f"`{name}` goes with one applicant", hint="give `--key`, or leave it out")
        sum_up(book, table, matter, as_of, key_column, absent, applications, lang, form)
        return
    if applications is not None:
        raise one_problem("option-wrong", "`--applications` goes with a whole table", hint="leave out `--key`, or `--applications`")
    facts = from_table(dict(book.facts), table, key, key_column) if table is not None and key is not None else read_object(source or "-")
    show_one(book, matter, facts, registers, calendar, as_of=as_of, until=until, key=key_column, lang=lang, form=form)


def show_one(
    book: Book,
    matter: str,
    facts: dict[str, object],
    registers: dict[str, Path],
    calendar: str | None,
    *,
    as_of: dt.date,
    until: dt.date | None,
    key: str,
    lang: str,
    form: str,
) -> None:
    from ..intake.files import as_problems, scan_table
    from ..report.route import route_card

    sources = {name: scan_table(path, empty=True) for name, path in registers.items()}
    tables = {name: one.lazy for name, one in sources.items()} or None
    texts = [name for name, one in sources.items() if one.texts]
    with as_problems(Path(", ".join(map(str, registers.values())))):
        found = book.route(matter, facts, as_of=as_of, registers=tables, until=until, key=key, texts=texts)
    if calendar is not None:
        found = with_days(found, calendar)
    show(form, lambda: found.as_dict(lang), lambda: route_card(found, lang))


def with_days(found: Route, calendar: str) -> Route:
    """The route with its deadlines as days, by the working days of a country or of a file. Raises `ProblemError`."""
    from ..workdays import country, from_file

    if len(calendar) == 2 and calendar.isalpha() and calendar.isupper():
        return found.dated(partial(country, calendar))
    known = from_file(Path(calendar))
    return found.dated(lambda _first, _last: known)


def sum_up(book: Book, table: Path, matter: str, as_of: dt.date, key: str, absent: tuple[str, ...], applications: str | None, lang: str, form: str) -> None:
    """Route a whole table and show how many take each path, and what they save together."""
    from ..intake.files import as_problems, scan_table
    from ..report.route import as_data, total_table

    scanned = scan_table(table)
    with as_problems(table):
        routed = book.route_frame(scanned.lazy, matter, as_of=as_of, key=key, absent=absent, texts=scanned.texts)
        total = routed.total(applications)
        rejected = routed.rejects.collect().height
    path_words = {path.id: path.label for path in (book.law.document.service.paths if book.law.document.service else [])}
    show(form, lambda: as_data(total, rejected), lambda: total_table(total, rejected, path_words, lang))

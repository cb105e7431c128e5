"""`regengine explain`: one enterprise, what came out for it and why, as a card, as JSON, or as a picture; or what will change by itself."""

from __future__ import annotations

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ..problems import Place, one_problem
from .common import Day, format_option, lang_option, show
from .facts import pairs

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book
    from ..decision import Decision
    from ..forecast import Forecast
    from ..rulebook.facts import FactSpec

__all__ = ["command"]

MOST_BYTES = 2_000_000


@click.command("explain")
@click.argument("rulebook")
@click.option("--table", type=click.Path(path_type=Path), help="A table with the enterprise in it: .csv, .parquet or .jsonl.")
@click.option("--key", help="The enterprise to look for in the table.")
@click.option("--key-column", default="enterprise", show_default=True, help="The column, or the JSON name, that names the enterprise.")
@click.option("--json", "source", metavar="FILE|-", help="A file with one JSON object of facts; `-` reads standard input.")
@click.option("--as-of", type=Day(), help="The day of the facts.")
@click.option("--law-at", type=Day(), help="The day of the law.  [default: the day of the facts]")
@click.option("--forecast", "ahead", is_flag=True, help="List the days on which the grade will change if nothing new happens.")
@click.option("--until", type=Day(), help="The last day of the forecast.  [default: three years on]")
@click.option("--register", "registers", metavar="NAME=FILE", multiple=True, callback=pairs, help="The table of a register; once for each.")
@click.option("--svg", type=click.Path(path_type=Path), help="Save the card as a picture, too.")
@lang_option
@format_option
def command(
    rulebook: str,
    table: Path | None,
    key: str | None,
    key_column: str,
    source: str | None,
    as_of: dt.date | None,
    law_at: dt.date | None,
    ahead: bool,
    until: dt.date | None,
    registers: dict[str, Path],
    svg: Path | None,
    lang: str,
    form: str,
) -> None:
    """Explain the decision of RULEBOOK on one enterprise: the grade, every reason with its source, what it brings, why it is
    not better, and what would lift it.

    The facts come from a row of a table, or from a JSON object. With --forecast, the days are listed on which the grade will
    change if nothing new happens, and why; the law of each of these days applies, unless --law-at names one. Facts that come
    from registers move with --register only.

    \b
      regengine explain cn/henan-2022 --table scenarios/quickstart/enterprises.csv --key 91419900FAKE00208D --as-of 2026-11-01
      echo '{"serious_dishonesty": false}' | regengine explain cn/henan-2022 --json - --as-of 2026-11-01
      regengine explain cn/credit-repair-2025 --table firms.csv --key e1 --as-of 2026-01-10 --register penalties=penalties.csv --forecast
    """
    from ..book import load

    if (table is None) == (source is None):
        raise one_problem("option-wrong", "the facts come from `--table` or from `--json`, and from one of them", hint="give `--table FILE --key KEY`")
    if (table is None) != (key is None):
        raise one_problem("option-wrong", "`--table` and `--key` go together", hint="`--key` names the enterprise to look for in the table")
    if as_of is None and law_at is None:
        raise one_problem("date-missing", "the day of the facts is needed", hint="give `--as-of YYYY-MM-DD`")
    if (until is not None or registers) and not ahead:
        name = "--until" if until is not None else "--register"
        raise one_problem("option-wrong", f"`{name}` goes with `--forecast`", hint="`regengine facts` works out facts for the card")
    if svg is not None and ahead:
        raise one_problem("option-wrong", "`--svg` saves the card, and `--forecast` shows none", hint="leave one of them out")
    book = load(rulebook)
    first = as_of or law_at
    assert first is not None
    if law_at is not None or not ahead:
        book = book.at(law_at or first)
    specs = facts_asked(book, first)
    facts = from_table(specs, table, key, key_column) if table is not None and key is not None else read_object(source or "-")
    if ahead:
        found = look_ahead(book, facts, registers, as_of=first, until=until, key=key_column)
        show(form, lambda: found.as_dict(lang), lambda: as_forecast(found, lang))
        return
    decision = (
        look_ahead(book, facts, registers, as_of=first, until=first, key=key_column).now if registers else book.decide(facts, as_of=as_of, key=key_column)
    )
    if svg is not None:
        from ..report import picture

        picture(decision, svg, lang)
    show(form, lambda: as_data(decision, lang), lambda: as_card(decision, lang))


def look_ahead(book: Book, facts: dict[str, object], registers: dict[str, Path], *, as_of: dt.date, until: dt.date | None, key: str) -> Forecast:
    """The forecast, with the registers' tables where any are given. Raises `ProblemError`."""
    from ..intake.files import as_problems, scan_table

    if not registers:
        return book.forecast(facts, as_of=as_of, until=until, key=key)
    sources = {name: scan_table(path, empty=True) for name, path in registers.items()}
    texts = [name for name, source in sources.items() if source.texts]
    with as_problems(Path(", ".join(map(str, registers.values())))):
        return book.forecast(facts, {name: source.lazy for name, source in sources.items()}, as_of=as_of, until=until, key=key, texts=texts)


def as_forecast(found: Forecast, lang: str) -> list[RenderableType]:
    from ..report.forecast import forecast_parts

    return forecast_parts(found, lang)


def as_card(decision: Decision, lang: str) -> list[RenderableType]:
    from ..report import card

    return card(decision, lang)


def as_data(decision: Decision, lang: str) -> dict[str, object]:
    """The decision, why it is not better and what would lift it, as plain data."""
    from ..decision.decision import plain

    lift = decision.nearest_better()
    lifted: dict[str, object] = {**plain(lift, lang), "bound": lift.bound(lang)}
    return {**decision.as_dict(lang), "why_not": plain(decision.why_not(), lang), "lift": lifted}


def facts_asked(book: Book, first: dt.date) -> dict[str, FactSpec]:
    """The facts of the law of the first day, and those that only a later law asks for."""
    from ..rulebook.facts import fact_specs

    later = [period.law for period in book.rulebook.periods if period.law is not None and period.since > first and book.law_at is None]
    laws = [book.rulebook.at(book.law_at or first), *later]
    return {spec.name: spec for law in reversed(laws) for spec in fact_specs(law)}


def from_table(specs: dict[str, FactSpec], table: Path, key: str, key_column: str) -> dict[str, object]:
    """The facts of one row of a table; columns that are not facts are passed over, as `grade` does."""
    from ..intake.files import read_row
    from ..intake.texts import from_texts

    row, texts = read_row(table, key, key_column)
    if texts:
        return from_texts(row, specs.values(), key_column)
    return {name: value for name, value in row.items() if name in specs or name == key_column}


def read_object(name: str) -> dict[str, object]:
    """The one object of a JSON file, or of standard input for `-`; numbers are exact."""
    place = Place("standard input" if name == "-" else name)

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in pairs:
            if key in made:
                raise one_problem("key-duplicate", f"the name `{key}` stands twice", place=place)
            made[key] = value
        return made

    def no_number(text: str) -> NoReturn:
        raise one_problem("file-unreadable", f"`{text}` is not a number of JSON", place=place, hint="leave the fact out, or give null")

    try:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else read_bytes(Path(name))
    except OSError as error:
        raise one_problem("file-missing", f"cannot read the file: {error.strerror or error}", place=place) from None
    if len(raw) > MOST_BYTES:
        raise one_problem("file-too-large", f"the object has more than {MOST_BYTES:,} bytes", place=place)
    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_float=Decimal, parse_constant=no_number, object_pairs_hook=once)
    except UnicodeDecodeError:
        raise one_problem("file-encoding", "the file is not UTF-8", place=place, hint="save it as UTF-8") from None
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise one_problem("file-unreadable", message, place=Place(place.file, error.lineno, error.colno)) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise one_problem("file-unreadable", "a number is too long, or the object is nested too deep", place=place) from None
    if not isinstance(found, dict):
        raise one_problem("file-unreadable", "the file does not hold one JSON object", place=place, hint='write {"fact": value, ...}')
    return found


def read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)

"""`regengine draw`: commit to a draw, reveal it, check it, and replace one who cannot be visited; each step leaves files that anybody can check."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..problems import Place, ProblemError, one_problem
from .common import Day, format_option, lang_option, show, show_problems
from .draw_page import page
from .draw_shown import as_data, as_tables, redraw_tables, standing_data, standing_tables, verified_data, verified_tables
from .intake import source_of

if TYPE_CHECKING:
    import polars as pl

    from ..inspection.draw import Quota
    from ..inspection.draw.record import Draw
    from ..inspection.rules import PlanRules
    from ..problems import Problem

__all__ = ["command"]

QUOTA = re.compile(r"(?P<stratum>.+?)=(?P<ratio>[^=,]+)(?:,at_least=(?P<at_least>[0-9]{1,9}))?(?:,at_most=(?P<at_most>[0-9]{1,9}))?")


def quotas(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, Quota]:
    """STRATUM=RATIO, with bounds where there are any, once for each stratum."""
    from ..inspection.draw import Quota
    from ..rulebook.values import parse_ratio

    found: dict[str, Quota] = {}
    for part in value:
        match = QUOTA.fullmatch(part)
        if match is None:
            raise click.BadParameter(f"`{part}` is not STRATUM=RATIO, or STRATUM=RATIO,at_least=N,at_most=N", ctx, param)
        if match["stratum"] in found:
            raise click.BadParameter(f"the stratum `{match['stratum']}` is given twice", ctx, param)
        try:
            bounds = (None if match[name] is None else int(match[name]) for name in ("at_least", "at_most"))
            found[match["stratum"]] = Quota(parse_ratio(match["ratio"]), *bounds)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from None
    return found


@click.group("draw")
def command() -> None:
    """Draw enterprises for inspection so that anybody can check it; docs/draw.md says how."""


@command.command("commit")
@click.argument("table")
@click.option("--rulebook", required=True, metavar="RULEBOOK", help="The id of a shipped rulebook or a .yaml file, by which is drawn.")
@click.option("--as-of", type=Day(), required=True, help="The day of the table.")
@click.option("--law-at", type=Day(), help="The day of the law.  [default: --as-of]")
@click.option("--draw-id", required=True, help="The id of this draw and of no other.")
@click.option("--seed-from", required=True, metavar="TEXT", help="Where the seed will come from: a public value that nobody knows yet.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="Where the files of the draw go.")
@click.option("--name", required=True, help="What the files are called: NAME.draw.jsonl, NAME.manifest.txt, NAME.drawn.csv.")
@click.option("--key", default="enterprise", show_default=True, help="The column that names the enterprise.")
@click.option(
    "--stratum", "strata", multiple=True, default=("grade",), show_default=True, metavar="COLUMN", help="The column of the stratum; several are joined by `/`."
)
@click.option(
    "--quota", "given", multiple=True, callback=quotas, metavar="STRATUM=RATIO",
    help="A stratum's share, such as A=1% or A=1/50,at_least=4,at_most=9.  [default: what the rulebook says]",
)  # fmt: skip
@lang_option
@format_option
def commit_(
    table: str, rulebook: str, as_of: dt.date, law_at: dt.date | None, draw_id: str, seed_from: str, out: Path, name: str, key: str,
    strata: tuple[str, ...], given: dict[str, Quota], lang: str, form: str,
) -> None:  # fmt: skip
    """Commit to a draw before the seed exists.

    Writes the manifest and the record of a draw from TABLE: a .csv, .parquet, .jsonl or .xlsx file with a row for each enterprise that may be
    drawn. Publish both files, or at least the SHA-256 that is printed, before anybody can know the seed.

    \b
      regengine draw commit out/graded.parquet --rulebook cn/henan-2022 --as-of 2026-11-01 --draw-id zone-2026-q4
        --seed-from 'the lottery of 2026-12-01' --out draws --name zone
    """
    from ..book import load
    from ..inspection.draw.record import commit
    from ..inspection.rules import rules_of
    from ..intake.files import as_problems

    law_day = law_at or as_of
    rules = rules_of(load(rulebook).at(law_day).program)
    source = source_of(table, name=None, query=None, sheet=None)
    with as_problems(source.path):
        frame = frame_of(source.lazy, key, strata)
        wanted = quotas_for(rules, population_of(frame), given, several=len(strata) > 1)
        made = commit(out, name, frame, wanted, draw_id=draw_id, random_floor=rules.random_floor, rules=rules, law_at=law_day, as_of=as_of, seed_from=seed_from)
    show(form, lambda: as_data(made), lambda: as_tables(made, lang))


def frame_of(table: pl.LazyFrame, key: str, strata: Sequence[str]) -> pl.DataFrame:
    """The enterprises of a table with their stratum; several columns are joined by `/`, which none of them may hold then."""
    import polars as pl

    from ..inspection.draw.tickets import engine_of

    engine_of(table, [key, *strata])
    texts = [pl.col(column).cast(pl.String) for column in strata]
    if len(strata) > 1:
        held = table.select(text.str.contains("/", literal=True).any() for text in texts).collect(engine="streaming")
        for column in (column for column in held.columns if held[column].item()):
            raise one_problem("draw-frame", "a value holds `/`, by which the columns of a stratum are joined", place=Place(field=column))
    return table.select(pl.col(key).cast(pl.String).alias("enterprise"), pl.concat_str(texts, separator="/").alias("stratum")).collect(engine="streaming")


def population_of(frame: pl.DataFrame) -> dict[str, int]:
    """How many each stratum holds; an empty stratum is told when the manifest is written."""
    return {str(name): int(count) for name, count in frame.drop_nulls().group_by("stratum").len().iter_rows() if name}


def quotas_for(rules: PlanRules, population: Mapping[str, int], given: Mapping[str, Quota], *, several: bool) -> dict[str, Quota]:
    """The quota of each stratum: as given for it, or for its first part where strata have several, or else what the rulebook says."""
    from ..inspection.outcomes import check_ratios
    from ..inspection.quotas import entry_of_stratum, quotas_of

    drawn = {outcome.id: outcome for outcome in rules.outcomes if outcome.drawn}
    entries = {name: entry_of_stratum(name) for name in given}
    check_ratios(drawn, {entries[name]: quota.ratio for name, quota in given.items() if entries[name] in drawn})
    by = {name: name if name in given or not several else entry_of_stratum(name) for name in population}
    own = {name: given[by[name]] for name in population if by[name] in given}
    if unused := sorted({*given} - {by[name] for name in own}):
        raise ProblemError(unmet(name, population) for name in unused)
    return {**own, **quotas_of(rules, {name: count for name, count in population.items() if name not in own})}


def unmet(name: str, population: Mapping[str, int]) -> Problem:
    from ..problems import Problem, nearest

    return Problem("draw-quota", f"nobody is in the stratum `{name}`", hint=nearest(name, population))


@command.command("reveal")
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECORD...")
@click.option("--seed", required=True, metavar="TEXT", help="The seed, as it was published.")
@click.option("--rulebook", "rulebooks", multiple=True, metavar="RULEBOOK", help="A rulebook that was committed to, where it is no shipped one.")
@lang_option
@format_option
def reveal_(records: tuple[Path, ...], seed: str, rulebooks: tuple[str, ...], lang: str, form: str) -> None:
    """Draw with the seed.

    Appends the seed to each RECORD (NAME.draw.jsonl) and writes who is drawn. Draws that one seed decides are revealed in one call; a seed that
    was revealed for another draw of the folder is refused. So is a draw whose rulebook is no longer the one of the commitment.

    \b
      regengine draw reveal draws/zone.draw.jsonl --seed '06 11 19 23 31 07'
    """
    from ..inspection.draw.record import read_draw, reveal

    draws = [read_draw(path) for path in records]
    check_rulebooks(draws, rulebooks)
    made = reveal(draws, seed)
    show(form, lambda: [as_data(one) for one in made], lambda: [part for one in made for part in as_tables(one, lang)])


def check_rulebooks(draws: Sequence[Draw], given: Sequence[str]) -> None:
    """Refuse draws whose rulebook has another digest now: of those given, or else of the shipped ones."""
    from ..book import load
    from ..inspection.draw.record import check_rulebook
    from ..inspection.rules import rules_of

    books = {book.rulebook.id: book for book in map(load, given)}
    for one in draws:
        said = one.commitment.rulebook
        if said.id not in books:
            try:
                books[said.id] = load(said.id)
            except ProblemError:
                message = f"the draw was committed to `{said.id}`, which is not shipped"
                raise one_problem("draw-rulebook", message, place=Place(str(one.record)), hint="name its file with `--rulebook`") from None
        check_rulebook(one, rules_of(books[said.id].at(one.commitment.law_at).program))


@command.command("verify")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--enterprise", metavar="KEY", help="Only this enterprise, from the manifest and the seed alone.")
@lang_option
@format_option
@click.pass_context
def verify_(ctx: click.Context, record: Path, enterprise: str | None, lang: str, form: str) -> None:
    """Recompute a draw: yes or no.

    It is recomputed from its manifest and its seed and compared with RECORD (NAME.draw.jsonl); the exit code is 0 for yes and 1 for no. With
    `--enterprise`, says what became of one enterprise: whether it is in the frame, its stratum, its ticket and position, and whether it was
    drawn; it ends with 1 where it is not in the frame, or where the drawn file says otherwise.

    \b
      regengine draw verify draws/zone.draw.jsonl --enterprise 91410022MA74218X26
    """
    from ..inspection.draw.record import read_draw, verify, verify_one

    try:
        made = read_draw(record)
        if enterprise is not None:
            found = verify_one(made, enterprise)
            show(form, lambda: standing_data(made, found), lambda: standing_tables(made, found, lang))
            ctx.exit(0 if found.stratum is not None and found.agrees else 1)
        problems = verify(made)
    except ProblemError as error:
        if any(problem.code not in ("draw-record", "draw-frame", "draw-quota") for problem in error.problems):
            raise
        made, problems = None, list(error.problems)
    show(form, lambda: verified_data(made, problems), lambda: verified_tables(made, problems, lang))
    if problems:
        if form == "table":
            show_problems(problems)
        ctx.exit(1)


@command.command("redraw")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--enterprise", required=True, metavar="KEY", help="Who was drawn and cannot be visited.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, such as: closed since March.")
@lang_option
@format_option
def redraw_(record: Path, enterprise: str, reason: str, lang: str, form: str) -> None:
    """Replace one who cannot be visited.

    The next ticket of the stratum takes the place, which is appended to RECORD (NAME.draw.jsonl) with the reason.

    \b
      regengine draw redraw draws/zone.draw.jsonl --enterprise 91410022MA74218X26 --reason 'closed since March'
    """
    from ..inspection.draw.record import read_draw, redraw

    made = redraw(read_draw(record), enterprise, reason)
    show(form, lambda: as_data(made), lambda: redraw_tables(made, lang))


command.add_command(page)

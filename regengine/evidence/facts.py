"""Facts worked out from registers: counts, sums and days inside windows of calendar months, joined to the enterprises.

Facts over related enterprises come last, since they look at the others.

A window `within: 24 months` holds the days after `as_of` less 24 calendar months, up to and with `as_of`; without one,
everything up to `as_of` counts. `open: true` keeps entries that have not ended by `as_of`. Entries that became known after
`known_at` are left out, so that a grade can be worked out as it was known then, and as it should have been.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

import narwhals as nw

from ..engines.frame import column
from ..engines.single import days_of
from ..problems import Place, Problem, ProblemError, nearest
from ..program.expr import AsOf, walk
from ..program.expr import Column as Col
from ..program.lower import Lowering
from ..rulebook.law import Law, Steps
from ..rulebook.registers import From, Register
from ..rulebook.values import day_number, window_start
from .entries import DATE, DAY, ENDED, KEY, KNOWN, Entries, accounted, read_entries
from .related import as_read, of_enterprises, path_to, related_totals, relations, tell_relations, unready

__all__ = ["Evidence", "work_out"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")


Table = TypeVar("Table")


@dataclass(frozen=True, slots=True)
class Evidence(Generic[Table]):
    """Enterprises with the facts that registers give, and what became of the entries.

    `facts` is the enterprises' table with a column for each fact worked out. `rejects` are, by register, the entries that
    could not be read. `told` is, by register, a table of one row: entries used, those after `as_of`, those not known by
    `known_at`, those of enterprises that are not in the table, and enterprises with entries; for relations that hold on the day also those of an
    enterprise with itself, those that stand again, pairs that name each other, and those to none of the table.

    `paths` is, by fact over related enterprises, a table with a row for each enterprise that has one: `enterprise`, whom the
    way leads `through` (empty for one step), the nearest `related` enterprise, and the number of `steps`.
    """

    facts: Table
    rejects: Mapping[str, Table]
    told: Mapping[str, Table]
    paths: Mapping[str, Table]


def work_out(
    law: Law, enterprises: Frame, registers: Mapping[str, Frame], *, key: str, as_of: dt.date, known_at: dt.date, texts: Collection[str] = ()
) -> Evidence[Frame]:
    """Work out every fact of `law` that says `from`, for the enterprises named by `key`.

    `texts` names the registers whose columns all hold text, as read from CSV.

    Raises `ProblemError` for a register that is not given, not declared, or of another form than declared, and for a
    column of the enterprises' table that has the name of a fact that is worked out.
    """
    facts = {name: fact.from_ for name, fact in law.document.facts.items() if fact.from_ is not None}
    check_given(law, facts, registers, enterprises, key)
    rejects: dict[str, Frame] = {}
    told: dict[str, Frame] = {}
    ready: dict[str, Frame] = {}
    for name, register in law.document.registers.items():
        if not any(use.register == name for use in facts.values()):
            continue
        entries: Entries[Frame] = read_entries(name, as_read(register), registers[name], texts=name in texts)
        ready[name], rejects[name] = entries.ready, entries.rejects
        check_keys(name, register, ready[name], enterprises, key)
        uses = {fact: use for fact, use in facts.items() if use.register == name and use.related is None}
        told[name] = accounted(ready[name], enterprises, key, as_of, known_at)
        if register.other is not None:
            today = all_of(happened(as_of, day_number(known_at)) + still_open(register, as_of))
            told[name] = told[name].join(tell_relations(ready[name], register.other, today, enterprises, key), how="cross")
        if uses:
            enterprises = joined(enterprises, totalled(law, ready[name], uses, as_of, known_at), key)
            enterprises = with_facts(law, enterprises, uses, as_of)
    return with_related(law, Evidence(enterprises, rejects, told, {}), ready, key=key, as_of=as_of, known_at=known_at)


def with_related(law: Law, worked: Evidence[Frame], ready: Mapping[str, Frame], *, key: str, as_of: dt.date, known_at: dt.date) -> Evidence[Frame]:
    """The evidence with the facts over related enterprises, each of which looks at a fact that is there already."""
    facts, paths = worked.facts, {}
    for fact, spec in law.document.facts.items():
        use = spec.from_
        if use is None or use.related is None:
            continue
        other = law.document.registers[use.register].other
        assert other is not None
        ties = relations(ready[use.register], other, counts(law, fact, use, as_of, day_number(known_at)))
        wanted = of_enterprises(law, worked.facts, use.related.fact, key)
        paths[fact] = path_to(use.related, ties, wanted, worked.facts, key)
        facts = joined(facts, related_totals(use.related, ties, wanted, f"use:{fact}"), key)
        facts = with_facts(law, facts, {fact: use}, as_of)
    return Evidence(facts, worked.rejects, worked.told, paths)


def check_given(law: Law, facts: Mapping[str, From], registers: Mapping[str, Any], enterprises: Frame, key: str) -> None:
    columns = enterprises.collect_schema().names()
    problems = [
        Problem("name-unknown", f"`{name}` is not a register of `{law.id}`", hint=nearest(name, law.document.registers))
        for name in registers
        if name not in law.document.registers
    ]
    needed = dict.fromkeys(use.register for use in facts.values())
    problems += [
        Problem("register-missing", f"the register `{name}` is needed and was not given", hint="give a table for it, without rows if it has none")
        for name in needed
        if name not in registers
    ]
    problems += [
        Problem("column-clash", f"the fact `{name}` comes from a register and is a column too", Place(field=name), "leave the column out")
        for name in facts
        if name in columns
    ]
    problems += unready(law, facts, enterprises)
    if key not in columns:
        problems.append(Problem("key-column", f"there is no column `{key}` that names the enterprise", Place(field=key), nearest(key, columns)))
    if problems:
        raise ProblemError(problems)


def check_keys(name: str, register: Register, entries: Frame, enterprises: Frame, key: str) -> None:
    """A register's keys must be of the kind of the enterprises': `007` and 7 are not the same enterprise."""
    wanted: Any = enterprises.collect_schema()[key]
    for what, named in (("key", register.key), ("other side", register.other)):
        if named is None:
            continue
        own: Any = entries.collect_schema()[named]
        if own.is_numeric() != wanted.is_numeric() or isinstance(own, nw.String) != isinstance(wanted, nw.String):
            kinds = " and ".join(f"{type(kind).__name__.lower()} values" for kind in (own, wanted))
            message = f"the {what} `{named}` of the register `{name}` and the key of the enterprises hold {kinds}"
            raise ProblemError([Problem("column-wrong-type", message, Place(field=named), "cast one of them")])


def totalled(law: Law, entries: Frame, uses: Mapping[str, From], as_of: dt.date, known_at: dt.date) -> Frame:
    """One row for each key, with what each fact needs."""
    entries = entries.with_columns(*(amount(law, fact, use, as_of, day_number(known_at)).alias(f"use:{fact}") for fact, use in uses.items()))
    totals: list[nw.Expr] = []
    for fact, use in uses.items():
        of = nw.col(f"use:{fact}")
        match use.kind:
            case "count" | "any" | "sum":
                totals.append(of.sum())
            case "min" | "earliest":
                totals.append(of.min())
            case _:
                totals.append(of.max())
    return entries.group_by(KEY).agg(*totals)


def joined(enterprises: Frame, totals: Frame, key: str) -> Frame:
    """The enterprises in their order, each with its totals; Polars keeps the order of a join only where it is asked to."""
    if enterprises.implementation.is_polars():
        native = enterprises.to_native().join(totals.to_native(), left_on=key, right_on=KEY, how="left", maintain_order="left")
        made: Frame = nw.from_native(native)
        return made
    return enterprises.join(totals, left_on=key, right_on=KEY, how="left")


def amount(law: Law, fact: str, use: From, as_of: dt.date, knowing: int) -> nw.Expr:
    """What one entry adds to a fact: a scaled number for counts and sums, a value or day (null where it does not count) else."""
    held = counts(law, fact, use, as_of, knowing)
    days = {"latest": nw.col(DAY), "earliest": nw.col(DAY), "days_since": nw.col(DATE)}
    value = days.get(use.kind, nw.col(f"fact:{use.column}") if use.column else nw.lit(1, nw.Int64()))
    if use.kind in ("count", "any", "sum"):
        weight = weighed(use, as_of, law.document.facts[fact].places or 0, column_places(law, use))
        return nw.when(held).then(value * weight).otherwise(nw.lit(0, nw.Int64()))
    return nw.when(held).then(value)


def counts(law: Law, fact: str, use: From, as_of: dt.date, knowing: int) -> nw.Expr:
    """Whether an entry counts for a fact."""
    said, held = use.counting, happened(as_of, knowing)
    if said.within is not None:
        held.append(nw.col(DATE) > window_start(as_of, said.within))
    if said.open:
        held += still_open(law.document.registers[use.register], as_of)
    if said.where is not None:
        held.append(condition(law, ("facts", fact, *use.path, "where"), as_of))
    return all_of(held)


def happened(as_of: dt.date, knowing: int) -> list[nw.Expr]:
    return [nw.col(DATE) <= day_number(as_of), nw.col(KNOWN) <= knowing]


def all_of(held: list[nw.Expr]) -> nw.Expr:
    return reduce(lambda a, b: a & b, held)


def still_open(register: Register, as_of: dt.date) -> list[nw.Expr]:
    """An open entry has not ended by `as_of`, and the longest time of its class has not run out."""
    held: list[nw.Expr] = []
    if register.ended is not None:
        held.append(nw.col(ENDED).is_null() | (nw.col(ENDED) > day_number(as_of)))
    if register.effect is not None:
        of = nw.col(f"fact:{register.effect.of}")
        lasting = [(of == value) & (nw.col(DATE) > window_start(as_of, span)) for value, span in register.effect.longest.items()]
        held.append(reduce(lambda a, b: a | b, lasting))
    return held


def weighed(use: From, as_of: dt.date, places: int, own: int) -> nw.Expr:
    """The weight of an entry by its age, scaled so that weight times value is a number of the fact's places."""
    scale = 10 ** (places - own)
    if not use.weights:
        return nw.lit(scale if use.kind == "sum" or places else 1, nw.Int64())
    made = nw.lit(0, nw.Int64())
    for span, weight in sorted(use.weights.items(), key=lambda pair: window_start(as_of, pair[0])):
        made = nw.when(nw.col(DATE) > window_start(as_of, span)).then(nw.lit(int(weight * scale), nw.Int64())).otherwise(made)
    return made


def column_places(law: Law, use: From) -> int:
    register = law.document.registers[use.register]
    return (register.columns[use.column].places or 0) if use.column else 0


def condition(law: Law, path: Steps, as_of: dt.date) -> nw.Expr:
    """The `where` at `path` of the law over the entries' columns."""
    lowering = Lowering(lambda name: f"fact:{name}", lambda name: Col(f"known:{name}"))
    expr = lowering.expr(law.conditions[path])
    return column(expr, days_of([part for part in walk(expr) if isinstance(part, AsOf)], as_of))


def with_facts(law: Law, frame: Frame, uses: Mapping[str, From], as_of: dt.date) -> Frame:
    """The totals as facts, in the types in which users give facts."""
    made: list[nw.Expr] = []
    for fact, use in uses.items():
        of, spec = nw.col(f"use:{fact}"), law.document.facts[fact]
        if use.kind in ("count", "any", "sum"):
            of = of.fill_null(0).cast(nw.Int64())
        if use.kind == "any":
            of = of > 0
        elif use.kind == "days_since":
            of = day_number(as_of) - of
        elif spec.type == "decimal":
            scale: int = 10 ** (spec.places or 0)
            own = scale if use.kind in ("count", "sum") else 10 ** column_places(law, use)
            of = of.cast(nw.Float64()) / own
        made.append(of.alias(fact))
    return frame.with_columns(*made).drop(*(f"use:{fact}" for fact in uses))

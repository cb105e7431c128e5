"""Related enterprises: whom a register of relations leads to, in one step or in two.

An entry of such a register has two sides: its enterprise, and a person or another enterprise. A step goes from one side to the
other, either way; so a branch is one step from its parent, and two enterprises with the same legal representative are two
steps apart. No enterprise is related to itself, and each related one is found once, however many ways lead there: a circle of
relations changes nothing. Ties go to the smallest key, so the order of the entries is of no matter.

A side that thousands of enterprises share costs no more than its entries: of what lies behind it, two enterprises are enough
to tell anyone of another than itself. So over two steps it is asked whether there is any; to count them would take every pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import narwhals as nw

from ..intake.frame import fits, holds_nothing, read
from ..problems import Place, Problem, nearest
from ..rulebook.facts import spec_of
from ..rulebook.law import Law
from ..rulebook.registers import Fact, From, Register, Related
from .entries import KEY

__all__ = ["as_read", "of_enterprises", "path_to", "related_totals", "relations", "tell_relations", "unready"]

Frame = TypeVar("Frame", "nw.DataFrame[Any]", "nw.LazyFrame[Any]")
HERE, THERE, FOUND, WAYS = "relation:here", "relation:there", "relation:found", "relation:ways"


def as_read(register: Register) -> Register:
    """The register with the other side among its columns, as one that must be there."""
    if register.other is None:
        return register
    return register.model_copy(update={"columns": {**register.columns, register.other: Fact(type="code", missing="reject")}})


# the enterprises of which a fact holds


def unready(law: Law, uses: Mapping[str, From], enterprises: Frame) -> list[Problem]:
    """What keeps the facts that are looked at in related enterprises from being read from the enterprises' table."""
    columns: Mapping[str, Any] = enterprises.collect_schema()
    problems: list[Problem] = []
    for name in dict.fromkeys(use.related.fact for use in uses.values() if use.related is not None):
        if law.document.facts[name].from_ is not None:
            continue
        place, dtype = Place(field=name), columns.get(name)
        if dtype is None:
            message = f"there is no column for the fact `{name}`, which is looked at in related enterprises"
            problems.append(Problem("column-missing", message, place, nearest(name, columns)))
        elif not fits(spec_of(name, law.document.facts[name]), dtype, texts=True) and not holds_nothing(enterprises, name, dtype):
            message = f"the column holds {type(dtype).__name__.lower()} values and the fact `{name}` is true or false"
            problems.append(Problem("column-wrong-type", message, place, "cast the column first"))
    return problems


def of_enterprises(law: Law, enterprises: Frame, fact: str, key: str) -> Frame:
    """The keys (THERE) of the enterprises of which a fact holds; it does not hold where it is unknown, or its row cannot be graded."""
    spec, columns = spec_of(fact, law.document.facts[fact]), enterprises.collect_schema()
    held = nw.lit(None, nw.Boolean())  # of a column that was never filled
    if spec.from_registers:
        held = nw.col(fact)
    elif fits(spec, columns[fact], texts=True):
        held = read(spec, columns, texts=True, sql=False).value
    held = held.fill_null(spec.missing == "fill" and bool(spec.stand_in))
    return enterprises.select(nw.col(key).alias(THERE), held.alias(FOUND)).filter(nw.col(FOUND)).select(THERE)


# ways


def relations(entries: Frame, other: str, held: nw.Expr) -> Frame:
    """Every relation that counts, from each of its sides: HERE leads THERE. What an enterprise has with itself leads nowhere."""
    counted = entries.filter(held & (nw.col(KEY) != nw.col(other)))
    there = counted.select(nw.col(KEY).alias(HERE), nw.col(other).alias(THERE))
    return nw.concat([there, counted.select(nw.col(other).alias(HERE), nw.col(KEY).alias(THERE))])


def direct(ties: Frame, wanted: Frame) -> Frame:
    """The relations that lead to a wanted enterprise."""
    return ties.join(wanted, on=THERE, how="semi")


def over_two(ties: Frame, near: Frame) -> Frame:
    """Whom each side finds (FOUND) behind those that it is related to (THERE), itself left out: of all that lie there, the first two."""
    first = near.group_by(HERE).agg(nw.col(THERE).min().alias(FOUND))
    others = near.join(first, on=HERE, how="inner").filter(nw.col(THERE) != nw.col(FOUND))
    second = others.group_by(HERE).agg(nw.col(THERE).min().alias(FOUND))
    behind = nw.concat([first, second]).rename({HERE: THERE})
    return ties.join(behind, on=THERE, how="inner").filter(nw.col(FOUND) != nw.col(HERE))


def related_totals(use: Related, ties: Frame, wanted: Frame, name: str) -> Frame:
    """One row for each KEY that is related to a wanted enterprise, with their number in the column `name` (for `any`, of ways to one)."""
    near = direct(ties, wanted)
    ends = near.unique() if use.kind == "count" else near
    if use.steps == 2:
        ends = nw.concat([near.select(HERE), over_two(ties, near).select(HERE)])
    return numbered(ends, name).rename({HERE: KEY})


def numbered(rows: Frame, name: str, *by: str) -> Frame:
    """How many rows there are of each side, or of each value of the columns `by`."""
    return rows.group_by(*by or (HERE,)).agg(nw.len().alias(name)).with_columns(nw.col(name).cast(nw.Int64()))


def path_to(use: Related, ties: Frame, wanted: Frame, enterprises: Frame, key: str) -> Frame:
    """For each enterprise that is related to a wanted one, the nearest of them, and the way there: fewest steps, then the smallest keys."""
    near = direct(ties, wanted)
    nothing = nw.lit(None, None if near.implementation.is_pandas() else near.collect_schema()[HERE])  # NumPy has no integer for it
    one = near.group_by(HERE).agg(nw.col(THERE).min().alias("related"))
    paths = one.select(nw.col(HERE).alias("enterprise"), nothing.alias("through"), "related", nw.lit(1, nw.Int64()).alias("steps"))
    if use.steps == 2:
        ways = over_two(ties, near).join(one, on=HERE, how="anti")
        nearest_found = ways.group_by(HERE).agg(nw.col(FOUND).min())
        two = ways.join(nearest_found, on=[HERE, FOUND], how="inner").group_by(HERE, FOUND).agg(nw.col(THERE).min().alias("through"))
        two = two.select(nw.col(HERE).alias("enterprise"), "through", nw.col(FOUND).alias("related"), nw.lit(2, nw.Int64()).alias("steps"))
        paths = nw.concat([paths, two])
    return paths.join(enterprises.select(nw.col(key).alias("enterprise")), on="enterprise", how="semi").sort("enterprise")


# what is told


def tell_relations(entries: Frame, other: str, held: nw.Expr, enterprises: Frame, key: str) -> Frame:
    """Of the relations of the day: those of an enterprise with itself, those that stand again, pairs that name each other, and other
    sides that are no enterprise of the table."""
    today = entries.filter(held).select(nw.col(KEY).alias(HERE), nw.col(other).alias(THERE))
    loops = today.filter(nw.col(HERE) == nw.col(THERE)).select(nw.len().alias("with_itself"))
    pairs = numbered(today, WAYS, HERE, THERE)
    again = pairs.select((nw.col(WAYS) - 1).sum().alias("repeated"))
    back = pairs.filter(nw.col(HERE) > nw.col(THERE)).select(nw.col(THERE).alias(HERE), nw.col(HERE).alias(THERE))
    mutual = pairs.join(back, on=[HERE, THERE], how="semi").select(nw.len().alias("mutual"))
    outside = today.join(enterprises.select(nw.col(key).alias(THERE)), on=THERE, how="anti").select(nw.len().alias("to_others"))
    return loops.join(again, how="cross").join(mutual, how="cross").join(outside, how="cross")

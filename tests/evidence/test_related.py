"""Related enterprises: ways worked out by hand, and every form against a walk of the graph in plain Python."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.rulebook.values import months_before

RULEBOOK = Path(__file__).with_name("related.yaml")
BOOK = rg.load(RULEBOOK)
DAYS = {"since": pl.Date(), "published": pl.Date(), "until": pl.Date()}
SCHEMAS = {
    "serious_list": {"enterprise": pl.String(), "listed": pl.Date(), "removed": pl.Date()},
    "legal_representative": {"enterprise": pl.String(), "法定代表人": pl.String(), **DAYS},
    "relations": {"enterprise": pl.String(), "other": pl.String(), **DAYS, "kind": pl.String(), "share": pl.Float64()},
}
ENTERPRISES = {"enterprise": pl.String(), "defaulter": pl.Boolean(), "unlicensed": pl.Boolean()}
AS_OF = dt.date(2026, 11, 1)
Row = dict[str, Any]


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def tie(key: str, other: str, *, since: str = "2020-01-01", until: str | None = None, published: str | None = None, share: float = 100.0) -> Row:
    return {
        **{"enterprise": key, "other": other, "since": day(since), "published": day(published), "until": day(until)},
        **{"kind": "shareholder", "share": share},
    }


def representative(key: str, person: str, **days: str) -> Row:
    entry = tie(key, person, **days)
    return {"enterprise": key, "法定代表人": person, **{name: entry[name] for name in DAYS}}


def listing(key: str) -> Row:
    return {"enterprise": key, "listed": dt.date(2020, 1, 1), "removed": None}


def worked(
    frames: Any, enterprises: Iterable[str | Row], kind: str = "polars", *, as_of: dt.date = AS_OF, known_at: dt.date | None = None, **registers: list[Row]
) -> Any:
    table = [row if isinstance(row, dict) else {"enterprise": row, "defaulter": False, "unlicensed": False} for row in enterprises]
    given_registers = {name: frames.of(kind, pl.DataFrame(registers.get(name, []), schema=schema)) for name, schema in SCHEMAS.items()}
    return BOOK.work_out(frames.of(kind, pl.DataFrame(table, schema=ENTERPRISES)), given_registers, as_of=as_of, known_at=known_at)


def of(frames: Any, found: Any, fact: str) -> dict[str, Any]:
    return {row["enterprise"]: row[fact] for row in frames.rows(found.facts)}


def ways(frames: Any, found: Any, fact: str) -> list[tuple[str, str | None, str, int]]:
    return [(row["enterprise"], row["through"], row["related"], row["steps"]) for row in frames.rows(found.paths[fact])]


every_kind = pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "duckdb"])


# ways, by hand


@every_kind
def test_two_enterprises_with_one_representative_are_related(kind: str, frames: Any) -> None:
    """The example of the rulebook page: `b` is listed, `a` has its representative, `c` has another."""
    entries = [representative("a", "Zhang"), representative("b", "Zhang"), representative("c", "Li")]
    found = worked(frames, "abc", kind, legal_representative=entries, serious_list=[listing("b")])
    assert of(frames, found, "represented") == {"a": True, "b": False, "c": False}  # nobody is related to itself
    assert ways(frames, found, "represented") == [("a", "Zhang", "b", 2)]


@every_kind
def test_a_step_goes_either_way_and_two_go_through_anyone(kind: str, frames: Any) -> None:
    """`p` holds `a` and `b`, `a` holds `c`, `c` holds `d`: from the listed `a` all but `d` and `b` are one step away, they are two."""
    entries = [tie("a", "p"), tie("b", "p"), tie("c", "a"), tie("d", "c")]
    found = worked(frames, "abcdp", kind, relations=entries, serious_list=[listing("a")])
    assert of(frames, found, "near") == {"a": False, "b": False, "c": True, "d": False, "p": True}
    assert of(frames, found, "far") == {"a": False, "b": True, "c": True, "d": True, "p": True}
    assert ways(frames, found, "near") == [("c", None, "a", 1), ("p", None, "a", 1)]
    assert ways(frames, found, "far") == [("b", "p", "a", 2), ("c", None, "a", 1), ("d", "c", "a", 2), ("p", None, "a", 1)]


@every_kind
def test_the_way_is_the_shortest_then_by_the_smallest_keys(kind: str, frames: Any) -> None:
    entries = [tie("a", "y"), tie("a", "x"), tie("m", "x"), tie("m", "y"), tie("n", "x"), tie("b", "z"), tie("m", "z"), tie("b", "n")]
    found = worked(frames, "abmn", kind, relations=entries, serious_list=[listing("m"), listing("n")])
    assert ways(frames, found, "far") == [("a", "x", "m", 2), ("b", None, "n", 1), ("m", "x", "n", 2), ("n", "x", "m", 2)]


@every_kind
def test_circles_neither_loop_nor_count_twice(kind: str, frames: Any) -> None:
    """`a` and `b` hold each other, `b`, `c` and `d` hold each other in a ring, and `a` holds itself."""
    entries = [tie("a", "b"), tie("b", "a"), tie("c", "b"), tie("d", "c"), tie("b", "d"), tie("a", "a"), tie("a", "b"), tie("a", "P")]
    found = worked(frames, "abcd", kind, relations=entries, serious_list=[listing(key) for key in "abcd"])
    assert of(frames, found, "near_count") == {"a": 1, "b": 3, "c": 2, "d": 2}
    assert ways(frames, found, "near")[0] == ("a", None, "b", 1)
    alone = worked(frames, "abcd", kind, relations=entries, serious_list=[listing("a")])
    assert of(frames, alone, "far") == {"a": False, "b": True, "c": True, "d": True}  # a → b → a does not lead to a
    (told,) = frames.rows(found.told["relations"])
    sides = {"with_itself": 1, "repeated": 1, "mutual": 1, "to_others": 1}
    assert told == {"used": 8, "after_as_of": 0, "not_known_yet": 0, "of_unknown_enterprises": 0, "with_entries": 4, **sides}


@every_kind
def test_relations_count_when_they_hold_and_are_known(kind: str, frames: Any) -> None:
    entries = [
        *(tie("a", "z", until="2026-11-01"), tie("b", "z", until="2026-11-02"), tie("c", "z", since="2026-11-02")),
        *(tie("d", "z", published="2026-12-01"), tie("e", "z", share=24.99), tie("f", "z", share=25.0), tie("g", "z", since="2025-11-01")),
        tie("h", "z", since="2025-11-02"),
    ]
    given_facts: dict[str, Any] = {"relations": entries, "serious_list": [listing("z")]}
    found = worked(frames, "abcdefghz", kind, **given_facts)
    holds = lambda fact, found=found: "".join(key for key, value in of(frames, found, fact).items() if value)  # noqa: E731
    assert holds("near") == "befgh"
    assert holds("ever") == "abefgh"
    assert holds("held") == "bfgh"
    assert holds("lately") == "h"
    later = worked(frames, "abcdefghz", kind, known_at=dt.date(2026, 12, 1), **given_facts)
    assert holds("near", later) == "bdefgh"
    assert frames.rows(found.told["relations"])[0] | {"to_others": 0} == {
        **{"used": 6, "after_as_of": 1, "not_known_yet": 1, "of_unknown_enterprises": 0, "with_entries": 8},
        **{"with_itself": 0, "repeated": 0, "mutual": 0, "to_others": 0},
    }


@every_kind
def test_ways_lead_through_enterprises_that_are_not_in_the_table_and_never_to_them(kind: str, frames: Any) -> None:
    entries = [tie("a", "x"), tie("x", "p"), tie("y", "b")]
    found = worked(frames, "ab", kind, relations=[*entries, tie("b", "x")], serious_list=[listing("a"), listing("x"), listing("y")])
    assert ways(frames, found, "far") == [("b", "x", "a", 2)]
    (told,) = frames.rows(found.told["relations"])
    assert (told["of_unknown_enterprises"], told["to_others"]) == (2, 3)


@every_kind
def test_a_given_fact_holds_by_its_own_rule_where_it_is_missing(kind: str, frames: Any) -> None:
    """`defaulter` may be unknown and then relates nothing; `unlicensed` is true where nothing is said."""
    table = [{"enterprise": key, "defaulter": value, "unlicensed": value} for key, value in (("a", True), ("b", False), ("c", None))]
    found = worked(frames, table, kind, relations=[tie("a", "d"), tie("b", "d"), tie("c", "d"), tie("a", "b"), tie("b", "c")])
    assert of(frames, found, "of_defaulters") == {"a": 0, "b": 1, "c": 0}
    assert of(frames, found, "of_unlicensed") == {"a": 0, "b": 2, "c": 0}


def test_a_given_fact_may_be_text_as_read_from_csv_or_a_column_that_was_never_filled(frames: Any) -> None:
    tables = {name: pl.DataFrame([], schema=schema) for name, schema in SCHEMAS.items()}
    tables["relations"] = pl.DataFrame([tie("a", "b")], schema=SCHEMAS["relations"])
    table = pl.DataFrame({"enterprise": ["a", "b"], "defaulter": ["true", None], "unlicensed": [None, None]})
    found = BOOK.work_out(table, tables, as_of=AS_OF)
    assert of(frames, found, "of_defaulters") == {"a": 0, "b": 1}
    assert of(frames, found, "of_unlicensed") == {"a": 1, "b": 1}


def test_an_entry_without_the_other_side_is_rejected(frames: Any) -> None:
    entries: list[Row] = [representative("a", "Zhang"), {**representative("b", "Zhang"), "法定代表人": None}]
    found = worked(frames, "ab", legal_representative=entries, serious_list=[listing("a")])
    assert frames.rows(found.rejects["legal_representative"])[0]["rejected_for"] == "fact-missing: 法定代表人"
    assert of(frames, found, "represented") == {"a": False, "b": False}


def test_a_hub_costs_no_pairs(frames: Any) -> None:
    """One person represents 20,000 enterprises, all listed: 400 million pairs, if pairs were made."""
    keys = [f"{number:05}" for number in range(20_000)]
    entries = [representative(key, "Zhang") for key in keys]
    found = worked(
        frames, keys, "lazy", legal_representative=entries, serious_list=[listing(key) for key in keys], relations=[tie(key, "Zhang") for key in keys]
    )
    assert set(of(frames, found, "represented").values()) == {True}
    assert set(of(frames, found, "far").values()) == {True}
    assert ways(frames, found, "represented")[:2] == [("00000", "Zhang", "00001", 2), ("00001", "Zhang", "00000", 2)]


@every_kind
def test_keys_may_be_numbers(kind: str, frames: Any) -> None:
    """Keys past 2**53, which a float would not hold."""
    first = 2**60
    table = pl.DataFrame({"enterprise": [first, first + 1, first + 2], "defaulter": [False] * 3, "unlicensed": [False] * 3})
    tables = {name: pl.DataFrame([], schema={**schema, "enterprise": pl.Int64()}) for name, schema in SCHEMAS.items()}
    tables["legal_representative"] = tables["legal_representative"].with_columns(pl.col("法定代表人").cast(pl.Int64))
    numbers = {**SCHEMAS["relations"], "enterprise": pl.Int64(), "other": pl.Int64()}
    ties = [{**tie("", ""), "enterprise": one, "other": other} for one, other in ((first, first + 1), (first + 1, first + 2))]
    tables["relations"] = pl.DataFrame(ties, schema=numbers)
    tables["serious_list"] = pl.DataFrame([{**listing(""), "enterprise": first + 2}], schema={**SCHEMAS["serious_list"], "enterprise": pl.Int64()})
    found = BOOK.work_out(frames.of(kind, table), {name: frames.of(kind, frame) for name, frame in tables.items()}, as_of=AS_OF)
    assert ways(frames, found, "far") == [(first, first + 1, first + 2, 2), (first + 1, None, first + 2, 1)]


def test_the_grade_rests_on_it(frames: Any) -> None:
    entries = [representative("a", "Zhang"), representative("b", "Zhang"), representative("c", "Li")]
    facts = worked(frames, "abc", legal_representative=entries, serious_list=[listing("b")]).facts
    assert BOOK.decide_frame(facts, as_of=AS_OF)["grade"].to_list() == ["B", "C", "A"]


# what is refused in a table


def codes(error: rg.ProblemError) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.place.field) for problem in error.problems]


def test_tables_that_do_not_fit_are_refused() -> None:
    frames = {name: pl.DataFrame([], schema=schema) for name, schema in SCHEMAS.items()}
    table = pl.DataFrame([], schema=ENTERPRISES)
    wrong = [
        ({**frames, "relations": frames["relations"].drop("other")}, table, [("column-missing", "other")]),
        ({**frames, "relations": frames["relations"].with_columns(pl.col("other").cast(pl.Int64))}, table, [("column-wrong-type", "other")]),
        ({**frames, "relations": frames["relations"].with_columns(pl.col("other").cast(pl.Float64))}, table, [("column-wrong-type", "other")]),
        (frames, table.drop("defaulter"), [("column-missing", "defaulter")]),
        (frames, table.with_columns(defaulter=pl.lit(1)), [("column-wrong-type", "defaulter")]),
    ]
    for registers, enterprises, expected in wrong:
        with pytest.raises(rg.ProblemError) as caught:
            BOOK.work_out(enterprises, registers, as_of=AS_OF)
        assert codes(caught.value) == expected


# what is refused in a rulebook

USE = "from: {related: {by: relations, any: on_serious_list, steps: 1}}"


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "hint"),
    [
        (USE, "from: {related: {by: relations, any: on_serious_list, steps: 3}}", "value-wrong", "`3` is not a value of `steps`", "known: `1`, `2`"),
        (USE, "from: {related: {by: relation, any: on_serious_list}}", "name-unknown", "`relation` is not a declared register", "did you mean `relations`?"),
        (USE, "from: {related: {by: serious_list, any: on_serious_list}}", "value-wrong", "the register `serious_list` does not name the other side",
         "say with `other` which column holds it"),
        (USE, "from: {related: {by: relations, any: on_serious_lists}}", "name-unknown", "`on_serious_lists` is not a declared fact",
         "did you mean `on_serious_list`?"),
        (USE, "from: {related: {by: relations, any: near_count}}", "value-wrong", "`near_count` is worked out from related enterprises itself",
         "name a fact that is given, or worked out from entries"),
        (USE, "from: {related: {by: relations, any: near}}", "value-wrong", "`near` is worked out from related enterprises itself",
         "name a fact that is given, or worked out from entries"),
        ("unlicensed:      {type: boolean, missing: true}", "unlicensed: {type: integer, missing: 0}", "type-mismatch",
         "`unlicensed` is not true or false", None),
        (USE, "from: {related: {by: relations, count: on_serious_list, steps: 1}}", "type-mismatch",
         "`count` gives a fact of type `integer`, not `boolean`", None),
        (USE, "from: {related: {by: relations, count: defaulter}}", "value-wrong", "`count` goes with `steps: 1`",
         "write `steps: 1`; over two steps ask for `any`"),
        (USE, "from: {related: {by: relations}}", "value-wrong", "`related` has exactly one of `any` and `count`", None),
        (USE, "from: {related: {by: relations, any: defaulter, count: defaulter}}", "value-wrong", "`related` has exactly one of `any` and `count`", None),
        (USE, "from: {related: {by: relations, any: defaulter}, where: share > 2}", "value-wrong", "beside `related` there is nothing else",
         "write `within`, `where` and `open` inside it"),
        (USE, "from: {related: {by: relations, any: defaulter, where: shares > 2}}", "name-unknown", "`shares` is not declared", "did you mean `share`?"),
        (USE, "from: {related: {by: relations, any: defaulter, within: 3 working days}}", "value-wrong", "a window counts days, months or years", None),
        ("    other: other\n", "    other: share\n", "name-duplicate", "the other side `share` is declared under `columns` too", "it is read as the key is"),
        ("    other: other\n", "    other: enterprise\n", "name-duplicate", "the other side `enterprise` is the key too", "it is read as the key is"),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_told(old: str, new: str, code: str, message: str, hint: str | None, tmp_path: Path) -> None:
    text = RULEBOOK.read_text("utf-8")
    assert text.count(old) == 1
    path = tmp_path / "related.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(rg.ProblemError) as caught:
        rg.load(path)
    assert [(problem.code, problem.message, problem.hint) for problem in caught.value.problems] == [(code, message, hint)]
    assert caught.value.problems[0].place.line is not None


# every form against a walk of the graph


def reached(entries: list[Row], start: str, steps: int) -> dict[str, tuple[int, str]]:
    """Every side that is reached from `start`, with the steps and the smallest side between (empty for one step)."""
    beside: dict[str, set[str]] = {}
    for entry in entries:
        beside.setdefault(entry["enterprise"], set()).add(entry["other"])
        beside.setdefault(entry["other"], set()).add(entry["enterprise"])
    found = dict.fromkeys(beside.get(start, set()) - {start}, (1, ""))
    if steps == 2:
        for between in sorted(found):
            for side in beside[between] - {start}:
                found.setdefault(side, (2, between))
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["polars", "lazy", "pandas", "duckdb"]))
def test_every_form_agrees_with_a_walk_of_the_graph(seed: int, kind: str, frames: Any) -> None:
    assert_every_form(seed, kind, frames)


@pytest.mark.xdist_group("spark")
def test_every_form_agrees_on_spark(frames: Any) -> None:
    assert_every_form(7, "spark", frames)


def assert_every_form(seed: int, kind: str, frames: Any) -> None:
    draw = random.Random(seed)
    as_of = draw.choice([dt.date(2024, 2, 29), dt.date(2026, 11, 1)])
    known_at = as_of + dt.timedelta(days=draw.choice([0, 0, 30, -30]))
    table = [{"enterprise": key, "defaulter": draw.choice([True, False, None]), "unlicensed": draw.choice([True, False, None])} for key in "abcdefgh"]
    sides = [*"abcdefgh", "x", "P", "P", "Q"]  # an enterprise that is not in the table, and two persons, one with many enterprises
    entries: list[Row] = []
    for _ in range(draw.randrange(draw.choice([6, 25]))):
        since = as_of - dt.timedelta(days=draw.choice([-1, 0, 365, 366, 900]))
        later = [None, None, since, since + dt.timedelta(days=draw.randrange(1, 900))]
        entries.append({
            "enterprise": draw.choice(sides[:-3]), "other": draw.choice(sides), "since": since, "published": draw.choice(later), "until": draw.choice(later),
            "kind": "branch", "share": draw.choice([None, 0.0, 24.99, 25.0, 100.0]),
        })  # fmt: skip
    listed = {key for key in [*"abcdefgh", "x"] if draw.random() < 0.3}
    found = worked(frames, table, kind, as_of=as_of, known_at=known_at, relations=entries, serious_list=[listing(key) for key in listed])

    known = [one for one in entries if one["since"] <= as_of and (one["published"] or one["since"]) <= known_at]
    today = [one for one in known if one["until"] is None or one["until"] > as_of]
    holding = {
        "on_serious_list": listed - {"x"},
        "defaulter": {row["enterprise"] for row in table if row["defaulter"]},
        "unlicensed": {row["enterprise"] for row in table if row["unlicensed"] is not False},
    }
    forms: dict[str, tuple[list[Row], int, str]] = {
        "near": (today, 1, "on_serious_list"),
        "near_count": (today, 1, "on_serious_list"),
        "far": (today, 2, "on_serious_list"),
        "held": ([one for one in today if (one["share"] or 0) >= 25], 2, "on_serious_list"),
        "ever": (known, 2, "on_serious_list"),
        "lately": ([one for one in today if one["since"] > months_before(as_of, 12)], 2, "on_serious_list"),
        "of_defaulters": (today, 1, "defaulter"),
        "of_unlicensed": (today, 1, "unlicensed"),
    }
    for fact, (ties, steps, wanted) in forms.items():
        expected = {key: {side: way for side, way in reached(ties, key, steps).items() if side in holding[wanted]} for key in "abcdefgh"}
        kind_of = bool if BOOK.facts[fact].type == "boolean" else int
        assert of(frames, found, fact) == {key: kind_of(len(ends)) for key, ends in expected.items()}, fact
        nearest = {key: min((steps, side, between or None) for side, (steps, between) in ends.items()) for key, ends in expected.items() if ends}
        assert ways(frames, found, fact) == [(key, between, side, steps) for key, (steps, side, between) in sorted(nearest.items())], fact

    (told,) = frames.rows(found.told["relations"])
    pairs = [(one["enterprise"], one["other"]) for one in today]
    assert [told[name] for name in ("with_itself", "repeated", "mutual", "to_others")] == [
        sum(one == other for one, other in pairs),
        len(pairs) - len(set(pairs)),
        sum((other, one) in pairs for one, other in set(pairs) if one < other),
        sum(other not in "abcdefgh" for _, other in pairs),
    ]

"""Facts from registers: literal windows worked out by hand, and every aggregate against plain Python over generated entries."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import regengine as rg
from regengine.rulebook.values import months_before

BOOK = rg.load(Path(__file__).with_name("registers.yaml"))
FACTS = list(BOOK.facts)
PENALTIES = {
    "统一社会信用代码": pl.String(),
    "decided": pl.Date(),
    "published": pl.Date(),
    "repaired": pl.Date(),
    "severity": pl.String(),
    "fine": pl.Float64(),
    "appealed": pl.Boolean(),
}
LISTINGS = {"enterprise": pl.String(), "listed": pl.Date(), "repaired": pl.Date(), "class": pl.String()}
VISITS = {"enterprise": pl.String(), "day": pl.Date(), "score": pl.Int64()}
Row = dict[str, Any]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def penalty(key: str, decided: str, **more: Any) -> Row:
    given = {name: day(value) if name in ("published", "repaired") and value else value for name, value in more.items()}
    return {
        "统一社会信用代码": key,
        "decided": day(decided),
        "published": None,
        "repaired": None,
        "severity": "general",
        "fine": 1.0,
        "appealed": None,
        **given,
    }


def registers(penalties: list[Row], visits: list[Row], listings: list[Row] | None = None) -> dict[str, pl.DataFrame]:
    return {
        "penalties": pl.DataFrame(penalties, schema=PENALTIES),
        "visits": pl.DataFrame(visits, schema=VISITS),
        "listings": pl.DataFrame(listings or [], schema=LISTINGS),
    }


def work_out(frames: Any, kind: str, keys: list[str], tables: dict[str, pl.DataFrame], **days: Any) -> Any:
    """The evidence on enterprises of some keys, all tables being frames of one kind."""
    given = {name: frames.of(kind, table) for name, table in tables.items()}
    return BOOK.work_out(frames.of(kind, pl.DataFrame({"enterprise": keys})), given, **days)


def worked(frames: Any, kind: str, keys: list[str], penalties: list[Row], visits: list[Row], **days: Any) -> dict[str, Row]:
    """The facts of each enterprise, in plain Python values."""
    found = frames.rows(work_out(frames, kind, keys, registers(penalties, visits), **days).facts)
    return {row["enterprise"]: {name: plain(row[name], name) for name in FACTS} for row in found}


def plain(value: Any, fact: str) -> Any:
    if value is None:
        return None
    kind = BOOK.facts[fact].type
    return value.date() if isinstance(value, dt.datetime) else int(value) if kind == "integer" else float(value) if kind == "decimal" else value


# windows, by hand


@pytest.mark.parametrize(
    ("decided", "as_of", "year", "month"),
    [
        ("2025-11-01", "2026-11-01", 0, 0),  # twelve months to the day: the window begins after it
        ("2025-11-02", "2026-11-01", 1, 0),
        ("2026-11-01", "2026-11-01", 1, 1),  # the day itself is in
        ("2026-11-02", "2026-11-01", 0, 0),  # what has not happened yet is not
        ("2026-10-01", "2026-11-01", 1, 0),
        ("2026-10-02", "2026-11-01", 1, 1),
        ("2023-02-28", "2024-02-29", 0, 0),  # 2023 has no 29 February: its last day stands in, and is out
        ("2023-03-01", "2024-02-29", 1, 0),
        ("2024-02-29", "2025-02-28", 1, 0),  # a year before 28 February is 28 February, so the 29th is in
        ("2024-02-28", "2025-02-28", 0, 0),
        ("2026-02-28", "2026-03-31", 1, 0),  # a month before 31 March is 28 February
        ("2026-03-01", "2026-03-31", 1, 1),
    ],
)
@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "duckdb"])
def test_windows_end_with_the_day_and_begin_after_the_same_day_before(decided: str, as_of: str, year: int, month: int, kind: str, frames: Any) -> None:
    facts = worked(frames, kind, ["a"], [penalty("a", decided)], [], as_of=as_of)["a"]
    assert (facts["year"], facts["month"]) == (year, month)


def test_an_enterprise_without_entries_has_none(kind: str, frames: Any) -> None:
    facts = worked(frames, kind, ["a", "b"], [penalty("a", "2026-01-01", fine=2.5)], [], as_of="2026-11-01")
    nothing = {"ever": False, "listed": False, "all_time": 0, "year": 0, "month": 0, "thirty": 0, "appeals": 0, "fines": 0.0, "weighted": 0.0, "in_effect": 0}
    unknown = dict.fromkeys(["largest", "last_visit", "first_visit", "since", "worst"])
    assert facts["b"] == {**nothing, **unknown}
    assert facts["a"] == {**nothing, **unknown, "ever": True, "all_time": 1, "year": 1, "fines": 2.5, "weighted": 1.0, "largest": 2.5}


def test_as_it_was_known_then_and_as_it_should_have_been(kind: str, frames: Any) -> None:
    """A decision of March that was published in June is no part of what was known in April, but of April as it was."""
    late = [penalty("a", "2026-03-10", published="2026-06-01", severity="serious")]
    then = worked(frames, kind, ["a"], late, [], as_of="2026-04-01")["a"]
    should = worked(frames, kind, ["a"], late, [], as_of="2026-04-01", known_at="2026-11-01")["a"]
    assert (then["listed"], then["all_time"]) == (False, 0)
    assert (should["listed"], should["all_time"]) == (True, 1)


def test_an_entry_that_has_ended_is_no_longer_open(frames: Any) -> None:
    entry = [penalty("a", "2026-01-01", repaired="2026-07-01", severity="serious")]
    assert worked(frames, "polars", ["a"], entry, [], as_of="2026-06-30")["a"]["listed"] is True
    assert worked(frames, "polars", ["a"], entry, [], as_of="2026-07-01")["a"]["listed"] is False
    assert worked(frames, "polars", ["a"], entry, [], as_of="2026-07-01")["a"]["all_time"] == 1


@pytest.mark.parametrize(
    ("what", "listed", "as_of", "repaired", "held"),
    [
        # light lapses after 3 months, general after 1 year, serious after 3 years: the day itself is the first on which it no longer holds
        ("light", "2026-01-31", "2026-04-29", None, 1),
        ("light", "2026-01-31", "2026-05-01", None, 0),
        ("light", "2026-02-01", "2026-05-01", None, 0),
        ("light", "2026-02-02", "2026-05-01", None, 1),
        ("general", "2025-05-02", "2026-05-01", None, 1),
        ("general", "2025-05-01", "2026-05-01", None, 0),
        ("serious", "2023-05-02", "2026-05-01", None, 1),
        ("serious", "2023-05-01", "2026-05-01", None, 0),
        ("serious", "2024-05-01", "2026-05-01", "2026-04-30", 0),  # repaired before it lapsed
        ("serious", "2024-05-01", "2026-04-29", "2026-04-30", 1),
    ],
)
@pytest.mark.parametrize("kind", ["polars", "pandas", "duckdb"])
def test_an_entry_lapses_by_its_class_or_is_repaired_before(
    what: str, listed: str, as_of: str, repaired: str | None, held: int, kind: str, frames: Any
) -> None:
    listing = {"enterprise": "a", "listed": day(listed), "repaired": day(repaired) if repaired else None, "class": what}
    found = work_out(frames, kind, ["a"], registers([], [], [listing]), as_of=as_of)
    assert [row["in_effect"] for row in frames.rows(found.facts)] == [held]


def test_weights_step_down_with_age(frames: Any) -> None:
    entries = [penalty("a", text) for text in ("2026-10-01", "2025-11-02", "2025-11-01", "2024-11-02", "2024-11-01")]
    assert worked(frames, "polars", ["a"], entries, [], as_of="2026-11-01")["a"]["weighted"] == 3.0  # 1 + 1 + 0.5 + 0.5 + 0


def test_grades_rest_on_facts_from_registers(kind: str, frames: Any) -> None:
    entries = [
        penalty("d", "2020-01-01", severity="serious"),
        penalty("c", "2026-01-01"),
        penalty("c", "2026-02-01"),
        penalty("b", "2020-01-01", repaired="2021-01-01"),
    ]
    facts = work_out(frames, kind, ["a", "b", "c", "d"], registers(entries, []), as_of="2026-11-01").facts
    assert [row["grade"] for row in frames.rows(BOOK.decide_frame(facts, as_of="2026-11-01"))] == ["A", "B", "C", "D"]


# what is told, and what is refused


def test_nothing_is_dropped_in_silence(kind: str, frames: Any) -> None:
    entries = [
        penalty("a", "2026-01-01"),
        penalty("a", "2027-01-01"),  # after the day that is asked for
        penalty("a", "2026-02-01", published="2026-12-01"),  # not known yet
        penalty("x", "2026-01-01"),  # of an enterprise that is not in the table
        penalty("a", "2026-01-01", repaired="2025-01-01"),  # ends before it begins
        penalty("a", "2026-01-01", severity="grave"),
        {**penalty("a", "2026-01-01"), "decided": None},
        {**penalty("a", "2026-01-01"), "统一社会信用代码": None},
    ]
    visits = [{"enterprise": "a", "day": day("2026-01-01"), "score": None}]
    found = work_out(frames, kind, ["a"], registers(entries, visits), as_of="2026-11-01")
    assert frames.rows(found.told["penalties"]) == [
        {"used": 1, "after_as_of": 1, "not_known_yet": 1, "with_entries": 1, "of_unknown_enterprises": 1},
    ]
    assert sorted(row["rejected_for"] for row in frames.rows(found.rejects["penalties"])) == [
        *("entry-wrong: empty date", "entry-wrong: empty key", "entry-wrong: ends before it begins", "fact-unknown-value: severity"),
    ]
    assert [row["rejected_for"] for row in frames.rows(found.rejects["visits"])] == ["fact-missing: score"]


def codes(error: rg.ProblemError) -> list[str]:
    return [problem.code for problem in error.problems]


def test_what_is_not_a_register_of_the_rulebook_is_refused() -> None:
    frame, good = pl.DataFrame({"enterprise": ["a"]}), registers([], [])
    for tables, expected in [
        ({"penalties": good["penalties"], "listings": good["listings"]}, ["register-missing"]),
        ({**good, "visit": good["visits"]}, ["name-unknown"]),
        ({**good, "visits": good["visits"].drop("score")}, ["column-missing"]),
        ({**good, "visits": good["visits"].with_columns(enterprise=7)}, ["column-wrong-type"]),
        ({**good, "visits": good["visits"].with_columns(pl.col("score").cast(pl.String))}, ["column-wrong-type"]),
        ({**good, "visits": good["visits"].with_columns(pl.col("day").cast(pl.String))}, ["column-wrong-type"]),
    ]:
        with pytest.raises(rg.ProblemError) as caught:
            BOOK.work_out(frame, tables, as_of="2026-11-01")
        assert codes(caught.value) == expected
    with pytest.raises(rg.ProblemError) as caught:
        BOOK.work_out(frame.with_columns(year=1), good, as_of="2026-11-01")
    assert codes(caught.value) == ["column-clash"]


# every aggregate against plain Python


def entry_counts(entry: Row, as_of: dt.date, known_at: dt.date) -> bool:
    return entry["decided"] <= as_of and (entry["published"] or entry["decided"]) <= known_at


def by_hand(penalties: list[Row], visits: list[Row], as_of: dt.date, known_at: dt.date) -> Row:
    """The facts of one enterprise as their YAML says them."""
    seen = [one for one in penalties if entry_counts(one, as_of, known_at)]
    within = lambda rows, months, date="decided": [one for one in rows if one[date] > months_before(as_of, months)]  # noqa: E731
    opened = [one for one in seen if one["repaired"] is None or one["repaired"] > as_of]
    gone = [one for one in visits if one["day"] <= as_of and one["day"] <= known_at]
    year, two = within(seen, 12), within(seen, 24)
    scores = [one["score"] for one in within(gone, 36, "day")]
    return {
        "ever": bool(seen),
        "listed": any(one["severity"] == "serious" for one in opened),
        "all_time": len(seen),
        "year": len(year),
        "month": sum(one["severity"] != "light" for one in within(seen, 1)),
        "thirty": sum(one["decided"] > as_of - dt.timedelta(days=30) for one in seen),
        "appeals": sum(one["appealed"] is True for one in seen),
        "fines": float(sum(Decimal(str(one["fine"])) for one in two)),
        "weighted": len(year) + 0.5 * (len(two) - len(year)),
        "largest": max((one["fine"] for one in opened), default=None),
        "last_visit": max((one["day"] for one in gone), default=None),
        "first_visit": min((one["day"] for one in gone), default=None),
        "since": min(((as_of - one["day"]).days for one in gone), default=None),
        "in_effect": 0,
        "worst": min(scores, default=None),
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["polars", "lazy", "pandas", "duckdb"]))
def test_every_aggregate_agrees_with_plain_python(seed: int, kind: str, frames: Any) -> None:
    assert_aggregates(seed, kind, frames, keys=["a", "b", "c"], entries=30)


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("seed", [1, 2])
def test_every_aggregate_agrees_with_plain_python_on_spark(seed: int, frames: Any) -> None:
    assert_aggregates(seed, "spark", frames, keys=[f"e{number}" for number in range(40)], entries=400)


def assert_aggregates(seed: int, kind: str, frames: Any, *, keys: list[str], entries: int) -> None:
    draw = random.Random(seed)
    as_of = draw.choice([day("2024-02-29"), day("2025-02-28"), day("2026-03-31"), day("2026-11-01")])
    known_at = as_of + dt.timedelta(days=draw.choice([0, 0, 40, -40]))
    some_day = lambda: as_of - dt.timedelta(days=draw.choice([0, 1, 29, 30, 31, 365, 366, 730, 731, 1096, -1, -30, draw.randrange(1_500)]))  # noqa: E731
    penalties: list[Row] = []
    for _ in range(draw.randrange(entries)):
        decided = some_day()
        later = [None, decided, decided + dt.timedelta(days=draw.randrange(400))]
        penalties.append({
            "统一社会信用代码": draw.choice([*keys, "x"]), "decided": decided, "published": draw.choice(later), "repaired": draw.choice(later),
            "severity": draw.choice(["light", "general", "serious"]), "fine": draw.choice([0.0, 0.01, 12.34, 99.99]),
            "appealed": draw.choice([None, True, False]),
        })  # fmt: skip
    visits = [{"enterprise": draw.choice(keys), "day": some_day(), "score": draw.randrange(101)} for _ in range(draw.randrange(entries // 2))]
    found = worked(frames, kind, keys, penalties, visits, as_of=str(as_of), known_at=str(known_at))
    for key in keys:
        own = [one for one in penalties if one["统一社会信用代码"] == key]
        assert found[key] == pytest.approx(by_hand(own, [one for one in visits if one["enterprise"] == key], as_of, known_at)), key

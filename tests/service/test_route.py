"""Routes: matter, grade and exclusions together; deadlines counted by hand; tables as single applicants; days on which a path opens again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import regengine as rg
from regengine.rulebook.values import Span
from regengine.service import Saved
from regengine.service.deadlines import last_day, reaching
from regengine.workdays import Calendar, china

AUTUMN = china(dt.date(2026, 11, 1), dt.date(2026, 12, 31))
PERMIT = {"matter": "food_sale", "chooses": True, "applicant_record": False, "representative_record": False, "false_commitment": False}
PAPERS = {"promised_days": 10, "main_papers_complete": True, "secondary_missing": 1, "dishonesty_record": False, "false_commitment": False}


def test_a_commitment_is_granted_on_the_spot_and_checked_within_30_working_days() -> None:
    route = rg.load("cn/commitment-2020").route("food_permit", PERMIT, as_of="2026-11-02", calendar=AUTUMN)
    assert route.path is not None and route.path.id == "commitment"
    assert [(one.kind, one.name, str(one.citations[0])) for one in route.waived] == [("step", "site_visit", "食品经营许可告知承诺（2019）")]
    # 20 working days are left in November, and the tenth of December is the 14th
    assert [(due.what, due.day) for due in route.due] == [("decision", dt.date(2026, 11, 2)), ("check", dt.date(2026, 12, 14))]
    assert route.saved == Saved(working_days=10, steps=1)
    assert [(one.id, one.then) for one in route.fails] == [("mismatch", None), ("fraud", None), ("taken_back", "ordinary")]


@pytest.mark.parametrize(("promised", "day"), [(3, "2026-11-03"), (10, "2026-11-12"), (22, "2026-11-30"), (60, "2026-11-30")])
def test_missing_papers_are_due_two_days_before_the_promised_time_and_within_20(promised: int, day: str) -> None:
    calendar = china(dt.date(2026, 8, 1), dt.date(2026, 12, 31)) if promised < 60 else Calendar(dt.date(2026, 11, 1), dt.date(2027, 6, 30), tuple(
        one for one in (dt.date(2026, 11, 1) + dt.timedelta(n) for n in range(242)) if one.weekday() < 5), "weekdays")  # fmt: skip
    route = rg.load("cn/tolerance-2019").route("application", {**PAPERS, "promised_days": promised}, as_of="2026-11-02", calendar=calendar)
    assert {due.what: str(due.day) for due in route.due}["supplement"] == day


def test_a_closed_path_names_the_condition_and_the_facts() -> None:
    route = rg.load("cn/henan-2022").route("food_sale_permit", {"serious_dishonesty": True}, as_of="2026-11-02")
    assert route.path is not None and route.path.id == "ordinary"
    closed = {one.id: one for one in route.refused}
    assert [one.say("en") for one in closed["tolerance"].because] == ["this does not hold: not serious_record"]
    assert closed["tolerance"].facts == {"serious_dishonesty": True, "judgment_defaulter": False}


def test_a_path_of_another_matter_is_closed() -> None:
    facts = {"delegated": True, "own_office": True, "zone_level": "provincial", "place": "linyi_hightech"}
    route = rg.load("cn/zone-delegated").route("listed", facts, as_of="2026-11-02")
    assert route.path is not None and route.path.id == "in_zone"
    assert [one.say("en") for one in next(one for one in route.refused if one.id == "government").because] == ["not open to this matter"]


def test_a_path_opens_again_on_the_day_on_which_the_entry_ends() -> None:
    book = rg.load("cn/henan-2022")
    registers: dict[str, pl.DataFrame] = {}
    for name, form in book.law.document.registers.items():  # all empty, as text
        columns = ["enterprise", form.date, *([form.known] if form.known else []), *([form.ended] if form.ended else []), *form.columns]
        registers[name] = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    registers["serious_list"] = pl.DataFrame({"enterprise": ["a"], "listed": ["2024-01-01"], "removed": ["2027-03-01"], "field": ["food"]})
    route = book.route("food_sale_permit", {"enterprise": "a"}, as_of="2026-11-02", registers=registers, texts=list(registers))
    assert {one.id: one.opens for one in route.refused} == {"commitment": dt.date(2027, 3, 1), "tolerance": dt.date(2027, 3, 1)}


ROWS: dict[str, list[Any]] = {
    "enterprise": ["a", "b", "c", "d"], "promised_days": [10, 2, 60, 21], "main_papers_complete": [True, True, True, False],
    "secondary_missing": [1, 1, 2, 0], "dishonesty_record": [False] * 4, "false_commitment": [False] * 4, "applications": [3, 1, 2, 0],
}  # fmt: skip


def test_a_table_is_routed_as_each_of_its_rows(frames: Any) -> None:
    book = rg.load("cn/tolerance-2019")
    routed = book.route_frame(frames.of("firms", pl.DataFrame(ROWS)), "application", as_of="2026-11-02", absent=["repaired", "supplement"])
    rows = {row["enterprise"]: row for row in frames.rows(routed.routed)}
    assert {key: (row["route_path"], row["route_supplement_within"]) for key, row in rows.items()} == {
        "a": ("tolerance", "8 working days"), "b": ("ordinary", None), "c": ("tolerance", "20 working days"), "d": ("ordinary", None),
    }  # fmt: skip
    for place, key in enumerate(ROWS["enterprise"]):
        facts = {name: values[place] for name, values in ROWS.items() if name not in ("enterprise", "applications")}
        columns = book.route("application", facts, as_of="2026-11-02").decision.columns()
        assert {name: value for name, value in columns.items() if name.startswith("route_")} == {
            name: value for name, value in rows[key].items() if name.startswith("route_")
        }
    assert dict(routed.total("applications").paths) == {"ordinary": 1, "tolerance": 5}


def test_savings_are_summed_over_a_year() -> None:
    facts = {"enterprise": ["a", "b"], "delegated": [True, False], "own_office": [True, True], "zone_level": ["provincial"] * 2, "n": [7, 5]}
    routed = rg.load("cn/zone-delegated").route_frame(pl.DataFrame(facts), "listed", as_of="2026-11-02", absent=["approved", "place"])
    assert routed.total("n").saved == Saved(working_days=70, steps=7, documents=7, visits=7)
    assert routed.total().saved == Saved(working_days=10, steps=1, documents=1, visits=1)
    with pytest.raises(rg.ProblemError, match="column-missing"):
        routed.total("m")


def test_a_matter_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(rg.ProblemError, match="did you mean `food_sale_permit`"):
        rg.load("cn/henan-2022").route("food_sales_permit", {"serious_dishonesty": False}, as_of="2026-11-02")
    with pytest.raises(rg.ProblemError, match="has no matters of service"):
        rg.load("us/hud-reac").route("permit", {"inspection_score": 90}, as_of="2015-01-28")


def test_a_calendar_that_does_not_reach_is_refused() -> None:
    with pytest.raises(rg.ProblemError, match="calendar-unknown"):
        rg.load("cn/commitment-2020").route("food_permit", PERMIT, as_of="2026-12-01", calendar=AUTUMN)


def test_the_day_of_the_application_is_not_counted() -> None:
    assert last_day(dt.date(2026, 11, 6), Span(1, "working day"), AUTUMN) == dt.date(2026, 11, 9)  # Friday, then Monday
    assert last_day(dt.date(2026, 11, 30), Span(3, "month"), AUTUMN) == dt.date(2027, 2, 28)
    assert last_day(dt.date(2026, 11, 6), Span(5, "day"), AUTUMN) == dt.date(2026, 11, 11)


def test_no_day_is_asked_for_that_is_not_needed() -> None:
    assert reaching(china, dt.date(2026, 12, 28), 3).last == dt.date(2026, 12, 31)


@pytest.mark.parametrize(("lang", "words"), [("en", ["Path", "checked afterwards by"]), ("zh", ["办理程序", "事后核查：2026-12-14", "现场核查"])])
def test_the_text_says_it_in_both_languages(lang: str, words: list[str]) -> None:
    text = rg.load("cn/commitment-2020").route("food_permit", PERMIT, as_of="2026-11-02", calendar=AUTUMN).text(lang)
    assert all(word in text for word in words)

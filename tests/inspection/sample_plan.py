"""A small plan written by hand: two departments, a joint trip, a triggered visit, a visit without a day, and texts that are hard on files."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from regengine.inspection.tables import FEASIBILITY, LEFT_OUT, LOAD, STRATA, UNPLACED, VISITS, DrawUsed, PlanTables, RulebookUsed
from regengine.inspection.visit import Inspector
from regengine.problems import Place, Problem
from regengine.rulebook.parts import Words
from regengine.rulebook.values import Span

__all__ = ["FIRST", "NAMES", "plan_of", "sample_visits"]

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
SEED = "stars 07 12 19"
NAMES = ("王伟", "李娜", "张三")
TICKETS = {  # printf '%s' 'market-2026|stars 07 12 19|91410100MA0000001A' | sha256sum, and so on
    "market/91410100MA0000001A/draw-1": "1e180f3c53884717713018af4d081a683711260f902b08b277a0eaa3c122257b",
    "fire/91410100MA0000001A/draw-1": "4db1f2453704e0a86999f06bbb85055d75aed67c4b34a57cb43a8cea94ee2df2",
    "market/91410100MA0000002B/required-1": "75c01e09600720027ff33cc77a59262f2b6e1e3972e28f04008894ccf1f64a36",
    "fire/00123/complaint-1": "23cb33b7db91e1fd49223eec69e6480a0d9d64ee628b131a9c480e2956ba3145",
    "market/91410100MA0000004D/draw-1": "8a22a35a2ca56c9e890e4b02addecc669a8e328f1e02c9951d5cf1df1949deae",
}
KINDS = {
    "draw": ("Double-random draw", "双随机抽查"),
    "required": ("Required by class or interval", "按等级或周期应查"),
    "complaint": ("Complaint", "投诉举报"),
}
HUNDREDTH = {"probability": 0.02, "probability_exact": "1/50", "stratum": "B"}


def visit(id_: str, day: dt.date | None, inspectors: tuple[str, ...], **more: Any) -> dict[str, Any]:
    department, enterprise, numbered = id_.split("/")
    kind = numbered.split("-")[0]
    row = dict.fromkeys(VISITS) | {
        "visit": id_, "trip": id_, "joint": False, "date": day, "department": department, "enterprise": enterprise, "district": "金水区", "grade": "B",
        "kind": kind, "kind_en": KINDS[kind][0], "kind_zh": KINDS[kind][1], "clause": "inspection.B: Order 7, article 3", "manner": "site",
        "inspectors": list(inspectors), "ticket": TICKETS[id_], "debt": False, "earliest": FIRST, "latest": LAST, "hours": 2.0,
    }  # fmt: skip
    return row | more


def sample_visits() -> list[dict[str, Any]]:
    """The visits of the plan, each a row that a test may change."""
    joint = {"trip": "fire/91410100MA0000001A/draw-1", "joint": True, "name": '郑州"恒信"商贸有限公司, 第二分店', "lat": 34.7466, "lon": 113.6253} | HUNDREDTH
    hard = {"name": '=HYPERLINK("http://x","食品")', "district": "二七区", "grade": "D", "clause": "inspection.D: illustrative", "manner": "document, site"}
    lead = {"lead": "工单2026-0042：邻居刘某举报", "authority": "12345热线", "district": "二七区", "lat": 34.73, "lon": 113.64, "manner": None, "debt": True}
    return [
        visit("fire/91410100MA0000001A/draw-1", dt.date(2026, 3, 2), ("F-01", "f/02 乙"), **joint),
        visit("market/91410100MA0000001A/draw-1", dt.date(2026, 3, 2), ("M-01", "M-02"), **joint),
        visit("market/91410100MA0000002B/required-1", dt.date(2026, 3, 3), ("M-02", "M-01"), **hard),
        visit("fire/00123/complaint-1", dt.date(2026, 3, 4), ("F-01", "f/02 乙"), **lead),
        visit("market/91410100MA0000004D/draw-1", None, (), name="张记面馆", **HUNDREDTH),
    ]


def inspector(id_: str, department: str, name: str | None) -> Inspector:
    return Inspector(id_, department, frozenset({"金水区", "二七区"}), (dt.date(2025, 1, 1), dt.date(2027, 12, 31)), 2, name=name)


INSPECTORS = (inspector("F-01", "fire", "张三"), inspector("M-01", "market", "王伟"), inspector("M-02", "market", "李娜"), inspector("f/02 乙", "fire", None))
LOADS = {"F-01": (1, 1), "M-01": (2, 0), "M-02": (2, 0), "f/02 乙": (1, 1)}


def plan_of(visits: list[dict[str, Any]] | None = None, **more: Any) -> PlanTables:
    """The plan, with other visits or other parts where a test needs them."""
    strata = [
        ("market", "B", 100, "1/50", None, 2, 1, "1/50", "inspection.B: Order 7, article 3"),
        ("fire", "B", 40, None, "1/20", 1, 0, "1/40", "inspection.B: Order 7, article 3"),
    ]
    left_out = [("market", "91410100MA0000009X", "cap"), ("market", "91410100MA0000010X", "cap"), ("fire", "91410100MA0000009X", "triggered")]
    why = ("market/91410100MA0000004D/draw-1", "market/91410100MA0000004D/draw-1", "market", "91410100MA0000004D", "capacity")
    told = (
        "No two of <market> are free.",
        "市场监管部门无两名空闲人员。",
        "One more visit of capacity for M-01 on 2026-03-05.",
        "M-01在2026-03-05增加1次工作量。",
    )
    weeks = (dt.date(2026, 2, 23), dt.date(2026, 3, 2), dt.date(2026, 3, 9))
    load = [
        (one.id, one.department, week, count, capacity)
        for one in INSPECTORS
        for week, count, capacity in zip(weeks, (0, sum(LOADS[one.id]), 0), (0, 10, 10), strict=True)
    ]
    needed = [("market", 2, 0, 1, 0, 0, 3, 2, 6, 2, 40), ("fire", 1, 0, 0, 1, 1, 2, 2, 4, 2, 3)]
    parts: dict[str, Any] = {
        "title": Words(en="March plan", zh="三月检查计划"),
        "rulebook": RulebookUsed("xx/plan-2026", "1.0", "d" * 64, "internal", Words(en="Not a rating.", zh="并非评级。"), Span(20, "working day")),
        "law_at": dt.date(2026, 1, 1), "as_of": dt.date(2026, 2, 20), "first": FIRST, "last": LAST,
        "draws": (
            DrawUsed("market", "market-2026", SEED, "a" * 64, "market.draw.jsonl"),
            DrawUsed("fire", "fire-2026", SEED, "b" * 64, "fire.draw.jsonl"),
        ),
        "inspectors": INSPECTORS, "visits": pl.DataFrame(sample_visits() if visits is None else visits, schema=VISITS),
        "strata": pl.DataFrame(strata, schema=STRATA, orient="row"), "left_out": pl.DataFrame(left_out, schema=LEFT_OUT, orient="row"),
        "unplaced": pl.DataFrame([why + told], schema=UNPLACED, orient="row"), "load": pl.DataFrame(load, schema=LOAD, orient="row"),
        "feasibility": pl.DataFrame(needed, schema=FEASIBILITY, orient="row"),
        "notices": (Problem("certificate-ends", "the certificate of `M-01` ends on 2026-03-20", Place(key="M-01"), "renew it"),),
        "departments": {"market": Words(en="Market supervision", zh="市场监管局"), "fire": Words(en="Fire service", zh="消防救援局")},
    }  # fmt: skip
    return PlanTables(**(parts | more))

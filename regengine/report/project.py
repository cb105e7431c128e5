"""What was projected: tables of a projection in both languages, with its bands, its case without response, and all that it supposes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rulebook.parts import Words
from ..simulate.project import NONE, RESPONSE, Projection
from .table import GROUP, Cell, Column, Table

__all__ = ["project_tables"]

POLICY = Words(en="Policy", zh="方案")
CASES: Mapping[str, Words] = {
    RESPONSE: Words(en="inspections deter", zh="检查有威慑"),
    NONE: Words(en="they deter nobody", zh="检查无威慑"),
}
MEASURES: Mapping[str, Words] = {
    "enterprises": Words(en="Enterprises", zh="企业数"),
    "visits": Words(en="Inspections", zh="检查次数"),
    "violations": Words(en="New violations", zh="新增违规"),
    "found": Words(en="Violations found", zh="发现违规"),
    "in_violation": Words(en="In violation (mean)", zh="违规状态企业（均值）"),
}
SUPPOSED: Mapping[str, Words] = {
    "recurs": Words(en="violations a year, grade {}", zh="年违规率（{}级）"),
    "present": Words(en="share in violation at the start", zh="初始违规比例"),
    "found": Words(en="found by an inspection", zh="检查发现概率"),
    "reported": Words(en="reported a year", zh="年举报发现率"),
    "ends": Words(en="ends unnoticed, a year", zh="年自行消除率"),
    "deters": Words(en="an inspection deters", zh="检查威慑幅度"),
    "deters_for": Words(en="for so many months", zh="威慑持续月数"),
    "counts_for": Words(en="counts for so many months", zh="记录计入月数"),
    "opens": Words(en="open a year", zh="年新设率"),
    "closes": Words(en="close a year", zh="年注销率"),
}
BAND = (
    Column("median", Words(en="median", zh="中位数"), "number"),
    Column("low", Words(en="5%", zh="5%"), "number"),
    Column("high", Words(en="95%", zh="95%"), "number"),
)


def project_tables(made: Projection, labels: Mapping[str, Words]) -> tuple[Table, ...]:
    """The figures of every year, the policies against the first, and the assumptions. `labels` says what the policies are called."""
    tables = [figures_table(made, labels)]
    if len(made.policies) > 1:
        tables.append(differences_table(made, labels))
    return (*tables, supposed_table(made))


def rows_of(frame: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found


def measure_words(name: str) -> Words:
    grade = name.removeprefix("grade ")
    return MEASURES[name] if name in MEASURES else Words(en=f"Grade {grade} at the end", zh=f"年末{grade}级企业")


def band(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    return tuple(round(float(row[name]), 2) for name in ("median", "low", "high"))


def figures_table(made: Projection, labels: Mapping[str, Words]) -> Table:
    columns = (
        Column(GROUP, POLICY), Column("case", Words(en="Case", zh="情形")), Column("measure", Words(en="Figure", zh="指标")),
        Column("year", Words(en="Year", zh="年"), "name"), *BAND,
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (labels[row["policy"]], CASES[row["case"]], measure_words(row["measure"]), str(row["year"]), *band(row))
        for policy in made.policies
        for row in rows_of(made.figures[(made.figures["policy"] == policy) & made.figures["year"].isin([1, made.years])])
    ]
    note = Words(
        en=f"{made.runs:,} runs, seed {made.seed}; the band holds nine of ten runs. Every run draws each assumption anew within its range. "
        "What follows from the assumptions is not what will happen.",
        zh=f"共{made.runs:,}次模拟（种子{made.seed}）；区间含九成结果。每次模拟在范围内重新抽取各项假设。结果仅为假设之推演，并非预测。",
    )
    return Table("project", Words(en=f"The first year and year {made.years}", zh=f"第1年与第{made.years}年"), columns, tuple(rows), (note,))


def differences_table(made: Projection, labels: Mapping[str, Words]) -> Table:
    columns = (
        Column(GROUP, POLICY), Column("case", Words(en="Case", zh="情形")), Column("measure", Words(en="Figure", zh="指标")),
        Column("year", Words(en="Year", zh="年"), "name"), *BAND,
    )  # fmt: skip
    first = labels[made.policies[0]]
    rows: list[tuple[Cell, ...]] = [
        (labels[row["policy"]], CASES[row["case"]], measure_words(row["measure"]), str(row["year"]), *band(row))
        for row in rows_of(made.differences[made.differences["year"] == made.years])
    ]
    note = Words(
        en=f"Each policy less “{first.say('en')}”, run by run: in a run all policies meet the same random numbers, so the difference is that of the rules.",
        zh=f"各方案与“{first.say('zh')}”逐次之差：同一次模拟中各方案使用相同随机数，差异仅来自规则。",
    )
    return Table("project_differences", Words(en="What the other policy changes", zh="方案之间的差异"), columns, tuple(rows), (note,))


def supposed_table(made: Projection) -> Table:
    columns = (
        Column("name", Words(en="Supposed", zh="假设")), Column("value", Words(en="value", zh="取值"), "name"),
        Column("low", Words(en="from", zh="下限"), "name"), Column("high", Words(en="to", zh="上限"), "name"), Column("source", Words(en="Source", zh="来源")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for row in rows_of(made.supposed):
        name, _, grade = row["name"].partition(".")
        words = SUPPOSED[name]
        said = Words(en=words.say("en").format(grade), zh=words.say("zh").format(grade))
        source = Words(en="assumed", zh="假定") if row["source"] == "assumed" else row["source"]
        rows.append((said, *(f"{row[end]:g}" for end in ("value", "low", "high")), source))
    return Table("project_assumptions", Words(en="What is supposed", zh="假设一览"), columns, tuple(rows))

"""The card says everything that is in a decision, keeps its lines to the width, and marks what is not law."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from regengine.book import Book, load
from regengine.decision import Decision
from regengine.problems import ProblemError
from regengine.report import card, picture

RULEBOOK = """
rulebook: xx/shop
edition: "2.1"
title: {en: Shops, zh: 商店}
authority: Town
in_force: {from: 2020-01-01}
audience: internal
notice: {en: Not a rating., zh: 并非评级。}
sources:
  act: {instrument: Act 7, title: {en: The shop act, zh: 商店法}, seen: official}
  talk: {instrument: Talk, seen: recalled}
facts:
  listed: {type: boolean, missing: reject, label: {en: On the list, zh: 列入名单}}
  fines: {type: integer, min: 0, max: 9, missing: 0, label: {en: Fines, zh: 罚款次数}}
  late: {type: integer, min: 0, max: 9, missing: 0, unit: days, label: {en: Days late, zh: 逾期天数}}
  opened: {type: date, missing: unknown, label: {en: Opening day, zh: 开业日期}}
indicators:
  conduct:
    label: {en: Conduct, zh: 行为}
    at_most: 60
    cite: act#3
    items:
      fines: {label: {en: Fining, zh: 处罚}, points: [{when: fines >= 2, give: 45, label: {en: two or more, zh: 两次及以上}}, {otherwise: 0}]}
  delay:
    basis: illustrative
    cite: talk
    items:
      late: {points: [{when: late > 3, give: 10.5}, {otherwise: 0}]}
score: {is: conduct + delay, between: [0, 100], worse: higher, cite: act}
grades:
  order: [A, B, C]
  cite: act#2
  bands: {A: "[0, 20)", B: "[20, 50)", C: "[50, 100]"}
  labels: {A: {en: good, zh: 好}, B: {en: fair, zh: 中}, C: {en: poor, zh: 差}}
adjust:
  - {id: known, when: fines >= 1, at_best: A, cite: act, label: {en: Fined at all, zh: 有过罚款}}
  - {id: listed, when: listed, worse_by: 1, basis: derived, note: from talks, cite: act#9, label: {en: Listed now, zh: 已列入名单}}
inspection:
  by_grade:
    A: {ratio: {at_most: 1%}, initiative: on_trigger, cite: act#4, label: {en: Left alone, zh: 不打扰}}
    B: {ratio: {at_least: 2%, at_most: 1/3}, visits: {at_most: 2, per: half-year}, every: 1 year, manner: [remote, site], initiative: planned, cite: act#4}
    C: {ratio: 50%, visits: 4, every: 30 days, cite: act#4}
  triggers: [{id: tip, label: {en: A tip, zh: 举报}, cite: act}]
service:
  paths:
    - {id: fast, label: {en: Fast lane, zh: 快速通道}, when: not listed and fines < 2, grants: {decision: same day, skip: [site_visit], visits: 0}, cite: act#5}
    - {id: slow, label: {en: Slow lane, zh: 普通通道}, when: fines < 5, cite: act#5,
       grants: {working_days: 5, waive: [plan], supplement_within: 3 working days}}
    - {id: ordinary, otherwise: true, cite: act#5}
outcomes:
  licence:
    label: {en: Licence, zh: 许可}
    cite: act#6
    by_grade: {A: {length: 3 years}, B: {length: 1 year}, C: {length: 6 months}}
warnings:
  - {id: many, when: fines >= 2, level: alert, message: {en: Many fines., zh: 罚款过多。}, cite: act}
"""

CARD = """\
╭─ Shops ──────────────────────────────────────────────────────────────────────╮
│ ┏━━━━━━━━━━━━━━━━━━━━━━┓  Enterprise  E-1                                    │
│ ┃                      ┃  Score       55.5 (0 to 100, higher is worse)       │
│ ┃          C           ┃  Law of      2026-11-01                             │
│ ┃         poor         ┃  Facts of    2026-11-01                             │
│ ┃                      ┃  Rulebook    xx/shop, edition 2.1                   │
│ ┗━━━━━━━━━━━━━━━━━━━━━━┛  Digest      DIGEST----------                       │
│                           Audience    internal use only                      │
│ Not a rating.                                                                │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ What decided ───────────────────────────────────────────────────────────────╮
│ Rule          C (poor): score in [50, 100]  grades.C                         │
│ Source        [1] Act 7, 2                                                   │
│ Steps         C by the score                                                 │
│ No change by  Fined at all, Listed now                                       │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Points ─────────────────────────────────────────────────────────────────────╮
│        A                  B                             C                    │
│ ├──────────────┼──────────────────────┼───●────────────────────────────────┤ │
│ 0              20                     50                                 100 │
│                                                                              │
│ Conduct  ███████████████████████████████████████████▌                45 / 60 │
│ delay                                                                   10.5 │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Reasons (5) ────────────────────────────────────────────────────────────────╮
│ Effect   Reason                                           Source             │
│ ──────────────────────────────────────────────────────────────────────────── │
│    +45   Fining: two or more                              [1] 3              │
│          conduct.fines.1                                                     │
│  +10.5   late: late > 3                                   ◇ illustrative [2] │
│          delay.late.1                                                        │
│      C   C (poor): score in [50, 100]                     [1] 2              │
│          grades.C                                                            │
│      =   Fined at all                                     [1]                │
│          adjust.known                                                        │
│      =   Listed now                                       △ derived [1] 9    │
│          adjust.listed                                                       │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Inspection ─────────────────────────────────────────────────────────────────╮
│ Outcome   C [1] 4                                                            │
│ Drawn     50% of the enterprises of this class                               │
│ Visits    4 per year                                                         │
│ Interval  every 30 days                                                      │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Further outcomes ───────────────────────────────────────────────────────────╮
│ Licence  length 6 months [1] 6                                               │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Service paths ──────────────────────────────────────────────────────────────╮
│            Path                                                       Source │
│ ──────────────────────────────────────────────────────────────────────────── │
│ ▶ taken    Slow lane  slow                                            [1] 5  │
│            no need of plan; within 5 working days; papers supplied           │
│            within 3 working days                                             │
│ ✓ open     ordinary                                                   [1] 5  │
│ ✗ closed   Fast lane  fast                                            [1] 5  │
│            not met: not listed; fines < 2                                    │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Early warnings ─────────────────────────────────────────────────────────────╮
│ ▲ alert  Many fines. [1]                                                     │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Why not better ─────────────────────────────────────────────────────────────╮
│ Grade   What stands in its way                                        Source │
│ ──────────────────────────────────────────────────────────────────────────── │
│ B       the score is 55.5 and must be at most 49.9: 5.6 too many      [1] 2  │
│         this rule holds: Listed now                                   [1] 9  │
│ A       the score is 55.5 and must be at most 19.9: 35.6 too many     [1] 2  │
│         this rule holds: Listed now                                   [1] 9  │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ What would lift it ─────────────────────────────────────────────────────────╮
│ It would be B with:                                                          │
│   Fines: 3 → 1                                                               │
│ 18 runs, changing up to 4 facts at once                                      │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Facts without a value (1) ──────────────────────────────────────────────────╮
│ Unknown  Opening day                                                         │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ Sources ────────────────────────────────────────────────────────────────────╮
│ [1]  Act 7 The shop act (seen: official text)                                │
│ [2]  Talk (seen: no copy, recalled)                                          │
│ ◇    illustrative: a value that stands in where no law gives one             │
╰──────────────────────────────────────────────────────────────────────────────╯
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    path = tmp_path_factory.mktemp("rules") / "shop.yaml"
    path.write_text(RULEBOOK, encoding="utf-8")
    return load(path).at("2026-11-01")


def text(decision: Decision, lang: str = "en", width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False)
    for part in card(decision, lang):
        console.print(part)
    return out.getvalue()


@pytest.fixture(scope="module")
def poor(book: Book) -> Decision:
    return book.decide({"enterprise": "E-1", "listed": True, "fines": 3, "late": 4})


def test_the_whole_card(poor: Decision) -> None:
    assert text(poor) == CARD.replace("DIGEST----------", poor.digest[:16])


def test_the_card_in_chinese(poor: Decision) -> None:
    lines = [line.strip("│ ") for line in text(poor, "zh").splitlines()]
    assert "得分      55.5（0至100，越高风险越大）" in text(poor, "zh")
    assert "未改变等级  有过罚款、已列入名单" in lines
    assert "+10.5   late：late > 3                                          ◇ 示例 [2]" in lines
    assert "检查次数  每年4次" in lines
    assert "检查间隔  每30日一次" in lines
    assert "许可  length 6个月 [1] 6" in lines
    assert "免交plan；5个工作日内办结；3个工作日内补齐材料" in lines
    assert "▲ 警报  罚款过多。 [1]" in lines
    assert "罚款次数：3 → 1" in lines
    assert "[2]  Talk（所见：未见文本，仅凭记忆）" in lines


def test_an_adjustment_that_changes_the_grade_is_told_as_a_step(book: Book) -> None:
    shown = text(book.decide({"listed": True}))
    assert "Rule    Listed now  adjust.listed" in shown
    assert "Source  [1] Act 7, 9  △ derived" in shown
    assert "Steps   A by the score → B by “Listed now”" in shown
    row = next(line for line in shown.splitlines() if "Listed now  " in line and "adjust" not in line)
    assert row.split() == ["│", "A", "→", "B", "Listed", "now", "△", "derived", "[1]", "9", "│"]


def test_the_best_grade_has_nothing_to_lift(book: Book) -> None:
    shown = text(book.decide({"listed": False, "opened": "2020-05-01", "late": 0, "fines": 0}))
    for heading in ("Why not better", "What would lift it", "Facts without a value", "Early warnings"):
        assert heading not in shown
    assert "at most 1% of the enterprises of this class" in shown
    assert "Initiative  only on a trigger" in shown
    assert "Triggers    A tip" in shown
    assert "decision same day; without site visit; visits: 0" in shown


def test_bounds_in_words(book: Book) -> None:
    shown = text(book.decide({"listed": False, "fines": 2}))
    assert "Drawn       2% to 1/3 of the enterprises of this class" in shown
    assert "Visits      at most 2 per half-year" in shown
    assert "Interval    every year" in shown
    assert "Manner      remote, on site" in shown
    assert "Taken as 0  Days late" in shown


def test_rule_ids_have_a_column_where_there_is_room(poor: Decision) -> None:
    assert "│    +45   Fining: two or more" in text(poor, width=120)
    row = next(line for line in text(poor, width=120).splitlines() if "Fining" in line)
    assert row.split()[-4:] == ["conduct.fines.1", "[1]", "3", "│"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 100, 120, 160])
def test_every_line_fills_the_width_exactly(book: Book, lang: str, width: int) -> None:
    for facts in ({"listed": True, "fines": 9, "late": 9}, {"listed": False}, {"listed": False, "fines": 2}):
        assert {cell_len(line) for line in text(book.decide(facts), lang, width).splitlines()} == {width}


def test_a_rulebook_without_labels_points_and_sections() -> None:
    shown = text(load("us/hud-reac").decide({"inspection_score": 72}, as_of="2019-06-01"))
    assert "┃      standard_3      ┃" in shown
    assert "72 (0 to 100, lower is worse)" in shown
    assert "failing  standard_3  standard_2  standard_1" in shown
    assert "Source  [1] 24 CFR 200.857, b-1; [2] HUD Notice H 2015-02" in shown
    assert "earliest 9 months, latest 15 months" in shown
    assert "Service paths" not in shown


def test_grades_by_rows_have_no_scale(tmp_path: Path) -> None:
    path = tmp_path / "rows.yaml"
    path.write_text(
        """
rulebook: xx/rows
edition: "1"
title: Rows
authority: Tests
in_force: {from: 2020-01-01}
audience: public
basis: illustrative
facts: {fines: {type: integer, min: 0, max: 9, missing: reject}}
grades: {order: [A, B], rows: [{when: fines < 2, grade: A}, {otherwise: B}]}
""",
        encoding="utf-8",
    )
    shown = text(load(path).decide({"fines": 4}, as_of="2026-01-01"))
    assert "Score" not in shown
    assert "Points" not in shown
    assert "Steps   B by the grade table" in shown
    assert "this does not hold: fines < 2 (2 away)" in shown


def test_the_picture_gives_wide_characters_their_width(poor: Decision, tmp_path: Path) -> None:
    import re
    from xml.etree import ElementTree

    picture(poor, tmp_path / "card.svg", "zh", width=80)
    svg = (tmp_path / "card.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    found = re.search(r'textLength="([0-9.]+)"[^>]*>商店<', svg.replace("&#160;", ""))
    assert found is not None
    assert float(found[1]) == pytest.approx(12.2 * 6)  # two wide characters between two blanks


def test_a_picture_that_cannot_be_written_is_a_problem(poor: Decision, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        picture(poor, tmp_path / "missing" / "card.svg")
    (problem,) = caught.value.problems
    assert problem.code == "output-failed"
    assert problem.message == "cannot write the picture: No such file or directory"

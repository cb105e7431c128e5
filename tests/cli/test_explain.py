"""`regengine explain`: facts from a row or from JSON, the card, plain data, and every wrong call as a problem."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from regengine.book import load
from regengine.cli import main
from regengine.intake.texts import from_texts

Run = Callable[..., Any]


def piped(text: str, *args: str) -> Any:
    return CliRunner().invoke(main, ["explain", *args], input=text, prog_name="regengine")


def test_a_row_of_a_table(run: Run, scores: Path) -> None:
    ran = run("explain", "us/hud-reac", "--table", scores, "--key", "p4", "--as-of", "2019-06-01")
    assert ran.code == 0
    assert ran.err == ""
    assert "Enterprise  p4" in ran.out
    assert "Score       79 (0 to 100, lower is worse)" in ran.out
    assert "Physical inspection score: 79 → 80 points" in ran.out
    assert {len(line) for line in ran.out.splitlines()} == {120}


def test_in_chinese(run: Run, scores: Path) -> None:
    ran = run("explain", "us/hud-reac", "--table", scores, "--key", "p1", "--as-of", "2019-06-01", "--lang", "zh")
    assert "得分      95（0至100，越低越差）" in ran.out
    assert "检查间隔  每3年一次" in ran.out


def test_another_key_column(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    table.write_text("property,inspection_score,owner\n007,60,x\n", encoding="utf-8")
    ran = run("explain", "us/hud-reac", "--table", table, "--key", "007", "--key-column", "property", "--as-of", "2019-06-01")
    assert ran.code == 0
    assert "Enterprise  007" in ran.out


def test_a_typed_table(run: Run, tmp_path: Path) -> None:
    import polars as pl

    pl.DataFrame({"enterprise": ["p1"], "inspection_score": [85], "owner": ["x"]}).write_parquet(tmp_path / "scores.parquet")
    ran = run("explain", "us/hud-reac", "--table", tmp_path / "scores.parquet", "--key", "p1", "--as-of", "2019-06-01", "--format", "json")
    assert json.loads(ran.out)["grade"] == "standard_2"


def test_json_in_and_out() -> None:
    result = piped('{"enterprise": "p9", "inspection_score": 72}', "us/hud-reac", "--json", "-", "--as-of", "2019-06-01", "--format", "json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert {name: found[name] for name in ("enterprise", "grade", "score", "graded_by", "law_at", "as_of")} == {
        "enterprise": "p9", "grade": "standard_3", "score": 72, "graded_by": "grades.standard_3", "law_at": "2019-06-01", "as_of": "2019-06-01",
    }  # fmt: skip
    assert [one["grade"] for one in found["why_not"]] == ["standard_2", "standard_1"]
    assert found["why_not"][0]["obstacles"][0]["words"] == "the score is 72 and must be at least 80: 8 too few"
    assert found["lift"]["grade"] == "standard_2"
    assert found["lift"]["changes"] == [{"fact": "inspection_score", "label": "Physical inspection score", "now": 72, "needed": 80, "unit": "points"}]
    assert found["lift"]["bound"].endswith("changing up to 4 facts at once")


def test_json_texts_in_chinese() -> None:
    result = piped('{"inspection_score": 72}', "us/hud-reac", "--json", "-", "--as-of", "2019-06-01", "--format", "json", "--lang", "zh")
    assert json.loads(result.stdout)["why_not"][0]["obstacles"][0]["words"] == "得分为72，须不低于80，不足8"


def test_the_day_of_the_law_may_stand_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"inspection_score": 72}', encoding="utf-8")
    ran = run("explain", "us/hud-reac", "--json", tmp_path / "facts.json", "--law-at", "2018-01-01", "--format", "json")
    assert (json.loads(ran.out)["law_at"], json.loads(ran.out)["as_of"]) == ("2018-01-01", "2018-01-01")


def test_a_picture_too(run: Run, scores: Path, tmp_path: Path) -> None:
    ran = run("explain", "us/hud-reac", "--table", scores, "--key", "p4", "--as-of", "2019-06-01", "--svg", tmp_path / "card.svg")
    assert ran.code == 0
    assert "Physical&#160;inspection&#160;score:&#160;79&#160;→&#160;" in (tmp_path / "card.svg").read_text(encoding="utf-8")


# forecasts

PENALTIES = """\
enterprise,decided,published,repaired,severity,warning
e1,2025-11-30,2025-12-05,,general,false
e1,2024-06-15,,2026-08-01,serious,false
e1,2026-01-05,,,light,true
e1,2026-01-06,,,grave,false
e2,2026-01-05,,,light,false
"""


@pytest.fixture
def register(tmp_path: Path) -> list[str]:
    """The options of a forecast for `e1`, whose serious penalty is repaired on 1 August 2026 and whose general one lapses."""
    (tmp_path / "penalties.csv").write_text(PENALTIES, encoding="utf-8")
    (tmp_path / "firms.csv").write_text("enterprise,name\ne1,x\ne2,y\n", encoding="utf-8")
    return ["--table", str(tmp_path / "firms.csv"), "--as-of", "2026-01-10", "--forecast", "--register", f"penalties={tmp_path / 'penalties.csv'}"]


def test_a_forecast_for_people(run: Run, register: list[str]) -> None:
    ran = run("explain", "cn/credit-repair-2025", *register, "--key", "e1")
    assert (ran.code, ran.err) == (0, "")
    lines = [line.strip("│ ").split("   ")[0] for line in ran.out.splitlines()]
    assert [line for line in lines if line.startswith("20")] == ["2026-08-01", "2026-11-30"]
    assert "serious → general   Penalties: the entry of 2024-06-15 (serious) ends, as" in ran.out
    assert "general → clear     Penalties: the entry of 2025-11-30 (general) lapses after 1       [1] [2]" in ran.out
    assert "+ Nothing is shown  grades.otherwise                              △ derived [1] [2]" in ran.out
    assert "“Nothing new” means: no new entry in a register" in ran.out
    assert "Entries of `penalties` that could not be read and do not count: fact-unknown-value: severity (1)." in ran.out
    assert "On 2 more days facts or other rules change and the grade does not" in ran.out
    assert {cell_len(line) for line in ran.out.splitlines()} == {120}


def test_a_forecast_in_chinese(run: Run, register: list[str]) -> None:
    ran = run("explain", "cn/credit-repair-2025", *register, "--key", "e1", "--lang", "zh")
    assert "2026-11-30   general → clear     行政处罚：2025-11-30的记录（general）满1年自动失效" in ran.out
    assert "等级变化（2）" in ran.out
    assert "“无新情况”指：登记簿不新增记录" in ran.out


def test_a_forecast_for_machines(run: Run, register: list[str]) -> None:
    found = json.loads(run("explain", "cn/credit-repair-2025", *register, "--key", "e1", "--until", "2026-11-29", "--format", "json").out)
    assert [(one["day"], one["before"], one["after"]) for one in found["changes"]] == [("2026-08-01", "serious", "general")]
    assert [one["day"] for one in found["others"]] == ["2026-03-01", "2026-10-30"]
    assert found["rejected"] == {"penalties": {"fact-unknown-value: severity": 1}}
    assert (found["grade"], found["until"]) == ("serious", "2026-11-29")


def test_a_forecast_without_any_change(run: Run, register: list[str]) -> None:
    ran = run("explain", "cn/credit-repair-2025", *register, "--key", "e2", "--until", "2026-04-04")
    assert "The grade stays as it is until then." in ran.out


def test_a_forecast_from_facts_that_were_given_says_which_do_not_move() -> None:
    facts = '{"general_first": "2025-11-30", "general_last": "2025-11-30"}'
    result = piped(facts, "cn/credit-repair-2025", "--json", "-", "--as-of", "2026-01-10", "--forecast")
    assert "2 facts of registers were given as values and do not move here" in result.stdout
    assert "2026-11-30   general → clear   Last general penalty that is not repaired: 2025-11-30:" in result.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--until", "2027-01-01"], "`--until` goes with `--forecast` [option-wrong]"),
        (["--register", "penalties=p.csv"], "`--register` goes with `--forecast` [option-wrong]"),
        (["--register", "penalties"], "`penalties` is not NAME=FILE"),
        (["--forecast", "--svg", "x.svg"], "`--svg` saves the card, and `--forecast` shows none [option-wrong]"),
        (["--forecast", "--until", "2026-01-09"], "column `until`: `2026-01-09` is before the day of the facts, 2026-01-10 [option-wrong]"),
        (["--forecast", "--register", "penalties=none.csv"], "none.csv: there is no such file or folder [file-missing]"),
    ],
)
def test_a_wrong_forecast(args: list[str], message: str) -> None:
    result = piped('{"enterprise": "e1"}', "cn/credit-repair-2025", "--json", "-", "--as-of", "2026-01-10", *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["us/hud-reac"], "the facts come from `--table` or from `--json`, and from one of them [option-wrong]\n  hint: give `--table FILE --key KEY`\n"),
        (["us/hud-reac", "--json", "-", "--key", "x"], "`--table` and `--key` go together [option-wrong]\n"),
        (["us/hud-reac", "--json", "-"], "the day of the facts is needed [date-missing]\n  hint: give `--as-of YYYY-MM-DD`\n"),
        (
            ["us/hud-reak", "--json", "-", "--as-of", "2019-06-01"],
            "`us/hud-reak` is not a shipped rulebook [rulebook-unknown]\n  hint: did you mean `us/hud-reac`?\n",
        ),
        (["us/hud-reac", "--json", "-", "--as-of", "1999-06-01"], "`us/hud-reac` is in force from 2001-01-08, not on 1999-06-01 [not-in-force]\n"),
        (["us/hud-reac", "--json", "none.json", "--as-of", "2019-06-01"], "none.json: cannot read the file: No such file or directory [file-missing]\n"),
        (["us/hud-reac", "--as-of", "2019-02-30", "--json", "-"], "`2019-02-30` is not a real day"),
    ],
)
def test_a_wrong_call(args: list[str], message: str) -> None:
    result = piped("{}", *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"inspection_score": 72', "standard input:1:24: this is not JSON: expecting ',' delimiter [file-unreadable]\n"),
        ("[1]", 'standard input: the file does not hold one JSON object [file-unreadable]\n  hint: write {"fact": value, ...}\n'),
        ('{"inspection_score": NaN}', "standard input: `NaN` is not a number of JSON [file-unreadable]\n  hint: leave the fact out, or give null\n"),
        ('{"inspection_score": 1, "inspection_score": 2}', "standard input: the name `inspection_score` stands twice [key-duplicate]\n"),
        ('{"inspection_score": 1' + "0" * 5000 + "}", "standard input: a number is too long, or the object is nested too deep [file-unreadable]\n"),
        ('{"inspection_score": 1e99999999999999999999}', "standard input: a number is too long, or the object is nested too deep [file-unreadable]\n"),
        ("[" * 100_000, "standard input: a number is too long, or the object is nested too deep [file-unreadable]\n"),
        ('{"inspection_score": 1e999999999}', "column `inspection_score`: `1E+999999999` is outside 0 to 100 [fact-out-of-range]\n"),
        (" " * 2_000_001, "standard input: the object has more than 2,000,000 bytes [file-too-large]\n"),
        ("{}", "column `inspection_score`: the fact `inspection_score` must be known and has no value [fact-missing]\n"),
        ('{"inspection_skore": 7, "inspection_score": 7}', "column `inspection_skore`: `inspection_skore` is not a fact of the rulebook [fact-unknown-name]\n"),
        ('{"enterprise": "p1", "inspection_score": 101}', "key `p1`, column `inspection_score`: `101` is outside 0 to 100 [fact-out-of-range]\n"),
    ],
    ids=["cut", "list", "nan", "twice", "digits", "exponent", "nested", "huge", "bytes", "missing", "stranger", "range"],
)  # fmt: skip
def test_unfit_json(text: str, message: str) -> None:
    result = piped(text, "us/hud-reac", "--json", "-", "--as-of", "2019-06-01")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(message)


def test_json_in_another_encoding(run: Run, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_bytes('{"enterprise": "商店"}'.encode("gb18030"))
    ran = run("explain", "us/hud-reac", "--json", tmp_path / "facts.json", "--as-of", "2019-06-01")
    assert ran.code == 2
    assert ran.err.endswith("facts.json: the file is not UTF-8 [file-encoding]\n  hint: save it as UTF-8\n")


def test_a_text_that_its_fact_cannot_have_is_named(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "firms.csv"
    table.write_text("enterprise,serious_dishonesty,penalties_24m,fines_24m,opened\ne1,yes,3.0,1.234,2025-02-30\n", encoding="utf-8")
    ran = run("explain", "cn/henan-2022", "--table", table, "--key", "e1", "--as-of", "2026-11-01")
    assert ran.code == 2
    assert ran.err == (
        "key `e1`, column `serious_dishonesty`: `yes` is not true or false [fact-wrong-type]\n  hint: write true or false\n"
        "key `e1`, column `opened`: `2025-02-30` is not a real day [fact-wrong-type]\n  hint: write YYYY-MM-DD\n"
        "key `e1`, column `penalties_24m`: `3.0` is not a whole number [fact-wrong-type]\n"
        "key `e1`, column `fines_24m`: `1.234` is not a number [fact-wrong-type]\n"
    )


def test_texts_become_values_by_the_type_of_their_fact() -> None:
    specs = load("cn/henan-2022").facts.values()
    texts = {
        "enterprise": "0071", "serious_dishonesty": " TRUE ", "social_concern": "0", "penalties_24m": "+3", "fines_24m": "1.50", "opened": " 2025-02-28",
        "size_class": "small", "tax_grade": "Z", "capital_overdue": "maybe", "permit_expires": None, "failed_checks_12m": 4, "remark": "other",
    }  # fmt: skip
    assert from_texts(texts, specs) == {
        "enterprise": "0071", "serious_dishonesty": True, "social_concern": False, "penalties_24m": 3, "fines_24m": Decimal("1.50"), "opened": "2025-02-28",
        "size_class": "small", "tax_grade": "Z", "capital_overdue": "maybe", "permit_expires": None, "failed_checks_12m": 4,
    }  # fmt: skip


def test_a_row_is_read_as_in_its_table(run: Run) -> None:
    """The explained grade and score of rows of the shipped table are those of the frame engine."""
    import polars as pl

    book = load("cn/henan-2022").at("2026-11-01")
    path = Path(__file__).parents[2] / "scenarios/quickstart/enterprises.csv"
    frame = pl.read_csv(path, infer_schema=False).head(60)
    graded = book.split_frame(frame, texts=True).graded.select("enterprise", "grade", "score").rows()
    for key, grade, score in graded[::7]:
        found = json.loads(run("explain", "cn/henan-2022", "--table", path, "--key", key, "--as-of", "2026-11-01", "--format", "json").out)
        assert (found["enterprise"], found["grade"], found["score"]) == (key, grade, score)


def test_a_forecast_says_why_there_is_no_grade_any_more(run: Run, tmp_path: Path) -> None:
    rules = Path(__file__).parents[1] / "forecast.yaml"
    (tmp_path / "visits.csv").write_text("enterprise,day\ne,2025-06-01\n", encoding="utf-8")
    (tmp_path / "penalties.csv").write_text("enterprise,decided,published,repaired,severity,fine,due\ne,2025-12-20,2026-01-20,,general,40,\n", encoding="utf-8")
    (tmp_path / "facts.json").write_text('{"enterprise": "e"}', encoding="utf-8")
    registers = [f"--register={name}={tmp_path / f'{name}.csv'}" for name in ("penalties", "visits")]
    ran = run("explain", rules, "--json", tmp_path / "facts.json", "--as-of", "2026-01-10", "--forecast", *registers)
    # 7 for the entry, 10 for the fine, 5 as it is recent and 4 by its weight; 800 days after the last visit it is 2027-08-10; 801 are out of the fact's bounds
    assert "2027-08-11   B → not graded   `since`: `801` is outside 5 to 800 [fact-out-of-range]" in ran.out
    assert "2026-01-20   A → C            penalties: the entry of 2025-12-20 (general) becomes known" in ran.out
    assert "+ fines: fines in [20, 90) (10 points)  record.fines.2" in ran.out

"""`regengine plan record`: from findings to a register of visits and to discovery rates."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import regengine as rg
from regengine.inspection.draw import Quota
from regengine.inspection.draw.record import commit, reveal
from regengine.inspection.rules import rules_of
from regengine.inspection.tables import VISITS

RULEBOOK = Path(__file__).parents[1] / "inspection" / "plan.yaml"
Run = Callable[..., Any]
DAY = date(2026, 3, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a plan: 10 of 100 enterprises of B and 4 of 8 of C are drawn, and one complaint is about another."""
    place = tmp_path / "plan"
    place.mkdir()
    rules = rules_of(rg.load(RULEBOOK).at("2026-01-01").program)
    keys = [*(f"b{number:03}" for number in range(100)), *(f"c{number}" for number in range(8))]
    frame = pl.DataFrame({"enterprise": keys}).with_columns(stratum=pl.col("enterprise").str.head(1).str.to_uppercase())
    quotas = {"B": Quota(Fraction(1, 10)), "C": Quota(Fraction(1, 2))}
    draw = commit(
        place, "market", frame, quotas, draw_id="test/market", random_floor=None, rules=rules, law_at=DAY, as_of=DAY, seed_from="dice thrown in public"
    )
    (revealed,) = reveal([draw], "4 2 6")
    drawn = [{"enterprise": row["enterprise"], "stratum": row["stratum"], "kind": "draw"} for row in revealed.drawn().iter_rows(named=True)]
    rows = [
        {
            "visit": f"v{number:02}", "trip": f"v{number:02}", "joint": False, "date": DAY, "department": "market", "grade": one["stratum"] or "A",
            "kind_en": "Draw" if one["stratum"] else "Complaint", "kind_zh": "抽查" if one["stratum"] else "投诉", "district": "-", "debt": False,
            "earliest": DAY, "latest": date(2026, 3, 31), "inspectors": ["li", "wang"], **one,
        }
        for number, one in enumerate([*drawn, {"enterprise": "z", "stratum": None, "kind": "complaint"}])
    ]  # fmt: skip
    pl.DataFrame(rows, schema=VISITS).write_parquet(place / "plan.parquet")
    return place


def findings(folder: Path, *rows: str) -> Path:
    path = folder.parent / "findings.csv"
    path.write_text("\n".join(["visit,date,finding,severity", *rows]) + "\n", encoding="utf-8")
    return path


FOUND = (  # v00 to v09 are of B, v10 to v13 of C, v14 is the complaint
    *(f"v{number:02},2026-03-03,pass," for number in range(8)), "v08,2026-03-03,problem,light", "v10,2026-03-04,problem,serious",
    "v11,2026-03-04,problem,light", "v12,2026-03-04,pass,", "v13,2026-03-04,refused,", "v14,2026-03-04,problem,serious",
)  # fmt: skip


def test_results_are_recorded_and_rates_are_shown(run: Run, folder: Path, tmp_path: Path) -> None:
    ran = run("plan", "record", folder, "--findings", findings(folder, *FOUND), "--out", tmp_path / "visits.parquet", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert (told["results"], told["open"], told["missed"], told["repeated"], told["as_of"]) == (14, 1, 1, 0, "2026-03-04")
    register = pl.read_parquet(tmp_path / "visits.parquet")
    assert register.filter(pl.col("visit") == "v10").select("date", "known", "grade", "finding", "severity", "counts").row(0) == (
        date(2026, 3, 4), date(2026, 3, 4), "C", "problem", "serious", True,
    )  # fmt: skip
    rates, kinds = told["tables"]
    by_grade = {row["grade"]["en"] if isinstance(row["grade"], dict) else row["grade"]: row for row in rates["rows"]}
    # of B one of nine, of C two of three (one refused), and the complaint: 4 of 13 plainly
    assert (by_grade["All"]["judged"], by_grade["All"]["problems"], by_grade["All"]["naive"]) == (13, 4, round(4 / 13, 6))
    # weighted: one of nine, which stand for the 100 of B, and two of three at a weight of 2
    assert (by_grade["All"]["drawn"], by_grade["All"]["weighted"]) == (12, round((100 / 9 + 4) / (100 + 6), 6))
    assert (by_grade["C"]["refused"], by_grade["B"]["open"], by_grade["A"]["drawn"]) == (1, 1, 0)
    assert [(row["kind"]["zh"], row["judged"], row["problems"]) for row in kinds["rows"]] == [("抽查", 12, 3), ("投诉", 1, 1)]


def test_it_is_shown_in_both_languages(run: Run, folder: Path, tmp_path: Path) -> None:
    call = ("plan", "record", folder, "--findings", findings(folder, *FOUND), "--out", tmp_path / "visits.csv", "--open", tmp_path / "open.csv")
    english, chinese = run(*call), run(*call, "--lang", "zh")
    assert (english.code, chinese.code) == (0, 0)
    assert f"14 results recorded: {tmp_path / 'visits.csv'}" in english.out
    assert "visits without a result: 1, missed by 2026-03-04: 1" in english.out
    assert "Discovery rate by grade" in english.out
    assert "各等级问题发现率" in chinese.out
    assert pl.read_csv(tmp_path / "open.csv").select("visit", "inspectors", "missed").rows() == [("v09", "li; wang", True)]


def test_one_wrong_finding_and_nothing_is_recorded(run: Run, folder: Path, tmp_path: Path) -> None:
    table = findings(folder, *FOUND, "v99,2026-03-04,pass,", "v09,2026-01-04,pass,", "v09,2026-03-04,passed,")
    ran = run("plan", "record", folder, "--findings", table, "--out", tmp_path / "visits.parquet")
    assert ran.code == 2
    assert [line.rpartition(" ")[2] for line in ran.err.splitlines() if "hint" not in line] == ["[finding-wrong]"] * 3
    assert f"{table}, row 15, key `v99`, column `visit`: the plan has no visit `v99`" in ran.err
    assert not (tmp_path / "visits.parquet").exists()


def test_without_the_records_of_the_draws_there_is_no_weighted_rate(run: Run, folder: Path, tmp_path: Path) -> None:
    for record in folder.glob("*.draw.jsonl"):
        record.unlink()
    ran = run("plan", "record", folder, "--findings", findings(folder, *FOUND), "--out", tmp_path / "visits.parquet", "--format", "json")
    rates = json.loads(ran.out)["tables"][0]
    assert {row["weighted"] for row in rates["rows"]} == {None}
    assert rates["notes"][-1]["en"] == "All: there was no draw, so no weighted rate is given."


def test_outputs_do_not_stand_over_what_is_read(run: Run, folder: Path, tmp_path: Path) -> None:
    table = findings(folder, *FOUND)
    before = (folder / "plan.parquet").read_bytes(), table.read_bytes()
    for out, code in ((folder / "plan.parquet", "output-exists"), (table, "output-exists"), (tmp_path / "visits.docx", "file-kind")):
        ran = run("plan", "record", folder, "--findings", table, "--out", out)
        assert (ran.code, ran.err.splitlines()[0].rpartition(" ")[2]) == (2, f"[{code}]")
    ran = run("plan", "record", folder, "--findings", table, "--out", tmp_path / "a.csv", "--open", tmp_path / "a.csv")
    assert (ran.code, ran.err.splitlines()[0].rpartition(" ")[2]) == (2, "[option-wrong]")
    assert before == ((folder / "plan.parquet").read_bytes(), table.read_bytes())


def test_a_folder_without_a_plan(run: Run, tmp_path: Path) -> None:
    ran = run("plan", "record", tmp_path, "--findings", findings(tmp_path / "plan"), "--out", tmp_path / "visits.csv")
    assert (ran.code, ran.err.splitlines()[0]) == (2, f"{tmp_path / 'plan.parquet'}: there is no such file or folder [file-missing]")

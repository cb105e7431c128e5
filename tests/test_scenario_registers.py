"""Scenarios that work facts out of registers: from files, and from a synthetic population with the record that binds it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regengine.population import write_netdz
from regengine.problems import ProblemError
from regengine.rulebook.load import canonical_json
from regengine.run_record import digest_of
from regengine.scenario import Verification, read_scenario, run_scenario, verify

Run = Callable[..., Any]
ROOT = Path(__file__).resolve().parent.parent
NETDZ = ROOT / "scenarios" / "netdz.yaml"
REGISTERS = ROOT / "tests" / "evidence" / "registers.yaml"
SCENARIO = """\
scenario: own
title: {en: Own registers, zh: 自有登记簿}
rulebook: rules.yaml
as_of: 2026-11-01
data: {file: enterprises.csv, registers: {penalties: penalties.csv, visits: visits, listings: listings.csv}}
rejects: allowed
report:
  grades_by: [city, {column: size, label: {en: Size, zh: 规模}, labels: {s: {en: small, zh: 小}}}]
  published:
    - {label: {en: Elsewhere, zh: 他处}, rows: {A: 6, B: 2, C: 1, D: 1}, source: {en: a bulletin, zh: 公报}}
"""
PENALTIES = """\
统一社会信用代码,decided,published,repaired,severity,fine,appealed
a,2026-01-01,,,serious,12.50,true
b,2026-03-01,2026-12-01,,light,1,
c,2026-02-30,,,light,1,
x,2026-01-01,,,light,1,
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A scenario file with an enterprises table and registers, one of them a folder of Parquet files."""
    (tmp_path / "rules.yaml").write_bytes(REGISTERS.read_bytes())
    (tmp_path / "enterprises.csv").write_text("enterprise,city,size\na,Y,s\nb,X,s\nc,X,l\nd,X,\n", encoding="utf-8")
    (tmp_path / "penalties.csv").write_text(PENALTIES, encoding="utf-8")
    (tmp_path / "listings.csv").write_text("enterprise,listed,repaired,class\n", encoding="utf-8")
    (tmp_path / "visits").mkdir()
    days = pl.DataFrame({"enterprise": ["b", "c"], "day": ["2026-05-05", "2026-06-06"], "score": [55, 90]}).with_columns(pl.col("day").str.to_date())
    days.head(1).write_parquet(tmp_path / "visits" / "2025.parquet")
    days.tail(1).write_parquet(tmp_path / "visits" / "2026.parquet")
    path = tmp_path / "own.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def table(run: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a table of a report, as plain data."""
    return next(one.as_data()["rows"] for one in run.tables if one.name == name)


def problems(path: Path, **given: Any) -> list[tuple[str, int | None, str]]:
    """Code, line and message of everything for which a scenario is refused; nothing is written."""
    before = sorted(path.parent.iterdir())
    with pytest.raises(ProblemError) as caught:
        run_scenario(read_scenario(path), path.parent / "out", **given)
    assert sorted(path.parent.iterdir()) == before
    return [(one.code, one.place.line, one.message) for one in caught.value.problems]


def ended(found: Verification) -> dict[str, str]:
    return {check.name: check.ended for check in found.checks}


AGREES = dict.fromkeys(["outputs", "rulebook", "scenario", "inputs", "rerun"], "agrees")


# registers from files


def test_facts_are_worked_out_before_grading(own: Path) -> None:
    run = run_scenario(read_scenario(own), own.parent / "out")
    assert pl.read_parquet(run.folder / "graded.parquet").select("enterprise", "listed", "ever", "worst", "grade").rows() == [
        ("a", True, True, None, "D"), ("b", False, False, 55, "C"), ("c", False, False, 90, "A"), ("d", False, False, None, "A"),
    ]  # fmt: skip
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "grade_by_city.csv", "grade_by_size.csv", "graded.parquet", "penalties.rejects.parquet", "record.json", "rejects.parquet", "report.json",
    ]  # fmt: skip
    assert pl.read_parquet(run.folder / "penalties.rejects.parquet")["rejected_for"].to_list() == ["entry-wrong: unreadable decided"]
    told = {row["register"]: list(row.values())[1:] for row in table(run, "registers")}
    assert told == {"penalties": [4, 1, 1, 0, 0, 1, 1, 2], "listings": [0, 0, 0, 0, 0, 0, 0, 4], "visits": [2, 2, 0, 0, 0, 0, 0, 2]}
    assert [list(row.values()) for row in table(run, "rejected_entries")] == [["penalties", "entry-wrong (unreadable)", "decided", 1, 3, "c", "2026-02-30"]]


def test_what_was_known_on_another_day(own: Path) -> None:
    run = run_scenario(read_scenario(changed(own, "as_of: 2026-11-01", "as_of: 2026-11-01\nknown_at: 2026-12-31")), own.parent / "out")
    assert pl.read_parquet(run.folder / "graded.parquet")["ever"].to_list() == [True, True, False, False]
    assert run.report["known_at"] == "2026-12-31"


def test_grades_by_columns_go_to_files_of_their_own(own: Path) -> None:
    run = run_scenario(read_scenario(own), own.parent / "out")
    with (run.folder / "grade_by_city.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["city", "rows", "rows.A", "share.A", "rows.B", "share.B", "rows.C", "share.C", "rows.D", "share.D"],
            ["X", "3", "2", "0.666667", "0", "0.0", "1", "0.333333", "0", "0.0"],
            ["Y", "1", "0", "0.0", "0", "0.0", "0", "0.0", "1", "1.0"],
        ]
    with (run.folder / "grade_by_size.csv").open(encoding="utf-8", newline="") as file:
        assert [line[:5] for line in csv.reader(file)] == [
            ["size", "label.en", "label.zh", "rows", "rows.A"], ["s", "small", "小", "2", "0"], ["", "not given", "未填", "1", "1"], ["l", "", "", "1", "1"],
        ]  # fmt: skip
    by_size = next(one for one in run.tables if one.name == "grade_by_size")
    assert (by_size.title.say("en"), by_size.title.say("zh")) == ("Grades by size", "按规模的等级分布")


def test_published_distributions_stand_beside_the_grades(own: Path) -> None:
    run = run_scenario(read_scenario(own), own.parent / "out")
    assert [(row["value"], row["rows"], row["share"], row["rows.published_1"], row["share.published_1"]) for row in table(run, "grade")] == [
        ("A", 2, 0.5, 6, 0.6), ("B", 0, 0.0, 2, 0.2), ("C", 1, 0.25, 1, 0.1), ("D", 1, 0.25, 1, 0.1),
    ]  # fmt: skip
    grades = next(one for one in run.tables if one.name == "grade")
    assert [note.say("zh") for note in grades.notes] == ["他处：公报"]


def test_each_input_is_in_the_record_and_a_folder_is_one(own: Path) -> None:
    run = run_scenario(read_scenario(own), own.parent / "out")
    used = json.loads((run.folder / "record.json").read_bytes())["inputs"]
    assert [one["name"] for one in used] == ["enterprises.csv", "penalties.csv", "visits", "listings.csv"]
    assert used[1]["sha256"] == hashlib.sha256(PENALTIES.encode()).hexdigest()
    visits = own.parent / "visits"
    lines = "".join(f"{hashlib.sha256((visits / name).read_bytes()).hexdigest()}  {name}\n" for name in ("2025.parquet", "2026.parquet"))
    assert used[2]["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert used[2]["bytes"] == sum(path.stat().st_size for path in visits.iterdir())
    found = verify(run.folder, own)
    assert (ended(found), found.problems) == (AGREES, ())
    (visits / "2026.parquet").rename(visits / "2027.parquet")
    assert ended(verify(run.folder, own)) == {**AGREES, "inputs": "differs", "rerun": "not made"}


def test_rejected_entries_are_refused_by_default(own: Path) -> None:
    assert problems(changed(own, "rejects: allowed\n", "")) == [
        ("rows-rejected", None, "1 of 4 entries of `penalties` could not be read"),
        ("entry-wrong", None, "unreadable, the first of 1"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("penalties: pen", "penaltees: pen", ("scenario-wrong", 5, "`penaltees` is not a register of `xx/registers`")),
        ("penalties: penalties.csv, ", "", ("register-missing", None, "the register `penalties` is needed and was not given")),
        ("penalties.csv", "../penalties.csv", ("scenario-wrong", 5, "`../penalties.csv` leads out of the folder")),
        ("penalties.csv", "fines.csv", ("data-missing", 5, "")),
        ("grades_by: [city", "grades_by: [town", ("scenario-wrong", 8, "the graded table has no column `town`")),
        ("A: 6, B: 2", "A: 8", ("scenario-wrong", 10, "the grades of `xx/registers` are A, B, C, D")),
        ("{A: 6", "{A: -6", ("value-wrong", 10, "")),
        ("rejects: allowed", "key: [enterprise, city]", ("scenario-wrong", 1, "registers name an enterprise by one column, and `key` joins several")),
        (
            "rejects: allowed",
            "outputs: {graded: visits.rejects.parquet}",
            ("scenario-wrong", 1, "`visits.rejects.parquet` is where the rejected entries of a register go"),
        ),
    ],
)
def test_what_does_not_hold_together_is_told_at_its_place(own: Path, old: str, new: str, expected: tuple[str, int | None, str]) -> None:
    (code, line, message), *_ = problems(changed(own, old, new))
    assert (code, line) == expected[:2]
    assert expected[2] in message


def test_known_at_is_for_registers(own: Path) -> None:
    text = "scenario: few\ntitle: Few\nrulebook: us/hud-reac\nas_of: 2020-12-31\nknown_at: 2021-01-01\ndata: {file: enterprises.csv}\n"
    own.write_text(text, encoding="utf-8")
    assert problems(own) == [("scenario-wrong", 1, "`known_at` is about the entries of registers, and there are none")]


def test_data_is_a_file_or_a_population(own: Path) -> None:
    said = "data is a `file` or `enterprises_of`, with `registers` where facts are worked out from them, or `synth` alone"
    for data in ("{}", "{file: a.csv, synth: {population: netdz, size: 5, seed: 1}}", "{synth: {population: netdz, size: 5, seed: 1}, registers: {a: a.csv}}"):
        own.write_text(f"scenario: few\ntitle: Few\nrulebook: us/hud-reac\nas_of: 2020-12-31\ndata: {data}\n", encoding="utf-8")
        assert problems(own) == [("scenario-wrong", 5, said)]


def test_a_folder_of_tables_may_be_given_and_one_file_may_not(own: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = own.rename(elsewhere / "own.yaml")
    (tmp_path / "rules.yaml").rename(elsewhere / "rules.yaml")
    run = run_scenario(read_scenario(moved), tmp_path / "out", data=tmp_path)
    assert run.record.rows.came_in == 4
    assert ended(verify(run.folder, moved, tmp_path)) == AGREES
    assert problems(moved, data=tmp_path / "enterprises.csv") == [
        ("option-wrong", None, f"`{tmp_path / 'enterprises.csv'}` is one file, and the scenario reads 4 tables")
    ]


def test_size_and_seed_are_for_what_is_made(own: Path) -> None:
    assert problems(own, size=5) == [("option-wrong", None, "`own` reads tables, and `size` is for a synthetic population")]
    assert problems(own, seed=5) == [("option-wrong", None, "`own` reads tables, and `seed` is for a synthetic population")]


# a synthetic population


def test_netdz_is_what_the_population_gives(run: Run, tmp_path: Path) -> None:
    """The scenario's counts against the grades of the same population, made and worked out with the other commands."""
    ran = run("run", NETDZ, "--size", 1_000, "--seed", 3, "--out", tmp_path / "out", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    tables = {one["table"]: one["rows"] for one in json.loads(ran.out)["tables"]}
    made = tmp_path / "made"
    assert run("synth", "netdz", made, "--size", 1_000, "--seed", 3).code == 0
    registers = [
        part for folder in sorted(made.iterdir()) if folder.is_dir() and folder.name != "enterprises" for part in ("--register", f"{folder.name}={folder}")
    ]
    assert run("facts", "cn/henan-2022", made / "enterprises", *registers, "--as-of", "2026-11-01", "--out", tmp_path / "facts.parquet").code == 0
    args = ("--as-of", "2026-11-01", "--keep", "all", "--out", tmp_path / "graded.parquet")
    assert run("grade", "cn/henan-2022", tmp_path / "facts.parquet", *args).code == 0
    graded = pl.read_parquet(tmp_path / "graded.parquet")
    assert graded.equals(pl.read_parquet(tmp_path / "out" / "graded.parquet"))
    assert {row["value"]: row["rows"] for row in tables["grade"]} == dict(graded.group_by("grade").len().iter_rows())
    for column in ("zone", "province", "section"):
        assert {row[column]: row["rows"] for row in tables[f"grade_by_{column}"]} == dict(graded.group_by(column).len().iter_rows())
    zones = {row["zone"]: row["rows.B"] for row in tables["grade_by_zone"] if row["rows.B"]}
    assert zones == dict(graded.filter(pl.col("grade") == "B").group_by("zone").len().iter_rows())
    assert [(row["rows.published_1"], row["rows.published_2"]) for row in tables["grade"]] == [(22_186, 31_107), (5_658, 12_044), (1_581, 3_682), (898, 721)]
    record = json.loads((tmp_path / "out" / "record.json").read_bytes())
    assert record["inputs"] == [{"synth": "netdz", "size": 1_000, "seed": 3, "sha256": digest_of(made)}]
    assert "numpy" in record["versions"]


def test_netdz_can_be_verified_and_a_forged_seed_is_found(run: Run, tmp_path: Path) -> None:
    assert run("run", NETDZ, "--size", 300, "--out", tmp_path / "out").code == 0
    ran = run("verify", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert "300 enterprises of `netdz`, seed 7, against their SHA-256" in ran.out
    assert ran.out.splitlines()[-1] == "everything agrees"
    record = json.loads((tmp_path / "out" / "record.json").read_bytes())
    record["inputs"][0]["seed"] = 8
    (tmp_path / "out" / "record.json").write_bytes(canonical_json(record))
    found = verify(tmp_path / "out", NETDZ)
    assert ended(found) == {**AGREES, "inputs": "differs", "rerun": "not made"}
    assert [one.message for one in found.problems] == ["the population comes out otherwise when it is made again"]


def test_the_bytes_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    for threads in ("1", "2", "8"):
        call = [sys.executable, "-c", "from regengine.cli import main; main()", "run", NETDZ, "--size", "2000", "--out", tmp_path / threads]
        subprocess.run(call, check=True, capture_output=True, env={**os.environ, "POLARS_MAX_THREADS": threads})
    records = {(tmp_path / threads / "record.json").read_bytes() for threads in ("1", "2", "8")}
    assert len(records) == 1


def test_long_tables_are_cut_on_a_terminal_and_whole_in_their_file(run: Run, tmp_path: Path) -> None:
    for lang, more in (("en", "and {} more in {}"), ("zh", "其余 {} 行见 {}")):
        out = tmp_path / lang
        ran = run("run", NETDZ, "--size", 2_000, "--out", out, "--lang", lang)
        lines = (out / "grade_by_province.csv").read_text("utf-8").splitlines()[1:]
        assert more.format(len(lines) - 10, out / "grade_by_province.csv") in ran.out.replace("\n", "")
        assert lines[9].split(",")[0] in ran.out
        assert lines[10].split(",")[0] not in ran.out


def test_a_full_disk_leaves_nothing_and_the_run_can_be_repeated(run: Run, tmp_path: Path) -> None:
    for limit in (20_000, 90_000):  # while the population is written, and while the grades are
        limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); from regengine.cli import main; main()"
        call = [sys.executable, "-c", limited, "run", NETDZ, "--size", "2000", "--out", tmp_path / "out"]
        ran = subprocess.run(call, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "[output-failed]" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert list(tmp_path.iterdir()) == []
    assert run("run", NETDZ, "--size", 2_000, "--out", tmp_path / "out").code == 0


def test_options_that_the_scenario_has_no_use_for(run: Run, tmp_path: Path) -> None:
    for args, words in [
        ((NETDZ, "--data", tmp_path), "`netdz` makes its data and reads none [option-wrong]"),
        ((NETDZ, "--size", 0), "Invalid value for '--size'"),
        ((NETDZ, "--size", 99_999_999), "a population has 1 to"),
        ((ROOT / "scenarios" / "quickstart.yaml", "--size", 5), "`quickstart` reads tables, and `size` is for a synthetic population [option-wrong]"),
    ]:
        ran = run("run", *args, "--out", tmp_path / "out")
        assert (ran.code, ran.out) == (2, ""), args
        assert words in ran.err, args
        assert list(tmp_path.iterdir()) == []


def test_a_folder_has_the_digest_of_what_sha256sum_prints(tmp_path: Path) -> None:
    write_netdz(tmp_path, 20, 1)
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    printed = subprocess.run(["sha256sum", *names], cwd=tmp_path, check=True, capture_output=True).stdout
    assert digest_of(tmp_path) == hashlib.sha256(printed).hexdigest()
